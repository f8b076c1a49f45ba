"""The first page: the danger question for everybody, and below it what waits for this person and nobody else."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.choices import LinkRole
from concerns.models import Draft, Link
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, MARKER, URGENT, answered, closed, make_concern, make_draft
from tests.views.pages import plain, title_of


def test_stranger_sees_the_numbers_and_the_way_in(db: None) -> None:
    page = Client().get("/")

    assert "Is anyone in danger now?" in plain(page)
    assert [f'href="{path}"' in page.content.decode() for path in ("tel:999", "/emergency/", "/triage/", "/talk/")] == [True] * 4


def test_danger_question_is_the_first_thing_and_leads_to_the_numbers(cast: Cast) -> None:
    client = signed_in(cast.reporter)

    page = client.get("/")

    html = page.content.decode()
    ways = re.findall(r'href="(/triage/[^"]+)"', html)
    assert html.index("Is anyone in danger now?</h1>") < html.index("Concerns that you recorded")
    assert [re.sub(r"[0-9a-f-]{36}", "TOKEN", way) for way in ways] == [
        "/triage/TOKEN/now/",
        "/triage/TOKEN/now/?sure=no",
        "/triage/TOKEN/",
    ]
    assert ways[0] not in client.get("/").content.decode()


def test_own_concerns_stand_with_their_state(cast: Cast) -> None:
    waiting, taken = make_concern(cast, answers=URGENT), answered(make_concern(cast, answers=DANGER), by=cast.lead)
    other, done = make_concern(cast, by=cast.reporter2), closed(make_concern(cast), by=cast.lead)

    page = plain(signed_in(cast.reporter).get("/"))

    assert f"{waiting.reference} Nobody has answered yet" in page
    assert f"{taken.reference} Priya Shah has it: answered" in page
    assert f"{done.reference} Closed" in page
    assert [word for word in (other.reference, MARKER, "Aria") if word in page] == []


def test_unfinished_record_can_be_gone_on_with(cast: Cast) -> None:
    mine, theirs = make_draft(cast), make_draft(cast, by=cast.reporter2)

    html = signed_in(cast.reporter).get("/").content.decode()

    assert [reverse("record", args=[pk]) in html for pk in (mine, theirs)] == [True, False]


def test_concern_that_is_hidden_from_its_author_says_nothing_but_that_it_was_recorded(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    Link.objects.create(concern=concern, user=cast.reporter, role=LinkRole.MAY_HAVE_HARMED, made_at=AT, made_by=cast.lead)

    page = signed_in(cast.reporter).get("/")

    assert reverse("kept_words", args=[concern.pk]) in page.content.decode()
    assert [
        word for word in ("Priya Shah", "Urgent", "urgent", f'{reverse("mine", args=[concern.pk])}"') if word in page.content.decode()
    ] == []


def test_lead_sees_what_nobody_has_answered_first(cast: Cast) -> None:
    late = answered(make_concern(cast, answers=CALM, at=AT - timedelta(days=3)), by=cast.lead)
    waiting = make_concern(cast, answers=DANGER, at=timezone.now())

    page = plain(signed_in(cast.lead).get("/"))

    assert page.index(waiting.reference) < page.index(late.reference)
    assert [word for word in (MARKER, "Aria") if word in page] == []


def test_lead_learns_of_an_unfinished_record_by_its_authors_name_only(cast: Cast) -> None:
    draft_id = make_draft(cast)
    Draft.objects.filter(pk=draft_id).update(told_lead_at=timezone.now())

    pages = {name: signed_in(getattr(cast, name)).get("/") for name in ("lead", "deputy", "reporter2", "outsider", "admin")}

    said = {name: "Sam Okoro has an unfinished record." in plain(page) for name, page in pages.items()}
    assert said == {"lead": True, "deputy": True, "reporter2": False, "outsider": False, "admin": False}
    assert str(draft_id) not in pages["lead"].content.decode()


@pytest.mark.parametrize("who", ["admin", "trustee", "auditor", "nobody"])
def test_first_page_of_those_who_record_nothing_shows_no_concern(cast: Cast, who: str) -> None:
    concern = make_concern(cast, answers=DANGER)

    page = signed_in(getattr(cast, who)).get("/")

    assert (page.status_code, 'href="tel:999"' in page.content.decode()) == (200, True)
    assert [word for word in (concern.reference, "Most pressing", "Nobody has answered", "/triage/") if word in page.content.decode()] == []


@pytest.mark.parametrize("who", ["reporter", "lead", "admin"])
def test_title_of_the_first_page_names_nobody(cast: Cast, who: str) -> None:
    make_concern(cast, answers=DANGER)

    assert title_of(signed_in(getattr(cast, who)).get("/")) == "Home – Our youth centre"
