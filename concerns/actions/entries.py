"""Adds one entry to a record: numbered, sealed, chained to the one before it. Every other action uses this."""

from datetime import datetime
from typing import Any

from concerns.access.keyring import Keyring
from concerns.access.masterkeys import chain_key
from concerns.access.standing import roles_of
from concerns.actions.audit import cover
from concerns.choices import EntryKind, Role
from concerns.models import Concern, Entry, User
from concerns.rules import hashchain
from concerns.rules.headers import entry_header

STRONGEST_FIRST = (Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER, Role.REPORTER, Role.ADMIN, Role.AUDITOR, Role.TRUSTEE)


def role_at_the_time(user: User | None, concern: Concern) -> str:
    """Return the strongest role that the person holds at the concern's centre now, or nothing."""
    held = roles_of(user).get(concern.centre_id, frozenset()) if user else frozenset()
    return next((role.value for role in STRONGEST_FIRST if role in held), "")


def header_of(entry: Entry) -> dict[str, Any]:
    """Return what the digest of an entry covers beside its sealed body."""
    return entry_header(
        id=entry.pk,
        concern=entry.concern_id,
        number=entry.number,
        kind=entry.kind,
        author=entry.author_id,
        author_role=entry.author_role,
        written_at=entry.written_at,
        happened_at=entry.happened_at,
        corrects=entry.corrects_id,
    )


def write_entry(
    *,
    by: User | None,
    concern: Concern,
    kind: EntryKind,
    body: dict[str, Any],
    at: datetime,
    keyring: Keyring,
    happened_at: datetime | None = None,
    corrects: Entry | None = None,
) -> Entry:
    """Add an entry to a concern that the caller has locked. `by` is empty for what the system did by itself."""
    last = Entry.objects.filter(concern=concern).order_by("-number").first()
    entry = Entry(
        concern=concern,
        number=last.number + 1 if last else 1,
        kind=kind,
        author=by,
        author_role=role_at_the_time(by, concern),
        written_at=at,
        happened_at=happened_at,
        corrects=corrects,
        previous_digest=bytes(last.digest) if last else hashchain.START,
    )
    keyring.seal(entry, "body", body)
    entry.digest = hashchain.digest(
        key=chain_key(), previous=bytes(entry.previous_digest), header=header_of(entry), sealed=bytes(entry.body)
    )
    entry.save()
    cover(entry)
    return entry
