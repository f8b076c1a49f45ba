"""Deadlines: when something is due, on one of three clocks. Times go in and come out in UTC; the centre lives in London.

A working day is Monday to Friday without the bank holidays of England, which come from the kept library `holidays`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from concerns.choices import Clock

LONDON = ZoneInfo("Europe/London")
DEFAULT_CEILING_MINUTES = 120
OFFICE_OPENS, OFFICE_CLOSES = time(9), time(17)
ONE_DAY = timedelta(days=1)
END_OF_DAY = time.max
"""The end of a session that goes on until midnight: later than every other time of its day, as the database wants it."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A weekly session of the centre, in Europe/London wall time. `weekday` 0 is Monday.

    `ends` before `starts` means that it ends on the next day; END_OF_DAY is midnight. Raises ValueError on a
    weekday outside 0 to 6 and on a session without length.
    """

    weekday: int
    starts: time
    ends: time

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError("A session’s weekday goes from 0, Monday, to 6, Sunday.")
        if self.starts == self.ends:
            raise ValueError("A session must end after it starts.")

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Its start and end in UTC when it takes place on `day`. A wall time that comes twice means the first one."""
        if self.ends == END_OF_DAY:
            return _utc(day, self.starts), _utc(day + ONE_DAY, time(0))
        last_day = day if self.starts < self.ends else day + ONE_DAY
        return _utc(day, self.starts), _utc(last_day, self.ends)


def due_at(
    *,
    start: datetime,
    clock: Clock,
    amount: int,
    sessions: Sequence[Session] = (),
    ceiling_minutes: int | None = None,
    leaves_at: datetime | None = None,
) -> datetime:
    """When `amount` units of `clock` after `start` have passed, in UTC.

    MINUTES go by the wall clock. OPEN_MINUTES count while a session is on, and are never later than the end of the
    session in which they start, nor `ceiling_minutes` of wall clock, nor the moment at which the young person leaves
    (`start`, when that has passed); without sessions the ceiling holds, 120 minutes when none is given. WORKING_DAYS
    end at the same local time on the `amount`-th working day after the day of `start`; a start that is not on a
    working day makes it 17:00. `sessions`, `ceiling_minutes` and `leaves_at` matter to OPEN_MINUTES only.
    Raises ValueError on naive times and negative amounts.
    Source: Leicester Safeguarding Children Partnership procedures for the times; the centre for its sessions.
    """
    _check(start, amount, leaves_at)
    start = start.astimezone(UTC)
    if clock == Clock.MINUTES:
        return start + timedelta(minutes=amount)
    if clock == Clock.WORKING_DAYS:
        return _working_days_after(start, amount)
    return _open_minutes_after(start, amount, sessions, ceiling_minutes, leaves_at)


def is_working_day(day: date) -> bool:
    """Whether offices in England work on `day`."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def in_office_hours(at: datetime) -> bool:
    """Whether `at` (aware) falls on a working day of England from 9:00 until 17:00 in London."""
    local = at.astimezone(LONDON)
    return is_working_day(local.date()) and OFFICE_OPENS <= local.time() < OFFICE_CLOSES


def session_end(at: datetime, sessions: Sequence[Session]) -> datetime | None:
    """The end, in UTC, of the session that is on at `at` (aware); the first to end when several are; None when none is."""
    return min((end for begin, end in _occurrences(at, sessions, days=1) if begin <= at < end), default=None)


def _check(start: datetime, amount: int, leaves_at: datetime | None) -> None:
    if start.tzinfo is None or (leaves_at is not None and leaves_at.tzinfo is None):
        raise ValueError("A deadline needs times with a time zone.")
    if amount < 0:
        raise ValueError("A deadline cannot lie before its start.")


def _utc(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, LONDON).astimezone(UTC)


@lru_cache
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def _working_days_after(start: datetime, amount: int) -> datetime:
    if amount == 0:
        return start
    local = start.astimezone(LONDON)
    day, wall = local.date(), local.time() if is_working_day(local.date()) else OFFICE_CLOSES
    for _ in range(amount):
        day = _next_working_day(day)
    return _utc(day, wall)


def _next_working_day(day: date) -> date:
    day += ONE_DAY
    while not is_working_day(day):
        day += ONE_DAY
    return day


def _open_minutes_after(
    start: datetime,
    amount: int,
    sessions: Sequence[Session],
    ceiling_minutes: int | None,
    leaves_at: datetime | None,
) -> datetime:
    """The earliest of the limits that apply; a step is never due before it starts."""
    limits = [leaves_at.astimezone(UTC)] if leaves_at else []
    if not sessions and ceiling_minutes is None:
        ceiling_minutes = DEFAULT_CEILING_MINUTES
    if ceiling_minutes is not None:
        limits.append(start + timedelta(minutes=ceiling_minutes))
    if sessions:
        limits.append(_open_time_used(start, timedelta(minutes=amount), sessions))
        limits += [end for end in [session_end(start, sessions)] if end]
    return max(start, min(limits))


def _open_time_used(start: datetime, needed: timedelta, sessions: Sequence[Session]) -> datetime:
    """The moment at which the centre has been open for `needed` since `start`; minutes of overlapping sessions count once."""
    reached = start
    for begin, end in _occurrences(start, sessions):
        begin = max(begin, reached)
        if end <= begin:
            continue
        if end - begin >= needed:
            return begin + needed
        needed -= end - begin
        reached = end
    raise AssertionError("unreachable: sessions come back every week")


def _occurrences(start: datetime, sessions: Sequence[Session], days: int | None = None) -> Iterator[tuple[datetime, datetime]]:
    """The sessions that may still be on at `start`, and those of the `days` after it (without end: None), by their start."""
    day = start.astimezone(LONDON).date() - ONE_DAY
    last = None if days is None else day + timedelta(days=days)
    while last is None or day <= last:
        yield from sorted(session.on(day) for session in sessions if session.weekday == day.weekday())
        day += ONE_DAY
