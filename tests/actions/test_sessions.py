"""When the centre is open: sessions are added, changed and removed, never two at once; what somebody else changed is not written over."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.actions.rota import set_duties
from concerns.actions.sessions import add_session, change_session, remove_session
from concerns.choices import DutySlot
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import AuditEvent, Duty, OpeningSession
from concerns.queries.rota import on_duty, times_words
from concerns.queries.sessions import sessions_of
from concerns.rules.deadlines import END_OF_DAY, Session, session_end
from tests.factories import AT, Cast, signed_in
from tests.views.pages import plain, typed_in

EVENING = {"weekday": "2", "starts": "5pm", "ends": "9pm"}
FRIDAY = Session(weekday=4, starts=time(18), ends=time(20))
TUESDAY_WORDS = "Tuesday, 5:00pm to 9:00pm"


@pytest.fixture
def tuesday(cast: Cast) -> OpeningSession:
    """The deputy is on duty in it each week, the lead on the 24th."""
    session = cast.centre.sessions.get(weekday=1)
    one = {"by": cast.lead, "centre": cast.centre, "session_id": session.pk, "at": AT}
    set_duties(people={DutySlot.FIRST: cast.deputy, DutySlot.SECOND: None}, **one)
    set_duties(people={DutySlot.FIRST: cast.lead, DutySlot.SECOND: None}, only_on=date(2026, 11, 24), **one)
    return session


def held(session: OpeningSession) -> set[tuple[str | None, date | None]]:
    return set(Duty.objects.filter(session=session, slot=DutySlot.FIRST).values_list("user__name", "only_on"))


def test_session_that_moves_in_its_day_keeps_everybody(cast: Cast, tuesday: OpeningSession) -> None:
    later = Session(weekday=1, starts=time(18), ends=time(22))

    change_session(by=cast.admin, session=tuesday, was=TUESDAY_WORDS, times=later, at=AT)

    tuesday.refresh_from_db()
    assert times_words(tuesday) == "Tuesday, 6:00pm to 10:00pm"
    assert held(tuesday) == {("Tom Ellis", None), ("Priya Shah", date(2026, 11, 24))}


def test_session_that_moves_to_another_day_loses_its_single_dates(cast: Cast, tuesday: OpeningSession) -> None:
    change_session(by=cast.admin, session=tuesday, was=TUESDAY_WORDS, times=FRIDAY, at=AT)

    assert held(tuesday) == {("Tom Ellis", None)}


def test_session_that_goes_takes_its_duties_along_and_leaves_a_row(cast: Cast, tuesday: OpeningSession) -> None:
    remove_session(by=cast.admin, session=tuesday, was=TUESDAY_WORDS, at=AT)

    assert not Duty.objects.exists()
    assert AuditEvent.objects.filter(verb="removed a session", centre=cast.centre, by=cast.admin).count() == 1


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (Session(weekday=1, starts=time(20), ends=time(22)), "same time as another session: Tuesday, 5:00pm to 9:00pm"),
        (Session(weekday=1, starts=time(18), ends=time(19)), "same time as another session"),
        (Session(weekday=4, starts=time(22), ends=time(1)), "must end after it starts"),
    ],
)
def test_session_that_cannot_be_is_refused(cast: Cast, times: Session, words: str) -> None:
    with pytest.raises(Refused, match=words):
        add_session(by=cast.admin, centre=cast.centre, times=times, at=AT)


def test_session_may_begin_when_another_one_ends_and_overlap_those_of_another_centre(cast: Cast) -> None:
    after = add_session(by=cast.admin, centre=cast.centre, times=Session(weekday=1, starts=time(21), ends=time(22)), at=AT)
    OpeningSession.objects.exclude(centre=cast.centre).update(weekday=4)

    assert (after.centre, add_session(by=cast.admin, centre=cast.centre, times=FRIDAY, at=AT).weekday) == (cast.centre, 4)


def test_what_somebody_else_changed_is_not_written_over(cast: Cast, tuesday: OpeningSession) -> None:
    change_session(by=cast.admin, session=tuesday, was=TUESDAY_WORDS, times=FRIDAY, at=AT)

    with pytest.raises(Stale):
        change_session(by=cast.admin, session=tuesday, was=TUESDAY_WORDS, times=FRIDAY, at=AT)
    with pytest.raises(Stale):
        remove_session(by=cast.admin, session=tuesday, was=TUESDAY_WORDS, at=AT)


def test_leads_change_no_opening_times_and_strangers_find_none(cast: Cast, tuesday: OpeningSession) -> None:
    elsewhere = OpeningSession.objects.exclude(centre=cast.centre)[0]

    with pytest.raises(NotAllowed):
        add_session(by=cast.lead, centre=cast.centre, times=FRIDAY, at=AT)
    with pytest.raises(NotVisible):
        remove_session(by=cast.admin, session=elsewhere, was=times_words(elsewhere), at=AT)


UNTIL_MIDNIGHT = Session(weekday=1, starts=time(21), ends=END_OF_DAY)
AFTER_MIDNIGHT = Session(weekday=2, starts=time(0), ends=time(1))


@pytest.mark.parametrize(
    ("at", "deputy_is_on", "lead_is_on"),
    [
        (datetime(2026, 11, 17, 21, 0, tzinfo=UTC), True, False),
        (datetime(2026, 11, 17, 23, 59, 59, 999999, tzinfo=UTC), True, False),
        (datetime(2026, 11, 18, 0, 0, tzinfo=UTC), False, True),
        (datetime(2026, 11, 18, 1, 0, tzinfo=UTC), False, False),
    ],
)
def test_session_past_midnight_is_two_without_a_moment_between(cast: Cast, at: datetime, deputy_is_on: bool, lead_is_on: bool) -> None:
    for times, user in ((UNTIL_MIDNIGHT, cast.deputy), (AFTER_MIDNIGHT, cast.lead)):
        session = add_session(by=cast.admin, centre=cast.centre, times=times, at=AT)
        people = {DutySlot.FIRST: user, DutySlot.SECOND: None}
        set_duties(by=cast.admin, centre=cast.centre, session_id=session.pk, people=people, at=AT)

    found = on_duty(cast.centre, at=at)

    assert (cast.deputy in found, cast.lead in found) == (deputy_is_on, lead_is_on)


def test_session_until_midnight_overlaps_what_is_late(cast: Cast) -> None:
    add_session(by=cast.admin, centre=cast.centre, times=UNTIL_MIDNIGHT, at=AT)

    with pytest.raises(Refused, match="same time as another session: Tuesday, 9:00pm to midnight"):
        add_session(by=cast.admin, centre=cast.centre, times=Session(weekday=1, starts=time(23, 59), ends=END_OF_DAY), at=AT)


def test_deadline_at_the_end_of_a_session_is_midnight(cast: Cast) -> None:
    session = add_session(by=cast.admin, centre=cast.centre, times=UNTIL_MIDNIGHT, at=AT)

    stored = next(times for times in sessions_of(cast.centre) if times.ends == session.ends)

    assert session_end(datetime(2026, 11, 17, 23, 59, tzinfo=UTC), [stored]) == datetime(2026, 11, 18, tzinfo=UTC)


# The pages


@pytest.mark.parametrize("midnight", ["midnight", "Midnight", "12am", "12:00 am", "00:00", "24:00", "2400", "24"])
def test_session_may_end_at_midnight_however_it_is_written_and_is_shown_so(cast: Cast, midnight: str) -> None:
    admin = signed_in(cast.admin)

    page = plain(admin.post(reverse("session_new"), {**EVENING, "ends": midnight}, follow=True))
    session = OpeningSession.objects.get(centre=cast.centre, weekday=2)
    form = admin.get(reverse("session_edit", args=[session.pk]))
    typed = {name: values[0] for name, values in typed_in(form).items()}
    again = admin.post(reverse("session_edit", args=[session.pk]), {**typed, "starts": "6pm"}, follow=True)

    assert "Wednesday, 5:00pm to midnight" in page
    assert 'value="midnight"' in form.content.decode()
    assert "Wednesday, 6:00pm to midnight" in plain(again)


def test_session_of_the_morning_can_be_moved_to_another_day_without_writing_its_times_again(cast: Cast) -> None:
    admin, morning = signed_in(cast.admin), {"weekday": "5", "starts": "10am", "ends": "12 noon"}
    OpeningSession.objects.filter(centre=cast.centre, weekday=5).delete()
    admin.post(reverse("session_new"), morning)
    address = reverse("session_edit", args=[OpeningSession.objects.get(centre=cast.centre, weekday=5).pk])
    typed = {name: values[0] for name, values in typed_in(admin.get(address)).items()}

    page = plain(admin.post(address, {**typed, "weekday": "6"}, follow=True))

    assert "Sunday, 10:00am to 12:00pm" in page


def test_session_that_goes_past_midnight_is_told_to_be_two(cast: Cast) -> None:
    page = plain(signed_in(cast.admin).post(reverse("session_new"), {**EVENING, "ends": "1am"}))

    assert "Write one that goes past midnight as two: one until midnight, and one from 00:00 on the next day" in page


def test_administrator_adds_a_session_and_is_told_that_nobody_is_on_duty(cast: Cast) -> None:
    page = plain(signed_in(cast.admin).post(reverse("session_new"), EVENING, follow=True))

    assert "Wednesday, 5:00pm to 9:00pm" in page
    assert "These sessions are without somebody" in page


def test_mistake_keeps_what_was_typed(cast: Cast) -> None:
    answer = signed_in(cast.admin).post(reverse("session_new"), {**EVENING, "ends": "4pm"})

    html = answer.content.decode()
    assert (answer.status_code, OpeningSession.objects.filter(centre=cast.centre).count()) == (422, 2)
    assert ('value="5pm"' in html, 'value="4pm"' in html, "must end after it starts" in html) == (True, True, True)


def test_removing_the_last_session_says_what_then_happens(cast: Cast) -> None:
    admin, (first, last) = signed_in(cast.admin), cast.centre.sessions.all()
    before = plain(admin.get(reverse("session_remove", args=[first.pk])))
    admin.post(reverse("session_remove", args=[first.pk]), {"was": times_words(first)})

    page = plain(admin.get(reverse("session_remove", args=[last.pk])))
    gone = plain(admin.post(reverse("session_remove", args=[last.pk]), {"was": times_words(last)}, follow=True))

    assert ("This is the last session" in before, "This is the last session" in page) == (False, True)
    assert "The centre has no sessions yet." in gone


def test_leave_of_both_leads_is_saved_and_the_page_says_at_once_who_is_missing(cast: Cast, tuesday: OpeningSession) -> None:
    lead, day = signed_in(cast.lead), timezone.localdate() + timedelta(days=8 - timezone.localdate().weekday())
    boxes = {f"{name}_{box}": getattr(day, box) for name in ("first_on", "last_on") for box in ("day", "month", "year")}

    page = plain(lead.post(reverse("leave_new"), {"user": str(cast.deputy.pk), **boxes}, follow=True))

    assert f"{day.day} {day:%B %Y}, 5:00pm to 9:00pm: nobody is on duty, nobody deputises. Where nobody is" in page
    assert "alerts go to the list under Plans" in page


def test_whoever_was_too_late_is_told_what_it_says_now_and_can_send_theirs_again(cast: Cast, tuesday: OpeningSession) -> None:
    address, admin = reverse("session_edit", args=[tuesday.pk]), signed_in(cast.admin)
    change_session(by=cast.admin, session=tuesday, was=TUESDAY_WORDS, times=FRIDAY, at=AT)

    late = admin.post(address, {**EVENING, "was": TUESDAY_WORDS})
    again = admin.post(address, {**EVENING, "was": late.context["form"]["was"].value()})

    tuesday.refresh_from_db()
    assert (late.status_code, f"It is now {times_words(OpeningSession(**vars(FRIDAY)))}." in plain(late)) == (422, True)
    assert (again.status_code, tuesday.weekday) == (302, 2)
