"""Whatever happens to the database, whoever asks is shown the numbers to ring. Each outage is made with real processes."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from concerns.views.headers import POLICY
from tests.outage_servers import Answer, PostgreSQL, Site, Web, free_port, postgresql_programs, sqlite_held

OLD_SESSION = "sessionid=abcdefghijklmnopqrstuvwxyz012345"


@pytest.fixture(scope="module")
def made_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site.at(tmp_path_factory.mktemp("site"))
    site.set_up()
    return site


@pytest.fixture
def site(made_site: Site, tmp_path: Path) -> Site:
    """A fresh copy of an installation on SQLite."""
    shutil.copytree(made_site.var, tmp_path / "var")
    return Site.at(tmp_path / "var")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed")
    with tempfile.TemporaryDirectory(prefix="safeguarding-postgresql-") as home:  # pytest's own folders are closed to other accounts
        server = PostgreSQL(programs, Path(home) / "data", free_port())
        if os.geteuid() == 0:
            shutil.chown(home, "postgres")
        server.run("initdb", "-U", "safeguarding", "--auth=trust", "--no-sync")
        server.start()
        yield server
        server.stop()


def assert_everybody_sees_the_numbers(web: Web) -> None:
    """The card at its address, also while other pages wait for the database, and instead of every page that needs it."""
    with ThreadPoolExecutor() as others:
        waiting = [others.submit(web.get, path, OLD_SESSION) for path in ("/", "/contacts/")]
        for cookie in ("", OLD_SESSION):
            assert_card(web.get("/emergency/", cookie), status=200)
        assert "tel:999" in web.get("/").text
        for page in waiting:
            assert_card(page.result(), status=503)


def assert_card(answer: Answer, *, status: int) -> None:
    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "<h1>Emergency numbers</h1>" in answer.text
    assert 'href="tel:999"' in answer.text
    assert 'href="tel:01164541004"' in answer.text
    assert {name: answer.headers.get(name) for name in POLICY} == POLICY
    assert answer.headers["Cache-Control"] == "no-store"


def test_pages_need_no_card_while_the_database_answers(site: Site) -> None:
    with site.served() as web:
        home, contacts = web.get("/", OLD_SESSION), web.get("/contacts/", OLD_SESSION)

    assert (home.status, contacts.status) == (200, 302)
    assert "<h1>Emergency numbers</h1>" not in home.text


def test_locked_sqlite_file_leads_to_the_card_and_back(site: Site) -> None:
    with site.served() as web:
        with sqlite_held(site.var / "safeguarding.sqlite3"):
            assert_everybody_sees_the_numbers(web)

        assert web.get("/", OLD_SESSION).status == 200


def test_missing_database_and_missing_card_file_lead_to_the_built_in_card(site: Site) -> None:
    site.card_file.unlink()
    for file in site.var.glob("safeguarding.sqlite3*"):
        file.unlink()

    with site.served() as web:
        assert_everybody_sees_the_numbers(web)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"<!DOCTYPE html><h1>Half a card"])
def test_broken_card_file_leads_to_the_built_in_card(site: Site, content: bytes) -> None:
    site.card_file.write_bytes(content)

    with site.served() as web:
        assert_card(web.get("/emergency/"), status=200)


def test_refused_connection_leads_to_the_card(site: Site) -> None:
    nowhere = Site.at(site.var, f"postgres://nobody@127.0.0.1:{free_port()}/none")

    with nowhere.served() as web:
        assert_everybody_sees_the_numbers(web)


def test_database_that_accepts_and_never_answers_leads_to_the_card(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        hanging = Site.at(site.var, f"postgres://nobody@127.0.0.1:{silent.getsockname()[1]}/none")

        with hanging.served() as web:
            assert_everybody_sees_the_numbers(web)


@pytest.fixture
def postgresql_site(made_site: Site, postgresql: PostgreSQL, tmp_path: Path) -> Site:
    shutil.copytree(made_site.var / "keys", tmp_path / "var" / "keys")
    site = Site.at(tmp_path / "var", postgresql.url)
    site.set_up()
    return site


def test_frozen_postgresql_leads_to_the_card_and_back(postgresql_site: Site, postgresql: PostgreSQL) -> None:
    with postgresql_site.served() as web:
        before = web.get("/contacts/", OLD_SESSION)
        with postgresql.frozen():
            assert_everybody_sees_the_numbers(web)

        after = web.get("/contacts/", OLD_SESSION)
        assert (before.status, after.status) == (302, 302)


def test_postgresql_that_goes_away_leads_to_the_card_and_back(postgresql_site: Site, postgresql: PostgreSQL) -> None:
    with postgresql_site.served() as web:
        before = web.get("/contacts/", OLD_SESSION)
        postgresql.stop()
        try:
            assert_everybody_sees_the_numbers(web)
        finally:
            postgresql.start()

        after = web.get("/contacts/", OLD_SESSION)
        assert (before.status, after.status) == (302, 302)
