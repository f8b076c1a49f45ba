"""The recovery sheet from end to end: printed, typed back, remembered, due again after a new key, and keys made from it. (S22)"""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from concerns.access.masterkeys import add_master_key, make_keys, master_keys
from concerns.access.recovery import CHECKED_FILE, all_keys, recovery_is_checked
from concerns.checks import keys_are_there
from concerns.rules.recovery import LACKS_KEYS
from tests.outage_servers import PATIENCE_SECONDS, ROOT, Site


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    """Whole keys in a folder of their own."""
    settings.KEYS_DIR = tmp_path / "keys"
    make_keys(settings.KEYS_DIR)
    return Path(settings.KEYS_DIR)


def printed() -> str:
    out = io.StringIO()
    call_command("recovery_sheet", stdout=out)
    return out.getvalue()


def typed(command: str, text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command prints that is given this text through a pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    out = io.StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_whole_sheet_is_remembered_next_to_the_keys(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = recovery_is_checked()

    said = typed("check_recovery", printed(), monkeypatch)

    assert (before, recovery_is_checked()) == (False, True)
    assert said.startswith("The sheet is whole and right.")
    assert (keys / CHECKED_FILE).stat().st_mode & 0o777 == 0o600
    assert not any(text.strip() in (keys / CHECKED_FILE).read_text() for text in (keys / "chain.key").read_text().splitlines())


def test_sheet_can_be_checked_again(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed("check_recovery", printed(), monkeypatch)

    typed("check_recovery", printed(), monkeypatch)

    assert recovery_is_checked()


def test_new_master_key_makes_the_check_due_again(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = printed()
    typed("check_recovery", old, monkeypatch)

    add_master_key()

    assert not recovery_is_checked()
    with pytest.raises(CommandError, match="k2 is not on the sheet. It was added later"):
        typed("check_recovery", old, monkeypatch)
    assert not recovery_is_checked()


def test_wrong_line_is_named_and_nothing_is_remembered(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed().splitlines()
    spot = next(number for number, line in enumerate(lines) if line.startswith("anchor 2/2"))
    lines[spot] = lines[spot].swapcase()[:-1] + ("2" if lines[spot][-1] == "3" else "3")

    with pytest.raises(CommandError, match="^Line anchor 2/2 was not typed as it stands"):
        typed("check_recovery", "\n".join(lines), monkeypatch)

    assert not recovery_is_checked()


def test_sheet_of_another_system_is_refused(keys: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEYS_DIR = tmp_path / "other"
    make_keys(settings.KEYS_DIR)
    other = printed()
    settings.KEYS_DIR = keys

    with pytest.raises(CommandError, match="k1 on the sheet is not the key of this system"):
        typed("check_recovery", other, monkeypatch)


def test_damaged_note_of_a_check_counts_as_none(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", "{}", "[]", "null", '{"fingerprint": 1}', "\x00"):
        (keys / CHECKED_FILE).write_text(text)
        assert not recovery_is_checked()


def test_keys_are_made_again_from_the_sheet(keys: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    add_master_key()
    sheet, before = printed(), contents(keys)
    settings.KEYS_DIR = tmp_path / "fresh" / "keys"

    said = typed("restore_keys", sheet, monkeypatch)

    assert contents(Path(settings.KEYS_DIR)) == before
    assert {path.stat().st_mode & 0o777 for path in Path(settings.KEYS_DIR).iterdir()} == {0o600}
    assert Path(settings.KEYS_DIR).stat().st_mode & 0o777 == 0o700
    assert keys_are_there() == []
    assert "Now restore the last backup" in said


def test_keys_are_never_put_back_over_others(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(keys)

    with pytest.raises(CommandError, match="holds master.keys already"):
        typed("restore_keys", printed(), monkeypatch)

    assert contents(keys) == before


def test_half_a_sheet_puts_nothing_back(keys: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = printed()
    settings.KEYS_DIR = tmp_path / "fresh"

    with pytest.raises(CommandError, match=LACKS_KEYS):
        typed("restore_keys", "\n".join(line for line in sheet.splitlines() if not line.startswith("chain")), monkeypatch)

    assert not Path(settings.KEYS_DIR).exists()


def test_sheet_is_printed_in_groups_with_words_and_never_written(keys: Path, tmp_path: Path) -> None:
    files = {path for path in tmp_path.rglob("*") if path.is_file()}

    sheet = printed()

    assert {path for path in tmp_path.rglob("*") if path.is_file()} == files
    assert max(len(line) for line in sheet.splitlines()) <= 130
    assert {name for name in all_keys() if f"\n{name} 1/" in sheet} == set(all_keys())
    assert len(master_keys()) == 1


def test_new_keys_print_their_sheet_on_a_terminal_and_not_into_a_log(tmp_path: Path) -> None:
    for number, (mode, terminal) in enumerate((("production", False), ("production", True), ("practice", True))):
        site = Site.at(tmp_path / str(number), MODE=mode, HOSTS="x.example.org", SITE_URL="https://x.example.org")
        ours, theirs = pty.openpty()
        try:
            ran = subprocess.run(
                [sys.executable, "manage.py", "init_keys"],
                cwd=ROOT,
                env=site.env,
                stdout=theirs if terminal else subprocess.PIPE,
                timeout=PATIENCE_SECONDS,
                check=True,
            )
            os.close(theirs)
            said = ran.stdout.decode() if not terminal else os.read(ours, 100_000).decode()
        finally:
            os.close(ours)
        assert ("RECOVERY SHEET" in said) == (mode == "production" and terminal)


def test_person_types_a_wrong_line_again_and_the_others_are_kept(tmp_path: Path) -> None:
    site = Site.at(tmp_path)
    subprocess.run([sys.executable, "manage.py", "init_keys"], cwd=ROOT, env=site.env, check=True, capture_output=True)
    sheet = subprocess.run(
        [sys.executable, "manage.py", "recovery_sheet"], cwd=ROOT, env=site.env, check=True, capture_output=True, text=True
    ).stdout
    lines = [line for line in sheet.splitlines() if "/" in line[:12] and line[8:10] != ""]
    lines = [line for line in lines if line.split()[0].rstrip("0123456789") in ("k", "chain", "anchor", "backup", "django", "whole")]
    slip = lines[0][:-1] + ("2" if lines[0][-1] == "3" else "3")
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "check_recovery"], cwd=ROOT, env=site.env, stdin=theirs, stdout=subprocess.PIPE
        )
        os.write(ours, "\n".join([slip, *lines[1:], "", lines[0], "", ""]).encode())
        said = process.communicate(timeout=PATIENCE_SECONDS)[0].decode()
    finally:
        os.close(ours)
        os.close(theirs)

    assert "Line k1 1/2 was not typed as it stands on the sheet" in said
    assert "The sheet is whole and right." in said
