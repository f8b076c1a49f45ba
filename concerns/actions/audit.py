"""The audit log: one row for every action, in the action's own transaction, chained per centre.

The rows of a transaction are written when it is about to commit, so that the chain's lock is held for its last statements
only, and two actions of one centre cannot wait for each other in a ring.
"""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import models, transaction

from concerns.access.masterkeys import chain_key
from concerns.models import AuditEvent, Centre, ChainHead, Concern, Entry, User
from concerns.rules import hashchain
from concerns.rules.headers import audit_header

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
_waiting: ContextVar[list[AuditEvent] | None] = ContextVar("audit rows of this transaction", default=None)
_entries: ContextVar[list[str]] = ContextVar("entries written in this transaction", default=[])  # noqa: B039 - never changed in place


def recorded(action: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run an action in a transaction; its audit rows, and those of the actions it calls, are the last thing written."""

    @wraps(action)
    def run(*args: Arguments.args, **options: Arguments.kwargs) -> Result:
        with transaction.atomic():
            if _waiting.get() is not None:
                return action(*args, **options)
            tokens = _waiting.set([]), _entries.set([])
            try:
                result = action(*args, **options)
                _write(_waiting.get() or [])
            finally:
                _waiting.reset(tokens[0])
                _entries.reset(tokens[1])
            return result

    return run


def cover(entry: Entry) -> None:
    """Let the audit row of this action vouch for an entry, so that the chain of the centre shows when one is cut off."""
    _entries.set([*_entries.get(), claim_of(entry.pk, bytes(entry.digest))])


def claim_of(entry_id: UUID, digest: bytes) -> str:
    """Return what an audit row says of an entry: its id and the first half of its digest."""
    return f"{entry_id}:{digest[:16].hex()}"


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
    if _entries.get():
        event.detail["entries"] = _entries.get()
        _entries.set([])
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append(event)
    else:
        with transaction.atomic(savepoint=False):
            _write([event])


def _write(events: list[AuditEvent]) -> None:
    """Chain the rows and write them, centre by centre in one order, each centre's head locked."""
    for key in sorted({str(event.centre_id or "") for event in events}):
        _write_chain(key, [event for event in events if str(event.centre_id or "") == key])


def _write_chain(key: str, events: list[AuditEvent]) -> None:
    head = _locked_head(key)
    for event in events:
        event.number, event.previous_digest = head.number + 1, bytes(head.digest)
        event.digest = hashchain.digest(key=chain_key(), previous=event.previous_digest, header=header_of(event), sealed=b"")
        head.number, head.digest = event.number, event.digest
    AuditEvent.objects.bulk_create(events)
    head.save(update_fields=["number", "digest"])


def _locked_head(key: str) -> ChainHead:
    """The end of a chain, locked; a chain that has none yet begins."""
    heads = ChainHead.objects.select_for_update().filter(chain=key)
    found = next(iter(heads), None)
    if found is None:
        ChainHead.objects.bulk_create([ChainHead(chain=key, number=0, digest=hashchain.START)], ignore_conflicts=True)
        found = heads.get()
    return found


def header_of(event: AuditEvent) -> dict[str, Any]:
    """Return what the digest of an audit row covers."""
    return audit_header(
        id=event.pk,
        centre=event.centre_id,
        number=event.number,
        at=event.at,
        by=event.by_id,
        verb=event.verb,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        concern=event.concern_id,
        detail=event.detail,
    )
