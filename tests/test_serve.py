"""The shipped start is tried for real: it refuses what is unsafe, all at once, and serves over HTTPS what is safe. (S39, S40, S15)"""

import os
import shutil
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.backups import python, run
from tests.journeys.conftest import database
from tests.journeys.letters import mail_server
from tests.outage_servers import PATIENCE_SECONDS, Site, free_port
from tests.production import PASSWORD, production, refusal, serving, start
from tests.proxy import Browser, certificate, https

NOTHING = "Nothing was started. Mend this first:"
DROP_TRIGGERS = "import django\ndjango.setup()\nfrom concerns import triggers\ntriggers.remove()"
PRACTICE = """
import django
django.setup()
from concerns.models import User
User.objects.create_user(email="lead@example.org", name="Practice")
"""
FORGET_MIGRATION = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
"""
CHECKED = """
import django
django.setup()
from django.utils import timezone
from concerns.access.recovery import remember_check
remember_check(at=timezone.now())
"""
DROP_CACHE = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DROP TABLE cache_rows")
"""


@pytest.fixture(autouse=True)
def _emptied_without_triggers() -> None:
    """Stands in for the fixture of every other test, which opens pytest's own database: these tests use none."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with database() as url:
        yield production(tmp_path_factory.mktemp("production"), url)


def test_what_is_right_is_called_ready(site: Site) -> None:
    code, _ = refusal(site, "check")

    assert code == 0


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"SAFEGUARDING_MODE": "practice"}, "This is for production: unset SAFEGUARDING_MODE."),
        ({"SAFEGUARDING_HOSTS": "*"}, "Set SAFEGUARDING_HOSTS to the names that people open"),
        ({"SAFEGUARDING_HOSTS": None}, "Set SAFEGUARDING_HOSTS to the names that people open"),
        ({"SAFEGUARDING_HOSTS": "other.example.net"}, "The links in mails lead to localhost, which SAFEGUARDING_HOSTS does not name."),
        ({"SAFEGUARDING_SITE_URL": "http://localhost"}, "Set SAFEGUARDING_SITE_URL to the address in mails; it must begin with https://."),
        ({"SAFEGUARDING_BEHIND_PROXY": None}, "Set SAFEGUARDING_BEHIND_PROXY=yes, and let the proxy that speaks HTTPS"),
        ({"SAFEGUARDING_EMAIL_HOST": None}, "Set SAFEGUARDING_EMAIL_HOST: without a mail server no alert reaches anybody."),
        ({"SAFEGUARDING_KEYS_DIR": "/nowhere"}, "The key file master.keys is missing. Put it back from your copy"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_unsafe_setting_is_refused_with_how_to_mend_it(site: Site, env: dict[str, str], words: str) -> None:
    code, said = refusal(site, **env)

    assert code == 3
    assert NOTHING in said
    assert f"- {words}" in said
    assert "Traceback" not in said


def test_everything_that_is_wrong_is_said_at_once(site: Site) -> None:
    bare = {name: None for name in site.env if name.startswith("SAFEGUARDING_") and name[13:] not in ("VENV", "VAR_DIR")}

    _, said = refusal(site, **bare)

    assert said.count("\n- ") == 4  # hosts, the address in mails, the proxy, mail


def test_debugging_is_refused(site: Site, tmp_path: Path) -> None:
    (tmp_path / "careless.py").write_text("from safeguarding.settings import *\nDEBUG = True\n")

    code, said = refusal(site, DJANGO_SETTINGS_MODULE="careless", PYTHONPATH=str(tmp_path))

    assert code == 3
    assert "- DEBUG is on, which shows the record to strangers." in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda keys: (keys / "django.secret").write_text("changeme"), "django.secret is too short. Move it away"),
        (lambda keys: (keys / "django.secret").unlink(), "The key file django.secret is missing."),
        (lambda keys: (keys / "master.keys").chmod(0o644), "Others on this machine can read the keys. Run: chmod -R u=rwX,go= "),
        (lambda keys: (keys / "chain.key").write_text("c2hvcnQ="), "chain.key does not hold a whole key."),
    ],
    ids=["short secret", "no secret", "open to others", "damaged"],
)
def test_careless_keys_are_refused(site: Site, tmp_path: Path, change, words: str) -> None:  # type: ignore[no-untyped-def]
    keys = tmp_path / "keys"
    shutil.copytree(site.var / "keys", keys)
    change(keys)

    code, said = refusal(site, SAFEGUARDING_KEYS_DIR=str(keys))

    assert code == 3
    assert words in said


@pytest.mark.parametrize(
    ("damage", "words", "repair"),
    [
        (DROP_TRIGGERS, "The database does not protect the record: ", "migrate"),
        (PRACTICE, "This database holds the practice accounts.", ""),
        (FORGET_MIGRATION, "1 migrations are missing. Take a backup, then run `manage.py migrate`.", ""),
        (DROP_CACHE, "A table is missing. Run `manage.py createcachetable`.", "createcachetable"),
    ],
    ids=["triggers", "practice accounts", "migrations", "cache"],
)
def test_database_that_is_not_safe_is_refused(tmp_path: Path, damage: str, words: str, repair: str) -> None:
    with database() as url:
        site = production(tmp_path, url)
        python(site, damage)

        code, said = refusal(site, "worker")
        mended = repair and (run(site, repair), refusal(site, "check"))[1]

    assert code == 3
    assert words in said
    assert not repair or (mended and mended[0] == 0)


def test_new_installation_is_told_to_make_its_centre_and_its_lead(tmp_path: Path) -> None:
    site = Site.at(tmp_path, MODE="production", HOSTS="localhost", SITE_URL="https://localhost", BEHIND_PROXY="yes", EMAIL_HOST="localhost")
    for command in ("init_keys", "migrate", "createcachetable"):
        assert run(site, command).code == 0

    without = run(site, "ready", "--check-only")
    run(site, "setup_centre", "--name", "Riverside")
    with_centre = run(site, "ready", "--check-only")

    assert without.code == 3
    assert "There is no centre yet. Run `manage.py setup_centre" in without.err
    assert with_centre.code == 0
    assert "Nobody is alerted at Riverside. Run `manage.py create_account` with --role lead" in with_centre.err


def test_keys_that_are_not_on_paper_are_nagged_about(site: Site) -> None:
    _, before = refusal(site, "check")
    python(site, CHECKED)
    _, after = refusal(site, "check")

    assert "Please note: Nobody has checked the recovery sheet of these keys." in before
    assert "recovery sheet" not in after


def test_keys_of_another_system_are_refused(site: Site, tmp_path: Path) -> None:
    other = Site.at(tmp_path)
    run(other, "init_keys")

    code, said = refusal(site, SAFEGUARDING_KEYS_DIR=str(tmp_path / "keys"))

    assert code == 3
    assert "key" in said and "Traceback" not in said


def test_database_that_does_not_answer_does_not_stop_the_emergency_card(site: Site) -> None:
    port, nobody = free_port(), free_port()
    process = start(site, "web", PORT=str(port), DATABASE_URL=f"postgres://x@127.0.0.1:{nobody}/x")
    try:
        card = answer(port, "/emergency/")
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)

    assert "tel:999" in card
    assert "Please note: The database does not answer yet (OperationalError)." in (site.var / "serve.log").read_text()


def answer(port: int, path: str) -> str:
    """The page at an address, as the proxy asks for it, once somebody answers."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
            connection.request("GET", path, headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
            return connection.getresponse().read().decode()
        except ConnectionRefusedError:
            assert time.monotonic() < end, "Nobody answers."
            time.sleep(0.2)


def test_service_manager_is_told_when_the_pages_are_there(site: Site, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE_SECONDS)
        process = start(site, "web", PORT=str(free_port()), NOTIFY_SOCKET=str(tmp_path / "notify"))
        told = manager.recv(4096).decode()
        process.terminate()
        process.wait(PATIENCE_SECONDS)

    assert "READY=1" in told


def test_concern_is_recorded_over_https_by_the_shipped_processes(tmp_path: Path) -> None:
    port, behind, pem = free_port(), free_port(), certificate(tmp_path)
    with database() as url, mail_server() as letters:
        site = production(tmp_path / "var", url, port=port, mail=letters.port)
        with serving(site, behind), https(port, behind, pem):
            sam = Browser(f"https://localhost:{port}", pem)
            sam.get("/accounts/login/")
            sam.send("/accounts/login/", login="sam@riverside.test", password=PASSWORD)
            signed_in, headers = sam.page, sam.headers
            now = f"/triage/{uuid.uuid4()}/now/"
            sam.get(now)
            sent = sam.send(now, about_staff="no")
            letter = letters.wait(to="priya@riverside.test", about="URGENT")
            sam.get("/health")

    cookies = {cookie.name: cookie for cookie in sam.jar}
    assert "Sam" in signed_in
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert {"__Host-session", "__Host-csrf"} <= set(cookies)
    assert all(name.startswith("__Host-") for name in cookies)
    assert all(cookie.secure and cookie.path == "/" and not cookie.domain_specified for cookie in cookies.values())
    assert all(cookie.has_nonstandard_attr("HttpOnly") for cookie in cookies.values())
    assert sent == 200
    assert letter.link.startswith(f"https://localhost:{port}/concerns/")
    assert '"worker": "ok"' in sam.page


def test_plain_http_is_sent_to_https_and_other_names_are_refused(site: Site) -> None:
    port = free_port()
    with serving(site, port):
        found = [ask(port, **headers) for headers in ({"Host": "localhost"}, {"Host": "evil.example", "X-Forwarded-Proto": "https"})]

    assert found == [(301, "https://localhost/"), (400, None)]


def ask(port: int, **headers: str) -> tuple[int, str | None]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/", headers=headers)
    found = connection.getresponse()
    return found.status, found.headers["Location"]


def test_when_one_process_ends_the_other_is_stopped(site: Site) -> None:
    port = free_port()
    with serving(site, port) as process:
        worker = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
        os.kill(int(worker), signal.SIGKILL)
        code = process.wait(PATIENCE_SECONDS)

    with pytest.raises(ConnectionRefusedError):
        ask(port, Host="localhost")
    assert code == 1
