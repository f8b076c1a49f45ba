"""The first page of those who answer alerts: what waits, who is on duty and what is missing; never more than they may know."""

from datetime import timedelta

import pytest
from django.utils import timezone

from concerns.actions.drills import start_drill
from concerns.actions.notes import write_note
from concerns.actions.rota import set_duties
from concerns.choices import DutySlot, Level, LinkRole, StepKind
from concerns.models import Draft, Link, OpeningSession, Step, User
from concerns.queries.lead_home import lead_home
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, URGENT, answered, make_concern, make_draft
from tests.views.pages import plain

LATER = AT + timedelta(minutes=12)


def page_of(user: User) -> str:
    return plain(signed_in(user).get("/"))


def on_duty(cast: Cast, first: User, second: User | None) -> None:
    for session in cast.centre.sessions.all():
        people = {DutySlot.FIRST: first, DutySlot.SECOND: second}
        set_duties(by=cast.lead, centre=cast.centre, session_id=session.pk, people=people, at=AT)


def test_where_nothing_waits_one_line_says_so_and_who_is_on_duty(cast: Cast) -> None:
    on_duty(cast, cast.lead, cast.deputy)

    found = lead_home(cast.lead, cast.centre, at=AT)
    outside = lead_home(cast.lead, cast.centre, at=AT - timedelta(hours=3))

    assert (found.is_quiet, found.duty, found.is_missing) == (True, "Priya Shah is on duty, Tom Ellis deputises.", False)
    assert outside.duty == "No session is on. Next, today, 5:00pm to 9:00pm: Priya Shah is on duty, Tom Ellis deputises."
    assert "Nothing waits." in page_of(cast.lead)


def test_centre_without_sessions_says_that_there_are_none(cast: Cast) -> None:
    OpeningSession.objects.all().delete()

    assert "Nothing waits. No session takes place in the next two weeks." in page_of(cast.lead)


def test_what_nobody_has_answered_says_since_when_and_comes_before_ones_own_steps(cast: Cast) -> None:
    mine = answered(make_concern(cast, answers=DANGER, at=AT), by=cast.lead)
    waiting = make_concern(cast, answers=CALM, at=AT)
    Step.objects.filter(concern=mine, person=cast.lead).update(due_at=AT)

    found = lead_home(cast.lead, cast.centre, at=LATER)
    page = page_of(cast.lead)

    assert [(row.reference, row.waits) for row in found.unanswered] == [(waiting.reference, "12 minutes")]
    assert {step.reference for step in found.mine} == {mine.reference}
    order = [page.index(words) for words in ("Nobody has answered", waiting.reference, "You have to do today", mine.reference)]
    assert order == sorted(order)
    assert "Nothing waits." not in page


def test_old_steps_hide_no_emergency(cast: Cast) -> None:
    for hours in range(1, 8):
        old = answered(make_concern(cast, answers=CALM, at=AT), by=cast.lead)
        Step.objects.filter(concern=old, person=cast.lead).update(due_at=AT - timedelta(hours=hours))
    fresh = answered(make_concern(cast, answers=DANGER, at=AT), by=cast.lead)
    Step.objects.filter(concern=fresh, kind=StepKind.SPEAK_TO_REPORTER).update(due_at=LATER + timedelta(minutes=20))

    found = lead_home(cast.lead, cast.centre, at=LATER)

    assert (found.mine[0].reference, found.mine[0].is_late, len(found.mine)) == (fresh.reference, False, 5)
    more = lead_home(cast.lead, cast.centre, at=timezone.now()).more
    assert more >= 2 and f"And {more} more: all concerns" in page_of(cast.lead)


def test_ones_own_steps_are_not_said_twice_and_those_of_others_come_after(cast: Cast) -> None:
    mine, theirs = (answered(make_concern(cast, answers=URGENT, at=AT), by=user) for user in (cast.lead, cast.deputy))
    Step.objects.filter(concern=mine, person=cast.lead).update(due_at=AT)

    found = lead_home(cast.lead, cast.centre, at=LATER)

    assert {step.reference for step in found.mine} == {mine.reference}
    assert [row.reference for row in found.following] == [theirs.reference]


def test_gaps_lead_to_the_rota(cast: Cast) -> None:
    on_duty(cast, cast.lead, None)

    found = lead_home(cast.lead, cast.centre, at=AT)

    assert (found.gaps, found.is_missing, found.duty) == (4, True, "Priya Shah is on duty, nobody deputises.")
    assert "Somebody is missing in" in page_of(cast.lead)


def test_newest_note_stands_there(cast: Cast) -> None:
    for number in (2, 1):
        write_note(by=cast.deputy, centre=cast.centre, text=f"Note {number}.", at=timezone.now() - timedelta(hours=number))

    page = page_of(cast.lead)

    assert ("Note 1." in page, "Note 2." in page) == (True, False)


def test_drill_is_in_no_list_and_has_a_line_of_its_own(cast: Cast) -> None:
    drill = start_drill(by=cast.admin, centre=cast.centre, level=Level.EMERGENCY, at=timezone.now())

    found = lead_home(cast.deputy, cast.centre, at=timezone.now())

    assert (found.unanswered, found.mine, found.following, found.is_quiet) == ((), [], (), True)
    assert f"A drill is running: {drill.concern.reference}" in page_of(cast.deputy)


def test_nothing_is_said_of_what_is_hidden(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER, at=AT)
    Link.objects.create(concern=concern, user=cast.deputy, role=LinkRole.MAY_HAVE_HARMED, made_at=AT, made_by=cast.lead)

    found = lead_home(cast.deputy, cast.centre, at=LATER)

    assert (found.unanswered, found.mine, found.following, found.is_quiet) == ((), [], (), True)
    assert concern.reference not in page_of(cast.deputy)


@pytest.mark.parametrize("who", ["reporter", "admin", "trustee", "auditor"])
def test_others_see_none_of_it(cast: Cast, who: str) -> None:
    make_concern(cast, answers=DANGER)
    write_note(by=cast.deputy, centre=cast.centre, text="Ring the school.", at=timezone.now())

    page = page_of(getattr(cast, who))

    assert [words for words in ("Nothing waits", "On duty", "Ring the school", "Note from the last session") if words in page] == []


def test_unfinished_record_of_somebody_waits(cast: Cast) -> None:
    make_draft(cast, at=AT)
    Draft.objects.update(touched_at=AT, told_lead_at=AT)

    page = page_of(cast.lead)

    assert "Sam Okoro has an unfinished record." in page
    assert "Nothing waits." not in page
