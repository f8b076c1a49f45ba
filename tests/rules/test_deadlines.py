"""Deadlines in the cases a centre meets: two evenings a week, Fridays, Christmas and the two clock changes."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from concerns.choices import Clock
from concerns.rules.deadlines import END_OF_DAY, LONDON, Session, due_at, in_office_hours, is_working_day, session_end

TUESDAY = Session(weekday=1, starts=time(18), ends=time(21))
THURSDAY = Session(weekday=3, starts=time(18), ends=time(21))
CLUB = (TUESDAY, THURSDAY)


def london(*parts):
    """A London wall time as UTC."""
    return datetime(*parts, tzinfo=LONDON).astimezone(UTC)


def due_open(start, *, amount=60, sessions=CLUB, ceiling_minutes=120, leaves_at=None):
    return due_at(
        start=start, clock=Clock.OPEN_MINUTES, amount=amount, sessions=sessions, ceiling_minutes=ceiling_minutes, leaves_at=leaves_at
    )


def due_working(start, amount):
    return due_at(start=start, clock=Clock.WORKING_DAYS, amount=amount)


def test_early_in_a_session_sixty_open_minutes_count():
    assert due_open(london(2026, 11, 24, 18, 30)) == london(2026, 11, 24, 19, 30)


def test_late_in_a_session_its_end_counts():
    assert due_open(london(2026, 11, 24, 20, 30)) == london(2026, 11, 24, 21)


def test_after_the_last_session_two_hours_count_and_not_next_week():
    assert due_open(london(2026, 11, 26, 21, 5)) == london(2026, 11, 26, 23, 5)


def test_before_a_session_open_minutes_start_with_it():
    assert due_open(london(2026, 11, 24, 17, 30), ceiling_minutes=None) == london(2026, 11, 24, 19)


def test_before_a_session_the_ceiling_still_holds():
    assert due_open(london(2026, 11, 24, 16, 30)) == london(2026, 11, 24, 18, 30)


def test_without_a_ceiling_open_minutes_reach_into_the_next_session():
    assert due_open(london(2026, 11, 25, 12), amount=200, ceiling_minutes=None) == london(2026, 12, 1, 18, 20)


def test_young_person_leaving_soon_brings_it_forward():
    leaves_at = london(2026, 11, 24, 18, 45)

    assert due_open(london(2026, 11, 24, 18, 30), leaves_at=leaves_at) == leaves_at


def test_young_person_leaving_later_changes_nothing():
    assert due_open(london(2026, 11, 24, 18, 30), leaves_at=london(2026, 11, 24, 20)) == london(2026, 11, 24, 19, 30)


def test_young_person_who_has_left_makes_it_due_at_once():
    start = london(2026, 11, 24, 18, 30)

    assert due_open(start, leaves_at=start - timedelta(minutes=1)) == start


@pytest.mark.parametrize(("ceiling", "minutes"), [(None, 120), (45, 45)])
def test_without_any_session_the_ceiling_holds(ceiling, minutes):
    start = london(2026, 11, 24, 18, 30)

    assert due_open(start, sessions=(), ceiling_minutes=ceiling) == start + timedelta(minutes=minutes)


def test_sessions_back_to_back_end_one_by_one():
    juniors = Session(weekday=1, starts=time(16), ends=time(18))

    assert due_open(london(2026, 11, 24, 17, 40), sessions=(juniors, TUESDAY)) == london(2026, 11, 24, 18)


def test_overlapping_sessions_count_each_minute_once():
    early, late = Session(weekday=1, starts=time(18), ends=time(19)), Session(weekday=1, starts=time(18, 30), ends=time(21))

    assert due_open(london(2026, 11, 24, 17), amount=90, sessions=(late, early), ceiling_minutes=None) == london(2026, 11, 24, 19, 30)


def test_session_over_midnight_ends_on_the_next_day():
    sleepover = Session(weekday=4, starts=time(20), ends=time(8))

    assert session_end(london(2026, 11, 28, 1), [sleepover]) == london(2026, 11, 28, 8)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25), date(2026, 11, 17)])
def test_session_until_the_end_of_the_day_ends_at_midnight_also_when_the_clocks_change(day):
    _starts, ends = Session(weekday=day.weekday(), starts=time(19), ends=END_OF_DAY).on(day)

    assert ends.astimezone(LONDON).replace(tzinfo=None) == datetime.combine(day + timedelta(days=1), time(0))


def test_session_on_sunday_night_reaches_into_monday():
    late = Session(weekday=6, starts=time(23), ends=time(1))

    assert session_end(london(2026, 11, 30, 0, 30), [late]) == london(2026, 11, 30, 1)


def test_session_has_ended_at_its_end():
    assert session_end(london(2026, 11, 24, 21), CLUB) is None


def test_open_minutes_in_the_spring_night_lose_no_minute():
    night = Session(weekday=5, starts=time(22), ends=time(8))

    assert due_open(london(2026, 3, 29, 0, 30), sessions=[night]) == london(2026, 3, 29, 2, 30)


def test_open_minutes_in_the_autumn_night_count_the_hour_that_comes_twice():
    night = Session(weekday=5, starts=time(22), ends=time(8))

    assert due_open(london(2026, 10, 25, 0, 30), amount=90, sessions=[night]) == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ((2026, 11, 23, 19, 20), 1, (2026, 11, 24, 19, 20)),
        ((2026, 11, 27, 19, 20), 1, (2026, 11, 30, 19, 20)),
        ((2026, 11, 28, 10, 0), 1, (2026, 11, 30, 17, 0)),
        ((2026, 11, 29, 23, 59), 1, (2026, 11, 30, 17, 0)),
        ((2026, 11, 28, 10, 0), 3, (2026, 12, 2, 17, 0)),
        ((2026, 12, 24, 19, 0), 1, (2026, 12, 29, 19, 0)),
        ((2026, 12, 25, 12, 0), 1, (2026, 12, 29, 17, 0)),
        ((2026, 12, 31, 9, 0), 1, (2027, 1, 4, 9, 0)),
        ((2026, 4, 2, 15, 0), 1, (2026, 4, 7, 15, 0)),
        ((2026, 3, 27, 18, 0), 1, (2026, 3, 30, 18, 0)),
        ((2026, 10, 23, 18, 0), 1, (2026, 10, 26, 18, 0)),
        ((2028, 2, 28, 9, 0), 1, (2028, 2, 29, 9, 0)),
        ((2026, 11, 24, 9, 0), 0, (2026, 11, 24, 9, 0)),
    ],
)
def test_working_days_keep_the_local_time_and_skip_weekends_and_holidays(start, amount, due):
    assert due_working(london(*start), amount) == london(*due)


@pytest.mark.parametrize("day", [date(2026, 12, 28), date(2026, 8, 31), date(2026, 5, 4), date(2026, 4, 3)])
def test_bank_holiday_of_england_is_no_working_day(day):
    assert not is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 3, 17), date(2026, 11, 30), date(2026, 8, 3), date(2026, 1, 2)])
def test_holiday_of_another_nation_is_a_working_day(day):
    assert is_working_day(day)


@pytest.mark.parametrize(("hour", "minute", "open_now"), [(8, 59, False), (9, 0, True), (16, 59, True), (17, 0, False)])
def test_office_hours_go_from_nine_to_five(hour, minute, open_now):
    assert in_office_hours(london(2026, 7, 1, hour, minute)) is open_now


@pytest.mark.parametrize("clock", Clock)
def test_due_time_is_in_utc_whatever_zone_the_start_is_in(clock):
    start = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=5)))

    due = due_at(start=start, clock=clock, amount=1)

    assert due.tzinfo is UTC
    assert due == due_at(start=start.astimezone(UTC), clock=clock, amount=1)


@pytest.mark.parametrize("changes", [{"start": datetime(2026, 11, 24)}, {"leaves_at": datetime(2026, 11, 24)}])
def test_time_without_zone_is_refused(changes):
    fields = {"start": london(2026, 11, 24), "clock": Clock.OPEN_MINUTES, "amount": 1}

    with pytest.raises(ValueError, match="time zone"):
        due_at(**fields | changes)


def test_negative_amount_is_refused():
    with pytest.raises(ValueError, match="before its start"):
        due_at(start=london(2026, 11, 24), clock=Clock.MINUTES, amount=-1)


@pytest.mark.parametrize("weekday", [-1, 7])
def test_session_on_no_weekday_is_refused(weekday):
    with pytest.raises(ValueError, match="weekday"):
        Session(weekday=weekday, starts=time(18), ends=time(21))


def test_session_without_length_is_refused():
    with pytest.raises(ValueError, match="end after it starts"):
        Session(weekday=1, starts=time(18), ends=time(18))
