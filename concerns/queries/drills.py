"""Drills: those that were run, timed by rung, and whether one is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from concerns.access.scopes import visible_concerns
from concerns.access.standing import ANSWERING, grants_in_force
from concerns.choices import ASKING, DrillEnd, Level, Status, StepKind, StepState
from concerns.models import Centre, Concern, Drill, Message, Step, User
from concerns.queries.ladder import free_people
from concerns.rules.levels import PRESSING
from concerns.rules.words import when_words

EVERY = timedelta(days=30)
SHOWN = 12
DUE = "No drill has been run in the last month. Run one, and ring every number that your plans name."


@dataclass(frozen=True, kw_only=True)
class RungLine:
    """One person, or everybody, who was asked in a drill: how long each thing took, in words."""

    who: str
    asked: str
    mail: str
    opened: str
    result: str


@dataclass(frozen=True, kw_only=True)
class DrillReport:
    """One drill in words."""

    id: UUID
    concern_id: UUID
    level: str
    started: str
    by: str
    result: str
    is_running: bool
    rungs: tuple[RungLine, ...]


def is_stopped_by_a_real_alert(drill: Concern) -> bool:
    """Whether a real alert waits about which each can be asked who may learn of the drill's end, but for administrators.

    Those are who started the drill and everybody who can be asked in it. Else its end would betray to one of them what is hidden.
    """
    waiting = Concern.objects.unacknowledged().filter(centre=drill.centre_id, is_drill=False, level__in=PRESSING)
    people = {user.pk for user in free_people(drill)}
    if grants_in_force().filter(user=drill.logged_by_id, centre=drill.centre_id, role__in=ANSWERING).exists():
        people.add(drill.logged_by_id)
    return any(people <= {real.logged_by_id, *(user.pk for user in free_people(real))} for real in waiting.select_related("centre"))


def waits_for(user: User, centre: Centre) -> bool:
    """Whether an emergency or urgent concern, no drill, waits for an answer that the person may see: of another one they learn nothing."""
    waiting = Concern.objects.unacknowledged().filter(is_drill=False, level__in=PRESSING)
    return visible_concerns(user).filter(pk__in=waiting.values("pk"), centre=centre).exists()


def running_drill(user: User) -> Concern | None:
    """Return the practice concern of a drill that is running, where the person is one who may answer it."""
    return visible_concerns(user).filter(is_drill=True).exclude(status=Status.CLOSED).first()


def drill_is_due(centre: Centre, *, at: datetime) -> bool:
    """Whether no drill was started in the last 30 days."""
    return not Drill.objects.filter(centre=centre, started_at__gt=at - EVERY).exists()


def drill_reports(centre: Centre, *, at: datetime) -> list[DrillReport]:
    """Return the last drills of a centre, newest first (three queries, however many). They say nothing of real concerns."""
    drills = list(Drill.objects.filter(centre=centre).select_related("concern__acknowledged_by", "started_by")[:SHOWN])
    concerns = [drill.concern_id for drill in drills]
    steps = list(Step.objects.filter(concern__in=concerns, kind=StepKind.ACKNOWLEDGE).select_related("person", "ended_by").order_by("rung"))
    messages = list(Message.objects.filter(concern__in=concerns, kind__in=ASKING).order_by("queued_at"))
    return [_report(drill, [row for row in steps if row.concern_id == drill.concern_id], messages, at=at) for drill in drills]


def _report(drill: Drill, steps: list[Step], messages: list[Message], *, at: datetime) -> DrillReport:
    concern = drill.concern
    return DrillReport(
        id=drill.pk,
        concern_id=concern.pk,
        level=Level(concern.level).label,
        started=when_words(drill.started_at, at=at),
        by=drill.started_by.name,
        result=_result(drill),
        is_running=drill.ended_at is None,
        rungs=tuple(_rung(drill, step, [row for row in messages if row.key.startswith(str(step.pk))]) for step in steps),
    )


def _result(drill: Drill) -> str:
    concern = drill.concern
    if drill.ended_why == DrillEnd.ANSWERED and concern.acknowledged_at:
        return f"{concern.acknowledged_by} answered after {_after(drill, concern.acknowledged_at)}"
    return str(DrillEnd.ENDED.label) if drill.ended_at else "Running: nobody has answered yet"


def _rung(drill: Drill, step: Step, messages: list[Message]) -> RungLine:
    sent, opened = [row.sent_at for row in messages if row.sent_at], [row.opened_at for row in messages if row.opened_at]
    return RungLine(
        who=step.person.name if step.person else "Everybody who is free",
        asked=_after(drill, step.created_at),
        mail=_after(drill, min(sent)) if sent else "not sent",
        opened=_after(drill, min(opened)) if opened else "not opened",
        result=_outcome(step),
    )


def _outcome(step: Step) -> str:
    """What came of a rung. An answer stands at the rung that was running, whoever gave it: it says by name who did."""
    if step.state == StepState.DONE:
        return "answered" if step.ended_by == step.person else f"{step.ended_by} answered"
    return {StepState.WAITING: "no answer yet", StepState.LAPSED: "no answer in time"}.get(StepState(step.state), "no answer")


def _after(drill: Drill, moment: datetime) -> str:
    """How long after the start, in minutes and seconds: "1 min 5 s"."""
    seconds = max(int((moment - drill.started_at).total_seconds()), 0)
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"
