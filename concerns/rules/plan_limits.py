"""What a plan of a centre may say: faster than the local procedures ask for, never slower, and never without what they insist on.

`check_plan` says what any plan is; this is asked when one is changed, so that a version kept before is read as it was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from concerns.choices import Clock, ContactKey, PlanKey, StepKind, StepWho
from concerns.rules.desks import Desk
from concerns.rules.plans import ACKNOWLEDGE, Plan, PlanError, PlanStep, check_plan

UNPLANNED = (
    ACKNOWLEDGE,
    StepKind.READ_ADDENDUM,
    StepKind.SECOND_PERSON,
    StepKind.READ_DISAGREEMENT,
    StepKind.ACCEPT_HANDOVER,
    StepKind.CHECK_HOLDER,
)
PLANNED_KINDS = tuple(kind for kind in StepKind if kind not in UNPLANNED)
"""What a step of a plan may ask for. The others come from what people do to a concern."""
PLANNED_WHO = (StepWho.REPORTER, StepWho.HOLDER)
MOST_STEPS, MOST_RUNGS = 30, 10
LONGEST_TEXT, LONGEST_KEY = 300, 25
MOST: Mapping[Clock, int] = {Clock.MINUTES: 14 * 24 * 60, Clock.OPEN_MINUTES: 24 * 60, Clock.WORKING_DAYS: 60}
WALL_CEILING_MINUTES = 120


@dataclass(frozen=True, kw_only=True)
class Must:
    """A step that a plan must keep: of this kind, by this person, within this time, counted from one of the steps in `after`, in which
    "" is the moment at which a concern is recorded; with this contact, where one is given.
    """

    kind: StepKind
    who: StepWho
    clock: Clock
    most: int
    words: str
    contact: ContactKey | Desk | None = None
    after: tuple[str, ...] = ("",)

    def is_kept_by(self, step: PlanStep) -> bool:
        """Whether `step` is this one, in time."""
        same = (step.kind, step.who) == (self.kind, self.who) and step.after in self.after
        return same and self.contact in (None, step.contact) and step.clock == self.clock and step.amount <= self.most


# Sources: Leicester Safeguarding Children Partnership procedures for who is rung, asked and told, and within what time.
RUNG_LIMITS: Mapping[str, tuple[Clock, int]] = {
    PlanKey.EMERGENCY: (Clock.MINUTES, 10),
    PlanKey.URGENT: (Clock.MINUTES, 10),
    PlanKey.PROMPT: (Clock.OPEN_MINUTES, 60),
    PlanKey.ADULT: (Clock.MINUTES, 30),
}
_RING_999 = Must(
    kind=StepKind.RING,
    who=StepWho.REPORTER,
    clock=Clock.MINUTES,
    most=0,
    contact=ContactKey.POLICE_EMERGENCY,
    words="in which the person who recorded it rings 999 at once",
)
_RING_DESK = Must(
    kind=StepKind.RING,
    who=StepWho.REPORTER,
    clock=Clock.MINUTES,
    most=10,
    contact=Desk.DUTY_DESK,
    words="in which the person who recorded it rings the duty desk within 10 minutes",
)
_SPEAK = Must(
    kind=StepKind.SPEAK_TO_REPORTER,
    who=StepWho.HOLDER,
    clock=Clock.MINUTES,
    most=30,
    after=(ACKNOWLEDGE,),
    words="in which the lead speaks to the person who recorded it, within 30 minutes of answering",
)
_LADO = Must(
    kind=StepKind.LADO,
    who=StepWho.HOLDER,
    clock=Clock.WORKING_DAYS,
    most=1,
    contact=Desk.LADO,
    words="in which the LADO is told within 1 working day",
)
_WRITE = Must(
    kind=StepKind.WRITE_FOLLOW_UP,
    who=StepWho.HOLDER,
    clock=Clock.MINUTES,
    most=24 * 60,
    contact=Desk.DUTY_DESK,
    words="in which the lead writes to the duty desk within 24 hours",
)
_DECISION = Must(
    kind=StepKind.COUNCIL_DECISION,
    who=StepWho.HOLDER,
    clock=Clock.WORKING_DAYS,
    most=1,
    after=("", "follow_up"),
    words="in which the lead hears what the council decided, within 1 working day of writing",
)
_CHASE = Must(
    kind=StepKind.CHASE,
    who=StepWho.HOLDER,
    clock=Clock.WORKING_DAYS,
    most=3,
    after=("", "follow_up"),
    words="in which the lead chases the council within 3 working days of writing",
)
_DISAGREE = Must(
    kind=StepKind.DISAGREE,
    who=StepWho.HOLDER,
    clock=Clock.WORKING_DAYS,
    most=1,
    after=("", "follow_up", "chase"),
    words="in which the lead goes up the disagreement ladder, within 1 working day of chasing",
)
_COUNCIL = (_WRITE, _DECISION, _CHASE, _DISAGREE)
ASKED_MEANWHILE = frozenset({ContactKey.POLICE_EMERGENCY, Desk.DUTY_DESK, Desk.LADO})
"""Whom somebody may be told to ring until the alert is answered: who can act at once."""
MUSTS: Mapping[str, tuple[Must, ...]] = {
    PlanKey.EMERGENCY: (_RING_999, _RING_DESK, _SPEAK, *_COUNCIL),
    PlanKey.URGENT: (_RING_DESK, _SPEAK, *_COUNCIL),
    PlanKey.PROMPT: (_SPEAK,),
    PlanKey.ADULT: (_LADO,),
}


def check_change(plan: Plan) -> None:
    """Raises PlanError with the first thing for which `plan` may not come into use."""
    check_plan(plan)
    for wrong in limits_broken(plan):
        raise PlanError(wrong)


def limits_broken(plan: Plan) -> Iterator[str]:
    """Everything in a plan that can be read, but may not be used: sentences for an administrator."""
    if len(plan.steps) > MOST_STEPS:
        yield f"A plan can have {MOST_STEPS} steps at most."
    for step in plan.steps:
        yield from _ladder_broken(plan, step) if step.key == ACKNOWLEDGE else _step_broken(step)
    for must in MUSTS.get(plan.key, ()):
        if not any(must.is_kept_by(step) for step in plan.steps):
            yield f"The plan “{plan.title}” must keep a step {must.words}."


def _step_broken(step: PlanStep) -> Iterator[str]:
    yield from _text_broken(step)
    if step.kind not in PLANNED_KINDS or step.who not in PLANNED_WHO:
        yield f"The step “{step.text}” asks for something that no plan can ask for."
    if step.amount > MOST[step.clock]:
        yield f"The step “{step.text}” is too far away: {MOST[step.clock]} {step.clock.label} at most."


def _text_broken(step: PlanStep) -> Iterator[str]:
    if not step.text.strip() or len(step.text) > LONGEST_TEXT:
        yield f"Say what is to be done in each step, in {LONGEST_TEXT} characters at most."
    if len(step.key) > LONGEST_KEY:
        yield f"The name “{step.key}” of a step is too long."


def _ladder_broken(plan: Plan, step: PlanStep) -> Iterator[str]:
    yield from _text_broken(step)
    if step.who != StepWho.LADDER or len(step.rungs) > MOST_RUNGS:
        yield f"The alert of “{plan.title}” must go to the people on the list, {MOST_RUNGS} times at most before everybody is asked."
    if step.contact not in ASKED_MEANWHILE:
        yield f"Until somebody answers the alert of “{plan.title}”, 999, the duty desk or the LADO must be rung."
    clock, most = RUNG_LIMITS.get(plan.key, (step.clock, step.amount))
    if step.clock != clock:
        yield f"The time to answer an alert of “{plan.title}” is counted in {clock.label}."
    gaps = [rung - before for before, rung in zip((0, *step.rungs), step.rungs, strict=False)]
    if any(gap > most for gap in gaps):
        yield f"In “{plan.title}” nobody may be given more than {most} {clock.label} to answer. Less is allowed."
    if step.repeats_minutes > most:
        yield f"In “{plan.title}” everybody is asked again at least every {most} minutes. More often is allowed."
    if clock == Clock.OPEN_MINUTES and not 0 < (step.ceiling_minutes or 0) <= WALL_CEILING_MINUTES:
        yield f"In “{plan.title}” the time to answer is never later than {WALL_CEILING_MINUTES} minutes by the wall clock."
