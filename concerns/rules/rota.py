"""The duty rota: which sessions take place, who is on duty and who deputises in each, and where somebody is missing. Pure.

Source: a lead or deputy must be reachable whenever the centre is open; a rota with gaps is a fault to show.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from concerns.choices import DutySlot
from concerns.rules.deadlines import LONDON, Session

WRONG_WAY_ROUND = (
    "A session must end after it starts, on the same day. Write one that goes past midnight as two: one until midnight, and one from "
    "00:00 on the next day"
)
FURTHEST_AHEAD = timedelta(days=2 * 366)


@dataclass(frozen=True, kw_only=True)
class DutyRow:
    """Somebody's duty in a session, each week, or on one date alone (`only_on`, the day on which the session starts).

    `user_id` None: nobody, on that date.
    """

    session_id: UUID
    slot: DutySlot
    user_id: UUID | None
    only_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Away:
    """Somebody's leave: from the first day to the last, both included, in Europe/London."""

    user_id: UUID
    first_on: date
    last_on: date

    def covers(self, day: date) -> bool:
        """Whether they are away on this day."""
        return self.first_on <= day <= self.last_on


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One session on one day. Times are UTC; `on` is the local day on which it starts; `people` are those free, by slot."""

    session_id: UUID
    on: date
    starts: datetime
    ends: datetime
    people: Mapping[DutySlot, UUID | None]

    @property
    def missing(self) -> tuple[DutySlot, ...]:
        """The slots in which nobody is."""
        return tuple(slot for slot in DutySlot if self.people[slot] is None)


@dataclass(frozen=True, kw_only=True)
class Rota:
    """Everything that a rota follows from. `able` are those who may be asked: enabled, and in a role that answers alerts."""

    sessions: Mapping[UUID, Session]
    duties: Sequence[DutyRow]
    leave: Sequence[Away]
    able: frozenset[UUID]


def is_away(leave: Iterable[Away], user_id: UUID, *, on: date) -> bool:
    """Whether somebody is on leave on a day."""
    return any(away.user_id == user_id and away.covers(on) for away in leave)


def can_change(on: date, *, weekday: int, today: date) -> bool:
    """Whether something can be said for a session of that weekday on one date: it takes place then, today or within two years."""
    return on.weekday() == weekday and today <= on <= today + FURTHEST_AHEAD


def occurrences(rota: Rota, *, first_on: date, days: int) -> tuple[Occurrence, ...]:
    """Return the sessions that start on `first_on` or one of the `days` - 1 days after it, in the order in which they start."""
    found = [
        _occurrence(rota, session_id, session, on=day)
        for day in (first_on + timedelta(days=number) for number in range(days))
        for session_id, session in rota.sessions.items()
        if session.weekday == day.weekday()
    ]
    return tuple(sorted(found, key=lambda occurrence: (occurrence.starts, str(occurrence.session_id))))


def on_at(rota: Rota, *, at: datetime) -> tuple[Occurrence, ...]:
    """Return the sessions that are on at `at` (aware): more than one where they overlap, none outside."""
    today = at.astimezone(LONDON).date()
    near = occurrences(rota, first_on=today - timedelta(days=1), days=2)
    return tuple(occurrence for occurrence in near if occurrence.starts <= at < occurrence.ends)


def next_after(rota: Rota, *, at: datetime) -> Occurrence | None:
    """Return the next session that starts after `at` (aware) within a week, or None."""
    today = at.astimezone(LONDON).date()
    return next((occurrence for occurrence in occurrences(rota, first_on=today, days=8) if occurrence.starts > at), None)


def gaps(rota: Rota, *, at: datetime, days: int = 14) -> tuple[Occurrence, ...]:
    """Return the sessions of the next days, from the one that is on, in which nobody is on duty or nobody deputises."""
    coming = occurrences(rota, first_on=at.astimezone(LONDON).date(), days=days)
    return tuple(occurrence for occurrence in coming if occurrence.ends > at and occurrence.missing)


def _occurrence(rota: Rota, session_id: UUID, session: Session, *, on: date) -> Occurrence:
    starts, ends = session.on(on)
    people = {slot: _free(rota, _who(rota, session_id, slot, on=on), on=on) for slot in DutySlot}
    return Occurrence(session_id=session_id, on=on, starts=starts, ends=ends, people=people)


def _who(rota: Rota, session_id: UUID, slot: DutySlot, *, on: date) -> UUID | None:
    """Who is down for it: what was said for that date, else for every week."""
    rows = [row for row in rota.duties if row.session_id == session_id and row.slot == slot]
    dated = [row for row in rows if row.only_on == on]
    weekly = [row for row in rows if row.only_on is None]
    return next((row.user_id for row in [*dated, *weekly]), None)


def _free(rota: Rota, user_id: UUID | None, *, on: date) -> UUID | None:
    return user_id if user_id in rota.able and user_id is not None and not is_away(rota.leave, user_id, on=on) else None
