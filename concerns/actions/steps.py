"""Adds one step to a concern. Every other action that asks for something uses this."""

from datetime import datetime

from concerns.choices import Clock, StepKind, StepWho
from concerns.models import Concern, Step
from concerns.rules.deadlines import due_at
from concerns.rules.moving import first_look


def add_step(concern: Concern, *, kind: StepKind, text: str, at: datetime, **fields: object) -> Step:
    """Give a locked concern one step; without a `key` it is named after its kind."""
    step = Step(**{"concern": concern, "kind": kind, "text": text, "key": kind, "who": StepWho.HOLDER, "created_at": at, **fields})
    step.lane, step.moves_at = concern.lane, step.moves_at or first_look(kind=kind, who=StepWho(step.who), due=step.due_at)
    step.save(force_insert=True)
    return step


def in_working_days(days: int, *, at: datetime) -> dict[str, object]:
    """Return the clock and the time of a step that has so many working days from `at`, as `add_step` takes them."""
    return {"clock": Clock.WORKING_DAYS, "amount": days, "due_at": due_at(start=at, clock=Clock.WORKING_DAYS, amount=days)}


def same_again(step: Step, *, at: datetime, text: str = "", **given: object) -> Step:
    """The same step once more, in a row of its own: the one before stays in the record. Without a time, unless it is `given` one."""
    return add_step(
        step.concern,
        kind=StepKind(step.kind),
        text=text or step.text,
        at=at,
        key=step.key,
        plan=step.plan,
        after=step.after,
        clock=step.clock,
        amount=step.amount,
        ceiling_minutes=step.ceiling_minutes,
        contact_key=step.contact_key,
        **given,
    )
