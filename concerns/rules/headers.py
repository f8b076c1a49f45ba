"""The canonical headers of the two chains: what a digest covers beside the sealed body. Pure; takes plain values."""

from datetime import UTC, datetime
from typing import Any

VERSION = 1


def moment(value: datetime | None) -> str | None:
    """Return a moment in the one spelling that digests use: ISO 8601 in UTC."""
    return value.astimezone(UTC).isoformat() if value else None


def entry_header(**columns: Any) -> dict[str, Any]:
    """Return the header of an entry: id, concern, number, kind, author, author_role, written_at, happened_at, corrects."""
    names = ("id", "concern", "kind", "author", "corrects")
    texts = {name: str(columns[name]) if columns[name] else None for name in names}
    times = {name: moment(columns[name]) for name in ("written_at", "happened_at")}
    return {"version": VERSION, "number": columns["number"], "author_role": columns["author_role"], **texts, **times}


def audit_header(**columns: Any) -> dict[str, Any]:
    """Return the header of an audit row: everything in it but the digests."""
    texts = {name: str(columns[name] or "") for name in ("id", "centre", "by", "subject_id", "concern")}
    plain = {name: columns[name] for name in ("number", "verb", "subject_type", "detail")}
    return {"version": VERSION, "at": moment(columns["at"]), **texts, **plain}
