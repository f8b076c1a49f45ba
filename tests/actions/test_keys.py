"""Rotating the master key: everything stays readable, a stop half-way does no harm, a missing key closes. (S22)"""

from pathlib import Path

import pytest

from concerns.access import masterkeys
from concerns.access.keyring import Keyring
from concerns.access.masterkeys import add_master_key, make_keys, master_keys
from concerns.actions import keys
from concerns.actions.keys import rewrap_data_keys
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, DataKey
from tests.factories import AT, Cast
from tests.makers import ACCOUNT, make_concern


@pytest.fixture
def own_keys(tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    make_keys(tmp_path)
    settings.KEYS_DIR = tmp_path
    return tmp_path


def seen(concern: Concern) -> str:
    return str(Keyring.of(concern).open(concern.entries.get(number=2), "body")["seen"])


def test_rotation_rewraps_every_key_and_nothing_else(cast: Cast, own_keys: Path) -> None:
    concern = make_concern(cast)
    sealed = bytes(concern.entries.get(number=2).body)

    name = add_master_key()
    count = rewrap_data_keys(by=None, at=AT)

    assert (count, set(DataKey.objects.values_list("master_key", flat=True))) == (DataKey.objects.count(), {name})
    assert bytes(concern.entries.get(number=2).body) == sealed
    assert seen(concern) == ACCOUNT.seen


def test_rotation_that_was_stopped_goes_on(cast: Cast, own_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    concerns = [make_concern(cast) for _ in range(3)]
    monkeypatch.setattr(keys, "BATCH", 2)
    name = add_master_key()
    keys._rewrap_batch(name, master_keys()[name])

    assert [seen(concern) for concern in concerns] == [ACCOUNT.seen] * 3
    assert rewrap_data_keys(by=None, at=AT) == DataKey.objects.count() - 2
    assert [seen(concern) for concern in concerns] == [ACCOUNT.seen] * 3


def test_running_process_finds_a_key_that_was_added_by_another(cast: Cast, own_keys: Path) -> None:
    concern = make_concern(cast)
    old = (own_keys / masterkeys.MASTER_FILE).read_text()
    add_master_key()
    rewrap_data_keys(by=None, at=AT)
    new = (own_keys / masterkeys.MASTER_FILE).read_text()
    (own_keys / masterkeys.MASTER_FILE).write_text(old)
    masterkeys._master_keys.cache_clear()
    master_keys()  # what a process that started before the rotation remembers
    (own_keys / masterkeys.MASTER_FILE).write_text(new)

    assert seen(concern) == ACCOUNT.seen


def test_lost_master_key_closes_the_record(cast: Cast, own_keys: Path) -> None:
    concern = make_concern(cast)
    add_master_key()
    newest = (own_keys / masterkeys.MASTER_FILE).read_text().splitlines()[-1]
    (own_keys / masterkeys.MASTER_FILE).write_text(newest + "\n")
    masterkeys._master_keys.cache_clear()

    with pytest.raises(KeyTrouble, match="The master key k1 is missing"):
        seen(concern)


def test_wrong_master_key_of_the_same_name_closes_the_record(cast: Cast, own_keys: Path) -> None:
    concern = make_concern(cast)
    (own_keys / masterkeys.MASTER_FILE).unlink()
    make_keys(own_keys)
    masterkeys._master_keys.cache_clear()

    with pytest.raises(KeyTrouble, match="cannot be opened with this master key"):
        seen(concern)
