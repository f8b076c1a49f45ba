"""Wrong, missing, truncated and swapped key files stop the start, each with one sentence that says what to do. (S22)"""

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from concerns.access import masterkeys
from concerns.access.masterkeys import ANCHOR_FILE, BACKUP_FILE, CHAIN_FILE, DJANGO_FILE, MASTER_FILE, add_master_key, make_keys
from concerns.actions.anchors import anchor_chains
from concerns.actions.keys import rewrap_data_keys
from concerns.checks import keys_are_there, keys_fit_this_database, keys_stand_in_their_own_files
from concerns.models import DataKey
from tests.factories import AT, Cast
from tests.makers import make_concern
from tests.outage_servers import ROOT, Site


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    """Whole keys in a folder of their own, and anchors beside them."""
    settings.KEYS_DIR, settings.ANCHORS_FILE = tmp_path / "keys", tmp_path / "anchors.jsonl"
    make_keys(settings.KEYS_DIR)
    return Path(settings.KEYS_DIR)


@pytest.fixture
def used(cast: Cast, keys: Path) -> Path:
    """The same keys, once a concern was sealed, chained and anchored with them."""
    make_concern(cast)
    anchor_chains(at=timezone.now())
    return keys


def read_again(folder: Path) -> None:
    """What a new process does: forget what was read of the keys."""
    for name in ("_master_keys", "_chain_key", "_anchor_key"):
        getattr(masterkeys, name).cache_clear()


def wrong(folder: Path) -> list[str]:
    read_again(folder)
    return [message.msg for check in (keys_are_there, keys_stand_in_their_own_files, keys_fit_this_database) for message in check()]


def other_keys(tmp_path: Path) -> Path:
    make_keys(tmp_path / "other")
    return tmp_path / "other"


def test_right_keys_fit_and_an_empty_database_fits_any(used: Path, tmp_path: Path) -> None:
    assert wrong(used) == []


@pytest.mark.django_db
def test_any_keys_fit_an_empty_database(keys: Path) -> None:
    assert wrong(keys) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (MASTER_FILE, "The master key k1 in master.keys opens nothing in this database"),
        (CHAIN_FILE, "chain.key is not the key that this database's audit log was chained with."),
        (ANCHOR_FILE, "anchor.key is not the key that the anchors were signed with."),
    ],
)
def test_key_of_another_system_is_named(used: Path, tmp_path: Path, name: str, words: str) -> None:
    shutil.copy(other_keys(tmp_path) / name, used / name)

    found = wrong(used)

    assert len(found) == 1
    assert found[0].startswith(words)
    assert "Put the right file back from your copy or your recovery sheet." in found[0]


@pytest.mark.parametrize("source", [MASTER_FILE, CHAIN_FILE, ANCHOR_FILE, BACKUP_FILE, DJANGO_FILE])
@pytest.mark.parametrize("target", [MASTER_FILE, CHAIN_FILE, ANCHOR_FILE, BACKUP_FILE, DJANGO_FILE])
def test_file_in_the_place_of_another_is_found(used: Path, source: str, target: str) -> None:
    (used / target).write_text((used / source).read_text())

    found = wrong(used)

    assert bool(found) == (source != target)
    assert all("your copy" in words for words in found)


def test_chain_key_written_as_a_master_key_is_found(used: Path) -> None:
    (used / MASTER_FILE).write_text(f"k1:{(used / CHAIN_FILE).read_text()}")

    found = wrong(used)

    assert [words.split(":")[0] for words in found] == [
        "The keys chain and k1 are the same",
        "The master key k1 in master.keys opens nothing in this database",
    ]


@pytest.mark.parametrize("name", [MASTER_FILE, CHAIN_FILE, ANCHOR_FILE, BACKUP_FILE, DJANGO_FILE])
@pytest.mark.parametrize("size", [0, 1, 20, 40])
def test_truncated_file_is_named(used: Path, name: str, size: int) -> None:
    (used / name).write_text((used / name).read_text()[:size])

    found = wrong(used)

    assert found != []
    assert all(name in words and "from your copy" in words for words in found)


@pytest.mark.parametrize("size", [16, 31, 33, 64])
def test_key_of_the_wrong_length_is_refused(used: Path, size: int) -> None:
    for name in (CHAIN_FILE, ANCHOR_FILE, BACKUP_FILE):
        (used / name).write_text(base64.b64encode(os.urandom(size)).decode())

    assert [words.split(" ")[0] for words in wrong(used)] == [CHAIN_FILE, ANCHOR_FILE, BACKUP_FILE]


def test_older_master_key_that_is_still_in_use_is_missed(used: Path, cast: Cast) -> None:
    add_master_key()
    newest = (used / MASTER_FILE).read_text().splitlines()[-1]
    (used / MASTER_FILE).write_text(newest + "\n")

    assert wrong(used) == ["The master key k1 is missing. Put the key file back from your copy."]


def test_rotated_keys_fit_and_the_old_one_may_go(used: Path) -> None:
    add_master_key()
    rewrap_data_keys(by=None, at=AT)
    (used / MASTER_FILE).write_text((used / MASTER_FILE).read_text().splitlines()[-1] + "\n")

    assert wrong(used) == []


def test_one_damaged_row_does_not_look_like_a_wrong_key(used: Path) -> None:
    first = DataKey.objects.order_by("pk")[0]
    first.wrapped = b"\x00" * 60
    first.save()

    assert wrong(used) == []


def test_worker_with_wrong_keys_stops(used: Path, tmp_path: Path) -> None:
    shutil.copy(other_keys(tmp_path) / MASTER_FILE, used / MASTER_FILE)
    read_again(used)

    with pytest.raises(CommandError, match="opens nothing in this database"):
        call_command("run_worker", "--once", skip_checks=True)


def test_web_process_with_keys_of_another_system_stops(tmp_path: Path) -> None:
    site = Site.at(tmp_path / "var")
    site.set_up("from tests.factories import make_cast\nfrom tests.makers import make_concern\nmake_concern(make_cast())\n")
    shutil.copy(other_keys(tmp_path) / MASTER_FILE, tmp_path / "var" / "keys" / MASTER_FILE)

    ran = subprocess.run(
        [sys.executable, "-c", "import safeguarding.wsgi"], cwd=ROOT, env=site.env, capture_output=True, text=True, timeout=60
    )

    assert ran.returncode == 3
    assert ran.stderr.startswith("The master key k1 in master.keys opens nothing in this database")
    assert "Traceback" not in ran.stderr
