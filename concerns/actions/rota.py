"""Changing the rota: who is on duty each week, on one date, and who is away. What is wrong with it is shown, never refused: a gap is better
seen than hidden."""

from datetime import date, datetime
from uuid import UUID

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.choices import DutySlot
from concerns.exceptions import NotVisible, Refused, Stale
from concerns.models import Centre, Duty, Leave, OpeningSession, User
from concerns.queries.rota import people_who_answer, shown_for
from concerns.rules.deadlines import LONDON
from concerns.rules.rota import FURTHEST_AHEAD
from concerns.rules.words import date_words

STALE = "Somebody else changed this session after you opened it. Nothing was saved. What you chose is here: save it again if it is right."
GONE = "This date is over: the rota looks ahead only."
NOT_THEM = "Choose one of the people shown: the others do not answer alerts here."
LONGEST_LEAVE_DAYS = 366
LEAVE_IS_OVER = "These days are over, so this would change nothing. Check the day, the month and the year."
AWAY_ALREADY = "{name} is marked as away {days} already. Choose other days, or end that leave on the rota first."
TOO_FAR = "This is more than two years from now. Check the year."


def _session(by: User, centre: Centre, session_id: UUID) -> OpeningSession:
    require(by, Permission.EDIT_ROTA, centre)
    session = OpeningSession.objects.select_for_update(no_key=True).filter(centre=centre, pk=session_id).first()  # one change at a time
    if session is None:
        raise NotVisible("Not found.")
    return session


def _check(centre: Centre, people: dict[DutySlot, User | None]) -> None:
    chosen = [user for user in people.values() if user is not None]
    if not set(chosen) <= set(people_who_answer(centre)):
        raise Refused(NOT_THEM)
    if len(chosen) != len(set(chosen)):
        raise Refused("Choose two people: nobody can deputise for themselves.")


def _check_day(session: OpeningSession, only_on: date | None, *, at: datetime) -> None:
    if only_on is None:
        return
    if only_on.weekday() != session.weekday:
        raise Refused("This session does not take place on that day of the week.")
    today = at.astimezone(LONDON).date()
    if only_on < today:
        raise Refused(GONE)
    if only_on > today + FURTHEST_AHEAD:
        raise Refused(TOO_FAR)


@recorded
def set_duties(
    *,
    by: User,
    centre: Centre,
    session_id: UUID,
    people: dict[DutySlot, User | None],
    at: datetime,
    only_on: date | None = None,
    was: str | None = None,
) -> OpeningSession:
    """Say who is on duty and who deputises in a session: each week, or with `only_on` on that date alone. None is nobody.

    `was`: the mark of what the person was looking at (`queries.rota.Shown`), where they looked. Raises NotVisible for a session of
    another centre; Stale; Refused where somebody does not answer alerts here, where one person is both, or where the session does
    not take place on that date, or did, or the date is more than two years from now.
    """
    session = _session(by, centre, session_id)
    if was is not None and was != shown_for(session, only_on=only_on).mark:
        raise Stale(STALE)
    _check(centre, people)
    _check_day(session, only_on, at=at)
    Duty.objects.filter(session=session, only_on=only_on).delete()
    kept = {slot: user for slot, user in people.items() if user is not None or only_on is not None}
    Duty.objects.bulk_create(Duty(session=session, slot=slot, user=user, only_on=only_on) for slot, user in kept.items())
    audit(by=by, verb="changed the rota", subject=session, at=at, centre=centre, on=only_on.isoformat() if only_on else "each week")
    return session


@recorded
def follow_the_week_again(*, by: User, centre: Centre, session_id: UUID, only_on: date, at: datetime) -> OpeningSession:
    """Take back what was said for one date: the weekly duties hold again. Raises NotVisible for a session of another centre."""
    session = _session(by, centre, session_id)
    Duty.objects.filter(session=session, only_on=only_on).delete()
    audit(by=by, verb="changed the rota", subject=session, at=at, centre=centre, on=only_on.isoformat())
    return session


@recorded
def add_leave(*, by: User, centre: Centre, user: User, first_on: date, last_on: date, at: datetime) -> Leave:
    """Say that somebody is away from the first day to the last, both included (Europe/London); others are asked before them.

    It may have begun before today. Raises Refused where they do not answer alerts here; where the days are over, the wrong way round,
    more than a year, or begin more than two years from now; and where they are away on one of them already: with one line for each
    day, "They are back" on that line ends all that keeps them from being asked.
    """
    require(by, Permission.EDIT_ROTA, centre)
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)  # two at once would each find the days free
    if user not in people_who_answer(centre):
        raise Refused(NOT_THEM)
    if not 0 <= (last_on - first_on).days <= LONGEST_LEAVE_DAYS:
        raise Refused("The last day must come after the first, and within a year of it.")
    _check_leave(user, centre, first_on=first_on, last_on=last_on, today=at.astimezone(LONDON).date())
    leave = Leave.objects.create(centre=centre, user=user, first_on=first_on, last_on=last_on, made_by=by, made_at=at)
    audit(by=by, verb="added leave", subject=leave, at=at, centre=centre, user=str(user.pk))
    return leave


def _check_leave(user: User, centre: Centre, *, first_on: date, last_on: date, today: date) -> None:
    if first_on > today + FURTHEST_AHEAD:
        raise Refused(TOO_FAR)
    if last_on < today:
        raise Refused(LEAVE_IS_OVER)
    counting = Leave.objects.filter(centre=centre, user=user, last_on__gte=today)
    other = counting.filter(first_on__lte=last_on, last_on__gte=first_on).first()
    if other is not None:
        first, last = date_words(other.first_on), date_words(other.last_on)
        days = f"on {first}" if first == last else f"from {first} to {last}"
        raise Refused(AWAY_ALREADY.format(name=user.name, days=days))


@recorded
def end_leave(*, by: User, centre: Centre, leave_id: UUID, at: datetime) -> None:
    """Take a leave away: they can be asked again. Raises NotVisible for one of another centre."""
    require(by, Permission.EDIT_ROTA, centre)
    leave = Leave.objects.filter(centre=centre, pk=leave_id).first()
    if leave is None:
        raise NotVisible("Not found.")
    audit(by=by, verb="ended leave", subject=leave, at=at, centre=centre, user=str(leave.user_id))
    leave.delete()
