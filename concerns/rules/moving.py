"""Moving on: when the worker looks at a step that nobody has ended, and how long the next person has. Pure.

Source: silence moves every step on, not only the alert (Leicester Safeguarding Children Partnership procedures: each rung is dated).
"""

from datetime import datetime, timedelta

from concerns.choices import Clock, StepKind, StepWho
from concerns.rules.deadlines import due_at

REPORTER_HAS = timedelta(minutes=10)
"""How long after its time somebody who recorded a concern is left in peace: they are on the telephone, not in their mails."""
PRESSING_HAS, OTHERS_HAVE = timedelta(minutes=10), timedelta(minutes=60)
LEAD_HAS = {True: PRESSING_HAS, False: OTHERS_HAVE}
"""How long a lead has who is asked, by name, to take a concern or to decide: one that is pressing, or not."""


def first_look(*, kind: StepKind, who: StepWho, due: datetime | None) -> datetime | None:
    """When the worker first looks at a step that is due at `due` (aware); None while it has no time yet."""
    if due is None:
        return None
    return due + REPORTER_HAS if who == StepWho.REPORTER and kind != StepKind.ACKNOWLEDGE else due


def next_look(*, clock: Clock, is_pressing: bool, at: datetime) -> datetime:
    """When the worker looks again at an overdue step that it has just spoken up about, at `at` (aware). In UTC.

    What is counted in working days moves on once a working day; the rest after 10 minutes, or 60 where nothing is pressing.
    """
    if clock == Clock.WORKING_DAYS:
        return due_at(start=at, clock=Clock.WORKING_DAYS, amount=1)
    return at + (PRESSING_HAS if is_pressing else OTHERS_HAVE)


def rung_deadline(*, due: datetime, before: datetime, at: datetime) -> datetime:
    """When the time of the rung is over that starts at `at`; the plan says from `before` until `due` (all aware).

    On time the plan's own time holds, so that a worker's seconds never add up. A rung that starts early, because somebody could
    not be reached, or late, after the worker stood still, has as long as the plan gives it, and is not hurried.
    """
    length = max(due - before, timedelta(minutes=1))
    return due if abs((at + length) - due) < timedelta(minutes=1) else at + length
