"""Whether the keys in the keys' folder are those of this database and of what was written down beside it, looked at by samples.

A wrong key must stop the start: what would be sealed, chained or signed with it could never be opened or proved again.
"""

from collections.abc import Iterable

from concerns.access.masterkeys import CHAIN_FILE, MASTER_FILE, chain_key, master_key
from concerns.exceptions import KeyTrouble
from concerns.models import AuditEvent, DataKey
from concerns.queries.chains import AUDIT_COLUMNS
from concerns.rules import hashchain, sealing
from concerns.rules.headers import audit_header

SAMPLE = 3  # one damaged row must not look like a wrong key
WRONG_MASTER = (
    "The master key {name} in {file} opens nothing in this database: it is another system's, or another file was put in its place. "
    "Put the right file back from your copy or your recovery sheet."
)
WRONG_CHAIN = (
    "{file} is not the key that this database's audit log was chained with. Put the right file back from your copy or your recovery sheet."
)


def foreign_keys() -> list[str]:
    """Return what is wrong, in sentences that say what to do; nothing where the keys fit or the database is empty."""
    return [*_foreign_masters(), *_foreign_chain()]


def _foreign_masters() -> Iterable[str]:
    """Every name of a master key that wraps anything here must be in the file, and open what it wrapped."""
    for name in DataKey.objects.order_by("master_key").values_list("master_key", flat=True).distinct():
        rows = DataKey.objects.filter(master_key=name)
        sample = [*rows.order_by("pk")[:SAMPLE], *rows.order_by("-pk")[:SAMPLE]]
        try:
            master = master_key(name)
        except KeyTrouble as trouble:
            yield str(trouble)
            continue
        if not any(_opens(row, master) for row in sample):
            yield WRONG_MASTER.format(name=name, file=MASTER_FILE)


def _opens(row: DataKey, master: bytes) -> bool:
    try:
        return bool(sealing.unwrap(bytes(row.wrapped), master=master, data_key_id=row.pk))
    except KeyTrouble:
        return False


def _foreign_chain() -> Iterable[str]:
    columns = (*AUDIT_COLUMNS, "previous_digest", "digest")
    rows = AuditEvent.objects.values(*columns)
    sample = [*rows.order_by("pk")[:SAMPLE], *rows.order_by("-pk")[:SAMPLE]]
    if sample and not any(_chained(dict(row)) for row in sample):
        yield WRONG_CHAIN.format(file=CHAIN_FILE)


def _chained(row: dict[str, object]) -> bool:
    previous, digest = bytes(row.pop("previous_digest")), bytes(row.pop("digest"))  # type: ignore[call-overload]
    return bool(hashchain.digest(key=chain_key(), previous=previous, header=audit_header(**row), sealed=b"") == digest)
