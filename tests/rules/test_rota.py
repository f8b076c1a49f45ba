"""The rota: what takes place, who is there, where somebody is missing; across both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from concerns.choices import DutySlot
from concerns.rules.deadlines import LONDON, Session
from concerns.rules.rota import Away, DutyRow, Rota, gaps, next_after, occurrences, on_at

ANA, BEN, CAL = (UUID(int=number) for number in (1, 2, 3))
TUESDAY, SUNDAY = UUID(int=11), UUID(int=12)
SESSIONS = {TUESDAY: Session(weekday=1, starts=time(17), ends=time(21)), SUNDAY: Session(weekday=6, starts=time(0, 30), ends=time(3))}
FIRST, SECOND = DutySlot.FIRST, DutySlot.SECOND


def weekly(session: UUID, slot: DutySlot, user: UUID | None, only_on: date | None = None) -> DutyRow:
    return DutyRow(session_id=session, slot=slot, user_id=user, only_on=only_on)


def rota(*duties: DutyRow, leave: tuple[Away, ...] = (), able: frozenset[UUID] = frozenset({ANA, BEN, CAL})) -> Rota:
    return Rota(sessions=SESSIONS, duties=duties, leave=leave, able=able)


WEEK = (weekly(TUESDAY, FIRST, ANA), weekly(TUESDAY, SECOND, BEN))
DAY = date(2026, 11, 24)  # a Tuesday
EVENING = datetime(2026, 11, 24, 18, tzinfo=UTC)


def on(found: Rota) -> dict[DutySlot, UUID | None]:
    (occurrence,) = on_at(found, at=EVENING)
    return dict(occurrence.people)


def test_weekly_duties_hold_each_week() -> None:
    assert on(rota(*WEEK)) == {FIRST: ANA, SECOND: BEN}


def test_what_was_said_for_a_date_replaces_the_week_in_its_slot() -> None:
    assert on(rota(*WEEK, weekly(TUESDAY, FIRST, CAL, DAY))) == {FIRST: CAL, SECOND: BEN}


def test_nobody_on_a_date_is_nobody() -> None:
    assert on(rota(*WEEK, weekly(TUESDAY, FIRST, None, DAY))) == {FIRST: None, SECOND: BEN}


def test_who_is_away_is_not_on_duty_from_the_first_day_to_the_last() -> None:
    days = [Away(user_id=ANA, first_on=DAY - timedelta(days=a), last_on=DAY + timedelta(days=b)) for a, b in ((0, 0), (1, -1), (-1, 1))]

    assert [on(rota(*WEEK, leave=(away,)))[FIRST] for away in days] == [None, ANA, ANA]


def test_who_may_not_answer_any_more_is_not_on_duty() -> None:
    assert on(rota(*WEEK, able=frozenset({BEN})))[FIRST] is None


def test_outside_sessions_nobody_is_on_duty_and_the_next_session_is_known() -> None:
    before = EVENING - timedelta(hours=2)

    following = next_after(rota(*WEEK), at=before)

    assert on_at(rota(*WEEK), at=before) == ()
    assert following is not None and (following.session_id, following.on) == (TUESDAY, DAY)


def test_both_leads_away_is_a_gap_for_as_long_as_they_are() -> None:
    leave = tuple(Away(user_id=user, first_on=DAY, last_on=DAY + timedelta(days=7)) for user in (ANA, BEN))

    found = [occurrence.on for occurrence in gaps(rota(*WEEK, leave=leave), at=EVENING, days=22) if occurrence.session_id == TUESDAY]

    assert found == [DAY, DAY + timedelta(days=7)]


def test_session_that_the_clock_change_in_march_shortens_is_there_once() -> None:
    found = occurrences(rota(), first_on=date(2026, 3, 29), days=1)

    assert [(occurrence.starts.hour, occurrence.ends.hour) for occurrence in found] == [(0, 2)]


def test_session_that_the_clock_change_in_october_lengthens_is_there_once() -> None:
    (found,) = occurrences(rota(), first_on=date(2026, 10, 25), days=1)

    assert found.ends - found.starts == timedelta(hours=3, minutes=30)


@settings(max_examples=200, deadline=None)
@given(
    minutes=st.integers(0, 400 * 24 * 60),
    duties=st.lists(
        st.builds(
            DutyRow,
            session_id=st.sampled_from([TUESDAY, SUNDAY]),
            slot=st.sampled_from(list(DutySlot)),
            user_id=st.sampled_from([ANA, BEN, CAL, None]),
            only_on=st.dates(date(2026, 1, 1), date(2027, 3, 1)),
        ),
        max_size=4,
    ),
    away=st.dates(date(2026, 1, 1), date(2027, 3, 1)),
)
def test_who_is_on_duty_is_who_a_person_with_a_calendar_would_name(minutes: int, duties: list[DutyRow], away: date) -> None:
    """The slow way: look at the wall clock in London, then at the paper of that day."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local = at.astimezone(LONDON)
    paper = rota(*WEEK, *duties, leave=(Away(user_id=ANA, first_on=away, last_on=away + timedelta(days=9)),))
    named = {}
    for session_id, session in SESSIONS.items():
        if local.weekday() == session.weekday and session.starts <= local.time() < session.ends and not (local.fold and local.hour >= 3):
            rows = [row for row in paper.duties if row.session_id == session_id]
            for slot in DutySlot:
                for_the_day = [row for row in rows if row.slot == slot and row.only_on == local.date()]
                for_the_week = [row for row in rows if row.slot == slot and row.only_on is None]
                who = (for_the_day + for_the_week)[0].user_id if for_the_day + for_the_week else None
                gone = who == ANA and away <= local.date() <= away + timedelta(days=9)
                named[(session_id, slot)] = None if gone else who

    found = {(occurrence.session_id, slot): user for occurrence in on_at(paper, at=at) for slot, user in occurrence.people.items()}

    assert found == named
