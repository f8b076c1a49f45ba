"""Any change to the record or the audit log shows, and is named: every position of a 300-row chain, and the ends. (S25)"""

import base64
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection

from concerns import triggers
from concerns.actions.anchors import anchor_chains, public_key, read_anchors
from concerns.actions.audit import audit
from concerns.exceptions import KeyTrouble
from concerns.models import AuditEvent, ChainHead, DataKey, Entry
from concerns.queries.chains import verify
from tests.factories import AT, Cast
from tests.makers import URGENT, answered, make_concern

HOUR = timedelta(hours=1)


@pytest.fixture
def forger(db: None) -> Iterator[None]:
    """Somebody who holds the database and has taken the triggers away."""
    triggers.remove()
    yield
    triggers.install()


@pytest.fixture
def anchors_file(tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    settings.ANCHORS_FILE = tmp_path / "anchors.jsonl"
    return tmp_path / "anchors.jsonl"


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def key_of(row: AuditEvent | Entry) -> object:
    return row.pk.hex if connection.vendor == "sqlite" else str(row.pk)


def faults() -> tuple[str, ...]:
    return verify().faults


def long_chain(cast: Cast, length: int) -> list[AuditEvent]:
    for number in range(length):
        audit(by=cast.lead, verb="looked", subject=cast.centre, at=AT, centre=cast.centre, place=number)
    return list(AuditEvent.objects.filter(centre=cast.centre).order_by("number"))


def test_record_that_nobody_touched_verifies(cast: Cast) -> None:
    answered(make_concern(cast, answers=URGENT), by=cast.lead)

    verdict = verify()

    assert verdict.faults == ()
    assert (verdict.entries, verdict.audit_rows) == (Entry.objects.count(), AuditEvent.objects.count())


def test_every_position_of_a_300_row_chain_is_named(cast: Cast, forger: None) -> None:
    rows = long_chain(cast, 300)

    for place, row in enumerate(rows[:-1]):
        change = ("change", "remove", "swap")[place % 3]
        other = rows[place + 1]
        if change == "change":
            run("UPDATE concerns_auditevent SET verb = 'nothing' WHERE id = %s", key_of(row))
        elif change == "remove":
            run("UPDATE concerns_auditevent SET centre_id = NULL, number = %s WHERE id = %s", 10_000 + place, key_of(row))
        else:
            run("UPDATE concerns_auditevent SET number = 9999 WHERE id = %s", key_of(row))
            run("UPDATE concerns_auditevent SET number = %s WHERE id = %s", place + 1, key_of(other))
            run("UPDATE concerns_auditevent SET number = %s WHERE id = %s", place + 2, key_of(row))

        assert f"Audit row {place + 1} of chain {cast.centre.pk}" in "".join(faults())

        for back, number in ((row, 20_000), (other, place + 2), (row, place + 1)):
            run(
                "UPDATE concerns_auditevent SET verb = 'looked', number = %s, centre_id = %s WHERE id = %s",
                number,
                cast.centre.pk.hex if connection.vendor == "sqlite" else str(cast.centre.pk),
                key_of(back),
            )
    assert faults() == ()


def test_cut_off_end_of_the_audit_log_is_named(cast: Cast, forger: None) -> None:
    rows = long_chain(cast, 20)

    run("DELETE FROM concerns_auditevent WHERE id = %s", key_of(rows[-1]))

    assert faults() == (f"The end of audit chain {cast.centre.pk} is missing: row 20 to row 20.",)


def test_cut_off_end_with_a_forged_head_shows_against_the_anchor(cast: Cast, forger: None, anchors_file: Path) -> None:
    rows = long_chain(cast, 20)
    anchor_chains(at=AT)
    run("DELETE FROM concerns_auditevent WHERE number > 15")
    ChainHead.objects.filter(chain=str(cast.centre.pk)).update(number=15, digest=bytes(rows[14].digest))
    assert faults() == ()

    anchors = tuple(read_anchors(anchors_file, public_key()))

    assert verify(anchors).faults == (f"Audit row 20 of chain {cast.centre.pk}, anchored 17 November 2026 17:30, is missing.",)


@pytest.mark.parametrize("column", ["kind = 'note'", "author_role = 'admin'", "written_at = '2020-01-01'", "happened_at = '2020-01-01'"])
def test_changed_entry_is_named(cast: Cast, forger: None, column: str) -> None:
    concern = make_concern(cast)
    entry = concern.entries.get(number=2)

    run(f"UPDATE concerns_entry SET {column} WHERE id = %s", key_of(entry))  # noqa: S608 - the columns stand above

    assert faults() == (f"Entry 2 of concern {concern.pk} was changed, removed or put in another order.",)


def test_changed_words_are_named_without_being_opened(cast: Cast, forger: None) -> None:
    concern = make_concern(cast)
    entry = concern.entries.get(number=2)
    DataKey.objects.filter(pk=concern.data_key_id).delete()
    assert faults() == ()

    run("UPDATE concerns_entry SET body = %s WHERE id = %s", bytes(entry.body)[:-1] + bytes([bytes(entry.body)[-1] ^ 1]), key_of(entry))

    assert faults() == (f"Entry 2 of concern {concern.pk} was changed, removed or put in another order.",)


def test_last_entry_of_a_concern_cannot_be_cut_off_unseen(cast: Cast, forger: None) -> None:
    concern = make_concern(cast)
    last = concern.entries.get(number=2)

    run("DELETE FROM concerns_entry WHERE id = %s", key_of(last))

    assert faults() == (f"Entry {last.pk} was removed: the audit log vouches for it.",)


def test_entry_that_was_slipped_in_is_named(cast: Cast, forger: None) -> None:
    concern = make_concern(cast)
    last = Entry.objects.get(concern=concern, number=2)
    last.pk, last.number, last._state.adding = uuid.uuid4(), 3, True
    last.save()

    assert faults() == (f"Entry 3 of concern {concern.pk} was changed, removed or put in another order.",)


def test_anchors_are_written_once_an_hour_and_only_for_chains_that_grew(cast: Cast, anchors_file: Path) -> None:
    make_concern(cast)

    written = [anchor_chains(at=AT), anchor_chains(at=AT + HOUR / 2), anchor_chains(at=AT + HOUR)]
    make_concern(cast)
    written.append(anchor_chains(at=AT + 2 * HOUR))

    assert written == [1, 0, 0, 1]
    assert len(anchors_file.read_text().splitlines()) == 2


def test_changed_anchor_is_refused_and_its_line_is_named(cast: Cast, anchors_file: Path) -> None:
    make_concern(cast)
    anchor_chains(at=AT)
    data = json.loads(anchors_file.read_text())
    anchors_file.write_text(json.dumps({**data, "number": data["number"] - 1}) + "\n")

    with pytest.raises(KeyTrouble, match="Line 1 of the anchors was changed"):
        read_anchors(anchors_file, public_key())


def test_third_party_checks_the_anchors_with_the_public_key_only(cast: Cast, anchors_file: Path) -> None:
    make_concern(cast)
    anchor_chains(at=AT)
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()

    assert len(read_anchors(anchors_file, public_key())) == 1
    with pytest.raises(KeyTrouble):
        read_anchors(anchors_file, stranger)


def test_command_says_what_it_read_and_that_all_is_well(cast: Cast, anchors_file: Path) -> None:
    make_concern(cast)
    anchor_chains(at=AT)
    out = StringIO()

    call_command("verify_audit", public_key=base64.b64encode(public_key()).decode(), stdout=out)

    assert f"{AuditEvent.objects.count()} audit rows and 2 entries read.\nNothing was changed" in out.getvalue()


def test_command_fails_and_names_the_row(cast: Cast, forger: None, anchors_file: Path) -> None:
    concern = make_concern(cast)
    run("UPDATE concerns_entry SET kind = 'note' WHERE number = 1")

    with pytest.raises(CommandError, match=f"Entry 1 of concern {concern.pk}"):
        call_command("verify_audit", stdout=StringIO(), stderr=StringIO())
