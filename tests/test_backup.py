"""A backup is one encrypted file that holds no key, is whole or not there, and restores to what it was; with real files. (S24, S23)"""

import base64
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from concerns.actions.backup import expire, made_at
from concerns.rules.packing import unpack
from tests.backups import backup_of, empty, filled, look, python, run
from tests.makers import MARKER
from tests.outage_servers import Site

ONE_PERSON = "Priya Shah"
AUDITED = """
import django
django.setup()
from concerns.models import AuditEvent, Heartbeat
print(list(AuditEvent.objects.filter(verb="made a backup").values_list("by", "concern")), Heartbeat.objects.filter(name="backup").count())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with filled(tmp_path_factory.mktemp("backups")) as made:
        yield made


@pytest.fixture(scope="module")
def backup(site: Site) -> Path:
    return backup_of(site, site.var / "kept")


@pytest.fixture(autouse=True)
def _emptied_without_triggers() -> None:
    """Stands in for the fixture of every other test, which opens pytest's own database: these tests use none."""


def test_drill_brings_everything_back_but_what_lets_people_in(site: Site, backup: Path, tmp_path: Path) -> None:
    before = look(site)

    with empty(tmp_path / "var", site.var / "keys") as other:
        ran = run(other, "restore", backup)
        after = look(other)

    assert (ran.code, ran.err) == (0, "")
    assert "Nothing was changed, removed or put in another order." in ran.out
    assert before[0] == after[0] == "2 7 2 10"
    assert (before[1], after[1]) == ("1 1 1 0", "0 0 0 0")


def test_check_backup_tells_and_leaves_the_running_system_alone(site: Site, backup: Path) -> None:
    before = look(site), sorted(path.name for path in site.var.iterdir())

    ran = run(site, "check_backup", backup)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0].startswith("Restored 2 concerns and 7 entries as of ")
    assert ran.out.endswith("The drill went well. The running system was not touched.\n")
    assert (look(site), sorted(path.name for path in site.var.iterdir())) == before


def test_file_holds_no_word_and_no_name_in_the_clear(site: Site, backup: Path) -> None:
    content = backup.read_bytes()

    assert [word for word in (MARKER, ONE_PERSON, "signed-in-heron", "CREATE TABLE") if word.encode() in content] == []
    assert backup.stat().st_mode & 0o777 == 0o600


def test_opened_file_holds_no_key_and_no_word_of_the_record(site: Site, backup: Path) -> None:
    keys = {path.name: path.read_text().strip().rpartition(":")[2] for path in (site.var / "keys").iterdir()}
    with backup.open("rb") as file:
        plain = b"".join(data for _, data in unpack(file, lambda _: base64.b64decode(keys["backup.key"])))

    secrets = [MARKER.encode(), b"signed-in-heron"]
    secrets += [form for key in keys.values() for form in (key.encode(), base64.b64decode(key), base64.b64decode(key).hex().encode())]

    assert len(keys) == 5
    assert b"concerns_entry" in plain or plain.startswith(b"PGDMP", plain.find(b"PGDMP"))
    assert [secret for secret in secrets if secret in plain] == []


def test_backup_leaves_an_audit_row_and_a_heartbeat(site: Site, backup: Path) -> None:
    assert python(site, AUDITED).strip().endswith("1")
    assert "[(None, None)" in python(site, AUDITED)


@pytest.mark.parametrize("lacking", ["all", "of another system", "master.keys"])
def test_without_the_keys_nothing_is_restored(site: Site, backup: Path, tmp_path: Path, lacking: str) -> None:
    keys = tmp_path / "keys"
    if lacking == "master.keys":
        shutil.copytree(site.var / "keys", keys)
        (keys / lacking).write_text("k1:" + base64.b64encode(bytes(32)).decode())

    with empty(tmp_path / "var", keys) as other:
        if lacking == "of another system":
            run(other, "init_keys")
        ran = run(other, "restore", backup)
        nothing = run(other, "restore", backup)  # the database is still empty

    wanted = {
        "all": "The key file backup.key is missing. Put it back",
        "of another system": "This backup was made with another key. Put the backup.key of the system that made it",
        "master.keys": "The keys' folder is not that of the system which made this backup: k1 is another one.",
    }[lacking]
    assert ran.code == 1
    assert ran.err.startswith(wanted)
    assert nothing == ran


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "end": (lambda content: content[:-1], "This backup is cut off"),
    "half": (lambda content: content[: len(content) // 2], "This backup is cut off"),
    "one bit": (lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:], "This backup was changed or damaged."),
    "version": (lambda content: content.replace(b"backup 1", b"backup 9", 1), "This backup was made by another version"),
    "empty": (lambda content: b"", "This file is not a backup of this product."),
}


def test_damaged_backup_is_refused_before_anything_is_written(site: Site, backup: Path, tmp_path: Path) -> None:
    """One empty machine for all: whatever had been written into it would change the answer to the next, and to the whole one."""
    broken, refused = tmp_path / "broken.backup", {}

    with empty(tmp_path / "var", site.var / "keys") as other:
        for name, (damage, _) in DAMAGES.items():
            broken.write_bytes(damage(backup.read_bytes()))
            refused[name] = run(other, "restore", broken)
        whole = run(other, "restore", backup)

    assert {name: ran for name, ran in refused.items() if ran.code != 1 or not ran.err.startswith(DAMAGES[name][1])} == {}
    assert (whole.code, whole.err) == (0, "")


def test_database_that_holds_tables_is_refused(site: Site, backup: Path) -> None:
    before = look(site)

    ran = run(site, "restore", backup)

    assert ran.code == 1
    assert ran.err.startswith("This database holds tables already, and a restore never writes over anything. Make an empty one")
    assert look(site) == before


def test_stopped_restore_lets_nothing_start(site: Site, tmp_path: Path) -> None:
    (site.var / "restore-under-way").touch()

    ran = run(site, "check")

    (site.var / "restore-under-way").unlink()
    assert "A restore was stopped half-way." in ran.err
    assert run(site, "check").code == 0


def limit_files() -> None:
    """Let no file of the process grow beyond 100 kB, as a full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_full_disk_leaves_the_old_backup_and_no_half_one(site: Site, backup: Path) -> None:
    before = {path.name: path.read_bytes() for path in backup.parent.iterdir()}

    ran = run(site, "backup", backup.parent, before=limit_files)

    assert ran.code == 1
    assert "Make room" in ran.err
    assert "Traceback" not in ran.err
    assert {path.name: path.read_bytes() for path in backup.parent.iterdir()} == before
    assert list(site.var.glob(".snapshot-*")) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_really_full_disk_says_which_and_what_to_do(site: Site, tmp_path: Path) -> None:
    disk = tmp_path / "small"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        ran = run(site, "backup", disk)
        left = list(disk.iterdir())
    finally:
        subprocess.run(["umount", disk], check=True)

    assert ran.err == (
        f"The disk of {disk} is full. The older backups are as they were. Make room or name another folder, then run it again."
    )
    assert left == []


def test_missing_folder_is_named(site: Site, tmp_path: Path) -> None:
    ran = run(site, "backup", tmp_path / "not-mounted")

    assert ran.err == f"The folder {tmp_path / 'not-mounted'} is not there. Is its disk connected? Make the folder, then run it again."
    assert not (tmp_path / "not-mounted").exists()


def test_what_a_killed_backup_left_is_cleared_away(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / ".safeguarding-20200101T000000Z.part").write_bytes(b"half")

    made = backup_of(site, folder)

    assert list(folder.iterdir()) == [made]


@pytest.mark.parametrize(("program", "words"), [("", "pg_dump is not installed. Install PostgreSQL's client")])
def test_missing_program_is_named(site: Site, tmp_path: Path, program: str, words: str) -> None:
    if "DATABASE_URL" not in site.env:
        pytest.skip("SQLite needs no program")

    ran = run(site, "backup", tmp_path, env={"PATH": program})

    assert ran.err.startswith(words)
    assert list(tmp_path.iterdir()) == []


def test_old_backups_go_and_the_newest_always_stays(tmp_path: Path) -> None:
    at = datetime(2026, 11, 23, 2, tzinfo=UTC)
    for age in (0, 34, 36, 400):
        (tmp_path / f"safeguarding-{at - timedelta(days=age):%Y%m%dT%H%M%SZ}.backup").touch()
    (tmp_path / "somebody-else.txt").touch()
    newest = tmp_path / f"safeguarding-{at:%Y%m%dT%H%M%SZ}.backup"

    gone = expire(tmp_path, keep=newest, before=at - timedelta(days=35))
    later = expire(tmp_path, keep=newest, before=at + timedelta(days=900))

    assert [(at - (made_at(path) or at)).days for path in gone] == [400, 36]
    assert len(later) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [newest.name, "somebody-else.txt"]


def test_only_one_backup_is_made_at_a_time(site: Site, tmp_path: Path) -> None:
    holder = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); input()"
    process = subprocess.Popen(
        ["python3", "-c", holder, str(site.var / "backup.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "held\n"

    ran = run(site, "backup", tmp_path)

    process.communicate("\n")
    assert ran.err == "Another backup is being made at this moment. Wait until it has finished."


def test_sqlite_copy_beside_the_database_is_for_this_user_alone(site: Site, backup: Path) -> None:
    assert list(site.var.glob(".snapshot-*")) == []
    if "DATABASE_URL" not in site.env:
        with sqlite3.connect(site.var / "safeguarding.sqlite3") as live:
            assert live.execute("PRAGMA integrity_check").fetchone() == ("ok",)
