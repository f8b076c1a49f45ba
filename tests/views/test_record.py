"""The written record in pages: whatever is typed is kept, refused with a clear message or sent once. (S13)"""

import uuid
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.access.keyring import Keyring
from concerns.actions.recording import SENT_ALREADY
from concerns.choices import EntryKind, Level
from concerns.models import Concern, Draft, Entry, Message, Person
from tests.contact_makers import make_private_mobile
from tests.factories import Cast, let_in, signed_in
from tests.makers import DANGER, MARKER, URGENT, answered, make_draft
from tests.views.pages import DANGER_FIELDS, KEPT, RECORD, lost, plain, title_of, typed_in

LONG = "ö" * 50_000


def page_of(draft_id: uuid.UUID) -> str:
    return reverse("record", args=[draft_id])


def send(cast: Cast, **changes: Any) -> Any:
    """Send a new calm record, and follow to where it leads."""
    return signed_in(cast.reporter).post(page_of(make_draft(cast)), {**RECORD, **changes}, follow=True)


def account(concern: Concern) -> dict[str, Any]:
    return Keyring.of(concern).open(Entry.objects.get(concern=concern, kind=EntryKind.ACCOUNT), "body")


def person_of(concern: Concern) -> dict[str, Any]:
    person = Person.objects.get(links__concern=concern)
    return Keyring.of(person).open(person, "details")


def kept(draft_id: uuid.UUID) -> dict[str, list[str]]:
    draft = Draft.objects.get(pk=draft_id)
    found: dict[str, list[str]] = Keyring.of(draft).open(draft, "content").get("record", {})
    return found


def ahead(days: int) -> dict[str, str]:
    """A day after today, in its three boxes."""
    day = timezone.localdate() + timedelta(days=days)
    return {"happened_on_day": str(day.day), "happened_on_month": str(day.month), "happened_on_year": str(day.year)}


def boxes(name: str, day: date) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def test_record_opens_the_concern_alerts_and_leads_to_it(cast: Cast) -> None:
    page = send(cast)

    concern = Concern.objects.get()
    assert page.request["PATH_INFO"] == reverse("mine", args=[concern.pk])
    assert (account(concern)["seen"], person_of(concern)["name"]) == (RECORD["seen"], "Aria Blackwood")
    assert [message.recipient for message in Message.objects.all()] == [cast.lead]
    assert title_of(page) == f"{concern.reference} – Our youth centre"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"seen": ""}, "Write what you saw or heard, what was said, or what you think. A few words are enough"),
        (boxes("happened_on", date(2026, 2, 28)) | {"happened_on_day": "31"}, "February has 28 days in 2026"),
        ({"happened_on_day": "12"}, "The date must include a month and a year"),
        ({"happened_on_day": "1", "happened_on_month": "13", "happened_on_year": "2026"}, "Enter a month between 1 and 12"),
        ({"happened_on_day": "1", "happened_on_month": "1", "happened_on_year": "26"}, "Enter all four digits of the year"),
        ({"happened_on_day": "٣", "happened_on_month": "-1", "happened_on_year": "1e3"}, "Enter a day between 1 and 31"),
        (ahead(1), "The date must be today or earlier"),
        (boxes("born_on", date(2999, 1, 1)), "The date must be today or earlier"),
        ({"happened_time": "4pm"}, "Enter the day as well as the time"),
        ({"happened_time": "4.30"}, "Say whether 4.30 is am or pm, such as 4.30pm"),
        ({"leaves_time": "tea time"}, "Enter a time, such as 4.30pm or 16:30"),
        ({"leaves_time": "25:00"}, "Enter a time, such as 4.30pm or 16:30"),
        ({"home_area": "moon"}, "Choose one of the answers shown"),
        ({"still_here": "perhaps"}, "Choose one of the answers shown"),
        ({"name": "a" * 201}, "can be 200 characters at most. You have written 201."),
        ({"where": "a" * 301}, "can be 300 characters at most. You have written 301."),
        ({"said": f"{LONG}!"}, "can be 50000 characters at most. You have written 50001."),
    ],
)
def test_record_with_a_mistake_says_what_to_change_and_keeps_every_word(cast: Cast, wrong: dict[str, str], said: str) -> None:
    draft_id = make_draft(cast)
    typed = {**RECORD, "think": "Worried.", **wrong}
    typed = typed if wrong != {"seen": ""} else {**typed, "think": ""}
    client = signed_in(cast.reporter)

    page = client.post(page_of(draft_id), typed)

    in_lists = {name: value for name, value in typed.items() if value not in ("moon", "perhaps")}
    assert (page.status_code, said in plain(page), Concern.objects.count()) == (422, True, 0)
    assert lost(in_lists, page) == {}
    assert lost(in_lists, client.get(page_of(draft_id))) == {}
    assert kept(draft_id) == {name: [value] for name, value in typed.items()}
    assert title_of(page).startswith("Error: ")


@pytest.mark.parametrize("text", [LONG, "😀" * 50_000, "名" * 50_000], ids=["latin", "emoji", "chinese"])
def test_record_takes_fifty_thousand_characters(cast: Cast, text: str) -> None:
    fields = dict.fromkeys(("seen", "said", "think", "seemed", "done", "told", "parents", "others"), text)
    body = urlencode({**RECORD, **fields})  # as a browser sends it: up to twelve bytes for a character

    page = signed_in(cast.reporter).post(page_of(make_draft(cast)), body, content_type="application/x-www-form-urlencoded")

    concern = Concern.objects.get()
    assert page["Location"] == reverse("mine", args=[concern.pk])
    assert fields.items() <= account(concern).items()


@pytest.mark.parametrize(
    "name",
    ["Zoë Ó’Brien-Łukasz", "محمد بن عبدالله", "王小明", "नेहा शर्मा", "Nguyễn Thị Ánh", "👩‍👧 Ari", "O'Neil & <b>Sons</b>", "Ma", "X Æ A-12"],
)
def test_name_in_any_script_is_kept_and_shown_as_it_was_typed(cast: Cast, name: str) -> None:
    send(cast, name=name)

    concern = Concern.objects.get()
    lead = signed_in(cast.lead)
    assert person_of(concern)["name"] == name
    assert name in plain(lead.get(reverse("concern", args=[concern.pk])))
    assert f"{name}, 14" in plain(lead.get(reverse("queue")))


def test_pasted_control_characters_are_taken_out_and_nothing_else(cast: Cast) -> None:
    send(cast, seen="a\x00b\x07c\x1b[31md\r\ne\tf\u2028g", name="Ari\x00a")

    concern = Concern.objects.get()
    assert (account(concern)["seen"], person_of(concern)["name"]) == ("abc[31md\ne\tf\ng", "Aria")


@pytest.mark.parametrize("field", ["seen", "said", "think", "seemed", "done", "where", "present", "told", "parents", "others"])
def test_danger_word_in_any_text_of_a_calm_record_is_asked_about(cast: Cast, field: str) -> None:
    draft_id = make_draft(cast)
    typed = {**RECORD, field: "He showed her a knife."}

    page = signed_in(cast.reporter).post(page_of(draft_id), typed)

    assert "Does this change your answer?" in plain(page)
    assert "You wrote “knife”" in plain(page)
    assert lost(typed, page) == {}
    assert (Concern.objects.count(), kept(draft_id)[field]) == (0, ["He showed her a knife."])


def test_no_to_the_danger_words_sends_the_record_as_it_is(cast: Cast) -> None:
    draft_id, typed = make_draft(cast), {**RECORD, "seen": "A bread knife, for the cake."}

    page = signed_in(cast.reporter).post(page_of(draft_id), {**typed, "what": "same"}, follow=True)

    concern = Concern.objects.get()
    assert (concern.level, account(concern)["seen"]) == (Level.PROMPT, typed["seen"])
    assert page.request["PATH_INFO"] == reverse("mine", args=[concern.pk])


def test_yes_to_the_danger_words_shows_the_numbers_and_keeps_the_text(cast: Cast) -> None:
    draft_id, typed = make_draft(cast), {**RECORD, "seen": "He has a knife."}
    client = signed_in(cast.reporter)

    numbers = client.post(page_of(draft_id), {**typed, "what": "danger"}, follow=True)
    client.post(numbers.request["PATH_INFO"], DANGER_FIELDS)
    page = client.get(page_of(draft_id))

    assert numbers.content.index(b'href="tel:999"') < numbers.content.index(b'name="about_staff"')
    assert Concern.objects.get().level == Level.EMERGENCY
    assert lost(typed, page) == {}


@pytest.mark.parametrize("answers", [DANGER, URGENT])
def test_danger_words_are_not_asked_about_where_help_was_called_already(cast: Cast, answers: Any) -> None:
    draft_id = make_draft(cast, answers=answers)

    page = signed_in(cast.reporter).post(page_of(draft_id), {**RECORD, "seen": "He has a knife."}, follow=True)

    assert "Does this change your answer?" not in plain(page)
    assert account(Concern.objects.get())["seen"] == "He has a knife."


def test_record_that_is_finished_later_waits_on_the_first_page(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = signed_in(cast.reporter)

    home = client.post(page_of(draft_id), {**RECORD, "what": "later", "happened_on_day": "99"}, follow=True)

    assert f'href="{page_of(draft_id)}"' in home.content.decode()
    assert MARKER not in home.content.decode()
    assert typed_in(client.get(page_of(draft_id)))["happened_on_day"] == ["99"]
    assert not Concern.objects.exists()


def test_record_that_saves_itself_is_given_back_and_sends_nothing(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = signed_in(cast.reporter)

    saved = client.post(reverse("record_autosave", args=[draft_id]), RECORD)

    assert list(saved.json()) == ["saved"]
    assert lost(RECORD, client.get(page_of(draft_id))) == {}
    assert not Concern.objects.exists()


def test_record_sent_twice_makes_one_concern_and_one_account(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = signed_in(cast.reporter)

    pages = [client.post(page_of(draft_id), RECORD, follow=True) for _ in range(3)]

    concern = Concern.objects.get()
    assert [page.request["PATH_INFO"] for page in pages] == [reverse("mine", args=[concern.pk])] * 3
    assert Entry.objects.filter(concern=concern, kind=EntryKind.ACCOUNT).count() == 1
    assert Message.objects.filter(kind="alert").count() == 1
    assert SENT_ALREADY not in "".join(plain(page) for page in pages)


def test_second_tab_with_other_words_makes_no_second_concern_and_loses_no_word(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = signed_in(cast.reporter)
    client.post(page_of(draft_id), RECORD)

    page = client.post(page_of(draft_id), {**RECORD, "said": "“Don’t tell <anyone>.”", "think": "Afraid."}, follow=True)

    concern = Concern.objects.get()
    assert page.request["PATH_INFO"] == reverse("mine_add", args=[concern.pk])
    assert (SENT_ALREADY in plain(page), KEPT in plain(page)) == (True, True)
    assert typed_in(page)["text"] == ["What did the young person say?\n“Don’t tell <anyone>.”\n\nWhat do you think about it?\nAfraid."]


def test_form_of_a_sent_record_leads_to_the_concern(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = signed_in(cast.reporter)
    client.post(page_of(draft_id), RECORD)

    ends = [
        client.get(reverse(name, args=[draft_id]), follow=True) for name in ("record", "triage_questions", "triage_route", "draft_discard")
    ]

    assert {page.request["PATH_INFO"] for page in ends} == {reverse("mine", args=[Concern.objects.get().pk])}


def test_record_begins_with_whom_to_ring_until_somebody_answers(cast: Cast) -> None:
    make_private_mobile(cast)
    draft_id = make_draft(cast, answers=URGENT)
    client = signed_in(cast.reporter)

    before = client.get(page_of(draft_id))
    concern = answered(Concern.objects.get(), by=cast.lead)
    after = client.get(page_of(draft_id))

    assert before.content.index(b"Ring Priya Shah") < before.content.index(b"<h1")
    assert "07700 900123" not in plain(after)
    assert title_of(before) == title_of(after) == f"Write it down – {concern.reference} – Our youth centre"


def test_draft_is_thrown_away_after_asking(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = signed_in(cast.reporter)
    client.post(page_of(draft_id), {**RECORD, "what": "later"})

    asked = client.get(reverse("draft_discard", args=[draft_id]))
    client.post(reverse("draft_discard", args=[draft_id]))

    assert "cannot be brought back" in plain(asked)
    assert Draft.objects.get().data_key is None


def test_draft_of_a_concern_cannot_be_thrown_away(cast: Cast) -> None:
    draft_id = make_draft(cast, answers=URGENT)
    client = signed_in(cast.reporter)
    client.post(page_of(draft_id), {**RECORD, "what": "later"})

    page = client.post(reverse("draft_discard", args=[draft_id]), follow=True)

    assert lost(RECORD, page) == {}


@pytest.mark.parametrize("name", ["record", "record_autosave", "draft_discard"])
def test_record_of_somebody_else_looks_like_an_unknown_one_and_stays_as_it_is(cast: Cast, name: str) -> None:
    draft_id = make_draft(cast)
    signed_in(cast.reporter).post(page_of(draft_id), {**RECORD, "what": "later"})
    client = signed_in(cast.lead)

    planted = {**RECORD, "seen": "planted"}
    theirs, unknown = (client.post(reverse(name, args=[asked]), planted) for asked in (draft_id, uuid.uuid4()))

    assert (theirs.status_code, plain(theirs)) == (404, plain(unknown))
    assert MARKER not in theirs.content.decode()
    assert kept(draft_id)["seen"] == [RECORD["seen"]]


def test_record_without_its_token_is_refused_and_not_lost(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = Client(enforce_csrf_checks=True)
    let_in(client, cast.reporter)
    signed_in(cast.reporter).post(reverse("record_autosave", args=[draft_id]), RECORD)

    page = client.post(page_of(draft_id), RECORD)

    assert (page.status_code, "Open the page again and send the form from there." in plain(page)) == (403, True)
    assert lost(RECORD, client.get(page_of(draft_id))) == {}
    assert not Concern.objects.exists()


def test_body_of_many_megabytes_is_refused_in_words(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = signed_in(cast.reporter)
    client.post(reverse("record_autosave", args=[draft_id]), RECORD)

    page = client.post(page_of(draft_id), {**RECORD, "seen": "a" * 30_000_000})

    assert (page.status_code, "Nothing was saved this time." in plain(page)) == (400, True)
    assert lost(RECORD, client.get(page_of(draft_id))) == {}
