"""No page says that somebody was told who was not, and none counts a frightened worker's minutes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.models import Message
from concerns.rules.triage import Answers
from tests.factories import Cast, signed_in
from tests.makers import DANGER, URGENT, about, make_concern, make_draft
from tests.views.pages import plain


@pytest.mark.parametrize("answers", [URGENT, DANGER])
def test_worker_whose_concern_is_about_the_lead_is_not_told_that_a_lead_was_asked(cast: Cast, answers: Answers) -> None:
    draft_id = make_draft(cast, answers=about(cast.lead, answers=answers))

    page = plain(signed_in(cast.reporter).get(reverse("triage_route", args=[draft_id])))

    assert "whoever is free to answer is asked" in page
    assert "lead has been asked" not in page and "Priya Shah" not in page


def test_nobody_is_promised_the_lead_before_it_is_known_whom_it_is_about(cast: Cast) -> None:
    page = plain(signed_in(cast.reporter).get(reverse("triage_danger"), follow=True))

    assert "somebody whom it is not about is asked to answer at once" in page
    assert "your safeguarding lead is asked" not in page


def test_mail_that_was_given_up_is_not_said_to_be_on_its_way(cast: Cast) -> None:
    concern = make_concern(cast)
    Message.objects.filter(concern=concern).update(dead_at=concern.logged_at)

    page = plain(signed_in(cast.reporter).get(reverse("mine", args=[concern.pk])))

    assert "Priya Shah: could not be sent. Ring them" in page and "We keep trying" not in page


def test_reporter_is_asked_to_ring_now_and_not_told_that_they_are_late(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER, at=timezone.now() - timedelta(minutes=5))

    own = plain(signed_in(cast.reporter).get(reverse("mine", args=[concern.pk])))
    leads = plain(signed_in(cast.lead).get(reverse("concern", args=[concern.pk])))

    assert "Sam Okoro · now" in own and "late" not in own
    assert "Sam Okoro · 5 minutes late" in leads
