"""Refusals: every page that was not shown to somebody who had signed in leaves an audit row, in a transaction of its own.

A flood must not grow the chain without end: the same refusal again within a minute, and everything after a hundred in an
hour, is counted and not chained. So are strangers, and addresses that do not exist, whoever asks for them.
"""

import threading
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Model

from concerns.access.standing import centre_of
from concerns.actions.audit import audit, recorded
from concerns.models import AuditEvent, Concern, Draft, RefusalCount, User
from concerns.rules.audit import REFUSAL

SAME_AGAIN = timedelta(minutes=1)
ROWS_AN_HOUR = 100
STRANGERS_WRITTEN_EVERY = timedelta(minutes=1)


@recorded
def note_refusal(*, by: User, view: str, named: Mapping[str, Any], at: datetime) -> None:
    """Chain one refusal: the name of the view, and the id that was asked for; where it is a concern or a draft, that as well.

    An id that does not exist leaves the same row but for the thing itself.
    """
    thing, asked = _thing(named)
    rows = AuditEvent.objects.filter(by=by, verb=REFUSAL, at__gt=at - timedelta(hours=1))
    lately = list(rows.values_list("at", "detail")[:ROWS_AN_HOUR])
    again = any(when > at - SAME_AGAIN and (detail["view"], detail["asked"]) == (view, asked) for when, detail in lately)
    if again or len(lately) == ROWS_AN_HOUR:
        _add(at.date(), by, 1)
    else:
        audit(by=by, verb=REFUSAL, subject=thing, at=at, centre=centre_of(by), view=view, asked=asked)


def _thing(named: Mapping[str, Any]) -> tuple[Model | None, str]:
    """The concern or draft that an address names, if it exists, and the first id in the address."""
    name, asked = next(((name, value) for name, value in named.items() if isinstance(value, UUID)), ("", ""))
    thing: Model | None = None
    if name in ("concern_id", "concern_ref"):
        thing = Concern.objects.filter(pk=asked).first()
    elif name == "draft_id":
        thing = Draft.objects.filter(pk=asked).select_related("concern").first()
    return thing, str(asked)


def _add(on: date, user: User | None, count: int) -> None:
    """Add to a day's count, and make it where it is the first."""
    row = RefusalCount.objects.filter(on=on, user=user)
    if row.update(count=F("count") + count):
        return
    try:
        with transaction.atomic():
            RefusalCount.objects.create(on=on, user=user, count=count)
    except IntegrityError:  # another request made it first
        row.update(count=F("count") + count)


class Strangers:
    """Counts in memory, and writes once a minute at most: whoever knocks often must not make the database write often."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = 0
        self._written_at: datetime | None = None

    def count(self, *, at: datetime) -> None:
        """Count one refusal."""
        with self._lock:
            self._waiting += 1
            if self._written_at is not None and at - self._written_at < STRANGERS_WRITTEN_EVERY:
                return
            waiting, self._waiting, self._written_at = self._waiting, 0, at
        _add(at.date(), None, waiting)


STRANGERS = Strangers()
