"""The audit log: one row for every action, in the action's own transaction, chained per centre.

The rows of a transaction are written when it is about to commit, so that the chain's lock is held for its last statements
only, and two actions of one centre cannot wait for each other in a ring.
"""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import models, transaction

from concerns.access.masterkeys import chain_key
from concerns.models import AuditEvent, Centre, ChainHead, Concern, User
from concerns.rules import hashchain

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
CHAIN_VERSION = 1
_waiting: ContextVar[list[AuditEvent] | None] = ContextVar("audit rows of this transaction", default=None)


def recorded(action: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run an action in a transaction; its audit rows, and those of the actions it calls, are the last thing written."""

    @wraps(action)
    def run(*args: Arguments.args, **options: Arguments.kwargs) -> Result:
        with transaction.atomic():
            if _waiting.get() is not None:
                return action(*args, **options)
            token = _waiting.set([])
            try:
                result = action(*args, **options)
                _write(_waiting.get() or [])
            finally:
                _waiting.reset(token)
            return result

    return run


def audit(
    *,
    by: User | None,
    verb: str,
    subject: models.Model | None,
    at: datetime,
    centre: Centre | None = None,
    **detail: str | int | bool | None,
) -> None:
    """Add one audit row. `verb` is a few plain words; `detail` holds ids, closed words and counts, never anything typed or named."""
    concern: Any = subject if isinstance(subject, Concern) else getattr(subject, "concern", None)
    event = AuditEvent(
        centre_id=centre.pk if centre else getattr(subject, "centre_id", None) or getattr(concern, "centre_id", None),
        at=at,
        by=by,
        verb=verb,
        subject_type=subject._meta.model_name or "" if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        concern=concern,
        detail={name: str(value) if isinstance(value, str) else value for name, value in detail.items()},
    )
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append(event)
    else:
        with transaction.atomic():
            _write([event])


def _write(events: list[AuditEvent]) -> None:
    """Chain the rows and write them, centre by centre in one order, each centre's head locked."""
    for key in sorted({str(event.centre_id or "") for event in events}):
        _write_chain(key, [event for event in events if str(event.centre_id or "") == key])


def _write_chain(key: str, events: list[AuditEvent]) -> None:
    ChainHead.objects.get_or_create(chain=key, defaults={"number": 0, "digest": hashchain.START})
    head = ChainHead.objects.select_for_update().get(chain=key)
    for event in events:
        event.number, event.previous_digest = head.number + 1, bytes(head.digest)
        event.digest = hashchain.digest(key=chain_key(), previous=event.previous_digest, header=header_of(event), sealed=b"")
        head.number, head.digest = event.number, event.digest
    AuditEvent.objects.bulk_create(events)
    head.save(update_fields=["number", "digest"])


def header_of(event: AuditEvent) -> dict[str, Any]:
    """Return what the digest of an audit row covers: everything in it. Times are ISO 8601 in UTC."""
    return {
        "version": CHAIN_VERSION,
        "id": str(event.pk),
        "centre": str(event.centre_id or ""),
        "number": event.number,
        "at": event.at.astimezone(UTC).isoformat(),
        "by": str(event.by_id or ""),
        "verb": event.verb,
        "subject_type": event.subject_type,
        "subject_id": str(event.subject_id or ""),
        "concern": str(event.concern_id or ""),
        "detail": event.detail,
    }
