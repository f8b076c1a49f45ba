"""What every journey has: the app as people meet it (gunicorn, worker, mail, practice accounts), and a browser.

The servers are separate processes with a database of their own, so that nothing is shared with the tests but the network.
They live as long as the test session; the browser as long as a file, for playwright's loop must not be running while other
tests use the database.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg2
import pytest

from tests.journeys.letters import Letters, mail_server
from tests.journeys.visits import Door, Visit
from tests.outage_servers import Site, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PEOPLE = """
from django.utils import timezone
from concerns.demo.people import make_people
from concerns.models import Centre
make_people(Centre.objects.get(), at=timezone.now())
"""


@dataclass(frozen=True)
class App:
    """The running app: its address, what its mail server has received, and the installation itself."""

    home: str
    letters: Letters
    site: Site


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database on the server that DATABASE_URL names; "" for SQLite, where it names none."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield ""
        return
    name = f"safeguarding_{uuid4().hex}"
    server = psycopg2.connect(url)
    server.autocommit = True
    server.cursor().execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
        server.close()


@pytest.fixture(autouse=True)
def _emptied_without_triggers() -> None:
    """Stands in for the fixture of every other test, which opens pytest's own database: journeys use none."""


@pytest.fixture(scope="session")
def tools() -> None:
    """Skip the journeys, and say why, where a machine lacks what they need."""
    for name in ("playwright", "axe_playwright_python", "aiosmtpd"):
        pytest.importorskip(name, reason=f"{name} is not installed: script/test installs it")
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: apt install chromium")


@pytest.fixture(scope="session")
def app(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    port = free_port()
    with ExitStack() as running:
        letters = running.enter_context(mail_server())
        settings = {
            "SITE_URL": f"http://localhost:{port}",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(letters.port),
            "CENTRE_NAME": "Riverside Youth Centre",
        }
        site = Site.at(tmp_path_factory.mktemp("journeys"), running.enter_context(database()), **settings)
        site.set_up(PEOPLE)
        running.enter_context(site.served(port))
        running.enter_context(site.worked())
        yield App(settings["SITE_URL"], letters, site)


@pytest.fixture(scope="module")
def browser(tools: None) -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright  # here, for a machine without it skips the journeys

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def door(app: App, browser: "Browser") -> Door:
    return Door(browser, app.home)


@pytest.fixture
def enter(door: Door) -> Iterator[Callable[..., Visit]]:
    """`enter(who, screen)` is a window of that person."""
    yield door.enter
    door.close()
