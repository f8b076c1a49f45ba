"""A reporter's own concerns: who has each, and in which state it is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from concerns.access.scopes import frozen_concerns, own_concerns
from concerns.choices import Level, Status
from concerns.models import Concern, User
from concerns.rules.words import when_words


@dataclass(frozen=True, kw_only=True)
class MyConcern:
    """One concern that the person recorded, in words. A frozen one says nothing but that it was recorded."""

    id: UUID
    reference: str
    logged: str
    state: str
    level: str
    tone: str
    is_frozen: bool = False


def state_words(concern: Concern) -> str:
    """Return who has the concern and in which state it is: never that somebody was "alerted"."""
    if concern.is_disposed:
        return "Disposed of"
    if concern.status == Status.CLOSED:
        return "Closed"
    if concern.acknowledged_at is None:
        return "Nobody has answered yet"
    holder = f"{concern.lead.name} has it" if concern.lead else "Nobody has it at the moment"
    return f"{holder}: {concern.get_status_display().lower()}"


def my_concerns(user: User, *, at: datetime, limit: int = 50) -> list[MyConcern]:
    """Return the person's own concerns, newest first (two queries)."""
    own = [_line(concern, at=at) for concern in own_concerns(user).filter(is_drill=False).select_related("lead")[:limit]]
    frozen = [
        MyConcern(
            id=row.pk, reference=row.reference, logged=when_words(row.logged_at, at=at), state="", level="", tone="grey", is_frozen=True
        )
        for row in frozen_concerns(user)[:limit]
    ]
    return own + frozen


def _line(concern: Concern, *, at: datetime) -> MyConcern:
    waiting = concern.is_open and concern.acknowledged_at is None
    return MyConcern(
        id=concern.pk,
        reference=concern.reference,
        logged=when_words(concern.logged_at, at=at),
        state=state_words(concern),
        level=Level(concern.level).label,
        tone="red" if waiting else "teal",
    )
