"""When a centre is open."""

from concerns.models import Centre, OpeningSession
from concerns.rules.deadlines import Session


def sessions_of(centre: Centre) -> list[Session]:
    """Return the centre's weekly sessions, as the deadline rules want them."""
    return [Session(weekday=row.weekday, starts=row.starts, ends=row.ends) for row in centre.sessions.all()]


def is_the_last(session: OpeningSession) -> bool:
    """Whether the centre has no other session (one query)."""
    return not OpeningSession.objects.filter(centre=session.centre_id).exclude(pk=session.pk).exists()
