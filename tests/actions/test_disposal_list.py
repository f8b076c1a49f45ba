"""The list of disposals: a line that is changed, removed, moved or cut off is named; a restored database is put right. (S24, S28)"""

import json
import uuid
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from concerns.access.keyring import Keyring
from concerns.actions import restore
from concerns.actions.disposal import replay_disposals
from concerns.actions.disposal_list import Line, read_lines, write_line
from concerns.actions.holds import set_hold
from concerns.choices import StepState
from concerns.exceptions import KeyTrouble, Refused
from concerns.models import Concern, DataKey, Disposal, Hold, Message, Step
from concerns.queries.chains import verify
from concerns.rules.retention import HoldGround
from concerns.triggers import install, remove
from tests.disposals import LATER, disposed, make_closed
from tests.factories import AT, Cast
from tests.makers import DANGER, MARKER, make_concern


def the_list() -> Path:
    return Path(settings.DISPOSALS_FILE)


def three(cast: Cast) -> list[str]:
    """The lines of three disposals."""
    for _ in range(3):
        disposed(cast, make_closed(cast))
    return the_list().read_text().splitlines(keepends=True)


def asdict_without(line: Line) -> dict[str, Any]:
    """The columns of a line but those that the list itself gives."""
    return {name: value for name, value in asdict(line).items() if name not in ("number", "previous")}


def brought_back(concern: Concern) -> None:
    """Make the database forget a disposal, as an older backup does: the key is there again, the tombstone is not."""
    remove()
    Disposal.objects.filter(concern=concern)._raw_delete("default")
    install()
    key = Keyring().new_key(at=AT)
    Concern.objects.filter(pk=concern.pk).update(data_key=key)


def test_line_holds_ids_times_and_closed_words_only(cast: Cast) -> None:
    lines = three(cast)

    data = json.loads(lines[0])

    assert MARKER not in "".join(lines)
    assert "Aria" not in "".join(lines)
    assert cast.lead.name not in "".join(lines)
    assert (data["number"], data["rule"], data["entries"], len(data["keys"])) == (1, "child", 4, 2)
    assert (the_list().stat().st_mode & 0o777, the_list().parent.stat().st_mode & 0o777) == (0o600, 0o700)


def changed(line: str, **columns: Any) -> str:
    return json.dumps({**json.loads(line), **columns}, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (lambda lines: [lines[0], changed(lines[1], keys=[]), lines[2]], "Line 2 .* was changed"),
        (lambda lines: [lines[0], changed(lines[1], approved_by="x"), lines[2]], "Line 2 .* was changed"),
        (lambda lines: [lines[0], lines[2]], "Line 2 .* removed or moved"),
        (lambda lines: [lines[1], lines[0], lines[2]], "Line 1 .* removed or moved"),
        (lambda lines: [*lines, lines[2]], "Line 4 .* removed or moved"),
        (lambda lines: [*lines, "{}\n"], "Line 4 .* was changed"),
        (lambda lines: [*lines, "[]\n"], "Line 4 .* was changed"),
        (lambda lines: ["\n", *lines], "Line 1 .* was changed"),
    ],
)
def test_tampered_line_is_named_and_nothing_is_destroyed_or_replayed(cast: Cast, tamper: Any, named: str) -> None:
    the_list().parent.mkdir(parents=True, exist_ok=True)
    the_list().write_text("".join(tamper(three(cast))))
    concern = make_closed(cast)
    keys = DataKey.objects.count()

    for act in (read_lines, lambda: replay_disposals(by=None, at=LATER), lambda: disposed(cast, concern)):
        with pytest.raises(KeyTrouble, match=named):
            act()

    assert DataKey.objects.count() == keys


def test_list_whose_end_was_cut_off_refuses_the_next_disposal(cast: Cast) -> None:
    the_list().parent.mkdir(parents=True)
    lines = three(cast)
    the_list().write_text("".join(lines[:2]))

    with pytest.raises(KeyTrouble, match="lacks one that the database knows of"):
        disposed(cast, make_closed(cast))


def test_line_that_a_crash_cut_off_is_no_disposal_and_is_written_over(cast: Cast) -> None:
    lines = three(cast)
    with the_list().open("a") as file:
        file.write(lines[0][:70])

    assert len(read_lines()) == 3
    disposed(cast, make_closed(cast))

    assert [line.number for line in read_lines()] == [1, 2, 3, 4]


def test_restore_passes_over_a_line_that_a_crash_cut_off(cast: Cast) -> None:
    lines = three(cast)
    with the_list().open("a") as file:
        file.write(lines[0][:70])

    restore._merge(the_list(), "".join([*lines[:2], lines[2][:50]]).encode())

    assert [line.number for line in read_lines()] == [1, 2, 3]


def test_restored_database_loses_again_what_was_disposed_of(cast: Cast) -> None:
    concern, kept = make_closed(cast), make_closed(cast)
    first = disposed(cast, concern)
    brought_back(concern)

    count = replay_disposals(by=None, at=LATER + timedelta(days=1))

    concern.refresh_from_db()
    again = Disposal.objects.get()
    assert (count, concern.is_disposed) == (1, True)
    assert (again.pk, again.line, again.approved_at, again.approved_by) == (first.pk, first.line, first.approved_at, first.approved_by)
    assert MARKER in str(Keyring.of(kept).open(kept.entries.get(number=2), "body"))
    assert verify().faults == ()


def test_replay_twice_does_nothing_the_second_time(cast: Cast) -> None:
    concern = make_closed(cast)
    disposed(cast, concern)
    brought_back(concern)

    assert [replay_disposals(by=None, at=LATER) for _ in range(3)] == [1, 0, 0]


def test_backup_from_before_the_closing_is_closed_and_asks_nobody(cast: Cast) -> None:
    concern = make_closed(cast)
    disposed(cast, concern)
    brought_back(concern)
    other = make_concern(cast, answers=DANGER)
    Step.objects.filter(concern=other).exclude(kind="acknowledge").update(concern=concern)
    Message.objects.filter(concern=other).update(concern=concern)
    Concern.objects.filter(pk=concern.pk).update(status="new", closed_at=None, next_due_at=AT, acknowledged_at=None)
    Hold.objects.create(concern=concern, ground="court", set_by=cast.lead, set_at=AT)

    replay_disposals(by=None, at=LATER)

    concern.refresh_from_db()
    assert (concern.status, concern.next_due_at) == ("closed", None)
    assert not Step.objects.filter(concern=concern, state=StepState.WAITING).exists()
    assert not Message.objects.filter(concern=concern, sent_at=None, dead_at=None).exists()


def test_older_database_that_knows_neither_the_concern_nor_its_people_is_put_right(cast: Cast) -> None:
    """The list of one system is replayed on a database that holds only what one of its lines names: a key."""
    disposed(cast, make_closed(cast))
    line = read_lines()[0]
    stranger = write_line(
        known=set(), **{**asdict_without(line), "id": str(uuid.uuid4()), "concern": str(uuid.uuid4()), "approved_by": str(uuid.uuid4())}
    )
    DataKey.objects.create(pk=uuid.UUID(stranger.keys[0]), wrapped=b"x", master_key="k1", created_at=AT)

    replay_disposals(by=None, at=LATER)

    assert DataKey.objects.count() == 0


def test_tombstone_of_an_older_database_names_only_people_whom_it_knows(cast: Cast) -> None:
    concern = make_closed(cast)
    nobody = str(uuid.uuid4())
    key = str(concern.data_key_id)
    columns = {"rule": "child", "early_ground": "", "level": "prompt", "entries": 4, "people": 1, "keys": (key,)}
    times = {"proposed_at": AT.isoformat(), "approved_at": AT.isoformat(), "unrecoverable_on": "2026-12-24"}
    people = {"proposed_by": nobody, "approved_by": str(cast.lead.pk)}
    write_line(known=set(), id=nobody, centre=str(cast.centre.pk), concern=str(concern.pk), **columns, **times, **people)

    replay_disposals(by=None, at=LATER)

    assert (Disposal.objects.get().proposed_by, Disposal.objects.get().approved_by) == (None, cast.lead)


def test_hold_comes_too_late_once_the_line_is_written(cast: Cast) -> None:
    concern = make_closed(cast)
    disposed(cast, concern)
    brought_back(concern)

    with pytest.raises(Refused, match="being disposed of"):
        set_hold(by=cast.lead, concern_id=concern.pk, ground=HoldGround.COURT, at=LATER)
