"""On PostgreSQL the product runs as an account that can add to the record and never change it, and still does all its work. (S25, S40)"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg2
import pytest

from tests.backups import FILL, LOOK, backup_of, python, run
from tests.journeys.conftest import database
from tests.outage_servers import Site

WORK = """
import django
django.setup()
from django.utils import timezone
from concerns.actions.anchors import anchor_chains
from concerns.actions.casework import add_entry
from concerns.actions.held import hold_post
from concerns.choices import EntryKind
from concerns.models import Concern, User
from concerns.worker import tick
from tests.makers import DANGER, make_concern
from types import SimpleNamespace
lead, reporter = User.objects.get(name="Priya Shah"), User.objects.get(name="Sam Okoro")
cast = SimpleNamespace(centre=lead.grants.first().centre, reporter=reporter)
now = timezone.now()
concern = make_concern(cast, answers=DANGER, at=now)
add_entry(by=lead, concern_id=concern.pk, kind=EntryKind.NOTE, text="As the small account.", at=now)
tick(at=now)
anchor_chains(at=now)
print(concern.entries.count())
"""
OVERWRITE = """
import django
django.setup()
from concerns.database import overwrite_deleted_rows
print(overwrite_deleted_rows("concerns_datakey"))
"""
FORBIDDEN = [
    "UPDATE concerns_entry SET kind = 'note'",
    "DELETE FROM concerns_auditevent",
    "TRUNCATE concerns_entry CASCADE",
    "DROP TRIGGER concerns_entry_no_change ON concerns_entry",
    "ALTER TABLE concerns_entry DISABLE TRIGGER ALL",
    "ALTER TABLE concerns_entry RENAME TO gone",
    "DROP TABLE concerns_auditevent CASCADE",
    "CREATE OR REPLACE FUNCTION concerns_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "SET session_replication_role = replica",
    "DELETE FROM django_migrations",
    "CREATE TABLE mine (a int)",
    "ALTER ROLE CURRENT_USER SUPERUSER",
]


@dataclass(frozen=True)
class Accounts:
    """One installation: as the owner of the tables, and as the account that the product runs as."""

    owner: Site
    app: Site
    said: str
    administrator: str


@pytest.fixture(autouse=True)
def _emptied_without_triggers() -> None:
    """Stands in for the fixture of every other test, which opens pytest's own database: these tests use none."""


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    if not os.environ.get("DATABASE_URL"):
        pytest.skip("SQLite knows no accounts")
    if shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    owner, app, var = f"owner_{uuid4().hex}", f"app_{uuid4().hex}", tmp_path_factory.mktemp("roles")
    with database() as url:
        site = Site.at(var, url)
        site.set_up(FILL)
        sql = run(site, "database_roles", "--owner", owner, "--app", app).out
        apply(sql, url)
        yield Accounts(Site.at(var, as_account(url, owner)), Site.at(var, as_account(url, app)), sql, url)
        server = psycopg2.connect(url)
        server.autocommit = True
        server.cursor().execute(f"REASSIGN OWNED BY {owner} TO CURRENT_USER; DROP OWNED BY {owner}, {app}; DROP ROLE {owner}, {app}")
        server.close()


def apply(sql: str, url: str) -> None:
    """Run the printed SQL as an administrator, as the documentation says."""
    ran = subprocess.run(["psql", "--quiet", url], input=sql, text=True, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def as_account(url: str, name: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{name}@{parts.hostname}:{parts.port}").geturl()


def test_product_does_its_work_as_the_small_account(accounts: Accounts) -> None:
    assert int(python(accounts.app, WORK)) >= 3
    assert run(accounts.app, "verify_audit").code == 0
    assert run(accounts.app, "rotate_master_key").code == 0


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_small_account_cannot_touch_what_was_written(accounts: Accounts, sql: str) -> None:
    before = python(accounts.app, LOOK).splitlines()[0]
    connection = psycopg2.connect(accounts.app.env["DATABASE_URL"])

    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        connection.cursor().execute(sql)

    connection.close()
    assert python(accounts.app, LOOK).splitlines()[0] == before


def test_small_account_makes_a_backup_which_the_owner_of_an_empty_database_restores(accounts: Accounts, tmp_path: Path) -> None:
    backup = backup_of(accounts.app, tmp_path / "kept")

    drill = run(accounts.app, "check_backup", backup)
    with database() as url:
        given = run(accounts.app, "check_backup", backup, "--database", url)

    assert drill.code == 1
    assert "This database account may not make the database for the drill. Make an empty one with `createdb drill`" in drill.err
    assert given.code == 0


def test_small_account_does_not_claim_to_have_overwritten_what_it_may_not(accounts: Accounts) -> None:
    assert [python(site, OVERWRITE).strip() for site in (accounts.app, accounts.owner)] == ["False", "True"]


def test_weak_account_is_named_and_the_small_one_is_not(accounts: Accounts) -> None:
    weak = run(accounts.owner, "ready", "--check-only")
    small = run(accounts.app, "ready", "--check-only")

    assert "The database account owns the tables of the record" in weak.err
    assert "owns the tables" not in small.err


def test_owner_migrates_and_the_rights_are_given_again(accounts: Accounts) -> None:
    assert run(accounts.owner, "migrate").code == 0

    apply(
        accounts.said, accounts.owner.env["DATABASE_URL"].replace(urlsplit(accounts.owner.env["DATABASE_URL"]).username or "", "postgres")
    )

    assert int(python(accounts.app, WORK)) >= 3


def test_sqlite_is_told_that_it_knows_no_accounts(tmp_path: Path) -> None:
    site = Site.at(tmp_path)
    run(site, "init_keys")

    assert run(site, "database_roles").err == "SQLite knows no accounts. This is for PostgreSQL."


def test_names_that_are_more_than_names_are_refused(accounts: Accounts) -> None:
    ran = run(accounts.owner, "database_roles", "--app", "x; DROP TABLE concerns_entry; --")

    assert ran.code == 1
    assert ran.out == ""
