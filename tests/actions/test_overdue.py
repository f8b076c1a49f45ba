"""Silence moves every step on, and after an answer it is silence again. (S33, S34)"""

from datetime import timedelta

import pytest

from concerns.actions.casework import acknowledge_concern, do_step
from concerns.actions.recording import add_addendum
from concerns.choices import EntryKind, MessageKind, StepKind, StepState, StepWho
from concerns.models import AuditEvent, Concern, Conflict, DataKey, Entry, Message, Rung, Step, User
from concerns.queries.health import health_now
from concerns.worker import move_on_due
from tests.factories import AT, Cast
from tests.makers import CALM, DANGER, URGENT, answered, make_concern

MINUTE = timedelta(minutes=1)


@pytest.fixture
def concern(cast: Cast) -> Concern:
    """An urgent concern that the lead answered two minutes after it was recorded."""
    return answered(make_concern(cast, answers=URGENT), by=cast.lead)


def spoken_about(cast: Cast) -> Concern:
    """A concern that is not pressing, that the lead answered and has spoken about with who recorded it."""
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)
    speak = waiting(concern, StepKind.SPEAK_TO_REPORTER)
    do_step(by=cast.lead, concern_id=concern.pk, step_id=speak.pk, done=True, outcome="Spoke.", at=AT + 5 * MINUTE)
    return concern


def run(start: int, end: int) -> None:
    """Let the worker move steps on once a minute, from `start` until `end` minutes after AT."""
    for minute in range(start, end + 1):
        move_on_due(at=AT + minute * MINUTE)


def waiting(concern: Concern, kind: StepKind) -> Step:
    return Step.objects.get(concern=concern, kind=kind, state=StepState.WAITING)


def mailed(concern: Concern, kind: MessageKind) -> list[str]:
    return list(Message.objects.filter(concern=concern, kind=kind).order_by("queued_at", "pk").values_list("recipient__name", flat=True))


def test_silence_after_an_answer_starts_the_ladder_again_with_the_others(cast: Cast, concern: Concern) -> None:
    run(3, 32)

    concern.refresh_from_db()
    asked = waiting(concern, StepKind.ACKNOWLEDGE)
    assert (concern.acknowledged_at, concern.lead, asked.person) == (None, None, cast.deputy)
    assert asked.due_at == AT + 42 * MINUTE


def test_silence_after_an_answer_stands_in_the_record_and_the_reporter_is_told(cast: Cast, concern: Concern) -> None:
    run(3, 32)

    assert Entry.objects.filter(concern=concern, kind=EntryKind.SILENCE, author=None).count() == 1
    assert mailed(concern, MessageKind.SILENCE) == ["Sam Okoro"]


def test_silence_that_cannot_be_written_down_is_followed_all_the_same_and_raises_the_alarm(cast: Cast, concern: Concern) -> None:
    DataKey.objects.filter(pk=concern.data_key_id).update(wrapped=b"damaged")

    run(3, 32)

    assert waiting(concern, StepKind.ACKNOWLEDGE).person == cast.deputy
    assert not health_now(at=AT + 33 * MINUTE).steps


def test_who_was_silent_is_asked_after_the_others(cast: Cast, concern: Concern) -> None:
    run(3, 52)

    asked = Step.objects.filter(concern=concern, kind=StepKind.ACKNOWLEDGE, created_at__gte=AT + 30 * MINUTE).order_by("created_at")
    assert [step.person for step in asked] == [cast.deputy, cast.case_manager, cast.lead]


def test_after_the_second_answer_somebody_has_to_speak_to_the_reporter_again(cast: Cast, concern: Concern) -> None:
    run(3, 32)

    acknowledge_concern(by=cast.deputy, concern_id=concern.pk, at=AT + 35 * MINUTE)

    speak = waiting(concern, StepKind.SPEAK_TO_REPORTER)
    assert (speak.person, speak.due_at) == (cast.deputy, AT + 65 * MINUTE)


def test_lead_who_spoke_to_the_reporter_is_left_in_peace(cast: Cast, concern: Concern) -> None:
    speak = waiting(concern, StepKind.SPEAK_TO_REPORTER)
    do_step(by=cast.lead, concern_id=concern.pk, step_id=speak.pk, done=True, outcome="Spoke to Sam.", at=AT + 20 * MINUTE)

    run(21, 60)

    concern.refresh_from_db()
    assert concern.acknowledged_by == cast.lead


def test_who_recorded_it_is_reminded_before_somebody_else_is_given_their_step(cast: Cast, concern: Concern) -> None:
    run(3, 20)
    ring = waiting(concern, StepKind.RING)

    assert (ring.person, mailed(concern, MessageKind.OVERDUE)) == (cast.reporter, ["Sam Okoro"])


def test_lead_is_given_the_step_that_who_recorded_it_did_not_do(cast: Cast, concern: Concern) -> None:
    run(3, 30)

    ring = waiting(concern, StepKind.RING)
    assert (ring.person, ring.who, ring.key) == (cast.lead, StepWho.HOLDER, "ring_duty_desk")
    assert ring.text == "Nobody has said that this was done: ring the duty desk"


def test_overdue_step_goes_from_person_to_person_and_then_reminds_all(cast: Cast) -> None:
    concern = spoken_about(cast)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="More.", worse=False, at=AT + 10 * MINUTE)

    holders = [read_by(concern, hour) for hour in range(1, 7)]

    assert holders == [cast.lead, cast.deputy, *[cast.case_manager] * 4]
    last = list(Message.objects.filter(concern=concern, kind=MessageKind.OVERDUE, queued_at=AT + 70 * MINUTE + 4 * 60 * MINUTE))
    assert {message.recipient for message in last} == {cast.lead, cast.deputy, cast.case_manager}


def read_by(concern: Concern, hour: int) -> User | None:
    """Who has to read what was added, after the worker came round so many hours after it was due."""
    move_on_due(at=AT + 10 * MINUTE + hour * 60 * MINUTE)
    return waiting(concern, StepKind.READ_ADDENDUM).person


def test_overdue_step_passes_a_vetoed_person_over_without_trace(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="More.", worse=False, at=AT + 10 * MINUTE)
    Conflict.objects.create(concern=concern, user=cast.deputy, reason=b"x", declared_by=cast.lead, declared_at=AT)

    holders = {read_by(concern, hour) for hour in range(1, 7)}

    assert cast.deputy not in holders
    assert not Message.objects.filter(concern=concern, recipient=cast.deputy, queued_at__gt=AT + 10 * MINUTE).exists()


def test_telling_in_person_ends_once_somebody_has_answered(cast: Cast) -> None:
    concern = spoken_about(cast)

    run(60, 90)

    assert Step.objects.get(concern=concern, kind=StepKind.TELL_IN_PERSON).state == StepState.CANCELLED
    assert AuditEvent.objects.get(concern=concern, verb="dropped a step").detail == {"kind": "tell_in_person"}
    assert mailed(concern, MessageKind.OVERDUE) == []


def test_step_whose_person_has_left_goes_to_somebody_else_at_once(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="More.", worse=False, at=AT + 10 * MINUTE)
    cast.lead.is_active = False
    cast.lead.save()

    assert read_by(concern, 1) == cast.deputy


def test_every_ladder_of_nobody_still_leaves_a_step_that_moves(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    Rung.objects.all().delete()
    User.objects.filter(pk__in=[cast.lead.pk, cast.deputy.pk, cast.case_manager.pk]).update(is_active=False)

    run(10, 60)

    asked = waiting(concern, StepKind.ACKNOWLEDGE)
    assert (asked.who, asked.moves_at) == (StepWho.EVERYBODY, AT + 70 * MINUTE)
