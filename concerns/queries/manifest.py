"""What a backup says about itself: how much it holds, where its chains end, which keys open it, which migrations made it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from concerns.access.masterkeys import anchor_key, chain_key, master_key
from concerns.exceptions import DamagedBackup, KeyTrouble
from concerns.models import ChainHead, DataKey
from concerns.snapshots import OTHER_KIND, Ask

NEWER = "This backup was made by a newer version of the product ({name}). Install that version, then restore."
OTHER_KEYS = "The keys' folder is not that of the system which made this backup: {which} is another one. Put its keys' folder here first."


def fingerprint(key: bytes) -> str:
    """A name for a key from which nobody learns it."""
    return sha256(b"safeguarding fingerprint|" + key).hexdigest()[:16]


def our_tables() -> list[str]:
    """Our tables that are there: before an upgrade is migrated, the newest are not, and that is when a backup is wanted most."""
    there = set(connection.introspection.table_names())
    return sorted(there & {model._meta.db_table for model in apps.get_app_config("concerns").get_models()})


def counts(ask: Ask, *, tables: Iterable[str]) -> dict[str, int]:
    """How many rows each table holds."""
    return {table: ask(f"SELECT count(*) FROM {table}")[0][0] for table in tables}  # noqa: S608 - our own names


def heads(ask: Ask) -> dict[str, tuple[int, str]]:
    """Where each audit chain ends: its number and digest."""
    rows = ask(f"SELECT chain, number, digest FROM {ChainHead._meta.db_table}")  # noqa: S608 - our own name
    return {chain: (number, bytes(digest).hex()) for chain, number, digest in rows}


def manifest_of(ask: Ask, *, kind: str, at: datetime) -> dict[str, Any]:
    """Return what the backup of this snapshot says about itself. Raises KeyTrouble where a key of the record is missing."""
    names = [row[0] for row in ask(f"SELECT DISTINCT master_key FROM {DataKey._meta.db_table} ORDER BY 1")]  # noqa: S608 - our own name
    return {
        "made_at": at.isoformat(),
        "kind": kind,
        "migrations": [f"{app}.{name}" for app, name in ask("SELECT app, name FROM django_migrations ORDER BY id")],
        "counts": counts(ask, tables=our_tables()),
        "heads": heads(ask),
        "keys": {name: fingerprint(master_key(name)) for name in names},
        "chain_key": fingerprint(chain_key()),
        "anchor_key": fingerprint(anchor_key()),
    }


def require_fit(manifest: Mapping[str, Any], *, kind: str) -> None:
    """Raise DamagedBackup, in words, unless this product, this kind of database and these keys can hold the backup."""
    if manifest["kind"] != kind:
        raise DamagedBackup(OTHER_KIND.format(kind="SQLite" if manifest["kind"] == "sqlite" else "PostgreSQL"))
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = [name for name in manifest["migrations"] if name.startswith("concerns.") and name not in known]
    if newer:
        raise DamagedBackup(NEWER.format(name=newer[-1]))
    for which, wanted in _keys(manifest).items():
        if wanted != _here(which):
            raise DamagedBackup(OTHER_KEYS.format(which=which))


def _keys(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {"chain.key": manifest["chain_key"], "anchor.key": manifest["anchor_key"], **manifest["keys"]}


def _here(which: str) -> str:
    try:
        key = {"chain.key": chain_key, "anchor.key": anchor_key}.get(which, lambda: master_key(which))()
    except KeyTrouble:
        return ""
    return fingerprint(key)
