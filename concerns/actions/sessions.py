"""When the centre is open, week by week: an administrator adds, changes and removes sessions. Due times that are set stay as they are."""

from datetime import datetime

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.exceptions import NotVisible, Refused, Stale
from concerns.models import Centre, Duty, OpeningSession, User
from concerns.queries.rota import times_words
from concerns.rules.deadlines import Session
from concerns.rules.rota import WRONG_WAY_ROUND

STALE = "Somebody else changed this session after you opened it. Nothing was saved. It is now {now}. Send yours again if it still holds."


def _check(centre: Centre, times: Session, *, but: OpeningSession | None = None) -> None:
    if times.ends <= times.starts:
        raise Refused(f"{WRONG_WAY_ROUND}.")
    others = OpeningSession.objects.filter(centre=centre, weekday=times.weekday, starts__lt=times.ends, ends__gt=times.starts)
    other = (others.exclude(pk=but.pk) if but else others).first()
    if other is not None:
        raise Refused(f"That is at the same time as another session: {times_words(other)}.")


def _lock(by: User, session: OpeningSession, was: str) -> OpeningSession:
    """The session as it is now, locked with its centre. Raises Stale where it is not the one that the person was looking at."""
    Centre.objects.select_for_update(no_key=True).get(pk=session.centre_id)
    found = OpeningSession.objects.select_related("centre").filter(pk=session.pk).first()
    if found is None:
        raise NotVisible("Not found.")
    require(by, Permission.EDIT_SESSIONS, found)
    if was != times_words(found):
        raise Stale(STALE.format(now=times_words(found)))
    return found


@recorded
def add_session(*, by: User, centre: Centre, times: Session, at: datetime) -> OpeningSession:
    """Add a weekly session, with nobody on duty yet. Raises Refused where it overlaps another one, or ends before it starts."""
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    require(by, Permission.EDIT_SESSIONS, centre)
    _check(centre, times)
    session = OpeningSession.objects.create(centre=centre, weekday=times.weekday, starts=times.starts, ends=times.ends)
    audit(by=by, verb="added a session", subject=session, at=at)
    return session


@recorded
def change_session(*, by: User, session: OpeningSession, was: str, times: Session, at: datetime) -> OpeningSession:
    """Move a weekly session; whoever is on duty in it stays. On another weekday, what was said for single dates goes: they are none now.

    `was` is `times_words` of what the person was looking at. Raises Stale; Refused as `add_session` does.
    """
    found = _lock(by, session, was)
    _check(found.centre, times, but=found)
    if times.weekday != found.weekday:
        Duty.objects.filter(session=found, only_on__isnull=False).delete()
    found.weekday, found.starts, found.ends = times.weekday, times.starts, times.ends
    found.save(update_fields=["weekday", "starts", "ends"])
    audit(by=by, verb="changed a session", subject=found, at=at)
    return found


@recorded
def remove_session(*, by: User, session: OpeningSession, was: str, at: datetime) -> None:
    """Remove a weekly session, with who is on duty in it. Raises Stale."""
    found = _lock(by, session, was)
    audit(by=by, verb="removed a session", subject=found, at=at)
    found.delete()
