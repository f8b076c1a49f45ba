"""What a restore makes of the days after its backup, of other versions, and of a record that was tampered with. (S24, S25, S28)"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from concerns.exceptions import DamagedBackup
from concerns.queries.manifest import require_fit
from tests.backups import backup_of, empty, filled, python, run
from tests.makers import MARKER
from tests.outage_servers import Site

LATER = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from concerns.actions.anchors import anchor_chains
from concerns.actions.casework import add_entry
from concerns.choices import EntryKind
from concerns.models import Concern, User
concern = Concern.objects.exclude(status="closed").get()
add_entry(by=User.objects.get(name="Priya Shah"), concern_id=concern.pk, kind=EntryKind.NOTE, text="After the backup.", at=timezone.now())
print(anchor_chains(at=timezone.now() + timedelta(hours=2)))
"""
FORGE = """
import django
django.setup()
from django.db import connection
from concerns import triggers
triggers.remove()
with connection.cursor() as cursor:
    cursor.execute("UPDATE concerns_entry SET kind = 'note' WHERE number = 1")
triggers.install()
"""
WRITE = """
import django
django.setup()
from django.utils import timezone
from concerns.models import Concern, User
from concerns.actions.casework import add_entry
from concerns.choices import EntryKind
concern = Concern.objects.exclude(status="closed").get()
add_entry(by=User.objects.get(name="Priya Shah"), concern_id=concern.pk, kind=EntryKind.NOTE, text="Life goes on.", at=timezone.now())
"""

DROP = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DROP TABLE {table}")
"""
DISPOSE = """
import django
django.setup()
from types import SimpleNamespace
from concerns.models import Concern, User
from tests.disposals import disposed
lead = User.objects.get(name="Priya Shah")
cast = SimpleNamespace(centre=lead.grants.first().centre, lead=lead, case_manager=User.objects.get(name="Grace Mensah"))
concern = Concern.objects.get(status="closed")
disposed(cast, concern)
"""
DISPOSED = """
import django
django.setup()
from concerns.access.keyring import Keyring
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, Disposal, Entry
concern = Concern.objects.get(status="closed")
try:
    print(Keyring.of(concern).open(Entry.objects.get(concern=concern, number=2), "body"))
except KeyTrouble as trouble:
    print(trouble)
print(concern.is_disposed, Disposal.objects.count())
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with filled(tmp_path / "site") as made:
        yield made


@pytest.fixture(autouse=True)
def _emptied_without_triggers() -> None:
    """Stands in for the fixture of every other test, which opens pytest's own database: these tests use none."""


def test_what_came_after_the_backup_is_called_lost_and_its_anchors_are_kept(site: Site, tmp_path: Path) -> None:
    backup = backup_of(site, tmp_path / "kept")
    assert python(site, LATER).strip() == "2"  # the chain of the centre, and that of the backups
    live = (site.var / "anchors" / "anchors.jsonl").read_text()

    with empty(tmp_path / "new", site.var / "keys") as other:
        (tmp_path / "new" / "anchors").mkdir()
        (tmp_path / "new" / "anchors" / "anchors.jsonl").write_text(live)
        ran = run(other, "restore", backup)
        python(other, WRITE)
        verified = run(other, "verify_audit")

    aside = list((tmp_path / "new" / "anchors").glob("lost-*.jsonl"))
    assert ran.code == 0
    assert "were written after this backup and are lost. Ask people what they did since" in ran.out
    assert verified.code == 0, verified.err
    assert len(aside) == 1
    assert set(aside[0].read_text().splitlines()) < set(live.splitlines())


def test_disposal_after_the_backup_stays_disposed_after_the_restore(site: Site, tmp_path: Path) -> None:
    backup = backup_of(site, tmp_path / "kept")
    assert MARKER in python(site, DISPOSED)
    python(site, DISPOSE)

    drill = run(site, "check_backup", backup)
    with empty(tmp_path / "new", site.var / "keys") as other:
        shutil.copytree(site.var / "disposals", tmp_path / "new" / "disposals")
        ran = run(other, "restore", backup)
        after = python(other, DISPOSED)

    assert "Disposed of again, by the list of disposals: 1.\n" in drill.out
    assert "Disposed of again, by the list of disposals: 1.\n" in ran.out
    assert after == "The content of this record was disposed of.\nTrue 1\n"


def test_disposal_before_the_backup_comes_with_it_where_the_list_beside_the_system_is_lost(site: Site, tmp_path: Path) -> None:
    python(site, DISPOSE)
    backup = backup_of(site, tmp_path / "kept")

    with empty(tmp_path / "new", site.var / "keys") as other:
        ran = run(other, "restore", backup)
        after = python(other, DISPOSED)

    assert ran.code == 0
    assert after == "The content of this record was disposed of.\nTrue 1\n"
    assert (tmp_path / "new" / "disposals" / "disposals.jsonl").read_text() == (site.var / "disposals" / "disposals.jsonl").read_text()


@pytest.mark.parametrize("forged", ["{}", "changed"])
def test_forged_list_of_disposals_stops_the_restore_before_anything_is_written(site: Site, tmp_path: Path, forged: str) -> None:
    python(site, DISPOSE)
    backup = backup_of(site, tmp_path / "kept")
    good = (site.var / "disposals" / "disposals.jsonl").read_text()
    place = tmp_path / "new" / "disposals" / "disposals.jsonl"
    place.parent.mkdir(parents=True)
    place.write_text("{}\n" if forged == "{}" else good.replace('"rule": "', '"rule": "x'))

    with empty(tmp_path / "new", site.var / "keys") as other:
        ran = run(other, "restore", backup)
        place.unlink()
        mended = run(other, "restore", backup)

    assert ran.err == "Line 1 of the list of disposals was changed, or is signed with another key."
    assert mended.code == 0


def test_backup_before_an_upgrade_is_migrated_is_made_and_can_be_restored(site: Site, tmp_path: Path) -> None:
    """The new version is installed, and its tables are not there yet."""
    python(site, DROP.format(table="concerns_attempt"))
    backup = backup_of(site, tmp_path / "kept")

    with empty(tmp_path / "new", site.var / "keys") as other:
        ran = run(other, "restore", backup)

    assert ran.code == 0


def test_backup_that_cannot_be_noted_is_good_all_the_same(site: Site, tmp_path: Path) -> None:
    python(site, DROP.format(table="concerns_heartbeat"))
    (tmp_path / "kept").mkdir()

    ran = run(site, "backup", tmp_path / "kept")

    assert ran.code == 0
    assert "the backup is good, but could not be noted: " in ran.err
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_tampering_before_the_backup_shows_in_the_drill_and_in_the_restore(site: Site, tmp_path: Path) -> None:
    python(site, FORGE)
    backup = backup_of(site, tmp_path / "kept")

    drill = run(site, "check_backup", backup)
    with empty(tmp_path / "new", site.var / "keys") as other:
        restored = run(other, "restore", backup)

    assert (drill.code, restored.code) == (1, 1)
    assert drill.err == restored.err
    assert "was changed, removed or put in another order." in drill.err


def test_damaged_anchors_beside_the_new_system_stop_the_restore(site: Site, tmp_path: Path) -> None:
    backup = backup_of(site, tmp_path / "kept")

    with empty(tmp_path / "new", site.var / "keys") as other:
        (tmp_path / "new" / "anchors").mkdir()
        (tmp_path / "new" / "anchors" / "anchors.jsonl").write_text('{"chain": "forged"}\n')
        ran = run(other, "restore", backup)
        (tmp_path / "new" / "anchors" / "anchors.jsonl").unlink()
        mended = run(other, "restore", backup)

    assert ran.code == 1
    assert ran.err == "Line 1 of the anchors was changed, or is signed with another key."
    assert mended.code == 0


def test_backup_of_a_newer_version_is_refused_and_its_migration_named() -> None:
    manifest = {"kind": "sqlite", "migrations": ["auth.0001_initial", "concerns.0001_initial", "concerns.0999_from_the_future"]}

    with pytest.raises(DamagedBackup, match=r"made by a newer version of the product \(concerns.0999_from_the_future\)"):
        require_fit(manifest, kind="sqlite")


def test_backup_of_another_kind_of_database_is_refused() -> None:
    with pytest.raises(DamagedBackup, match=r"of a database of another kind \(PostgreSQL\)"):
        require_fit({"kind": "postgresql", "migrations": []}, kind="sqlite")
