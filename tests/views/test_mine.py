"""A reporter's own concern: who has it, whom to ring until somebody answers, and what the reporter can still do. (S2)"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.actions.casework import add_entry
from concerns.actions.outbox import trying_at_once
from concerns.choices import AboutStaff, EntryKind, Level, LinkRole, Status, StepKind, StepState
from concerns.models import Concern, Contact, Entry, Link, Message, Rung, Step
from concerns.worker import tick
from tests.contact_makers import make_private_mobile
from tests.factories import AT, Cast, signed_in
from tests.mailserver import hanging_mail_server, mail_server
from tests.makers import CALM, DANGER, MARKER, URGENT, answered, closed, make_concern, make_draft
from tests.views.pages import ADDENDUM, PAGE_TWO, lost, plain, sure, title_of

FORMS = ("mine_add", "mine_again", "mine_disagree")
RING = "Ring Priya Shah, 07700 900123"
AGAIN = {**PAGE_TWO, "danger_now": "no"}


def address(name: str, concern: Concern) -> str:
    return reverse(name, args=[concern.pk])


def step_of(concern: Concern) -> str:
    step = Step.objects.filter(concern=concern, who="reporter", state=StepState.WAITING).order_by("due_at")[0]
    return reverse("mine_step", args=[concern.pk, step.pk])


def pages_about(concern: Concern) -> dict[str, Any]:
    """Every page about their concern that the reporter can open, by address."""
    client = signed_in(concern.logged_by)
    addresses = [address(name, concern) for name in ("mine", *FORMS)] + [step_of(concern)]
    return {found: client.get(found) for found in addresses}


def test_every_page_of_an_unanswered_concern_begins_with_whom_to_ring(cast: Cast) -> None:
    make_private_mobile(cast)

    pages = pages_about(make_concern(cast, answers=DANGER))

    late = [path for path, page in pages.items() if not 0 < page.content.find(b"ring-panel__link") < page.content.find(b"<h1")]
    assert late == []
    assert [path for path, page in pages.items() if RING not in plain(page)] == []


def test_whom_to_ring_goes_away_once_somebody_has_answered(cast: Cast) -> None:
    make_private_mobile(cast)
    concern = answered(make_concern(cast, answers=DANGER), by=cast.lead)

    pages = pages_about(concern)

    assert [path for path, page in pages.items() if b"ring-panel" in page.content or RING in plain(page)] == []
    assert "Priya Shah has it: answered" in plain(pages[address("mine", concern)])


def test_whom_to_ring_follows_the_ladder(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    Contact.objects.create(centre=cast.centre, group="3_centre", name="Tom", number="07700 900456", user=cast.deputy, source="x")
    tick(at=AT + timedelta(minutes=11))

    page = signed_in(cast.reporter).get(address("mine", concern))

    assert "Ring Tom Ellis, 07700 900456" in plain(page)


def test_person_without_a_number_is_followed_by_the_desk_of_the_area(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    Concern.objects.filter(pk=concern.pk).update(home_area="county")

    page = signed_in(cast.reporter).get(address("mine", concern))

    head = plain(page).split("C-26-")[0]
    assert "Find Priya Shah now Nobody has answered yet. Our mail has reached nobody: ring now. If you do not find them, ring" in head
    assert "0116 305 0005" in head


@pytest.mark.parametrize(("area", "number"), [("city", "0116 454 1004"), ("rutland", "0116 305 0005"), ("elsewhere", "101")])
def test_desk_is_named_where_nobody_can_be_asked(cast: Cast, area: str, number: str) -> None:
    Rung.objects.all().delete()
    Contact.objects.all().delete()
    concern = make_concern(cast, answers=DANGER)
    Concern.objects.filter(pk=concern.pk).update(home_area=area)

    pages = pages_about(concern)

    assert [path for path, page in pages.items() if b'class="ring-panel__link"' not in page.content or number not in plain(page)] == []
    assert "Nobody can be asked by mail. Ring the number on this page." in plain(pages[address("mine", concern)])


@pytest.mark.parametrize("answers", [DANGER, URGENT])
def test_mail_is_called_sent_opened_or_not_sent_and_never_more(transactional_cast: Cast, answers: Any) -> None:
    with mail_server(), trying_at_once():
        concern = make_concern(transactional_cast, answers=answers, at=timezone.now())
    client = signed_in(transactional_cast.reporter)

    sent = plain(client.get(address("mine", concern)))
    signed_in(transactional_cast.lead).get(address("concern", concern))
    opened = plain(client.get(address("mine", concern)))

    assert re.search(r"Priya Shah: sent to their mail provider today, \d+:\d\d[ap]m", sent)
    assert re.search(r"Priya Shah: [^:]+:\d\d[ap]m; opened it today, \d+:\d\d[ap]m", opened)
    assert re.findall(r"\b(delivered|alerted|received)\b", f"{sent} {opened}", re.IGNORECASE) == []


def test_no_page_of_a_reporter_says_delivered_or_alerted(cast: Cast) -> None:
    concern, unsure = make_concern(cast, answers=DANGER), replace(CALM, about_staff=AboutStaff.NOT_SURE)
    drafts = [make_draft(cast, answers=answers) for answers in (CALM, unsure)]
    client = signed_in(cast.reporter)
    more = [reverse(name, args=[draft_id]) for name in ("triage_route", "record") for draft_id in drafts]

    pages = [*pages_about(concern).values(), *(client.get(path) for path in ["/", *more])]

    assert [word for page in pages for word in re.findall(r"delivered|alerted", plain(page), re.IGNORECASE)] == []


def test_titles_hold_the_reference_and_no_name(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)

    titles = [title_of(page) for page in pages_about(concern).values()]

    assert titles[0] == f"{concern.reference} – Our youth centre"
    assert [title for title in titles if concern.reference not in title] == []
    assert [title for title in titles if re.search(f"Aria|Blackwood|Sam|Priya|{MARKER}", title)] == []


def test_reporter_reads_their_words_and_replies_and_nothing_else(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    for kind, text in ((EntryKind.NOTE, "lead-only-note"), (EntryKind.REPLY, "thank you, Sam")):
        add_entry(by=cast.lead, concern_id=concern.pk, kind=kind, text=text, at=AT + timedelta(hours=1))

    page = plain(signed_in(cast.reporter).get(address("mine", concern)))

    assert (f"{MARKER} seen" in page, "thank you, Sam" in page, "lead-only-note" in page) == (True, True, False)


def test_addendum_is_added_once_and_shown(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    page = signed_in(cast.reporter).post(address("mine_add", concern), ADDENDUM, follow=True)

    assert page.request["PATH_INFO"] == address("mine", concern)
    assert ADDENDUM["text"] in plain(page)


@pytest.mark.parametrize("worse", ["yes", "not_sure"])
def test_worse_shows_the_numbers_and_asks_again(cast: Cast, worse: str) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client = signed_in(cast.reporter)

    page = client.post(address("mine_add", concern), {**ADDENDUM, "worse": worse}, follow=True)
    client.post(address("mine_again", concern), {**AGAIN, **sure(serious_injury="yes")})

    concern.refresh_from_db()
    assert page.request["PATH_INFO"] == address("mine_again", concern)
    assert page.content.index(b'href="tel:999"') < page.content.index(b'name="danger_now"')
    assert (concern.level, concern.acknowledged_at) == (Level.EMERGENCY, None)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("mine_add", {"text": "", "worse": "no"}, "Answer “What do you want to add?”"),
        ("mine_add", {"text": MARKER}, "Say whether it is worse now. If you do not know, choose “Not sure”"),
        ("mine_add", {"text": MARKER, "worse": "much"}, "Choose one of the answers shown"),
        ("mine_add", {"text": "x" * 50_001, "worse": "no"}, "can be 50000 characters at most. You have written 50001."),
        ("mine_disagree", {"text": " \n "}, "Answer “What do you not agree with?”"),
        ("mine_again", {**AGAIN, "danger_now": ""}, "Say whether anyone is in danger now. If you do not know, choose “Not sure”"),
        ("mine_again", {"danger_now": "no"}, "If you do not know, choose “Not sure”"),
        (step_of, {"done": "yes", "outcome": ""}, "Answer “What came of it?”"),
        (step_of, {"outcome": MARKER}, "Say whether it was done"),
        (step_of, {"done": "yes", "outcome": MARKER, "reference": "r" * 101}, "can be 100 characters at most. You have written 101."),
    ],
)
def test_form_with_a_mistake_says_what_to_change_and_keeps_the_rest(
    cast: Cast, name: str | Callable[[Concern], str], typed: dict[str, str], said: str
) -> None:
    concern = make_concern(cast, answers=DANGER)
    before = Entry.objects.count()

    page = signed_in(cast.reporter).post(name(concern) if callable(name) else address(name, concern), typed)

    kept = {field: value for field, value in typed.items() if value != "much" and value.strip()}
    assert (page.status_code, said in plain(page), Entry.objects.count()) == (422, True, before)
    assert lost(kept, page) == {}
    assert title_of(page).startswith("Error: ")


def test_disagreement_goes_to_another_lead_and_the_page_shows_the_desk(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client = signed_in(cast.reporter)

    form = client.get(address("mine_disagree", concern))
    page = client.post(address("mine_disagree", concern), {"text": "We must refer."}, follow=True)

    assert "0116 454 1004" in plain(form)
    assert "We must refer." in plain(page)
    assert Step.objects.get(concern=concern, kind=StepKind.READ_DISAGREEMENT).person == cast.deputy


def test_own_step_sent_twice_is_recorded_once_and_the_words_stay(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    step, typed = step_of(concern), {"done": "yes", "outcome": f"{MARKER} they come", "reference": "EX1"}
    client = signed_in(cast.reporter)

    client.post(step, typed)
    again = client.post(step, typed)

    assert "This step was done already, or is not yours to do." in plain(again)
    assert lost(typed, again) == {}
    assert Entry.objects.filter(concern=concern, kind=EntryKind.STEP_OUTCOME).count() == 1


def test_closed_concern_can_be_added_to_and_opens_again(cast: Cast) -> None:
    concern = closed(make_concern(cast), by=cast.lead)
    client = signed_in(cast.reporter)

    before = plain(client.get(address("mine", concern)))
    client.post(address("mine_add", concern), ADDENDUM)

    concern.refresh_from_db()
    assert (f"{concern.reference} Closed" in before, concern.status) == (True, Status.REOPENED)


@pytest.mark.parametrize("name", ["mine", *FORMS])
@pytest.mark.parametrize("who", ["reporter2", "lead", "admin", "outsider"])
def test_concern_of_somebody_else_looks_like_an_unknown_one(cast: Cast, name: str, who: str) -> None:
    concern = make_concern(cast, answers=DANGER)
    client = signed_in(getattr(cast, who))

    theirs, unknown = (client.get(reverse(name, args=[pk])) for pk in (concern.pk, "00000000-0000-4000-8000-000000000000"))

    assert (theirs.status_code, plain(theirs)) == (404, plain(unknown))
    assert concern.reference not in theirs.content.decode()


def test_author_who_is_vetoed_keeps_only_their_own_words(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.REPLY, text="reply-of-the-lead", at=AT + timedelta(hours=1))
    Link.objects.create(concern=concern, user=cast.reporter, role=LinkRole.MAY_HAVE_HARMED, made_at=AT, made_by=cast.lead)
    client = signed_in(cast.reporter)

    page = client.get(reverse("kept_words", args=[concern.pk]))
    others = [client.get(address(name, concern)) for name in ("mine", *FORMS)]

    assert f"{MARKER} seen" in plain(page)
    assert [word for word in ("reply-of-the-lead", "Priya", "Answered", "has it") if word in plain(page)] == []
    assert [found.status_code for found in others] == [404] * 4


def test_author_who_is_vetoed_while_writing_is_not_told_who_was_asked(cast: Cast) -> None:
    draft_id = make_draft(cast, answers=URGENT)
    concern = Concern.objects.get()
    Link.objects.create(concern=concern, user=cast.reporter, role=LinkRole.MAY_HAVE_HARMED, made_at=AT, made_by=cast.lead)

    page = signed_in(cast.reporter).get(reverse("record", args=[draft_id]))

    assert (concern.reference in plain(page), "Priya" in plain(page), b"ring-panel" in page.content) == (True, False, False)


def test_words_of_an_author_without_a_veto_are_on_their_own_page(cast: Cast) -> None:
    concern = make_concern(cast)

    page = signed_in(cast.reporter).get(reverse("kept_words", args=[concern.pk]))

    assert page["Location"] == address("mine", concern)


def test_mail_server_that_hangs_does_not_keep_the_worse_news(transactional_cast: Cast) -> None:
    concern = answered(make_concern(transactional_cast, answers=URGENT), by=transactional_cast.lead)
    Message.objects.all().delete()

    with hanging_mail_server(after=b"220 hello\r\n"):
        page = signed_in(transactional_cast.reporter).post(address("mine_add", concern), {**ADDENDUM, "worse": "yes"}, follow=True)

    waiting = Message.objects.filter(recipient=transactional_cast.lead, sent_at=None, dead_at=None)
    assert page.request["PATH_INFO"] == address("mine_again", concern)
    assert sorted(message.attempts for message in waiting) == [0, 1]
