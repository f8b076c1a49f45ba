"""A second, slow opinion on deadlines: it walks minute by minute, and knows the clock changes by their rule alone.

It shares no code with the rules: no zone data, no holiday library.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@cache
def last_sunday(year, month):
    day = date(year, month + 1, 1) - DAY
    return day - timedelta(days=(day.weekday() + 1) % 7)


def to_utc(day, wall):
    """London wall time to UTC: summer time from the last Sunday of March, 1:00 UTC, to that of October, 1:00 UTC."""
    local = datetime.combine(day, wall)
    begins = datetime.combine(last_sunday(local.year, 3), datetime.min.time()) + 2 * HOUR
    ends = datetime.combine(last_sunday(local.year, 10), datetime.min.time()) + 2 * HOUR
    return (local - HOUR if begins <= local < ends else local).replace(tzinfo=UTC)


def to_wall(at):
    """UTC to London wall time, naive."""
    local = at.replace(tzinfo=None)
    begins, ends = (datetime.combine(last_sunday(local.year, month), datetime.min.time()) + HOUR for month in (3, 10))
    return local + HOUR if begins <= local < ends else local


def times_of(session, at):
    """The start and end of the session on the days around `at`."""
    days = [to_wall(at).date() + offset * DAY for offset in (-1, 0)]
    for day in days:
        if day.weekday() == session.weekday:
            yield to_utc(day, session.starts), to_utc(day if session.starts < session.ends else day + DAY, session.ends)


def is_open(at, sessions):
    return any(begin <= at < end for session in sessions for begin, end in times_of(session, at))


def open_minutes_due(start, amount, sessions, ceiling_minutes, leaves_at):
    """Walk from `start` until the first reason to stop."""
    ends = [end for session in sessions for begin, end in times_of(session, start) if begin <= start < end]
    at, used = start, 0
    while not (
        (used == amount and (amount or is_open(at, sessions)))
        or (ceiling_minutes is not None and at - start >= ceiling_minutes * MINUTE)
        or (leaves_at is not None and at >= leaves_at)
        or (ends and at >= min(ends))
    ):
        used += is_open(at, sessions)
        at += MINUTE
    return at


def easter(year):
    """The date of Easter, after Gauss and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year):
    """The bank holidays of England in a year without a royal occasion."""
    first_may = next(date(year, 5, day) for day in range(1, 8) if date(year, 5, day).weekday() == 0)
    last_may = next(date(year, 5, day) for day in range(31, 24, -1) if date(year, 5, day).weekday() == 0)
    last_august = next(date(year, 8, day) for day in range(31, 24, -1) if date(year, 8, day).weekday() == 0)
    found = {easter(year) - 2 * DAY, easter(year) + DAY, first_may, last_may, last_august}
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = fixed
        while day.weekday() >= 5 or day in found:
            day += DAY
        found |= {day, fixed}
    return found


def works_on(day):
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def working_days_due(start, amount):
    """Walk from day to day."""
    wall = to_wall(start)
    day, left = wall.date(), amount
    while left:
        day += DAY
        left -= works_on(day)
    time = wall.time() if works_on(wall.date()) else datetime(2000, 1, 1, 17).time()
    return to_utc(day, time)
