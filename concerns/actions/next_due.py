"""When the steps of a concern are due: those that come after another start, and the concern carries the earliest time.

An open concern is never without one.
"""

from datetime import datetime

from concerns.actions.steps import add_step, in_working_days
from concerns.choices import Clock, StepKind, StepState, StepWho
from concerns.models import Concern, Step, User
from concerns.queries.escalation import author_who_may_know, holder_or_next
from concerns.queries.sessions import sessions_of
from concerns.rules.deadlines import due_at
from concerns.rules.moving import first_look

REVIEW_WORKING_DAYS = 5
REVIEW_TEXT = "Look at this concern again: plan what happens next, or close it"


def start_following(concern: Concern, *, done: str, holder: User, at: datetime) -> None:
    """Start the clocks of the steps that come after the step with the key `done`; `holder` is who has the concern now."""
    for step in Step.objects.filter(concern=concern, state=StepState.WAITING, after=done, due_at=None):
        _start(concern, step, holder=holder, at=at)


def _start(concern: Concern, step: Step, *, holder: User | None, at: datetime) -> None:
    author = author_who_may_know(concern) if step.who == StepWho.REPORTER else None
    step.person, step.who = author or holder, step.who if author or holder else StepWho.EVERYBODY
    step.due_at = due_at(
        start=at,
        clock=Clock(step.clock),
        amount=step.amount,
        sessions=sessions_of(concern.centre),
        ceiling_minutes=step.ceiling_minutes,
    )
    step.moves_at = first_look(kind=StepKind(step.kind), who=StepWho(step.who), due=step.due_at)
    step.save(update_fields=["person", "who", "due_at", "moves_at"])


def _start_what_waits_for_nothing(concern: Concern, *, at: datetime) -> list[datetime]:
    """Start the steps that come after one that does not wait any more, however that one ended: or they would wait for ever.

    Return when the waiting steps are due, those included.
    """
    waiting = Step.objects.filter(concern=concern, state=StepState.WAITING).order_by()
    rows = list(waiting.values_list("pk", "key", "after", "due_at"))
    keys, times = {key for _pk, key, _after, _due in rows}, [due for _pk, _key, _after, due in rows]
    for_nothing = [pk for pk, _key, after, due in rows if due is None and after not in keys]
    for step in waiting.filter(pk__in=for_nothing) if for_nothing else ():
        _start(concern, step, holder=holder_or_next(concern, at=at), at=at)
        times.append(step.due_at)
    return [due for due in times if due is not None]


def set_next_due(concern: Concern, *, at: datetime) -> None:
    """Store the earliest due time of the waiting steps; none of them waits for nothing. An open concern without one is given a review."""
    if not concern.is_open:
        concern.next_due_at = None
    else:
        times = _start_what_waits_for_nothing(concern, at=at)
        concern.next_due_at = min(times, default=None) or _add_review(concern, at=at).due_at
    concern.save(update_fields=["next_due_at"])


def _add_review(concern: Concern, *, at: datetime) -> Step:
    person = holder_or_next(concern, at=at)
    who, time = StepWho.HOLDER if person else StepWho.EVERYBODY, in_working_days(REVIEW_WORKING_DAYS, at=at)
    return add_step(concern, kind=StepKind.REVIEW, text=REVIEW_TEXT, at=at, who=who, person=person, **time)
