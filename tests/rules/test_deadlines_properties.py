"""Deadlines against a slow second opinion that walks minute by minute, with both clock changes, leap days and holidays."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from concerns.choices import Clock
from concerns.rules.deadlines import Session, due_at, in_office_hours, is_working_day, session_end
from tests.rules import slow_clock
from tests.rules.slow_clock import MINUTE, to_utc

YEARS = (2024, 2025, 2026, 2028)  # two leap years; none with a royal occasion
EDGES = [slow_clock.last_sunday(year, month) for year in YEARS for month in (3, 10)]
EDGES += [date(year, 12, 24) for year in YEARS] + [date(2024, 2, 28), date(2028, 2, 28)]
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)

sessions_of_any_kind = st.lists(
    st.builds(
        lambda day, times: Session(weekday=day, starts=times[0], ends=times[1]),
        st.integers(0, 6),
        st.permutations(range(96)).map(lambda order: tuple(time(quarter // 4, 15 * (quarter % 4)) for quarter in order[:2])),
    ),
    max_size=3,
)


@st.composite
def moments(draw):
    """A whole minute, often within a day of a clock change, Christmas or a leap day."""
    day = draw(st.one_of(st.sampled_from(EDGES), st.dates(date(2024, 1, 1), date(2026, 12, 31))))
    return datetime.combine(day, time(), UTC) + draw(st.integers(-24 * 60, 48 * 60)) * MINUTE


def on_a_working_day(at):
    """The same time on the next day that offices work, or on this one."""
    while not slow_clock.works_on(slow_clock.to_wall(at).date()):
        at += timedelta(days=1)
    return at


@given(moments(), st.integers(0, 5000))
def test_minutes_go_by_the_wall_clock_alone(start, amount):
    assert due_at(start=start, clock=Clock.MINUTES, amount=amount) - start == amount * MINUTE


@settings(max_examples=50)  # the second opinion walks a week when it must
@given(
    moments(),
    st.integers(1, 180),
    sessions_of_any_kind.filter(bool),
    st.one_of(st.none(), st.integers(1, 300)),
    st.one_of(st.none(), st.integers(-60, 300)),
)
@example(to_utc(SPRING, time(0, 30)), 60, [Session(weekday=6, starts=time(0), ends=time(4))], None, None)
@example(to_utc(AUTUMN, time(0, 30)), 120, [Session(weekday=6, starts=time(0), ends=time(4))], None, None)
@example(to_utc(AUTUMN, time(0, 30)), 240, [Session(weekday=5, starts=time(22), ends=time(2))], None, None)
def test_open_minutes_agree_with_walking_minute_by_minute(start, amount, sessions, ceiling, leaves_after):
    leaves_at = None if leaves_after is None else start + leaves_after * MINUTE
    assume(all(end > begin for session in sessions for day in EDGES for begin, end in [session.on(day)]))

    due = due_at(start=start, clock=Clock.OPEN_MINUTES, amount=amount, sessions=sessions, ceiling_minutes=ceiling, leaves_at=leaves_at)

    assert due == slow_clock.open_minutes_due(start, amount, sessions, ceiling, leaves_at)


@given(moments(), st.integers(1, 180), sessions_of_any_kind, st.integers(1, 300), st.one_of(st.none(), moments()))
def test_open_minutes_are_never_later_than_any_limit(start, amount, sessions, ceiling, leaves_at):
    due = due_at(start=start, clock=Clock.OPEN_MINUTES, amount=amount, sessions=sessions, ceiling_minutes=ceiling, leaves_at=leaves_at)

    end = session_end(start, sessions)
    limits = [start + ceiling * MINUTE, *([end] if end else []), *([max(leaves_at, start)] if leaves_at else [])]
    assert start <= due <= min(limits)


@given(moments(), st.integers(0, 12))
def test_working_days_agree_with_walking_day_by_day(start, amount):
    assume(amount or slow_clock.works_on(slow_clock.to_wall(start).date()))

    assert due_at(start=start, clock=Clock.WORKING_DAYS, amount=amount) == slow_clock.working_days_due(start, amount)


@given(moments(), st.integers(1, 12))
def test_working_days_end_on_a_working_day(start, amount):
    due = due_at(start=start, clock=Clock.WORKING_DAYS, amount=amount)

    assert is_working_day(slow_clock.to_wall(due).date())


@given(moments().map(on_a_working_day), moments().map(on_a_working_day), st.integers(1, 5))
def test_later_start_on_a_working_day_is_never_due_earlier(one, other, amount):
    dues = [due_at(start=start, clock=Clock.WORKING_DAYS, amount=amount) for start in sorted([one, other])]

    assert dues == sorted(dues)


@given(moments(), sessions_of_any_kind)
def test_session_that_is_on_ends_later(at, sessions):
    end = session_end(at, sessions)

    assert (end is not None) == slow_clock.is_open(at, sessions)
    assert end is None or at < end <= at + timedelta(hours=25)


@given(moments())
def test_office_hours_are_nine_to_five_on_working_days(at):
    wall = slow_clock.to_wall(at)

    assert in_office_hours(at) == (slow_clock.works_on(wall.date()) and time(9) <= wall.time() < time(17))


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_working_days_know_the_bank_holidays_of_england(day):
    assert is_working_day(day) == slow_clock.works_on(day)
