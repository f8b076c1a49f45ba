"""Restoring a backup: everything is read and checked before anything is written, and only an empty database is filled.

Disposals are carried out again, also those made after the backup; all sessions have ended; the chains are held against the
anchors. Anchors from after the backup are put aside, where they show what was lost.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from concerns.access.masterkeys import backup_key
from concerns.actions.anchors import public_key, read_anchors
from concerns.actions.audit import audit, recorded
from concerns.actions.backup import ANCHORS, DATABASE, DISPOSALS, MANIFEST
from concerns.actions.disposal import replay_disposals
from concerns.actions.disposal_list import read_lines
from concerns.choices import SignInEnd
from concerns.database import overwrite_deleted_rows
from concerns.exceptions import DamagedBackup
from concerns.models import DataKey, SignIn, SignInLink
from concerns.queries.chains import Verdict, verify
from concerns.queries.manifest import counts, require_fit
from concerns.rules.packing import CHANGED, unpack
from concerns.snapshots import is_empty, kind, load

NOT_EMPTY = (
    "This database holds tables already, and a restore never writes over anything. Make an empty one (PostgreSQL: `createdb NAME`, "
    "and name it in DATABASE_URL; SQLite: move {name} away), then run it again."
)
OTHER_LIST = (
    "The list of disposals here ({path}) and the one in the backup are not of one system. Move this one away, or put the right one "
    "in its place, then run it again."
)
UNFINISHED = "restore-under-way"
NO_FILE = "There is no readable file at {path}."
OTHER_COUNT = "The database does not hold what the backup says: {table} has {found} rows, not {wanted}. Take another backup."


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup that was read to its end and is whole: what it says of itself, and its two lists."""

    path: Path
    manifest: Mapping[str, Any]
    anchors: bytes
    disposals: bytes


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came of it: the verdict on the chains, the concerns that were disposed of again, the last audit rows that were anchored
    after the backup and are lost."""

    verdict: Verdict
    disposed: int
    lost: Mapping[str, int]


def read_backup(path: Path) -> Backup:
    """Read a backup to its end without keeping the database in memory.

    Raises DamagedBackup or KeyTrouble, in words, unless all of it is as it was written.
    """
    kept: dict[str, bytes] = {ANCHORS: b"", DISPOSALS: b"", MANIFEST: b""}
    seen: dict[str, Any] = {}
    for name, data in pieces(path):
        digest, size = seen.get(name, (sha256(), 0))
        digest.update(data)
        seen[name] = digest, size + len(data)
        if name in kept:
            kept[name] += data
    if not kept[MANIFEST]:
        raise DamagedBackup(CHANGED)
    manifest = json.loads(kept[MANIFEST])
    found = {name: {"size": size, "digest": digest.hexdigest()} for name, (digest, size) in seen.items() if name != MANIFEST}
    if found != manifest["sections"]:
        raise DamagedBackup(CHANGED)
    return Backup(path=path, manifest=manifest, anchors=kept[ANCHORS], disposals=kept[DISPOSALS])


def pieces(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each piece of a backup file, opened with the keys of the keys' folder."""
    try:
        file = path.open("rb")
    except OSError:
        raise DamagedBackup(NO_FILE.format(path=path)) from None
    with file:
        yield from unpack(file, backup_key)


def fill_database(*, path: Path) -> Backup:
    """Check everything, then fill the empty database and the two lists beside it. `finish_restore` does the rest."""
    if not is_empty():
        raise DamagedBackup(NOT_EMPTY.format(name=settings.DATABASES["default"]["NAME"]))
    backup = read_backup(path)
    require_fit(backup.manifest, kind=kind())
    if Path(settings.ANCHORS_FILE).exists():
        read_anchors(Path(settings.ANCHORS_FILE), public_key())  # a forged list is refused before anything is written
    _bring_disposals(Path(settings.DISPOSALS_FILE), backup.disposals)
    _merge(Path(settings.ANCHORS_FILE), backup.anchors)
    unfinished().touch()
    load(data for name, data in pieces(path) if name == DATABASE)
    _require_counts(backup.manifest["counts"])
    return backup


def unfinished() -> Path:
    """The file that is there while a restore is under way; nothing starts until it is gone."""
    return Path(settings.VAR_DIR) / UNFINISHED


def _bring_disposals(path: Path, wanted: bytes) -> None:
    """Leave the longer of the two lists of disposals beside the system: one must be the beginning of the other."""
    read_lines()
    there = path.read_bytes() if path.exists() else b""
    whole, more = (content[: content.rfind(b"\n") + 1] for content in (there, wanted))
    if not whole.startswith(more) and not more.startswith(whole):
        raise DamagedBackup(OTHER_LIST.format(path=path))
    if len(more) > len(whole):
        _write(path, more)
    read_lines()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(content)


def _merge(path: Path, lines: bytes) -> None:
    """Add to the file beside the system those lines of the backup's that it does not hold: each list only ever grows.

    A last line that a crash cut off is none, and must not look like a changed one afterwards.
    """
    there = _whole_lines(path.read_bytes()) if path.exists() else []
    more = [line for line in _whole_lines(lines) if line not in there]
    _write(path, "".join(f"{line}\n" for line in [*more, *there]).encode("ascii"))


def _whole_lines(content: bytes) -> list[str]:
    return content[: content.rfind(b"\n") + 1].decode("ascii").splitlines()


def _require_counts(wanted: Mapping[str, int]) -> None:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    found = counts(ask, tables=wanted)
    for table, count in wanted.items():
        if found[table] != count:
            raise DamagedBackup(OTHER_COUNT.format(table=table, found=found[table], wanted=count))


def finish_restore(*, by: None, backup: Backup, at: datetime) -> Restored:
    """End every session, dispose again of what the list names, and hold the chains against the anchors.

    The tables must be those of this version. Raises KeyTrouble, naming the line, where a list is damaged.
    """
    disposed = replay_disposals(by=by, at=at)
    if disposed:
        overwrite_deleted_rows(DataKey._meta.db_table)
    lost = _put_aside(backup.manifest["heads"], at=at)
    _remember(by=by, made_at=backup.manifest["made_at"], at=at)
    verdict = verify(tuple(read_anchors(Path(settings.ANCHORS_FILE), public_key())))
    unfinished().unlink(missing_ok=True)
    return Restored(verdict=verdict, lost=lost, disposed=disposed)


def _put_aside(heads: Mapping[str, tuple[int, str]], *, at: datetime) -> dict[str, int]:
    """Move the anchors of rows that came after the backup into a file of their own; return the last such row of each chain."""
    path = Path(settings.ANCHORS_FILE)
    anchors = read_anchors(path, public_key())
    lines = path.read_text("ascii").splitlines()
    after = [anchor.number > heads.get(anchor.chain, (0, ""))[0] for anchor in anchors]
    if any(after):
        aside = path.with_name(f"lost-{at:%Y%m%dT%H%M%S}.jsonl")
        aside.write_text("".join(f"{line}\n" for line, late in zip(lines, after, strict=True) if late), "ascii")
        path.write_text("".join(f"{line}\n" for line, late in zip(lines, after, strict=True) if not late), "ascii")
    return {anchor.chain: anchor.number for anchor, late in zip(anchors, after, strict=True) if late}


@recorded
def _remember(*, by: None, made_at: str, at: datetime) -> None:
    """End what let anybody in: sign-ins, and links that had been used since, which the backup made fresh again."""
    Session.objects.all().delete()
    ended = SignIn.objects.filter(ended_at=None).update(ended_at=at, why_ended=SignInEnd.ENDED)
    SignInLink.objects.filter(used_at=None, expires_at__gt=at).update(expires_at=at)
    audit(by=by, verb="restored a backup", subject=None, at=at, made_at=made_at, sign_ins=ended)
