"""A second tap and a second tab: nothing is lost without a word, and nobody meets an error page."""

from django.test import RequestFactory
from django.urls import reverse

from concerns.actions.recording import SENT_ALREADY, submit_record
from concerns.models import Draft
from concerns.views.record import record
from tests.factories import AT, Cast, signed_in
from tests.makers import ACCOUNT, make_draft
from tests.views.pages import RECORD, plain, sure


def test_second_tap_that_looked_before_the_first_was_saved_leads_to_the_concern(cast: Cast) -> None:
    looked = Draft.objects.select_related("centre").get(pk=make_draft(cast))
    concern = submit_record(by=cast.reporter, draft_id=looked.pk, account=ACCOUNT, at=AT)
    request = RequestFactory().post(reverse("record", args=[looked.pk]), {**RECORD, "seen": ACCOUNT.seen, "said": ACCOUNT.said})
    request.user = cast.reporter

    answer = record.__wrapped__(request, draft=looked)

    assert (answer.status_code, answer["Location"]) == (302, reverse("mine", args=[concern.pk]))


def test_worse_answers_from_a_second_tab_after_the_record_was_sent_are_not_dropped_without_a_word(cast: Cast) -> None:
    draft_id = make_draft(cast)
    concern = submit_record(by=cast.reporter, draft_id=draft_id, account=ACCOUNT, at=AT)
    tab = signed_in(cast.reporter)

    page = tab.post(reverse("triage_questions", args=[draft_id]), sure(serious_injury="yes"), follow=True)

    assert page.redirect_chain[-1][0] == reverse("mine", args=[concern.pk])
    assert SENT_ALREADY in plain(page)
