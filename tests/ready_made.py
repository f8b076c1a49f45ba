"""An installation that is made once in a test run and copied: making one takes seconds, and the tests want some forty."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

Make = Callable[[Path, str], None]
"""Makes an installation in a folder, on the database at an address ("" for SQLite)."""

_folder: Path | None = None


def share(folder: Path) -> None:
    """Keep what is made in this folder, which the processes of a test run share and which pytest clears away."""
    global _folder
    _folder = folder


def copied(var: Path, url: str, make: Make) -> bool:
    """Fill an empty folder, and an empty database on the server that DATABASE_URL names; False where it has to be made from nothing."""
    ours = urlsplit(os.environ.get("DATABASE_URL", "")).netloc
    if _folder is None or var.exists() and any(var.iterdir()) or url and urlsplit(url).netloc != ours:
        return False
    template = _folder / ("ready-made-postgresql" if url else "ready-made-sqlite")
    with _one_at_a_time(_folder / "ready-made.lock"):
        if not template.exists():
            _make(template, url, make)
        shutil.copytree(template, var, dirs_exist_ok=True)
        if url:
            _put(url, _name())
    return True


def _make(template: Path, url: str, make: Make) -> None:
    unfinished = template.with_suffix(".unfinished")
    if url:
        _put(_named(url, _name()), "template1")
        make(unfinished, _named(url, _name()))
    else:
        make(unfinished, "")
    unfinished.rename(template)


def clear() -> None:
    """Drop the database that others were copied from; every process of a run calls this, and the first does it."""
    server = os.environ.get("DATABASE_URL", "")
    if server and _folder is not None and (_folder / "ready-made-postgresql").exists():
        with _one_at_a_time(_folder / "ready-made.lock"):
            shutil.rmtree(_folder / "ready-made-postgresql", ignore_errors=True)
            _sql(server, f"DROP DATABASE IF EXISTS {_name()} WITH (FORCE)")


def _name() -> str:
    return f"safeguarding_ready_{sha256(str(_folder).encode()).hexdigest()[:16]}"


def _named(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _put(url: str, source: str) -> None:
    """Let the database at `url` be a copy of another one."""
    name = urlsplit(url).path.removeprefix("/")
    _sql(os.environ["DATABASE_URL"], f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {source}")


def _sql(url: str, *statements: str) -> None:
    server = psycopg2.connect(url)
    server.autocommit = True
    try:
        for statement in statements:
            server.cursor().execute(statement)
    finally:
        server.close()


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with open(lock, "w") as held:
        flock(held, LOCK_EX)
        yield
