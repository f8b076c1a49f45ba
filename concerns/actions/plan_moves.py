"""Moving a running concern to the newest version of its plans: what they say differently is changed, the rest stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.entries import write_entry
from concerns.actions.escalation import add_planned, end_step, rung_over, who_does
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.next_due import set_next_due
from concerns.actions.overdue import UNDONE
from concerns.choices import EntryKind, StepKind, StepState, StepWho
from concerns.exceptions import Refused
from concerns.models import Concern, Entry, Step, User
from concerns.queries.escalation import author_who_may_know, in_order
from concerns.queries.plans import newer_plans, planned_steps
from concerns.queries.sessions import sessions_of
from concerns.rules.deadlines import Session
from concerns.rules.escalation import PlannedStep, due_after
from concerns.rules.moving import PRESSING_HAS, first_look

ALREADY = "This concern follows the newest plan already."
CHANGED = ["text", "contact_key", "key", "after", "clock", "amount", "ceiling_minutes", "due_at", "moves_at", "person", "who"]
A_MINUTE = timedelta(minutes=1)
Name = tuple[str, str]
"""A step's plan, and its key within that plan. Empty for what a referral runs: that keeps its time, whatever a plan says."""


@recorded
def move_to_newest_plan(*, by: User, concern_id: UUID, version: int, at: datetime) -> Entry:
    """Let a concern follow the newest version of its plans, from the moment at which its plans began.

    What is done stays done. A step that waits gets the new words, contact, person and time; one that the plan no longer has is
    cancelled; a new one is added. Raises Stale; Refused where there is nothing newer.
    """
    concern = lock_concern(by=by, permission=Permission.MOVE_PLAN, concern_id=concern_id, version=version)
    newer = newer_plans(concern)
    if not newer:
        raise Refused(ALREADY)
    began, sessions = _began(concern), sessions_of(concern.centre)
    before = _by_name(planned_steps(concern, sessions, at=began))
    concern.plan_versions = concern.plan_versions | {plan.key: plan.version for plan, _ in newer}
    after = _by_name(planned_steps(concern, sessions, at=began))
    move = _Move(concern=concern, began=began, sessions=sessions, before=before, after=after, at=at)
    _move_steps(move)
    text = "\n".join(f"{plan.title}: from version {old} to version {plan.version}" for plan, old in newer)
    entry = write_entry(by=by, concern=concern, kind=EntryKind.PLAN_CHANGED, body={"text": text}, at=at, keyring=Keyring.of(concern))
    set_next_due(concern, at=at)
    save_concern(concern, "plan_versions")
    audit(by=by, verb="moved to the newest plan", subject=concern, at=at, plans=",".join(f"{plan.key} {plan.version}" for plan, _ in newer))
    return entry


@dataclass(frozen=True, kw_only=True)
class _Move:
    """What a move follows from: the steps that the plans asked for, and ask for now, counted from when they began."""

    concern: Concern
    began: datetime
    sessions: Sequence[Session]
    before: Mapping[Name, PlannedStep]
    after: Mapping[Name, PlannedStep]
    at: datetime


def _name(step: Step | PlannedStep) -> Name:
    return step.plan, step.key.removeprefix(f"{step.plan}.")


def _by_name(steps: tuple[PlannedStep, ...]) -> dict[Name, PlannedStep]:
    return {_name(step): step for step in steps}


def _began(concern: Concern) -> datetime:
    """When the plans of a concern began: the clock may have started again since, because nobody spoke to the reporter."""
    first = Step.objects.filter(concern=concern, plan__gt="", after="", rung=0, created_at__lte=concern.clock_started_at)
    latest: datetime | None = first.exclude(kind=StepKind.ACKNOWLEDGE).aggregate(latest=Max("created_at"))["latest"]
    return latest or concern.clock_started_at


def _move_steps(move: _Move) -> None:
    concern = move.concern
    free, author = in_order(concern, at=move.at), author_who_may_know(concern)
    steps = list(Step.objects.filter(concern=concern, created_at__gte=move.began).order_by("created_at", "rung"))
    there = {_name(step): step for step in steps}  # the last of each: a step that moved on is another row
    for name, step in there.items():
        step.concern = concern
        is_gone = step.plan in concern.plans and name not in move.after  # what a more serious level asked for stays
        if step.state == StepState.WAITING and is_gone and step.kind != StepKind.ACKNOWLEDGE:
            end_step(step, state=StepState.CANCELLED, by=None, at=move.at)
    added = {
        name: add_planned(concern, planned, free=free, author=author, at=move.began)
        for name, planned in move.after.items()
        if planned.kind != StepKind.ACKNOWLEDGE and name not in move.before and not _is_there(there.get(name))
    }
    there |= added
    for name, planned in move.after.items():
        if planned.kind == StepKind.ACKNOWLEDGE:
            _change_alert(move, steps, planned)
        elif (found := there.get(name)) is not None and found.state == StepState.WAITING:
            _change(move, found, planned, there, free=free, author=author)


def _is_there(step: Step | None) -> bool:
    """Whether a step waits, or was dealt with: one that was cancelled, because an older plan had it, comes again."""
    return step is not None and step.state != StepState.CANCELLED


def _change_alert(move: _Move, steps: list[Step], planned: PlannedStep) -> None:
    """The alert that waits: who was asked stays asked, for as long as the plan now says."""
    waiting = next((step for step in steps if step.kind == StepKind.ACKNOWLEDGE and step.state == StepState.WAITING), None)
    if waiting is None or planned.ladder is None:
        return
    over = rung_over(move.concern, planned.ladder, waiting.rung, sessions=move.sessions, at=waiting.created_at)
    waiting.text, waiting.key, waiting.plan = planned.text, planned.key, planned.plan
    waiting.due_at = waiting.moves_at = max(over, move.at + A_MINUTE)
    waiting.save(update_fields=["text", "key", "plan", "due_at", "moves_at"])


def _change(move: _Move, step: Step, planned: PlannedStep, there: Mapping[Name, Step], *, free: list[User], author: User | None) -> None:
    """Bring into a waiting step what the plan says differently by now."""
    old = move.before.get(_name(planned))
    if old is None or old.text != planned.text:
        is_reworded = old is not None and step.text != old.text
        step.text = UNDONE.format(text=planned.text[:1].lower() + planned.text[1:])[:300] if is_reworded else planned.text
    if old is None or old.contact != planned.contact:
        step.contact_key = planned.contact or ""
    step.key = planned.key
    if old is None or _timing(old) != _timing(planned):
        _time(move, step, planned, there)
    if old is None or old.who != planned.who or (step.due_at is None) != (step.person_id is None):
        _give(move, step, planned, free=free, author=author)
    step.save(update_fields=CHANGED)


def _timing(planned: PlannedStep) -> tuple[object, ...]:
    return planned.after, planned.clock, planned.amount, planned.ceiling_minutes


def _time(move: _Move, step: Step, planned: PlannedStep, there: Mapping[Name, Step]) -> None:
    """Count the time of a step from where the plan counts it; what is over by then is looked at soon, not at once."""
    step.after, step.clock, step.amount, step.ceiling_minutes = planned.after, planned.clock, planned.amount, planned.ceiling_minutes
    step.due_at = _due(move, planned, there)
    look = first_look(kind=StepKind(step.kind), who=StepWho(planned.who), due=step.due_at)
    step.moves_at = look if look is None or look > move.at else move.at + PRESSING_HAS


def _due(move: _Move, planned: PlannedStep, there: Mapping[Name, Step]) -> datetime | None:
    """When a step is due: from the beginning, or from when the step before it ended; None while that one is not done."""
    if not planned.after:
        return planned.due_at
    if planned.after == StepKind.ACKNOWLEDGE:
        done_at = move.concern.acknowledged_at
    else:
        before = there.get((planned.plan, planned.after.removeprefix(f"{planned.plan}."))) or there.get(("", planned.after))
        done_at = before.ended_at if before is not None else None
    return due_after(planned, done_at=done_at, sessions=move.sessions) if done_at else None


def _give(move: _Move, step: Step, planned: PlannedStep, *, free: list[User], author: User | None) -> None:
    """Give a step to whom the plan now names; nobody has it while it has no time."""
    person, who = who_does(move.concern, planned.who, free=free, author=author)
    step.person, step.who = (person if step.due_at else None), who
