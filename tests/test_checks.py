"""What must be right before the product starts; each refusal says how to mend it. (S22, S39)"""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from concerns import triggers
from concerns.access import masterkeys
from concerns.access.masterkeys import make_keys
from concerns.checks import keys_are_there, practice_accounts_are_gone, production_is_safe, record_is_append_only
from concerns.models import User

ROOT = Path(__file__).resolve().parents[1]


def words(messages) -> list[str]:  # type: ignore[no-untyped-def]
    return [message.msg for message in messages]


@pytest.fixture
def keys(tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    """Whole keys in a folder of their own."""
    make_keys(tmp_path)
    settings.KEYS_DIR = tmp_path
    return tmp_path


def test_whole_keys_are_accepted(keys: Path) -> None:
    assert words(keys_are_there()) == []


@pytest.mark.parametrize("name", [masterkeys.MASTER_FILE, masterkeys.CHAIN_FILE, masterkeys.ANCHOR_FILE, masterkeys.BACKUP_FILE])
def test_missing_key_file_is_named_with_what_to_do(keys: Path, name: str) -> None:
    (keys / name).unlink()

    assert words(keys_are_there()) == [
        f"The key file {name} is missing. Put it back from your copy, or run `manage.py init_keys` on a new system."
    ]


@pytest.mark.parametrize("content", ["k1:", "k1:c2hvcnQ=", "k1:not base64!", "k1", "", "# only a comment\n", "k1:" + "A" * 60])
def test_damaged_master_key_is_refused(keys: Path, content: str) -> None:
    (keys / masterkeys.MASTER_FILE).write_text(content)

    found = words(keys_are_there())

    assert len(found) == 1
    assert "Put the file back from your copy" in found[0]


def test_making_keys_again_never_touches_one_that_is_there(keys: Path) -> None:
    before = {path.name: path.read_text() for path in keys.iterdir()}

    assert make_keys(keys) == []
    assert {path.name: path.read_text() for path in keys.iterdir()} == before


def test_key_files_are_readable_by_their_owner_only(keys: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("hosts", "site", "count"),
    [([], "https://a.example", 1), (["*"], "https://a.example", 1), (["a"], "http://a", 1), (["a"], "https://a", 0)],
)
def test_production_needs_its_name_and_https(settings, hosts: list[str], site: str, count: int) -> None:  # type: ignore[no-untyped-def]
    settings.MODE, settings.ALLOWED_HOSTS, settings.SITE_URL = "production", hosts, site

    assert len(words(production_is_safe())) == count


@pytest.mark.django_db
def test_missing_trigger_is_named_with_what_to_do(db: None) -> None:
    assert words(record_is_append_only()) == []
    name = sorted(triggers.wanted(connection.vendor))[0]
    table = triggers.wanted(connection.vendor)[name][0]

    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))

    assert words(record_is_append_only()) == [
        f"The database does not protect the record: {name}. Run `manage.py migrate`, which puts this right."
    ]


@pytest.mark.django_db
def test_production_refuses_the_practice_accounts(settings) -> None:  # type: ignore[no-untyped-def]
    User.objects.create_user(email="lead@example.org", name="Priya Shah")
    settings.MODE = "production"

    assert words(practice_accounts_are_gone()) == ["This database holds the practice accounts. Start production with an empty database."]


def test_web_process_without_keys_stops_and_says_what_to_do(tmp_path: Path) -> None:
    environment = {"SAFEGUARDING_MODE": "practice", "SAFEGUARDING_VAR_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}

    process = subprocess.run(
        [sys.executable, "-c", "import safeguarding.wsgi"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )

    assert process.returncode == 3
    assert "run `manage.py init_keys`" in process.stderr
    assert "Traceback" not in process.stderr
