"""Second persons: to lower a level, and to close what is pressing; never the author, never the first."""

from datetime import timedelta

import pytest
from django.urls import reverse

from concerns.access.keyring import Keyring
from concerns.actions.casework import add_entry, take_concern
from concerns.actions.closing import change_level, close_concern, decide_proposal, open_again
from concerns.actions.next_due import set_next_due
from concerns.choices import Clock, ClosingOutcome, EntryKind, Level, MessageKind, Role, Status, StepKind, StepState
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import Concern, Message, Proposal, RoleGrant, Step, User
from concerns.worker import move_on_due
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import CALM, URGENT, about, answered, closed, make_concern

LATER = AT + timedelta(hours=1)
DONE = ClosingOutcome.SUPPORT_HERE


def close(concern: Concern, by: User, outcome: ClosingOutcome = DONE) -> None:
    close_concern(by=by, concern_id=concern.pk, version=concern.version, outcome=outcome, reason="Settled.", at=LATER)
    concern.refresh_from_db()


def decide(concern: Concern, by: User, *, agree: bool = True) -> None:
    proposal = Proposal.objects.get(concern=concern, decided_at=None)
    decide_proposal(by=by, concern_id=concern.pk, proposal_id=proposal.pk, agree=agree, reason="I looked.", at=LATER)
    concern.refresh_from_db()


def test_prompt_concern_closes_with_one_person(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)

    close(concern, cast.lead)

    assert (concern.status, concern.closed_at, concern.next_due_at) == (Status.CLOSED, LATER, None)
    assert not Step.objects.filter(concern=concern, state=StepState.WAITING).exists()


def test_unanswered_concern_cannot_be_closed(cast: Cast) -> None:
    concern = make_concern(cast)

    with pytest.raises(Refused, match="Answer the alert first"):
        close(concern, cast.lead)


def test_urgent_concern_waits_for_a_second_person(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    close(concern, cast.lead)
    assert concern.status == Status.ACKNOWLEDGED
    assert Step.objects.get(concern=concern, kind=StepKind.SECOND_PERSON).person == cast.deputy

    decide(concern, cast.deputy)
    assert concern.status == Status.CLOSED


def test_second_person_is_reminded_once_a_working_day_and_not_through_the_night(cast: Cast) -> None:
    concern = answered(make_concern(cast, by=cast.lead), by=cast.deputy)
    close(concern, cast.lead)
    step = Step.objects.get(concern=concern, kind=StepKind.SECOND_PERSON)
    due = step.due_at
    assert (step.clock, step.amount, due) == (Clock.WORKING_DAYS, 1, LATER + timedelta(days=1))

    move_on_due(at=due)

    step.refresh_from_db()
    assert (step.rung, step.moves_at) == (1, due + timedelta(days=1))
    assert not Message.objects.filter(concern=concern, kind=MessageKind.OVERDUE, key__startswith=str(step.pk)).exists()


def test_review_that_nobody_planned_is_counted_in_working_days(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    Step.objects.filter(concern=concern).update(state=StepState.DONE)

    set_next_due(concern, at=LATER)

    review = Step.objects.get(concern=concern, state=StepState.WAITING)
    assert (review.clock, review.amount, review.due_at) == (Clock.WORKING_DAYS, 5, LATER + timedelta(days=7))


def test_author_closing_a_prompt_concern_needs_a_second_person(cast: Cast) -> None:
    concern = answered(make_concern(cast, by=cast.lead), by=cast.deputy)

    close(concern, cast.lead)

    assert concern.status != Status.CLOSED
    assert Proposal.objects.filter(concern=concern).count() == 1


def test_first_closer_cannot_be_the_second(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    close(concern, cast.lead)

    with pytest.raises(NotAllowed, match="second person"):
        decide(concern, cast.lead)


def test_author_cannot_be_the_second(cast: Cast) -> None:
    concern = answered(make_concern(cast, by=cast.deputy, answers=URGENT), by=cast.lead)
    close(concern, cast.lead)

    with pytest.raises(NotAllowed, match="second person"):
        decide(concern, cast.deputy)


def test_without_another_lead_the_case_manager_is_asked_and_can_see_it(cast: Cast) -> None:
    RoleGrant.objects.filter(user=cast.deputy, role=Role.DEPUTY).update(ended_at=AT)
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    close(concern, cast.lead)

    assert Message.objects.filter(concern=concern, recipient=cast.case_manager).exists()
    decide(concern, cast.case_manager)
    assert concern.status == Status.CLOSED


def test_adult_concern_never_asks_the_adult_to_agree(cast: Cast) -> None:
    second_lead = grant(make_user("Ivy Stone"), cast.centre, Role.LEAD)
    concern = answered(make_concern(cast, answers=about(cast.lead, answers=URGENT)), by=cast.case_manager)

    close(concern, cast.case_manager)

    assert Step.objects.get(concern=concern, kind=StepKind.SECOND_PERSON).person == second_lead
    with pytest.raises(NotVisible):
        decide(concern, cast.lead)


def test_second_person_who_does_not_agree_leaves_it_open(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    close(concern, cast.lead)

    decide(concern, cast.deputy, agree=False)

    assert concern.is_open and concern.next_due_at is not None


def test_proposal_is_decided_once(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    close(concern, cast.lead)
    proposal = Proposal.objects.get(concern=concern)
    decide(concern, cast.deputy, agree=False)

    with pytest.raises(Stale):
        decide_proposal(by=cast.deputy, concern_id=concern.pk, proposal_id=proposal.pk, agree=True, reason="x", at=LATER)


def test_same_proposal_twice_is_refused_and_loses_nothing(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    close(concern, cast.lead)
    entries = concern.entries.count()

    with pytest.raises(Refused, match="waits for a second person"):
        close(concern, cast.deputy)
    assert concern.entries.count() == entries


def test_lowering_waits_and_raising_is_at_once(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    change_level(by=cast.lead, concern_id=concern.pk, version=concern.version, to=Level.PROMPT, reason="Calmer.", at=LATER)
    concern.refresh_from_db()
    assert concern.level == Level.URGENT
    decide(concern, cast.deputy)
    assert concern.level == Level.PROMPT

    change_level(by=cast.lead, concern_id=concern.pk, version=concern.version, to=Level.EMERGENCY, reason="Worse.", at=LATER)
    concern.refresh_from_db()
    assert (concern.level, concern.acknowledged_at) == (Level.EMERGENCY, None)


def test_closing_withdraws_a_proposal_that_was_waiting(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    change_level(by=cast.lead, concern_id=concern.pk, version=concern.version, to=Level.PROMPT, reason="Calmer.", at=LATER)
    concern.refresh_from_db()
    close(concern, cast.lead)
    closing = Proposal.objects.get(concern=concern, kind="close")

    decide_proposal(by=cast.deputy, concern_id=concern.pk, proposal_id=closing.pk, agree=True, reason="Yes.", at=LATER)

    assert not Proposal.objects.filter(concern=concern, decided_at=None).exists()


def test_same_level_is_refused(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    with pytest.raises(Refused, match="already"):
        change_level(by=cast.lead, concern_id=concern.pk, version=concern.version, to=Level.URGENT, reason="x", at=LATER)


def test_closing_from_a_stale_page_is_refused(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    seen = concern.version
    take_concern(by=cast.deputy, concern_id=concern.pk, version=seen, at=LATER)

    with pytest.raises(Stale):
        close_concern(by=cast.lead, concern_id=concern.pk, version=seen, outcome=DONE, reason="x", at=LATER)


def test_lead_opens_a_closed_concern_again_and_adds_what_is_new(cast: Cast) -> None:
    concern = closed(make_concern(cast), by=cast.lead)
    with pytest.raises(NotAllowed, match="Open it again on its page"):
        add_entry(by=cast.deputy, concern_id=concern.pk, kind=EntryKind.NOTE, text="They rang.", at=LATER)

    open_again(by=cast.deputy, concern_id=concern.pk, version=concern.version, reason="The school rang.", at=LATER)
    add_entry(by=cast.deputy, concern_id=concern.pk, kind=EntryKind.NOTE, text="They rang.", at=LATER)

    concern.refresh_from_db()
    assert (concern.status, concern.closed_at, concern.lead) == (Status.REOPENED, None, cast.deputy)
    assert concern.next_due_at is not None and concern.steps.filter(state="waiting", person=cast.deputy).exists()
    opened = concern.entries.get(kind=EntryKind.REOPENED)
    assert Keyring.of(concern).open(opened, "body")["reason"] == "The school rang."


def test_opening_again_is_refused_where_it_is_open_or_somebody_was_quicker(cast: Cast) -> None:
    concern = closed(make_concern(cast), by=cast.lead)
    version = concern.version
    open_again(by=cast.deputy, concern_id=concern.pk, version=version, reason="The school rang.", at=LATER)
    concern.refresh_from_db()

    with pytest.raises(Stale):
        open_again(by=cast.lead, concern_id=concern.pk, version=version, reason="The school rang.", at=LATER)
    with pytest.raises(Refused, match="open already"):
        open_again(by=cast.lead, concern_id=concern.pk, version=concern.version, reason="The school rang.", at=LATER)


def test_page_of_a_closed_concern_offers_to_open_it_again(cast: Cast) -> None:
    concern = closed(make_concern(cast), by=cast.lead)
    client, address = signed_in(cast.lead), reverse("concern_reopen", args=[concern.pk])

    offered = address in client.get(reverse("concern", args=[concern.pk])).content.decode()
    client.post(address, {"version": concern.version, "reason": "Closed too early."})
    page = client.get(reverse("concern", args=[concern.pk])).content.decode()

    assert offered
    assert address not in page and "Closed too early." in page
