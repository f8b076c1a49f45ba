"""Installations with something to lose, for the tests of backups: real processes, real files, either database."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journeys.conftest import database
from tests.outage_servers import PATIENCE_SECONDS, ROOT, Site

FILL = """
from datetime import timedelta
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from concerns.actions.anchors import anchor_chains
from concerns.models import SignIn, SignInLink
from tests.factories import make_cast
from tests.makers import CALM, DANGER, answered, closed, make_concern
cast = make_cast()
answered(make_concern(cast, answers=DANGER), by=cast.lead)
closed(make_concern(cast, answers=CALM), by=cast.lead)
session = SessionStore()
session["who"] = "signed-in-heron"
session.save()
now = timezone.now()
SignIn.objects.create(user=cast.lead, browser="Firefox", began_at=now, seen_at=now)
SignInLink.objects.create(user=cast.lead, kind="invited", made_at=now, expires_at=now + timedelta(days=1))
anchor_chains(at=timezone.now())
"""
LOOK = """
import django
django.setup()
from django.contrib.sessions.models import Session
from concerns import triggers
from concerns.access.keyring import Keyring
from concerns.exceptions import KeyTrouble
from django.utils import timezone
from concerns.models import Concern, Entry, SignIn, SignInLink, User
from tests.makers import MARKER

def words(entry):
    try:
        return str(Keyring.of(entry.concern).open(entry, "body"))
    except KeyTrouble as trouble:
        return str(trouble)

found = [words(entry) for entry in Entry.objects.select_related("concern").order_by("id")]
print(Concern.objects.count(), len(found), sum(MARKER in text for text in found), User.objects.count())
open_links = SignInLink.objects.filter(used_at=None, expires_at__gt=timezone.now()).count()
print(Session.objects.count(), SignIn.objects.filter(ended_at=None).count(), open_links, len(triggers.missing()))
"""


@dataclass(frozen=True)
class Ran:
    """What a command said, and whether it went well."""

    code: int
    out: str
    err: str


def run(site: Site, *arguments: object, before: Any = None, env: dict[str, str] | None = None) -> Ran:
    """Run `manage.py` with these arguments."""
    return _ran([sys.executable, "manage.py", *map(str, arguments)], {**site.env, **(env or {})}, before)


def python(site: Site, code: str, patience: float = PATIENCE_SECONDS) -> str:
    """Run Python code in the product's environment, and return what it printed."""
    ran = _ran([sys.executable, "-c", code], site.env, None, patience)
    assert ran.code == 0, ran.err
    return ran.out


def _ran(command: list[str], env: dict[str, str], before: Any, patience: float = PATIENCE_SECONDS) -> Ran:
    process = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=patience, preexec_fn=before, check=False)
    return Ran(process.returncode, process.stdout, process.stderr.strip().removeprefix("CommandError: "))


def look(site: Site) -> list[str]:
    """Concerns, entries, entries that can be read and hold the marker, accounts; sessions, sign-ins, links that work, missing triggers."""
    return python(site, LOOK).splitlines()


@contextmanager
def filled(var: Path) -> Iterator[Site]:
    """An installation with two concerns, a session and an anchor."""
    with database() as url:
        site = Site.at(var, url)
        site.set_up(FILL)
        yield site


@contextmanager
def empty(var: Path, keys: Path) -> Iterator[Site]:
    """A new machine with nothing but an empty database and a folder of keys."""
    var.mkdir(parents=True, exist_ok=True)
    with database() as url:
        yield Site.at(var, url, KEYS_DIR=str(keys))


def backup_of(site: Site, folder: Path) -> Path:
    """Make a backup and return its file."""
    folder.mkdir(exist_ok=True)
    before = set(folder.iterdir())
    ran = run(site, "backup", folder)
    assert ran.code == 0, ran.err
    (made,) = set(folder.iterdir()) - before
    return made
