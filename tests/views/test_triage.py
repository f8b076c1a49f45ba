"""Triage in pages: the numbers first, two short pages, whom to ring; one form makes one concern, whatever is pressed."""

import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from concerns.access.keyring import Keyring
from concerns.actions.drafts import start_draft
from concerns.choices import Level, StepKind, StepState, Vault
from concerns.models import Concern, Contact, Draft, Entry, Link, Message, Rung, Step
from tests.contact_makers import make_private_mobile
from tests.factories import AT, Cast, signed_in
from tests.mailserver import hanging_mail_server
from tests.views.pages import (
    DANGER_FIELDS,
    PAGE_ONE,
    PAGE_TWO,
    RECORD,
    lost,
    new_form,
    now,
    plain,
    sure,
    through,
    title_of,
    typed_in,
    worry,
)


def kept(token: str) -> dict[str, Any]:
    draft = Draft.objects.get(pk=token)
    return Keyring.of(draft).open(draft, "content")


def test_two_new_forms_have_two_tokens(cast: Cast) -> None:
    client = signed_in(cast.reporter)

    assert new_form(client) != new_form(client)
    assert not Draft.objects.exists()


def test_calm_answers_alert_nobody_before_the_record_is_sent(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)

    page = through(client, token)

    assert page.request["PATH_INFO"] == reverse("triage_route", args=[token])
    assert "Tell a lead before you leave today" in plain(page)
    assert (Concern.objects.count(), Message.objects.count()) == (0, 0)


def test_urgent_answers_open_one_concern_and_ask_the_first_person(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    make_private_mobile(cast)

    page = through(client, new_form(client), two=sure(significant_harm="yes"))

    concern = Concern.objects.get()
    assert (concern.level, concern.logged_by) == (Level.URGENT, cast.reporter)
    assert [message.recipient for message in Message.objects.all()] == [cast.lead]
    assert "Ring Priya Shah, 07700 900123" in plain(page)
    assert title_of(page) == f"Whom to ring – {concern.reference} – Our youth centre"


@pytest.mark.parametrize("answer", ["yes", "not_sure"])
def test_not_sure_counts_as_yes(cast: Cast, answer: str) -> None:
    client = signed_in(cast.reporter)

    through(client, new_form(client), two=sure(serious_injury=answer))

    assert Concern.objects.get().level == Level.EMERGENCY


def test_adult_who_works_here_goes_to_the_adult_vault_and_is_not_told(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    about = {"about_staff": "listed", "adult": str(cast.lead.pk)}

    page = through(client, new_form(client), two=sure(harm_soon="yes"), **about)

    concern = Concern.objects.get()
    assert concern.vault == Vault.ADULT
    assert [message.recipient for message in Message.objects.all()] == [cast.case_manager]
    assert "Priya Shah" not in plain(page)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"worries": []}, "Tick what you are worried about. If nothing fits, tick “Something else”"),
        ({"worries": ["neglect", "made up"]}, "Choose one of the answers shown"),
        ({"home_area": "moon"}, "Choose one of the areas shown. If you do not know, choose “Not known”"),
        ({"home_area": ""}, "Say where the young person lives. If you do not know, choose “Not known”"),
        ({"age_band": "900"}, "Choose one of the answers shown"),
        ({"about_staff": ""}, "Say whether it is about someone who works or volunteers here. If you do not know, choose “Not sure”"),
        ({"about_staff": "listed"}, "Choose the name of the person it is about, or answer “their name is not in the list”"),
        ({"about_staff": "listed", "adult": str(uuid.uuid4())}, "Choose the name of the person it is about"),
        ({"about_staff": "listed", "adult": "\x00<script>"}, "Choose the name of the person it is about"),
    ],
)
def test_page_one_says_what_is_missing_and_keeps_the_rest(cast: Cast, wrong: dict[str, Any], said: str) -> None:
    client = signed_in(cast.reporter)
    typed = {"worries": ["neglect", "online"], "about_staff": "no", "age_band": "13_17", "home_area": "county"} | wrong

    page = client.post(worry(new_form(client)), typed)

    right = {name: value for name, value in typed.items() if name not in wrong}
    assert (page.status_code, said in plain(page)) == (422, True)
    assert lost(right, page) == {}
    assert title_of(page).startswith("Error: ")
    assert not Draft.objects.exists()


def test_page_one_does_not_offer_a_stranger_or_oneself(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    outsider = {**PAGE_ONE, "about_staff": "listed", "adult": str(cast.outsider.pk)}

    page = client.post(worry(new_form(client)), outsider)

    names = page.content.decode()
    assert page.status_code == 422
    assert "Lena Novak" not in names
    assert f'value="{cast.reporter.pk}"' not in names
    assert f'value="{cast.reporter2.pk}"' in names


@pytest.mark.parametrize("wrong", [{"home_to_harm": ""}, {"home_to_harm": "perhaps"}])
def test_page_two_asks_for_every_answer_and_keeps_the_rest(cast: Cast, wrong: dict[str, str]) -> None:
    client = signed_in(cast.reporter)
    address = client.post(worry(new_form(client)), PAGE_ONE)["Location"]

    page = client.post(address, sure(significant_harm="yes", **wrong))

    assert page.status_code == 422
    assert "There is a problem" in plain(page)
    assert typed_in(page)["significant_harm"] == ["yes"]
    assert not Concern.objects.exists()


def test_page_one_comes_back_as_it_was_sent(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)
    client.post(worry(token), PAGE_ONE)

    assert lost(PAGE_ONE, client.get(worry(token))) == {}


@pytest.mark.parametrize("name", ["triage_questions", "triage_route", "record"])
def test_later_page_of_a_form_that_was_never_begun_does_not_exist(cast: Cast, name: str) -> None:
    page = signed_in(cast.reporter).get(reverse(name, args=[uuid.uuid4()]))

    assert (page.status_code, "Page not found" in plain(page)) == (404, True)


@pytest.mark.parametrize("name", ["triage_questions", "triage_route", "record"])
def test_later_page_before_its_turn_leads_to_the_one_that_is_missing(cast: Cast, name: str) -> None:
    draft_id = uuid.uuid4()
    start_draft(by=cast.reporter, centre=cast.centre, draft_id=draft_id, at=AT)

    page = signed_in(cast.reporter).get(reverse(name, args=[draft_id]), follow=True)

    assert page.request["PATH_INFO"] == worry(str(draft_id))
    assert "worried about" in plain(page)


@pytest.mark.parametrize("page", [worry, now])
def test_form_whose_record_was_thrown_away_can_still_be_sent_once(cast: Cast, page: Any) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)
    through(client, token)
    client.post(reverse("draft_discard", args=[token]))

    ends = [client.post(page(token), PAGE_ONE, follow=True).request["PATH_INFO"] for _ in range(2)]

    live = Draft.objects.get(finished_at=None)
    assert ends == [reverse("triage_questions" if page is worry else "triage_route", args=[live.pk])] * 2
    assert Concern.objects.count() == (0 if page is worry else 1)


def test_numbers_stand_on_the_danger_page_before_anything_is_saved(cast: Cast) -> None:
    client = signed_in(cast.reporter)

    page = client.get(client.get("/triage/now/")["Location"])

    html = page.content.decode()
    assert [f'href="tel:{number}"' in html for number in ("999", "01164541004", "01163050005")] == [True, True, True]
    assert html.index("tel:01164541004") < html.index('name="about_staff"')
    assert not Draft.objects.exists()


@pytest.mark.parametrize(("address", "words"), [("?sure=no", "not_sure"), ("", "yes")])
def test_danger_opens_an_emergency_and_notes_what_was_rung(cast: Cast, address: str, words: str) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)

    page = client.post(now(token) + address, {**DANGER_FIELDS, "rang": ["999", "duty_desk"]}, follow=True)

    concern = Concern.objects.get()
    assert (concern.level, kept(token)["triage_done"]["danger_now"]) == (Level.EMERGENCY, words)
    assert "This is an emergency: ring now" in plain(page)
    assert not Step.objects.filter(concern=concern, kind=StepKind.RING, state=StepState.WAITING, who="reporter").exists()


def test_danger_form_without_its_answer_alerts_nobody_and_keeps_the_ticks(cast: Cast) -> None:
    client = signed_in(cast.reporter)

    page = client.post(now(new_form(client)), {"rang": ["999"]})

    assert (page.status_code, typed_in(page)["rang"]) == (422, ["999"])
    assert "Say whether it is about someone who works or volunteers here." in plain(page)
    assert (Concern.objects.count(), Message.objects.count()) == (0, 0)


def test_danger_form_sent_twice_makes_one_concern(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)

    pages = [client.post(now(token), DANGER_FIELDS, follow=True) for _ in range(3)]

    concern = Concern.objects.get()
    assert [concern.reference in plain(page) for page in pages] == [True, True, True]
    assert Entry.objects.filter(concern=concern).count() == 1
    assert Message.objects.filter(kind="alert").count() == 1


def test_page_two_sent_twice_makes_one_concern(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)

    for _ in range(2):
        through(client, token, two=sure(significant_harm="yes"))

    assert (Concern.objects.count(), Message.objects.filter(kind="alert").count()) == (1, 1)


def test_worse_answers_sent_again_raise_the_concern_and_calmer_ones_do_not_lower_it(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)
    through(client, token, two=sure(significant_harm="yes"))

    through(client, token, two=sure(serious_injury="yes"))
    through(client, token)

    assert [concern.level for concern in Concern.objects.all()] == [Level.EMERGENCY]


def test_page_one_sent_again_after_the_record_makes_no_second_concern(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)
    through(client, token)
    client.post(reverse("record", args=[token]), RECORD)

    page = client.post(worry(token), {**PAGE_ONE, "home_area": "county"}, follow=True)

    concern = Concern.objects.get()
    assert page.request["PATH_INFO"] == reverse("mine", args=[concern.pk])
    assert "This record was sent already. Add what is new to the concern itself." in plain(page)
    assert concern.home_area == "city"


def test_second_form_with_the_same_answers_is_a_second_concern(cast: Cast) -> None:
    client = signed_in(cast.reporter)

    for _ in range(2):
        through(client, new_form(client), two=sure(significant_harm="yes"))

    assert Concern.objects.count() == 2


@pytest.mark.parametrize("page", [worry, now])
def test_token_of_somebody_else_shows_nothing_and_is_refused(cast: Cast, page: Any) -> None:
    token = new_form(signed_in(cast.reporter))
    through(signed_in(cast.reporter), token, worries=["fgm"], two=sure(fgm_soon="no", harm_soon="no"))
    client = signed_in(cast.reporter2)

    looked, answered = client.get(page(token)), client.post(page(token), PAGE_ONE)

    assert "fgm" not in typed_in(looked).get("worries", [])
    assert answered.status_code == 404
    assert Draft.objects.get().owner == cast.reporter


@pytest.mark.parametrize("two", [PAGE_TWO, sure(significant_harm="yes"), sure(serious_injury="yes")])
@pytest.mark.parametrize(
    ("area", "desk"),
    [
        ("city", "0116 454 1004"),
        ("county", "0116 305 0005"),
        ("rutland", "0116 305 0005"),
        ("elsewhere", "101"),
        ("unknown", "0116 454 1004"),
    ],
)
def test_whom_to_ring_is_shown_when_every_contact_and_the_ladders_are_gone(cast: Cast, two: dict[str, str], area: str, desk: str) -> None:
    Contact.objects.all().delete()
    Rung.objects.all().delete()
    client = signed_in(cast.reporter)

    page = through(client, new_form(client), two=two, home_area=area)

    assert page.status_code == 200
    assert desk in plain(page)
    assert 'href="tel:999"' in page.content.decode()


def test_mail_server_that_hangs_does_not_keep_the_page(transactional_cast: Cast) -> None:
    client = signed_in(transactional_cast.reporter)

    with hanging_mail_server():
        page = client.post(now(new_form(client)), DANGER_FIELDS, follow=True)

    message = Message.objects.get()
    assert "This is an emergency: ring now" in plain(page)
    assert (message.sent_at, message.dead_at, message.attempts) == (None, None, 1)
    words = r"Priya Shah: not sent at \d+:\d\d[ap]m, because the mail server [a-z ]+. We keep trying"
    assert re.search(words, plain(client.get(reverse("mine", args=[message.concern_id]))))


def test_pages_of_a_concern_that_exists_begin_with_whom_to_ring(cast: Cast) -> None:
    make_private_mobile(cast)
    client = signed_in(cast.reporter)
    token = new_form(client)
    through(client, token, two=sure(significant_harm="yes"))

    for name in ("triage_worry", "triage_questions", "triage_route", "record"):
        page = client.get(reverse(name, args=[token]))
        assert "Ring Priya Shah, 07700 900123" in plain(page).split("</h1>")[0], name
        assert page.content.index(b"Ring Priya Shah") < page.content.index(b"<h1"), name


def test_link_to_a_member_of_staff_is_made_once(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)
    about = {"about_staff": "listed", "adult": str(cast.deputy.pk)}

    for _ in range(2):
        through(client, token, two=sure(harm_soon="yes"), **about)

    assert Link.objects.filter(user=cast.deputy).count() == 1


def test_danger_page_after_triage_keeps_what_was_said_about_staff(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token = new_form(client)
    through(client, token, about_staff="listed", adult=str(cast.lead.pk))

    page = client.get(now(token))

    typed = typed_in(page)
    assert (typed["about_staff"], typed["adult"]) == (["listed"], [str(cast.lead.pk)])
