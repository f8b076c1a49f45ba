"""What somebody is told once a day, because it is not urgent: references, times and links; no name, no category, no free text."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from concerns.access.scopes import visible_concerns
from concerns.choices import StepKind, StepState
from concerns.models import Centre, Step, User
from concerns.queries.drills import DUE, drill_is_due
from concerns.queries.rota import gaps_ahead
from concerns.queries.unsent import dead_letters
from concerns.rules.deadlines import LONDON
from concerns.rules.words import due_words

MOST = 40
GAPS = "In the next two weeks there are sessions in which nobody is on duty, or nobody deputises."
UNSENT = "Some mails could not be sent. Look at “Mails that did not leave”."


def digest_lines(user: User, centre: Centre, *, at: datetime) -> list[tuple[str, str]]:
    """Return pairs of words and path: the person's steps that are late or due by the end of today, then what the centre must mend.

    Only concerns that they may see at this moment count, and no drill.
    """
    lines = [
        (f"{step.concern.reference}: due {due_words(step.due_at, at=at)}", f"/concerns/{step.concern_id}/")
        for step in steps_today(user, centre, at=at)
        if step.due_at is not None
    ]
    if dead_letters(user, centre):
        lines.append((UNSENT, "/unsent/"))
    if at.astimezone(LONDON).weekday() == 0:  # once a week is often enough
        lines += [(GAPS, "/rota/")] if gaps_ahead(centre, at=at) else []
        lines += [(DUE, "/drills/")] if drill_is_due(centre, at=at) else []
    return lines


def steps_today(user: User, centre: Centre, *, at: datetime) -> list[Step]:
    """Return the waiting steps of the person that are late or due by midnight here: emergencies first, then the latest (one query)."""
    midnight = (at.astimezone(LONDON) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    seen = visible_concerns(user).filter(centre=centre, is_drill=False)
    steps = Step.objects.filter(person=user, state=StepState.WAITING, due_at__lt=midnight, concern__in=seen.values("pk"))
    return list(steps.exclude(kind=StepKind.ACKNOWLEDGE).select_related("concern").order_by("lane", "due_at")[:MOST])


@dataclass(frozen=True, kw_only=True)
class MyStep:
    """Something that is due today or late, in words."""

    concern_id: UUID
    reference: str
    text: str
    due: str
    is_late: bool


def my_steps(user: User, centre: Centre, *, at: datetime) -> list[MyStep]:
    """Return what the person has to do today: emergencies first, then the latest."""
    return [
        MyStep(
            concern_id=step.concern_id,
            reference=step.concern.reference,
            text=step.text,
            due=due_words(step.due_at, at=at),
            is_late=step.due_at < at,
        )
        for step in steps_today(user, centre, at=at)
        if step.due_at is not None
    ]
