"""Escalation: the steps of a new concern with their times, and who is asked next until somebody answers.

The ladder of acknowledgement never ends by itself: person after person, then everybody who is free and the reporter,
again and again, until a named person answers (Leicester Safeguarding Children Partnership procedures).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from concerns.choices import Clock, ContactKey, HomeArea, StepKind, StepWho
from concerns.rules.deadlines import Session, due_at, in_office_hours
from concerns.rules.desks import ANY_HOUR, Desk, resolve
from concerns.rules.levels import ADULT_PLAN, PRESSING
from concerns.rules.plans import ACKNOWLEDGE, Plan, PlanStep

# Nobody is given less than this on a further rung, however little of the session was left.
LEAST_MINUTES = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class LadderSpec:
    """The times of an acknowledgement ladder, in minutes after the opening; see `PlanStep.rungs`.

    Rung 0 is over at the first of `rungs`. Past the last one every `repeats_minutes` is a rung of its own.
    """

    clock: Clock
    rungs: tuple[int, ...]
    repeats_minutes: int
    ceiling_minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """A step of one concern. `due_at` (UTC) is None until the step named in `after` is done; see `due_after`.

    `key` is unique within the concern. `ladder` is set on the one step in which the alert is answered; its `due_at` is
    the end of rung 0.
    """

    key: str
    kind: StepKind
    text: str
    who: StepWho
    contact: ContactKey | None
    due_at: datetime | None
    after: str
    plan: str
    clock: Clock
    amount: int
    ceiling_minutes: int | None
    ladder: LadderSpec | None


@dataclass(frozen=True, kw_only=True)
class _Opening:
    """What the times and contacts of a new concern follow from."""

    at: datetime
    sessions: Sequence[Session]
    leaves_at: datetime | None
    home_area: HomeArea


def compose(
    plan_keys: Sequence[str],
    plans: Mapping[str, Plan],
    *,
    opened_at: datetime,
    sessions: Sequence[Session],
    leaves_at: datetime | None,
    home_area: HomeArea,
) -> tuple[PlannedStep, ...]:
    """The steps of a concern opened at `opened_at` (aware), from the plans of its route in their order.

    There is one ladder: `adult` brings its own times, but an emergency and an urgent concern keep their faster ones;
    who is on it follows from the vault. Where two plans use one key for different steps, the later plan's is written
    "plan.key". Raises KeyError on a plan that is not in `plans`.
    """
    opening = _Opening(at=opened_at, sessions=sessions, leaves_at=leaves_at, home_area=home_area)
    ladder = ladder_plan(plan_keys)
    planned: list[PlannedStep] = []
    for key in plan_keys:
        plan, taken = plans[key], {step.key for step in planned}
        names = {step.key: f"{key}.{step.key}" if step.key in taken - {ACKNOWLEDGE} else step.key for step in plan.steps}
        planned += [_planned(step, key, names, opening) for step in plan.steps if step.key != ACKNOWLEDGE or key == ladder]
    return tuple(planned)


def ladder_plan(plan_keys: Sequence[str]) -> str:
    """The key of the plan whose ladder holds: a pressing one's times are faster than those of the adult plan."""
    fast = [key for key in plan_keys if key in PRESSING]
    return fast[0] if fast else ADULT_PLAN if ADULT_PLAN in plan_keys else plan_keys[0]


def due_after(step: PlannedStep, *, done_at: datetime, sessions: Sequence[Session], leaves_at: datetime | None = None) -> datetime:
    """When `step` is due (UTC) once the step it comes after was done at `done_at` (aware)."""
    return due_at(
        start=done_at,
        clock=step.clock,
        amount=step.amount,
        sessions=sessions,
        ceiling_minutes=step.ceiling_minutes,
        leaves_at=leaves_at,
    )


def rung_due(
    ladder: LadderSpec,
    rung: int,
    *,
    opened_at: datetime,
    sessions: Sequence[Session] = (),
    leaves_at: datetime | None = None,
) -> datetime:
    """When the time of rung `rung`, counted from 0, is over (UTC): then the next rung is asked.

    On the MINUTES clock the rungs are fixed. On the OPEN_MINUTES clock the first ends by the rule of `due_at`, and each
    further one takes as long again, at least 10 minutes and at most the distance in `ladder.rungs`. Past the last rung
    everybody is asked every `repeats_minutes`. Raises ValueError on a rung below 0.
    """
    if rung < 0:
        raise ValueError("The rungs of a ladder count from 0.")
    ends = _rung_ends(ladder, opened_at=opened_at, sessions=sessions, leaves_at=leaves_at)
    beyond = max(0, rung - len(ends) + 1)
    return ends[min(rung, len(ends) - 1)] + beyond * timedelta(minutes=ladder.repeats_minutes)


def ladder_of(step: PlanStep) -> LadderSpec | None:
    """The ladder of the step in which the alert is answered; None for every other step."""
    if step.kind != StepKind.ACKNOWLEDGE:
        return None
    return LadderSpec(clock=step.clock, rungs=step.rungs, repeats_minutes=step.repeats_minutes, ceiling_minutes=step.ceiling_minutes)


def _rung_ends(
    ladder: LadderSpec,
    *,
    opened_at: datetime,
    sessions: Sequence[Session],
    leaves_at: datetime | None,
) -> tuple[datetime, ...]:
    """The ends of the ladder's own rungs, each later than the one before."""
    start = due_at(start=opened_at, clock=Clock.MINUTES, amount=0)
    if ladder.clock == Clock.MINUTES:
        return tuple(start + timedelta(minutes=rung) for rung in ladder.rungs)
    first = due_at(
        start=opened_at,
        clock=ladder.clock,
        amount=ladder.rungs[0],
        sessions=sessions,
        ceiling_minutes=ladder.ceiling_minutes,
        leaves_at=leaves_at,
    )
    ends = [first]
    for before, rung in zip(ladder.rungs, ladder.rungs[1:], strict=False):
        ends.append(ends[-1] + min(max(first - start, LEAST_MINUTES), timedelta(minutes=rung - before)))
    return tuple(ends)


def _planned(step: PlanStep, plan: str, names: Mapping[str, str], opening: _Opening) -> PlannedStep:
    ladder = ladder_of(step)
    return PlannedStep(
        key=names[step.key],
        kind=step.kind,
        text=step.text,
        who=step.who,
        contact=_contact(step.contact, opening),
        due_at=None if step.after else _first_due(step, ladder, opening),
        after=names.get(step.after, ""),
        plan=plan,
        clock=step.clock,
        amount=step.amount,
        ceiling_minutes=step.ceiling_minutes,
        ladder=ladder,
    )


def _first_due(step: PlanStep, ladder: LadderSpec | None, opening: _Opening) -> datetime:
    if ladder:
        return rung_due(ladder, 0, opened_at=opening.at, sessions=opening.sessions, leaves_at=opening.leaves_at)
    return due_at(
        start=opening.at,
        clock=step.clock,
        amount=step.amount,
        sessions=opening.sessions,
        ceiling_minutes=step.ceiling_minutes,
        leaves_at=opening.leaves_at,
    )


def _contact(contact: ContactKey | Desk | None, opening: _Opening) -> ContactKey | None:
    """The one contact that answers at the opening: the council's own in office hours, otherwise one for any hour."""
    if not isinstance(contact, Desk):
        return contact
    first, *others = resolve(contact, opening.home_area)
    if not others or in_office_hours(opening.at):
        return first
    return next(other for other in others if other in ANY_HOUR)
