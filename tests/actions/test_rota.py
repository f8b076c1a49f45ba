"""The rota decides who is asked first; its pages change it, and show where somebody is missing."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.actions.rota import add_leave, end_leave, follow_the_week_again, set_duties
from concerns.choices import DutySlot, StepKind, StepState
from concerns.exceptions import NotAllowed, NotVisible, Refused
from concerns.models import Concern, Duty, Leave, OpeningSession, Step, User
from concerns.queries.ladder import askable
from concerns.queries.rota import gaps_ahead, on_duty, presence, shown_for
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, about, make_concern
from tests.views.pages import lost, plain

FIRST, SECOND = DutySlot.FIRST, DutySlot.SECOND
TODAY = date(2026, 11, 17)


@pytest.fixture
def tuesday(cast: Cast) -> OpeningSession:
    """The session that is on at AT: the deputy is on duty in it, the case manager deputises."""
    session = cast.centre.sessions.get(weekday=1)
    set_duties(by=cast.lead, centre=cast.centre, session_id=session.pk, people={FIRST: cast.deputy, SECOND: cast.case_manager}, at=AT)
    return session


def first_asked(concern: Concern) -> str:
    person = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING).person
    return person.name if person else ""


def test_who_is_on_duty_is_asked_first_then_who_deputises_then_the_list(cast: Cast, tuesday: OpeningSession) -> None:
    concern = make_concern(cast, answers=DANGER)

    assert [user.name for user in askable(concern, at=AT).first] == ["Tom Ellis", "Grace Mensah", "Priya Shah"]
    assert first_asked(concern) == "Tom Ellis"


def test_outside_sessions_the_list_keeps_its_order(cast: Cast, tuesday: OpeningSession) -> None:
    assert first_asked(make_concern(cast, answers=DANGER, at=AT + timedelta(hours=8))) == "Priya Shah"


def test_who_is_on_duty_and_away_is_passed_over(cast: Cast, tuesday: OpeningSession) -> None:
    add_leave(by=cast.lead, centre=cast.centre, user=cast.deputy, first_on=TODAY, last_on=TODAY, at=AT)

    assert first_asked(make_concern(cast, answers=DANGER)) == "Grace Mensah"


def test_both_leads_on_leave_leave_the_third_contact(cast: Cast) -> None:
    for user in (cast.lead, cast.deputy):
        add_leave(by=cast.admin, centre=cast.centre, user=user, first_on=TODAY, last_on=TODAY, at=AT)

    assert first_asked(make_concern(cast, answers=DANGER)) == "Grace Mensah"


def test_where_all_are_away_they_are_asked_all_the_same(cast: Cast) -> None:
    for user in (cast.lead, cast.deputy, cast.case_manager):
        add_leave(by=cast.admin, centre=cast.centre, user=user, first_on=TODAY, last_on=TODAY, at=AT)

    assert first_asked(make_concern(cast, answers=DANGER)) == "Priya Shah"


def test_duty_brings_nobody_to_a_concern_about_them(cast: Cast, tuesday: OpeningSession) -> None:
    concern = make_concern(cast, answers=about(cast.case_manager, answers=CALM))

    assert "Grace Mensah" not in {user.name for user in askable(concern, at=AT).free}


def test_gaps_are_shown_for_two_weeks(cast: Cast, tuesday: OpeningSession) -> None:
    found = gaps_ahead(cast.centre, at=AT)

    assert [(line.on.isoformat(), line.missing) for line in found] == [
        ("2026-11-19", "Nobody is on duty, nobody deputises"),
        ("2026-11-26", "Nobody is on duty, nobody deputises"),
    ]


def test_date_of_its_own_ends_when_the_week_is_followed_again(cast: Cast, tuesday: OpeningSession) -> None:
    one = {"by": cast.lead, "centre": cast.centre, "session_id": tuesday.pk, "at": AT, "only_on": TODAY}
    set_duties(people={FIRST: None, SECOND: None}, **one)
    alone = on_duty(cast.centre, at=AT)

    follow_the_week_again(**one)

    assert (alone, on_duty(cast.centre, at=AT)) == ((), (cast.deputy, cast.case_manager))


def test_leave_that_is_taken_away_counts_no_longer(cast: Cast, tuesday: OpeningSession) -> None:
    leave = add_leave(by=cast.lead, centre=cast.centre, user=cast.deputy, first_on=TODAY, last_on=TODAY, at=AT)

    end_leave(by=cast.lead, centre=cast.centre, leave_id=leave.pk, at=AT)

    assert on_duty(cast.centre, at=AT)[0] == cast.deputy


@pytest.mark.parametrize(
    ("people", "only_on", "words"),
    [
        (("deputy", "deputy"), None, "Choose two people"),
        (("reporter", None), None, "do not answer alerts here"),
        (("outsider", None), None, "do not answer alerts here"),
        (("lead", None), date(2026, 11, 18), "does not take place"),
        (("lead", None), date(2026, 11, 10), "This date is over"),
        (("lead", None), date(2028, 11, 28), "Check the year"),
    ],
)
def test_rota_that_cannot_be_is_refused(cast: Cast, people: tuple[str, str | None], only_on: date | None, words: str) -> None:
    session = cast.centre.sessions.get(weekday=1)
    chosen = {slot: getattr(cast, name) if name else None for slot, name in zip(DutySlot, people, strict=True)}

    with pytest.raises(Refused, match=words):
        set_duties(by=cast.lead, centre=cast.centre, session_id=session.pk, people=chosen, only_on=only_on, at=AT)


def test_leave_the_wrong_way_round_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="must come after"):
        add_leave(by=cast.lead, centre=cast.centre, user=cast.lead, first_on=TODAY, last_on=TODAY - timedelta(days=1), at=AT)


def test_leave_in_a_year_that_was_mistyped_is_refused(cast: Cast) -> None:
    """Else they would believe that they are marked as away."""
    day = date(2926, 11, 17)

    with pytest.raises(Refused, match="Check the year"):
        add_leave(by=cast.lead, centre=cast.centre, user=cast.lead, first_on=day, last_on=day, at=AT)


def days_off(cast: Cast, first: int, last: int, *, user: User | None = None) -> Leave:
    """Leave, in days from TODAY."""
    first_on, last_on = TODAY + timedelta(days=first), TODAY + timedelta(days=last)
    return add_leave(by=cast.lead, centre=cast.centre, user=user or cast.deputy, first_on=first_on, last_on=last_on, at=AT)


def test_leave_that_is_over_is_refused_and_one_that_goes_on_is_not(cast: Cast) -> None:
    with pytest.raises(Refused, match="These days are over"):
        days_off(cast, -5, -1)

    days_off(cast, -5, 0)

    assert cast.deputy.pk in presence(cast.centre, at=AT, follows_next=lambda: False).away


@pytest.mark.parametrize(("first", "last"), [(-2, 3), (0, 0), (1, 1), (3, 9), (-9, 0), (-9, 9)])
def test_leave_on_a_day_of_the_same_persons_leave_is_refused_and_says_what_is_there(cast: Cast, first: int, last: int) -> None:
    days_off(cast, -2, 3)

    with pytest.raises(Refused, match="Tom Ellis is marked as away from 15 November 2026 to 20 November 2026 already. Choose other days"):
        days_off(cast, first, last)

    assert Leave.objects.count() == 1


def test_leave_beside_that_of_others_or_after_ones_own_is_taken(cast: Cast) -> None:
    own = days_off(cast, -2, 3)
    days_off(cast, 4, 9)
    days_off(cast, -2, 3, user=cast.lead)

    end_leave(by=cast.lead, centre=cast.centre, leave_id=own.pk, at=AT)

    assert presence(cast.centre, at=AT, follows_next=lambda: False).away == {cast.lead.pk}


def test_single_day_that_is_there_is_named_as_one(cast: Cast) -> None:
    days_off(cast, 1, 1)

    with pytest.raises(Refused, match="away on 18 November 2026 already"):
        days_off(cast, 0, 9)


def test_staff_change_no_rota(cast: Cast, tuesday: OpeningSession) -> None:
    with pytest.raises(NotAllowed):
        set_duties(by=cast.reporter, centre=cast.centre, session_id=tuesday.pk, people={FIRST: None, SECOND: None}, at=AT)


def test_session_of_another_centre_does_not_exist(cast: Cast) -> None:
    elsewhere = OpeningSession.objects.exclude(centre=cast.centre)[0]

    with pytest.raises(NotVisible):
        set_duties(by=cast.lead, centre=cast.centre, session_id=elsewhere.pk, people={FIRST: cast.lead, SECOND: None}, at=AT)


# The pages


def test_pages_change_the_week_a_date_and_leave(cast: Cast) -> None:
    lead, session = signed_in(cast.lead), cast.centre.sessions.get(weekday=1)
    day = timezone.localdate() + timedelta(days=(1 - timezone.localdate().weekday()) % 7 or 7)

    lead.post(reverse("rota_week", args=[session.pk]), {"first": str(cast.deputy.pk), "second": "", "was": "/"})
    seen = shown_for(session, only_on=day).mark
    lead.post(reverse("rota_date", args=[session.pk, day.isoformat()]), {"first": str(cast.lead.pk), "second": "", "was": seen})
    boxes = {"day": 1, "month": 1, "year": timezone.localdate().year + 1}
    away = {f"{name}_{box}": value for name in ("first_on", "last_on") for box, value in boxes.items()}
    answer = lead.post(reverse("leave_new"), {"user": str(cast.deputy.pk), **away})

    held = set(Duty.objects.values_list("user__name", "only_on"))
    assert answer.status_code == 302
    assert held == {("Tom Ellis", None), ("Priya Shah", day), (None, day)}
    assert f"1 January {timezone.localdate().year + 1}" in lead.get(reverse("rota")).content.decode()


def test_two_editors_do_not_overwrite_each_other(cast: Cast, tuesday: OpeningSession) -> None:
    """The second is told, keeps what they chose on the page, and can look again."""
    address = reverse("rota_week", args=[tuesday.pk])
    lead, admin = signed_in(cast.lead), signed_in(cast.admin)
    seen = lead.get(address).context["form"].initial["was"]

    first = admin.post(address, {"first": str(cast.case_manager.pk), "second": "", "was": seen})
    second = lead.post(address, {"first": str(cast.lead.pk), "second": "", "was": seen})

    assert (first.status_code, second.status_code) == (302, 422)
    assert "Somebody else changed this session" in second.content.decode()
    assert f"Now it says: {cast.case_manager.name} is on duty, nobody deputises." in second.content.decode()
    assert f'value="{cast.lead.pk}" selected' in second.content.decode()
    assert on_duty(cast.centre, at=AT) == (cast.case_manager,)
    again = lead.post(address, {"first": str(cast.lead.pk), "second": "", "was": second.context["form"]["was"].value()})
    assert (again.status_code, on_duty(cast.centre, at=AT)) == (302, (cast.lead,))


def test_staff_see_the_rota_and_no_way_to_change_it(cast: Cast, tuesday: OpeningSession) -> None:
    page = signed_in(cast.reporter).get(reverse("rota")).content.decode()

    assert "Tuesday, 5:00pm to 9:00pm" in page
    assert "Change who is on duty" not in page


def test_gaps_stand_on_the_home_of_leads(cast: Cast, tuesday: OpeningSession) -> None:
    page = signed_in(cast.lead).get("/").content.decode()

    assert "Somebody is missing in" in page


@pytest.mark.parametrize(("days", "words"), [(0, "They are back"), (1, "Remove this leave")])
def test_button_beside_leave_says_whether_it_has_begun(cast: Cast, days: int, words: str) -> None:
    day = timezone.localdate() + timedelta(days=days)
    add_leave(by=cast.lead, centre=cast.centre, user=cast.deputy, first_on=day, last_on=day, at=timezone.now())

    page = signed_in(cast.lead).get(reverse("rota")).content.decode()

    assert [shown for shown in ("They are back", "Remove this leave") if shown in page] == [words]


def test_leave_without_days_is_asked_for_them_in_words(cast: Cast) -> None:
    page = signed_in(cast.lead).post(reverse("leave_new"), {"user": str(cast.deputy.pk)}).content.decode()

    assert "Enter the first day" in page and "Enter the last day" in page


def test_leave_that_is_refused_keeps_what_was_typed(cast: Cast) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    boxes = {"day": yesterday.day, "month": yesterday.month, "year": yesterday.year}
    typed = {f"{name}_{box}": str(value) for name in ("first_on", "last_on") for box, value in boxes.items()} | {
        "user": str(cast.deputy.pk)
    }

    page = signed_in(cast.lead).post(reverse("leave_new"), typed)

    assert (page.status_code, lost(typed, page), "These days are over" in plain(page)) == (422, {}, True)


@pytest.mark.parametrize("days", [-7, 1, 7 * 106])
def test_date_for_which_nothing_can_be_said_has_no_page(cast: Cast, days: int) -> None:
    """A day that is over, one on which the session does not take place, and one that is too far away."""
    session = cast.centre.sessions.get(weekday=1)
    tuesday = timezone.localdate() + timedelta(days=(1 - timezone.localdate().weekday()) % 7)

    there, none = (
        signed_in(cast.lead).get(reverse("rota_date", args=[session.pk, day.isoformat()]))
        for day in (tuesday, tuesday + timedelta(days=days))
    )

    assert (there.status_code, "Who is on duty?" in plain(there)) == (200, True)
    assert (none.status_code, "Who is on duty?" in plain(none)) == (404, False)
