"""When the worker looks at a step, and how long the next person has."""

from datetime import UTC, datetime, timedelta

import pytest

from concerns.choices import Clock, StepKind, StepWho
from concerns.rules.moving import first_look, next_look, rung_deadline

AT = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # a Friday
MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "who", "minutes"),
    [
        (StepKind.ACKNOWLEDGE, StepWho.LADDER, 0),
        (StepKind.SPEAK_TO_REPORTER, StepWho.HOLDER, 0),
        (StepKind.RING, StepWho.REPORTER, 10),
        (StepKind.TELL_IN_PERSON, StepWho.REPORTER, 10),
    ],
)
def test_worker_looks_when_a_step_is_due_and_leaves_reporters_ten_minutes_more(kind: StepKind, who: StepWho, minutes: int) -> None:
    assert first_look(kind=kind, who=who, due=AT) == AT + minutes * MINUTES


def test_step_without_a_time_is_not_looked_at() -> None:
    assert first_look(kind=StepKind.CHASE, who=StepWho.HOLDER, due=None) is None


@pytest.mark.parametrize(("is_pressing", "minutes"), [(True, 10), (False, 60)])
def test_overdue_step_is_looked_at_again_by_its_level(is_pressing: bool, minutes: int) -> None:
    assert next_look(clock=Clock.MINUTES, is_pressing=is_pressing, at=AT) == AT + minutes * MINUTES


def test_overdue_step_of_working_days_moves_once_a_working_day() -> None:
    assert next_look(clock=Clock.WORKING_DAYS, is_pressing=True, at=AT) == AT + timedelta(days=3)


def test_rung_on_time_ends_when_the_plan_says() -> None:
    late = AT + timedelta(seconds=1)

    assert rung_deadline(before=AT, due=AT + 10 * MINUTES, at=late) == AT + 10 * MINUTES


def test_rung_after_three_days_off_has_its_whole_time() -> None:
    now = AT + timedelta(days=3)

    assert rung_deadline(before=AT, due=AT + 10 * MINUTES, at=now) == now + 10 * MINUTES


def test_rung_that_starts_early_is_no_longer_than_the_plan_gives_it() -> None:
    early = AT - 9 * MINUTES

    assert rung_deadline(before=AT, due=AT + 10 * MINUTES, at=early) == early + 10 * MINUTES


def test_rung_of_no_length_has_a_minute() -> None:
    assert rung_deadline(before=AT, due=AT, at=AT + timedelta(hours=1)) == AT + timedelta(hours=1, minutes=1)
