"""The whole database as bytes at one moment, and back: SQLite's VACUUM INTO, PostgreSQL's pg_dump and pg_restore.

Sessions and the cache stay out: nobody is signed in after a restore. The copy of SQLite lies beside the database, readable by
this user only, until the block ends; PostgreSQL's goes through a pipe and touches no disk.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.client import DatabaseClient

from concerns.exceptions import DamagedBackup, NoBackup

TRANSIENT = ("django_session", "cache_rows")
BLOCK_BYTES = 1024 * 1024
PREFIX = ".snapshot-"
NO_ROOM = "There is no room beside the database for the copy that a backup is made from. Make room, then run it again."
NO_PROGRAM = "{program} is not installed. Install PostgreSQL's client, for example with: apt install postgresql-client"
FAILED = "{program} failed: {words}"
OTHER_KIND = "This backup is of a database of another kind ({kind}). Set DATABASE_URL to an empty database of that kind."

Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Snapshot:
    """`ask` answers queries as of that moment; `data` is the database itself, in blocks."""

    ask: Ask
    data: Callable[[], Iterator[bytes]]


@contextmanager
def snapshot(database: BaseDatabaseWrapper = connection) -> Iterator[Snapshot]:
    """Hold the database as it is now; writers go on meanwhile. Raises NoBackup, with what to do."""
    hold = _sqlite if database.vendor == "sqlite" else _postgresql
    with hold(database) as held:
        yield held


@contextmanager
def _sqlite(database: BaseDatabaseWrapper) -> Iterator[Snapshot]:
    beside = Path(str(database.settings_dict["NAME"])).parent
    for left in beside.glob(PREFIX + "*"):  # of a backup that was killed
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=beside, prefix=PREFIX) as folder:
        path = Path(folder) / "copy.sqlite3"
        try:
            with database.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(path)])
            copy = sqlite3.connect(path)
            _without_transient(copy)
        except (DatabaseError, sqlite3.OperationalError):
            raise NoBackup(NO_ROOM) from None
        try:
            yield Snapshot(lambda sql: copy.execute(sql).fetchall(), lambda: _blocks(path))
        finally:
            copy.close()


def _without_transient(copy: sqlite3.Connection) -> None:
    copy.execute("PRAGMA secure_delete=ON")
    there = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in there & set(TRANSIENT):
        copy.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    copy.commit()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


@contextmanager
def _postgresql(database: BaseDatabaseWrapper) -> Iterator[Snapshot]:
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        name = cursor.fetchone()[0]

        def ask(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

        yield Snapshot(ask, lambda: _dump(database, name))


def _program(program: str, database: BaseDatabaseWrapper, *options: str) -> tuple[list[str], dict[str, str]]:
    """The command line of one of PostgreSQL's programs, and its environment, which holds the password."""
    path = shutil.which(program)
    if path is None:
        raise NoBackup(NO_PROGRAM.format(program=program))
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(database.settings_dict, [])
    *reach, name = arguments[1:]
    return [path, *reach, "--no-password", *options, f"--dbname={name}"], {**os.environ, **(environment or {})}


def _dump(database: BaseDatabaseWrapper, name: str) -> Iterator[bytes]:
    without = [f"--exclude-table-data={table}" for table in TRANSIENT]
    options = (
        "--format=custom",
        "--compress=1",
        "--no-owner",
        "--no-privileges",
        "--lock-wait-timeout=30s",
        f"--snapshot={name}",
        *without,
    )
    command, environment = _program("pg_dump", database, *options)
    with TemporaryFile() as said, subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        try:
            while block := process.stdout.read(BLOCK_BYTES):
                yield block
        finally:
            process.stdout.close()
            process.wait()
        if process.returncode:
            said.seek(0)
            raise NoBackup(FAILED.format(program="pg_dump", words=_last_line(said.read())))


def _last_line(said: bytes) -> str:
    """The last line that a program wrote; such lines name tables and roles, never a row."""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"


def kind(database: BaseDatabaseWrapper = connection) -> str:
    return database.vendor


def is_empty(database: BaseDatabaseWrapper = connection) -> bool:
    """Whether the database holds no table at all."""
    return not database.introspection.table_names()


def load(data: Iterator[bytes], database: BaseDatabaseWrapper = connection) -> None:
    """Fill an empty database, whole or not at all. Raises DamagedBackup, or NoBackup where a program is missing."""
    database.close()
    (_load_sqlite if database.vendor == "sqlite" else _load_postgresql)(data, database)


def _load_sqlite(data: Iterator[bytes], database: BaseDatabaseWrapper) -> None:
    path = Path(str(database.settings_dict["NAME"]))
    fresh = path.with_name(path.name + ".restoring")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for block in data:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    with sqlite3.connect(fresh) as copy:
        healthy = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    if not healthy:
        fresh.unlink()
        raise DamagedBackup("The database in this backup is damaged. Take another backup.")
    for part in ("-wal", "-shm"):
        path.with_name(path.name + part).unlink(missing_ok=True)
    fresh.replace(path)


def _load_postgresql(data: Iterator[bytes], database: BaseDatabaseWrapper) -> None:
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    command, environment = _program("pg_restore", database, *options)
    with TemporaryFile() as said, subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=said) as process:  # noqa: S603
        assert process.stdin is not None  # noqa: S101 - PIPE was asked for
        try:
            for block in data:
                process.stdin.write(block)
            process.stdin.close()
        except BrokenPipeError:
            pass
        except BaseException:
            process.kill()
            raise
        if process.wait():
            said.seek(0)
            raise DamagedBackup(FAILED.format(program="pg_restore", words=_last_line(said.read())))
