"""That somebody has an unfinished record is hidden from the adult whom it is about, and from whoever would not be alerted. (S5)"""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from concerns.actions.reminders import show_leads
from concerns.choices import AboutStaff
from concerns.models import Draft, User
from concerns.rules.triage import Answers
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, URGENT, about, make_draft
from tests.views.pages import PAGE_ONE, plain


def told(cast: Cast) -> None:
    """Two hours have passed, and leads may know of unfinished records."""
    Draft.objects.update(touched_at=AT)
    show_leads(by=None, at=AT + timedelta(hours=3))


def sees(user: User) -> bool:
    return "Sam Okoro" in plain(signed_in(user).get("/")).split("Concerns that you recorded")[0]


@pytest.mark.parametrize("answers", [CALM, URGENT], ids=["nothing sent", "concern exists"])
def test_adult_whom_it_is_about_does_not_learn_that_somebody_writes(cast: Cast, answers: Answers) -> None:
    make_draft(cast, answers=about(cast.lead, answers=answers))
    told(cast)

    assert (sees(cast.lead), sees(cast.deputy), sees(cast.case_manager)) == (False, False, True)


def test_unsure_whom_it_is_about_is_shown_to_the_case_manager_only(cast: Cast) -> None:
    make_draft(cast, answers=replace(CALM, about_staff=AboutStaff.NOT_SURE))
    told(cast)

    assert (sees(cast.lead), sees(cast.deputy), sees(cast.case_manager)) == (False, False, True)


def test_first_page_alone_is_enough_to_hide_it(cast: Cast) -> None:
    client: Client = signed_in(cast.reporter)
    named = {**PAGE_ONE, "about_staff": "listed", "adult": str(cast.lead.pk)}
    client.post(reverse("triage_worry", args=[uuid.uuid4()]), named)
    told(cast)

    assert (sees(cast.lead), sees(cast.case_manager)) == (False, True)


def test_record_about_a_young_person_is_shown_to_leads_and_deputies(cast: Cast) -> None:
    make_draft(cast)
    told(cast)

    assert (sees(cast.lead), sees(cast.deputy), sees(cast.case_manager)) == (True, True, True)


def test_record_about_another_adult_is_shown_to_the_lead(cast: Cast) -> None:
    make_draft(cast, answers=about(cast.reporter2))
    told(cast)

    assert (sees(cast.lead), sees(cast.deputy)) == (True, False)
