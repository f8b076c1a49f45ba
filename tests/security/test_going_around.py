"""Nobody closes or lowers a concern by going around the second person, the reporter, or what is new."""

from datetime import timedelta

import pytest
from django.urls import reverse

from concerns.actions.casework import do_step, take_concern
from concerns.actions.closing import change_level, close_concern, decide_proposal
from concerns.actions.opening import triage_again
from concerns.actions.recording import add_addendum, disagree
from concerns.choices import ClosingOutcome, Level, StepKind, StepState
from concerns.exceptions import Refused
from concerns.models import Concern, Proposal, Step, User
from tests.factories import AT, Cast, signed_in
from tests.makers import DANGER, URGENT, answered, make_concern

LATER = AT + timedelta(minutes=10)
SOON = LATER + timedelta(minutes=5)


def proposed_to_close(cast: Cast) -> Concern:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    close(concern, by=cast.lead)
    return concern


def close(concern: Concern, *, by: User) -> None:
    concern.refresh_from_db()
    outcome = ClosingOutcome.SUPPORT_HERE
    close_concern(by=by, concern_id=concern.pk, version=concern.version, outcome=outcome, reason="Settled.", at=LATER)


def agree(concern: Concern, *, by: User) -> None:
    proposal = Proposal.objects.get(concern=concern)
    decide_proposal(by=by, concern_id=concern.pk, proposal_id=proposal.pk, agree=True, reason="Yes.", at=SOON + timedelta(minutes=9))


def waiting(concern: Concern, kind: StepKind) -> Step | None:
    return Step.objects.filter(concern=concern, kind=kind, state=StepState.WAITING).first()


@pytest.mark.parametrize("worse", [True, False])
def test_second_person_cannot_close_over_an_addendum_that_nobody_has_read(cast: Cast, worse: bool) -> None:
    concern = proposed_to_close(cast)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="He has a knife.", worse=worse, at=SOON)

    with pytest.raises(Refused, match="Something is new since this was proposed"):
        agree(concern, by=cast.deputy)

    concern.refresh_from_db()
    assert concern.is_open and waiting(concern, StepKind.READ_ADDENDUM)


def test_second_person_is_told_on_the_page_and_keeps_what_they_typed(cast: Cast) -> None:
    concern = proposed_to_close(cast)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="He has a knife.", worse=True, at=SOON)
    page = reverse("concern_second", args=[concern.pk, Proposal.objects.get(concern=concern).pk])

    answer = signed_in(cast.deputy).post(page, {"agree": "yes", "reason": "It seems settled."})

    assert answer.status_code == 422
    assert "Something is new since this was proposed" in answer.content.decode() and "It seems settled." in answer.content.decode()


def test_second_person_can_close_once_the_addendum_was_read(cast: Cast) -> None:
    concern = proposed_to_close(cast)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="She is well.", worse=False, at=SOON)
    step = waiting(concern, StepKind.READ_ADDENDUM)
    assert step
    do_step(by=cast.lead, concern_id=concern.pk, step_id=step.pk, done=True, outcome="Read.", at=SOON)

    agree(concern, by=cast.deputy)

    concern.refresh_from_db()
    assert not concern.is_open


def test_second_person_can_refuse_at_any_time(cast: Cast) -> None:
    concern = proposed_to_close(cast)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="He has a knife.", worse=True, at=SOON)
    proposal = Proposal.objects.get(concern=concern)

    decide_proposal(by=cast.deputy, concern_id=concern.pk, proposal_id=proposal.pk, agree=False, reason="No.", at=SOON)

    assert Proposal.objects.get(pk=proposal.pk).agreed is False


def test_level_proposed_before_it_became_an_emergency_is_not_lowered_until_somebody_answers(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    change_level(by=cast.lead, concern_id=concern.pk, version=concern.version, to=Level.PROMPT, reason="Calmer.", at=LATER)
    triage_again(by=cast.reporter, concern_id=concern.pk, answers=DANGER, at=SOON)

    with pytest.raises(Refused, match="Something is new since this was proposed"):
        agree(concern, by=cast.deputy)

    concern.refresh_from_db()
    assert concern.level == Level.EMERGENCY


def test_lead_cannot_close_over_the_reporter_who_does_not_agree(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    disagree(by=cast.reporter, concern_id=concern.pk, text="It is not settled.", at=LATER)

    with pytest.raises(Refused, match="Sam Okoro does not agree, and Tom Ellis must answer that first"):
        close(concern, by=cast.lead)

    step = waiting(concern, StepKind.READ_DISAGREEMENT)
    assert step and step.person == cast.deputy


def test_lead_who_takes_it_again_does_not_take_what_waits_for_another(cast: Cast) -> None:
    concern = proposed_to_close(cast)
    disagree(by=cast.reporter, concern_id=concern.pk, text="It is not settled.", at=LATER)
    concern.refresh_from_db()

    take_concern(by=cast.lead, concern_id=concern.pk, version=concern.version, at=SOON)

    left = [waiting(concern, kind) for kind in (StepKind.SECOND_PERSON, StepKind.READ_DISAGREEMENT)]
    assert [step.person for step in left if step] == [cast.deputy, cast.deputy]


def test_lead_cannot_answer_the_reporter_in_the_place_of_another(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    disagree(by=cast.reporter, concern_id=concern.pk, text="It is not settled.", at=LATER)
    step = waiting(concern, StepKind.READ_DISAGREEMENT)
    assert step

    with pytest.raises(Refused, match="Tom Ellis was asked to answer them"):
        do_step(by=cast.lead, concern_id=concern.pk, step_id=step.pk, done=True, outcome="Read it.", at=SOON)

    do_step(by=cast.deputy, concern_id=concern.pk, step_id=step.pk, done=True, outcome="Spoke to Sam.", at=SOON)
    assert waiting(concern, StepKind.READ_DISAGREEMENT) is None


def test_who_was_asked_to_answer_the_reporter_can_close(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    disagree(by=cast.reporter, concern_id=concern.pk, text="It is not settled.", at=LATER)

    close(concern, by=cast.deputy)

    concern.refresh_from_db()
    assert not concern.is_open
