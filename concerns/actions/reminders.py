"""Unfinished records: their author is reminded, and after that a lead sees that there is one, with nothing of its content.

Source: untouched for 30 minutes mails its author; after 2 hours or at the session's end the lead on duty sees that NAME has one.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from concerns.actions.apart import apart
from concerns.actions.audit import audit
from concerns.actions.outbox import queue_message
from concerns.choices import MessageKind
from concerns.models import Draft
from concerns.queries.sessions import sessions_of
from concerns.rules.deadlines import session_end

REMIND_AFTER = timedelta(minutes=30)
SHOW_LEADS_AFTER = timedelta(hours=2)


def remind_authors(*, by: None, at: datetime, limit: int = 50) -> int:
    """Mail the authors of unfinished records that nobody has touched for 30 minutes; once for each time they stopped."""
    waiting = Draft.objects.filter(finished_at=None, reminded_at=None, touched_at__lte=at - REMIND_AFTER)
    drafts = waiting.select_related("owner", "concern", "centre")[:limit]
    return _each(drafts, lambda draft: _remind_author(draft, at=at))


def show_leads(*, by: None, at: datetime, limit: int = 50) -> int:
    """Mark the unfinished records that leads may know of: untouched for 2 hours, or since the session ended."""
    waiting = Draft.objects.filter(finished_at=None, told_lead_at=None).order_by("touched_at", "pk")  # newer ones must not hide older ones
    return _each(waiting.prefetch_related("centre__sessions")[:limit], lambda draft: _show_leads(draft, at=at))


def _each(drafts: Iterable[Draft], do: Callable[[Draft], bool]) -> int:
    """Do it with each draft apart from the others, and return with how many it was done."""
    return sum(bool(apart(f"seeing to unfinished record {draft.pk}", partial(do, draft))) for draft in drafts)


def _remind_author(draft: Draft, *, at: datetime) -> bool:
    if not Draft.objects.filter(pk=draft.pk, reminded_at=None, finished_at=None).update(reminded_at=at):
        return False
    key = f"{draft.pk}:{draft.touched_at:%Y%m%d%H%M%S}"
    queue_message(recipient=draft.owner, kind=MessageKind.UNFINISHED, key=key, at=at, concern=draft.concern, centre=draft.centre)
    audit(by=None, verb="reminded of an unfinished record", subject=draft, at=at)
    return True


def _show_leads(draft: Draft, *, at: datetime) -> bool:
    end = session_end(draft.created_at, sessions_of(draft.centre))
    if at - draft.touched_at < SHOW_LEADS_AFTER and (end is None or at < end):
        return False
    if not Draft.objects.filter(pk=draft.pk, told_lead_at=None, finished_at=None).update(told_lead_at=at):
        return False
    audit(by=None, verb="showed leads that a record is unfinished", subject=draft, at=at)
    return True
