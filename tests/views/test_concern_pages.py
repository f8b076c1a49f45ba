"""One concern as leads meet it: what they can do, what is refused and why, and that nothing typed runs in a browser. (S18)"""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from concerns.actions.casework import add_entry
from concerns.actions.closing import close_concern
from concerns.actions.recording import add_addendum, disagree
from concerns.choices import ClosingOutcome, EntryKind, Level, Status, StepKind, StepState
from concerns.models import AuditEvent, Concern, Entry, Message, Proposal, Step
from tests.contact_makers import make_private_mobile
from tests.factories import AT, Cast, signed_in
from tests.makers import ACCOUNT, CALM, DANGER, MARKER, URGENT, about, answered, closed, make_concern
from tests.views.pages import lost, plain, title_of, typed_in

LATER = AT + timedelta(hours=1)
FORMS = ("concern_entry", "concern_status", "concern_level", "concern_close")
ENTRY = {"kind": "note", "text": f"{MARKER} note"}
SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</textarea><svg/onload=alert(1)>",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
)
ATTACK = " ".join(SCRIPTS)
RUNS = re.compile(r"<script>|<img src=x|</textarea><svg|<svg/|<a href=javascript|a-secret-for-the-tests|(?<!&#x27;)'-alert", re.IGNORECASE)


def address(name: str, concern: Concern) -> str:
    return reverse(name, args=[concern.pk])


def step_of(concern: Concern, kind: StepKind) -> str:
    step = Step.objects.filter(concern=concern, kind=kind, state=StepState.WAITING).exclude(due_at=None)[0]
    return reverse("concern_step", args=[concern.pk, step.pk])


def correction_of(concern: Concern) -> str:
    entry = concern.entries.get(kind=EntryKind.ACCOUNT)
    return reverse("concern_correct", args=[concern.pk, entry.pk])


def day(number: int, month: int, year: int) -> dict[str, str]:
    return {"happened_on_day": str(number), "happened_on_month": str(month), "happened_on_year": str(year)}


def versioned(concern: Concern, **fields: str) -> dict[str, str]:
    concern.refresh_from_db()
    return {"version": str(concern.version), **fields}


def test_lead_answers_with_one_button_and_the_reporter_is_told(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    client = signed_in(cast.lead)

    before = client.get(address("concern", concern))
    after = client.post(address("concern_acknowledge", concern), follow=True)

    assert ("I am answering this" in plain(before), "I am answering this" in plain(after)) == (True, False)
    assert Message.objects.filter(kind="taken", recipient=cast.reporter).count() == 1


def test_second_answer_says_who_was_first(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    page = signed_in(cast.deputy).post(address("concern_acknowledge", concern), follow=True)

    assert "Priya Shah has answered already." in plain(page)
    assert Entry.objects.filter(concern=concern, kind=EntryKind.ACKNOWLEDGEMENT).count() == 1


def test_lead_who_recorded_it_cannot_answer_and_sees_whom_to_ring(cast: Cast) -> None:
    concern = make_concern(cast, by=cast.lead, answers=URGENT)
    client = signed_in(cast.lead)

    page, refused = client.get(address("concern", concern)), client.post(address("concern_acknowledge", concern))

    assert "You recorded this concern, so somebody else must answer it." in plain(page)
    assert "Find Tom Ellis now" in plain(page).split(concern.reference)[0]
    assert (refused.status_code, "somebody else must answer it" in plain(refused)) == (403, True)


def test_forms_about_an_unanswered_concern_begin_with_whom_to_ring(cast: Cast) -> None:
    make_private_mobile(cast)
    concern = make_concern(cast, answers=URGENT)
    client = signed_in(cast.deputy)

    before = [plain(client.get(address(name, concern))) for name in FORMS]
    answered(concern, by=cast.lead)
    after = [plain(client.get(address(name, concern))) for name in FORMS]

    assert ["Ring Priya Shah, 07700 900123" in page for page in before] == [True] * 4
    assert ["Ring Priya Shah" in page for page in after] == [False] * 4


def test_titles_hold_the_reference_and_no_name(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client = signed_in(cast.lead)
    addresses = [address(name, concern) for name in ("concern", *FORMS)]
    addresses += [correction_of(concern), step_of(concern, StepKind.DECIDE)]

    titles = [title_of(client.get(path)) for path in addresses]

    assert titles[0] == f"{concern.reference} – Our youth centre"
    assert [title for title in titles if concern.reference not in title or re.search(f"Aria|Sam|Priya|{MARKER}", title)] == []


@pytest.mark.parametrize("kind", ["note", "conversation", "agency_contact", "reply"])
def test_entry_is_added_and_shown_with_the_time_it_happened(cast: Cast, kind: str) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    when = {"happened_on_day": "3", "happened_on_month": "nov", "happened_on_year": "2026", "happened_time": "4.05pm"}

    page = signed_in(cast.lead).post(address("concern_entry", concern), {**ENTRY, **when, "kind": kind}, follow=True)

    assert page.request["PATH_INFO"] == address("concern", concern)
    assert f"3 November 2026, 4:05pm {ENTRY['text']}" in plain(page)


def test_correction_stands_beside_what_it_corrects(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    page = signed_in(cast.lead).post(correction_of(concern), {"text": "It was blue."}, follow=True)

    assert ("It was blue." in plain(page), f"{MARKER} seen" in plain(page)) == (True, True)
    assert "Correction to entry 2" in plain(page)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("concern_entry", {"kind": "note", "text": ""}, "Answer “What do you want to record?”"),
        ("concern_entry", {"kind": "taken", "text": MARKER}, "Choose one of the answers shown"),
        ("concern_entry", {"kind": "decision", "text": MARKER}, "Give the reason for the decision"),
        ("concern_entry", {**ENTRY, "happened_time": "16:30"}, "Enter the day as well as the time"),
        ("concern_entry", {**ENTRY, **day(30, 2, 2026)}, "February has 28 days"),
        ("concern_entry", {**ENTRY, **day(1, 1, 2999)}, "must be today or earlier"),
        ("concern_entry", {"kind": "note", "text": "x" * 50_001}, "can be 50000 characters at most. You have written 50001."),
        ("concern_status", {"reason": MARKER}, "Choose the state"),
        ("concern_status", {"to": "closed", "reason": MARKER}, "Choose one of the answers shown"),
        ("concern_level", {"to": "urgent"}, "Answer “Why?”"),
        ("concern_level", {"to": "prompt", "reason": MARKER}, "The level is “Today” already."),
        ("concern_close", {"reason": MARKER}, "Choose how it ended"),
        ("concern_close", {"outcome": "duplicate", "reason": MARKER}, "Enter the reference of the other concern"),
    ],
)
def test_form_with_a_mistake_says_what_to_change_and_keeps_the_rest(cast: Cast, name: str, typed: dict[str, str], said: str) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    entries = Entry.objects.count()

    page = signed_in(cast.lead).post(address(name, concern), versioned(concern, **typed))

    in_lists = {field: value for field, value in typed.items() if value not in ("taken", "closed") or field not in ("kind", "to")}
    assert (page.status_code, said in plain(page), Entry.objects.count()) == (422, True, entries)
    assert lost(in_lists, page) == {}
    assert title_of(page).startswith("Error: ")


def test_duplicate_must_be_a_concern_that_the_person_sees(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    hidden = make_concern(cast, answers=about(cast.lead))
    typed = {"outcome": "duplicate", "reason": MARKER}
    client = signed_in(cast.lead)

    refused = [client.post(address("concern_close", concern), versioned(concern, **typed, duplicate_of=ref)) for ref in
               (hidden.reference, concern.reference)]  # fmt: skip

    assert ["There is no other concern with this reference." in plain(page) for page in refused] == [True, True]
    assert [page.content.decode().count(hidden.reference) for page in refused] == [1, 0]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("concern_status", {"to": "in_progress", "reason": MARKER}),
        ("concern_level", {"to": "urgent", "reason": MARKER}),
        ("concern_close", {"outcome": "early_help", "reason": MARKER}),
    ],
)
def test_two_leads_with_the_same_version_do_not_overwrite_each_other(cast: Cast, name: str, typed: dict[str, str]) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    old = versioned(concern, **typed)
    signed_in(cast.lead).post(address("concern_status", concern), versioned(concern, to="referred", reason="first"))
    client, entries = signed_in(cast.deputy), Entry.objects.count()

    stale = client.post(address(name, concern), old)
    between = Entry.objects.count()
    again = client.post(address(name, concern), {field: values[0] for field, values in typed_in(stale).items()})

    assert "Somebody else changed this concern while you were looking at it." in plain(stale)
    assert (lost(typed, stale), between) == ({}, entries)
    assert (again.status_code, Entry.objects.count()) == (302, entries + 1)


@pytest.mark.parametrize("version", ["", "nonsense", "0", "-1", "9" * 5000])
def test_form_without_its_version_changes_nothing(cast: Cast, version: str) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client = signed_in(cast.deputy)

    page = client.post(address("concern_status", concern), {"to": "referred", "reason": MARKER, "version": version})
    client.post(address("concern_take", concern), {"version": version})

    concern.refresh_from_db()
    assert (page.status_code, concern.status, concern.lead) == (422, Status.ACKNOWLEDGED, cast.lead)
    assert lost({"reason": MARKER}, page) == {}


def test_lead_takes_the_concern_from_another(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client = signed_in(cast.deputy)

    page = client.post(address("concern_take", concern), {"version": typed_in(client.get(address("concern", concern)))["version"][0]})

    concern.refresh_from_db()
    assert (page["Location"], concern.lead) == (address("concern", concern), cast.deputy)


def test_pressing_concern_is_closed_by_two(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    lead, deputy = signed_in(cast.lead), signed_in(cast.deputy)

    proposed = lead.post(address("concern_close", concern), versioned(concern, outcome="early_help", reason="Done."), follow=True)
    second = reverse("concern_second", args=[concern.pk, Proposal.objects.get().pk])
    own = lead.post(second, {"agree": "yes", "reason": "I agree with me."})
    missing = deputy.post(second, {"reason": MARKER})
    deputy.post(second, {"agree": "yes", "reason": "Right."})

    concern.refresh_from_db()
    assert "Priya Shah proposed: close. It waits for a second person." in plain(proposed)
    assert (own.status_code, "A second person must agree" in plain(own)) == (403, True)
    assert ("Say whether you agree" in plain(missing), lost({"reason": MARKER}, missing)) == (True, {})
    assert (concern.status, second in proposed.content.decode()) == (Status.CLOSED, False)


def test_closed_concern_says_that_it_is_closed_and_takes_no_more(cast: Cast) -> None:
    concern = closed(make_concern(cast), by=cast.lead)
    client = signed_in(cast.lead)

    page, refused = client.get(address("concern", concern)), client.post(address("concern_entry", concern), ENTRY)

    assert ("Nothing: this concern is closed." in plain(page), "Add to the record" in plain(page)) == (True, False)
    assert "This concern is closed. Open it again on its page, then add what is new." in plain(refused)
    assert not concern.entries.filter(kind=EntryKind.NOTE).exists()


def test_opening_a_concern_is_noted(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)

    signed_in(cast.lead).get(address("concern", concern))

    assert AuditEvent.objects.filter(concern=concern, by=cast.lead, verb="opened the page of").count() == 1
    assert Message.objects.get(concern=concern, recipient=cast.lead).opened_at is not None


@pytest.mark.parametrize("who", ["reporter", "reporter2", "case_manager", "outsider", "admin", "trustee", "auditor"])
def test_concern_of_others_looks_like_an_unknown_one(cast: Cast, who: str) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client = signed_in(getattr(cast, who))

    for name in ("concern", *FORMS):
        theirs, unknown = (client.get(reverse(name, args=[pk])) for pk in (concern.pk, "00000000-0000-4000-8000-000000000000"))

        assert (theirs.status_code, plain(theirs)) == (404, plain(unknown)), name
        assert [word for word in (concern.reference, MARKER, "Aria") if word in theirs.content.decode()] == [], name


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("name", ["concern_acknowledge", "concern_take"])
def test_button_cannot_be_pressed_by_a_link(cast: Cast, name: str, method: str) -> None:
    concern = make_concern(cast, answers=URGENT)

    page = getattr(signed_in(cast.lead), method)(address(name, concern))

    concern.refresh_from_db()
    assert (page.status_code, page["Allow"], concern.acknowledged_at) == (405, "POST", None)


def test_nothing_that_was_typed_runs_in_a_browser(cast: Cast) -> None:
    texts = dict.fromkeys(("seen", "said", "think", "seemed", "done", "where", "present", "others", "told", "parents"), ATTACK)
    child = replace(ACCOUNT.subjects[0], name=ATTACK, age="<script>14")
    cast.reporter.name = cast.lead.name = f"Eve {SCRIPTS[0]}"
    cast.reporter.save(), cast.lead.save()
    concern = make_concern(cast, answers=URGENT, account=replace(ACCOUNT, **texts, subjects=(child,)))
    waiting = [signed_in(cast.lead).get(address("concern", concern)), signed_in(cast.reporter).get(address("mine", concern))]
    answered(concern, by=cast.lead)
    for kind in (EntryKind.NOTE, EntryKind.DECISION, EntryKind.REPLY):
        add_entry(by=cast.lead, concern_id=concern.pk, kind=kind, text=ATTACK, reason=ATTACK, at=LATER)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text=ATTACK, worse=False, at=LATER)
    lead, reporter = signed_in(cast.lead), signed_in(cast.reporter)
    lead.post(step_of(concern, StepKind.SPEAK_TO_REPORTER), {"done": "no", "outcome": ATTACK, "reference": SCRIPTS[0]})
    lead.post(correction_of(concern), {"text": ATTACK})
    lead.post(address("concern_level", concern), versioned(concern, to="prompt", reason=ATTACK))
    concern.refresh_from_db()
    outcome = ClosingOutcome.EARLY_HELP
    close_concern(by=cast.deputy, concern_id=concern.pk, version=concern.version, outcome=outcome, reason=ATTACK, at=LATER)
    disagree(by=cast.reporter, concern_id=concern.pk, text=ATTACK, at=LATER)

    mistaken = lead.post(address("concern_entry", concern), {"kind": "decision", "text": ATTACK})
    paths = [reverse("queue"), reverse("home"), address("concern", concern), *(address(name, concern) for name in FORMS)]
    pages = [*waiting, mistaken, *(lead.get(path) for path in paths), *(reporter.get(path) for path in ("/", address("mine", concern)))]

    assert [RUNS.findall(page.content.decode()) for page in pages] == [[]] * len(pages)
    assert [plain(pages[index]).count(ATTACK) > 5 for index in (5, -1)] == [True, True]
    assert (f"{ATTACK}, <script>14" in plain(pages[3]), typed_in(mistaken)["text"]) == (True, [ATTACK])


@pytest.mark.parametrize("answers", [CALM, URGENT, DANGER])
def test_page_of_a_concern_without_contacts_or_ladders_is_shown(cast: Cast, answers: Any) -> None:
    concern = make_concern(cast, answers=answers)
    cast.centre.contacts.all().delete()
    cast.centre.rungs.all().delete()
    Concern.objects.filter(pk=concern.pk).update(ladder=[])

    pages = [signed_in(cast.lead).get(address(name, concern)) for name in ("concern", *FORMS)]

    assert [f"{concern.reference}" in plain(page) and 'href="tel:999"' in page.content.decode() for page in pages] == [True] * 5
    assert Level(concern.level).label in plain(pages[0])
