"""A marker that is typed into every box of every form is found nowhere in the clear: database files and logs, sessions and cache, mail,
temporary files, anchors, the list of disposals, a backup, PostgreSQL's whole data directory. (S23, S24, S41)

Real web and worker processes; the search proves that it can find what is there.
"""

import base64
import gzip
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from tests.marker_search import files_with, spelled_in, spellings
from tests.outage_servers import PATIENCE_SECONDS, ROOT, Answer, PostgreSQL, Site, Web, free_port, postgresql_programs
from tests.structure.test_permissions import patterns

TOKEN = "a" * 32
DUMP = """
import django
django.setup()
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
for model in apps.get_models(include_auto_created=True):
    for row in model._default_manager.values_list():
        print(model.__name__, [bytes(value) if isinstance(value, memoryview) else value for value in row])
for session in Session.objects.all():
    print(session.get_decoded())
with connection.cursor() as cursor:
    cursor.execute("SELECT * FROM cache_rows")
    print(cursor.fetchall())
"""
PLANT = """
import sys
import django
django.setup()
from django.contrib.sessions.backends.db import SessionStore
from concerns.models import User
User.objects.update(name=sys.argv[1])  # every row: in a log of changes, one of them can lie across the edge of a page
session = SessionStore()
session["typed"] = sys.argv[1] * 9
session.save()
"""
# Forms that hold nothing about a young person: contacts, staff, settings, filters of lists, looks whether a page may still be seen.
OTHER_FORMS = {
    "audit",
    "centre_settings",
    "concern_referral_sheet",
    "concern_still",
    "contact",
    "contact_edit",
    "contact_new",
    "contact_retire",
    "contacts",
    "concern_plan",
    "drill_new",
    "plan",
    "plan_edit",
    "plan_ladder",
    "plan_ladders",
    "plan_version",
    "plans",
    "what_would_happen",
    "rota",
    "rota_week",
    "rota_date",
    "session_new",
    "session_edit",
    "session_remove",
    "leave_new",
    "drills",
    "unsent",
    "mine",
    "mine_still",
    "person_disable",
    "person_email",
    "person_lost_device",
    "person_new",
    "person_role",
    "queue",
    "role_end",
    "triage",
    "triage_route",
}


@pytest.fixture(autouse=True)
def _emptied_without_triggers() -> None:
    """Stands in for the fixture of every other test, which opens pytest's own database: these tests use none."""


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed")
    with tempfile.TemporaryDirectory(prefix="safeguarding-marker-") as home:
        server = PostgreSQL(programs, Path(home) / "data", free_port())
        if os.geteuid() == 0:
            shutil.chown(home, "postgres")
        server.run("initdb", "-U", "safeguarding", "--auth=trust", "--no-sync")
        server.start()
        yield server
        server.stop()


def python(site: Site, *words: str) -> str:
    ran = subprocess.run([sys.executable, *words], cwd=ROOT, env=site.env, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout


def send(web: Web, path: str, fields: dict[str, str], cookie: str) -> Answer:
    cookies = f"csrftoken={TOKEN}" + (f"; sessionid={cookie}" if cookie else "")
    return web.post(path, urlencode({"csrfmiddlewaretoken": TOKEN, **fields}), cookies)


def post_file(web: Web, path: str, marker: str, cookie: str) -> Answer:
    """A file that no form asks for, too large for memory: a framework may put it into a temporary file."""
    head = f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{TOKEN}\r\n--x\r\n'
    body = head + f'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n{marker * 120_000}\r\n--x--\r\n'
    return web.post(path, body, f"csrftoken={TOKEN}; sessionid={cookie}", "multipart/form-data; boundary=x")


def went_through(site: Site, marker: str) -> list[str]:
    """Send the marker through every form of a real web process, beside a worker; return the forms that did not answer as they should."""
    world = json.loads(python(site, "-m", "tests.marker_world", marker))
    wrong = []
    with site.served() as web, site.worked():
        for name, path, fields, cookie, wanted in world["requests"]:
            status = send(web, path, fields, cookie).status
            wrong += [f"{name}: {status}"] if wanted and status != wanted else []
        post_file(web, world["shown"] + "entry/", marker, world["lead"])
        shown = web.get(world["shown"], f"sessionid={world['lead']}").text
        assert shown.count(marker) > 10, "the marker was not kept at all, so that finding it nowhere would say nothing"
        time.sleep(4)  # the worker comes round: mail, anchors, card
        (site.var / "backups").mkdir()
        python(site, "manage.py", "backup", str(site.var / "backups"))
        assert found_live(site, marker) == []
    return wrong


def found_live(site: Site, marker: str) -> list[str]:
    """Where the marker is found while the processes run: -wal and -shm are there, and the temporary files."""
    return files_with(marker, site.var, site.var.parent / "tmp")


def assert_nowhere(site: Site, marker: str, *more: Path) -> None:
    assert spelled_in(python(site, "-c", DUMP).encode(), marker) == []
    assert files_with(marker, site.var, site.var.parent / "tmp", *more) == []


def assert_all_there(site: Site) -> None:
    """What is searched is there and not empty."""
    for pattern in ("web.log", "mail/*", "anchors/*", "disposals/*", "backups/*", "keys/*", "card/*"):
        assert [path for path in site.var.glob(pattern) if path.exists()], pattern


def site_at(folder: Path, url: str = "") -> Site:
    (folder / "tmp").mkdir()
    site = Site.at(folder / "var", url)
    site.env["TMPDIR"] = str(folder / "tmp")
    site.set_up()
    return site


def test_marker_is_nowhere_on_sqlite(tmp_path: Path) -> None:
    marker, planted = f"quokka-{secrets.token_hex(6)}", f"wombat-{secrets.token_hex(6)}"
    site = site_at(tmp_path)

    wrong = went_through(site, marker)
    python(site, "-c", PLANT, planted)

    assert wrong == []
    assert_all_there(site)
    assert_nowhere(site, marker)
    assert any(name.startswith("safeguarding.sqlite3") for name in files_with(planted, site.var))
    assert len(spelled_in(python(site, "-c", DUMP).encode(), planted)) > 0


def test_marker_is_nowhere_on_postgresql(tmp_path: Path, postgresql: PostgreSQL) -> None:
    """The whole data directory, with its log of changes, after a checkpoint."""
    marker, planted = f"quokka-{secrets.token_hex(6)}", f"wombat-{secrets.token_hex(6)}"
    site = site_at(tmp_path, postgresql.url)

    wrong = went_through(site, marker)
    python(site, "-c", PLANT, planted)
    python(site, "-c", "import django; django.setup(); from django.db import connection; connection.cursor().execute('CHECKPOINT')")

    assert wrong == []
    assert_all_there(site)
    assert_nowhere(site, marker, postgresql.data)
    assert {name.split("/")[0] for name in files_with(planted, postgresql.data)} >= {"base", "pg_wal"}


def test_every_form_about_a_concern_is_sent(tmp_path: Path) -> None:
    """A form that is new must be sent with the marker as well, or be listed as one that holds nothing about a young person."""
    sent = {name for name in (ROOT / "tests" / "marker_world.py").read_text().split('"') if name.isidentifier()}
    views = {str(pattern.name): pattern.callback for pattern in patterns()}
    forms = {name for name, view in views.items() if hasattr(view, "permission") and not hasattr(view, "is_button")}

    assert forms - sent == OTHER_FORMS


def test_nothing_that_is_sent_is_written_into_a_temporary_file() -> None:
    """Such a file is deleted when the request ends, and its bytes stay on the disk."""
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.txt", b"quokka" * 1_000_000)})

    assert [handler for handler in request.upload_handlers if hasattr(handler, "temporary_file_path")] == []
    assert dict(request.FILES) == {}


@pytest.mark.parametrize("name", spellings("quokka-12ab"))
def test_search_finds_every_spelling(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"\x00before " + spellings("quokka-12ab")[name] + b" after\xff")

    assert len(files_with("quokka-12ab", tmp_path)) == 1


@pytest.mark.parametrize("before", ["", "x", "xy", "a longer beginning of a text, "])
def test_search_finds_what_is_packed_or_in_a_mail(tmp_path: Path, before: str) -> None:
    text = f"{before}quokka-12ab and more".encode()
    mail = EmailMessage()
    mail["Subject"] = "Grüße quokka-12ab"
    mail.set_content("ü" * 50 + text.decode(), cte="base64")
    for name, content in {
        "packed": gzip.compress(text),
        "session": b"." + base64.urlsafe_b64encode(zlib.compress(text)).rstrip(b"=") + b":time:signature",
        "base64": base64.b64encode(text),
        "mail": mail.as_bytes(),
    }.items():
        (tmp_path / name).write_bytes(content)

    assert [line.split(":")[0] for line in files_with("quokka-12ab", tmp_path)] == ["base64", "mail", "packed", "session"]
    assert files_with("wombat", tmp_path) == []
