"""`manage.py check_backup FILE`: the restore drill. Restores into a place of its own, verifies, and throws it away."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

MAY_NOT = (
    "This database account may not make the database for the drill. Make an empty one with `createdb drill` and give its address: "
    "--database postgres://user:password@host/drill"
)
LISTS = {"SAFEGUARDING_ANCHORS_FILE": settings.ANCHORS_FILE, "SAFEGUARDING_DISPOSALS_FILE": settings.DISPOSALS_FILE}


class Command(BaseCommand):
    help = "Restore a backup into a place of its own, verify it there, and throw that place away. The running system is not touched."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--database", default="", help="an empty PostgreSQL database for the drill, where this account may not make one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with TemporaryDirectory(prefix="safeguarding-drill-") as folder, _database(options["database"]) as url:
            drill = subprocess.run(  # noqa: S603 - our own command
                [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(options["file"].resolve())],
                env=_environment(Path(folder), url),
                capture_output=True,
                text=True,
                check=False,
            )
        self.stdout.write(drill.stdout.rstrip())
        if drill.returncode:
            raise CommandError(drill.stderr.strip().removeprefix("CommandError: ") or "The drill failed.")
        self.stdout.write("The drill went well. The running system was not touched.")


def _environment(folder: Path, url: str) -> dict[str, str]:
    """The settings of this system, but with a database and folders of the drill's own; the two lists are copies."""
    place = {"SAFEGUARDING_VAR_DIR": str(folder), "SAFEGUARDING_KEYS_DIR": str(settings.KEYS_DIR), "DATABASE_URL": url}
    for name, path in LISTS.items():
        place[name] = str(folder / Path(path).name)
        if Path(path).exists():
            shutil.copyfile(path, place[name])
    return {**os.environ, **place, "SAFEGUARDING_MODE": settings.MODE, "DJANGO_SETTINGS_MODULE": "safeguarding.settings"}


@contextmanager
def _database(given: str) -> Iterator[str]:
    """The address of an empty database; "" stands for SQLite in the drill's folder."""
    if given or connection.vendor == "sqlite":
        yield given
        return
    name = f"drill_{uuid4().hex}"
    try:
        _run(f"CREATE DATABASE {name}")
    except DatabaseError:
        raise CommandError(MAY_NOT) from None
    try:
        yield _address(name)
    finally:
        _run(f"DROP DATABASE {name} WITH (FORCE)")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _address(name: str) -> str:
    database = {key: quote(str(value), safe="") for key, value in connection.settings_dict.items()}
    who = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgres://{who}@{database['HOST']}{port}/{name}"
