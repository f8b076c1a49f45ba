"""Backups: one encrypted file, made from one consistent moment, read back before it counts, and kept for a while.

It holds the database, the anchors and the list of disposals, and no key: whoever has only the file reads nothing.
"""

import errno
import fcntl
import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import DatabaseError

from concerns.access.masterkeys import backup_key, backup_keys
from concerns.actions.audit import audit, recorded
from concerns.disk import keep_names
from concerns.exceptions import NoBackup
from concerns.models import Heartbeat
from concerns.queries.manifest import manifest_of
from concerns.rules.packing import Packer, unpack
from concerns.snapshots import kind, snapshot

log = logging.getLogger(__name__)
DATABASE, ANCHORS, DISPOSALS, MANIFEST = "database", "anchors.jsonl", "disposals.jsonl", "manifest.json"
HEARTBEAT = "backup"
STAMP = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"^safeguarding-(\d{8}T\d{6}Z)\.backup$")
FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_FOLDER = "The folder {folder} is not there. Is its disk connected? Make the folder, then run it again."
NO_SPACE = "The disk of {folder} is full. The older backups are as they were. Make room or name another folder, then run it again."
NOT_WRITTEN = "The backup could not be written to {folder}: {words}. The older backups are as they were."
AT_WORK = "Another backup is being made at this moment. Wait until it has finished."


def make_backup(*, by: None, folder: Path, at: datetime, keep_days: int) -> Path:
    """Write a backup into the folder, read it back, remove those older than so many days, and return its path.

    Raises NoBackup, with a sentence that says what to do; the folder then holds what it held before.
    """
    if not folder.is_dir():
        raise NoBackup(NO_FOLDER.format(folder=folder))
    path = folder / f"safeguarding-{at.astimezone(UTC):{STAMP}}.backup"
    try:
        with _alone(), _whole(path) as file, snapshot() as held:
            _pack(file, held.ask, held.data, at=at)
    except OSError as error:
        words = NO_SPACE if error.errno in FULL_DISK else NOT_WRITTEN
        raise NoBackup(words.format(folder=folder, words=error.strerror)) from None
    expire(folder, keep=path, before=at - timedelta(days=keep_days))
    try:
        _remember(by=by, size=path.stat().st_size, at=at)
    except DatabaseError as error:  # the tables are those of another version: the file is good all the same
        log.error("the backup is good, but could not be noted: %s", type(error).__name__)
    return path


def _pack(file: BinaryIO, ask: Any, data: Any, *, at: datetime) -> None:
    packer = Packer(file, backup_keys()[-1])
    manifest = manifest_of(ask, kind=kind(), at=at)
    packer.add(DATABASE, data())
    for name, path in ((ANCHORS, settings.ANCHORS_FILE), (DISPOSALS, settings.DISPOSALS_FILE)):
        packer.add(name, iter([Path(path).read_bytes() if Path(path).exists() else b""]))
    manifest["sections"] = {name: asdict(section) for name, section in packer.sections.items()}
    packer.add(MANIFEST, iter([json.dumps(manifest).encode()]))
    packer.finish()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one backup be made at a time."""
    Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
    with open(Path(settings.VAR_DIR) / "backup.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NoBackup(AT_WORK) from None
        yield


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name only when all of it is on the disk and could be read back; otherwise nothing is left of it."""
    for left in path.parent.glob(".safeguarding-*.part"):
        left.unlink()
    part = path.with_name(f".{path.stem}.part")
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb+") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            for _ in unpack(file, backup_key):
                pass
        part.replace(path)
        keep_names(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def expire(folder: Path, *, keep: Path, before: datetime) -> list[Path]:
    """Remove the backups that were made before a moment, but never `keep`, which was read back just now."""
    old = [path for path in sorted(folder.iterdir()) if path != keep and (made := made_at(path)) is not None and made < before]
    for path in old:
        path.unlink()
    return old


def made_at(path: Path) -> datetime | None:
    """Return when a backup was made, by its name, or None where the file is no backup of ours."""
    found = NAME.match(path.name)
    return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found else None


@recorded
def _remember(*, by: None, size: int, at: datetime) -> None:
    """Leave the audit row, and the heartbeat by which an overdue backup shows."""
    Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": at})
    audit(by=by, verb="made a backup", subject=None, at=at, bytes=size)
