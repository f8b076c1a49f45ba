"""What the commands about the recovery sheet share: how it is printed, and how it is typed back."""

import sys
from collections.abc import Callable

from django.core.management.base import CommandError
from django.utils import timezone

from concerns.access.recovery import all_keys
from concerns.rules.recovery import read_sheet, sheet_lines

ABOUT = """\
RECOVERY SHEET of {folder}, {day}

Print this and lock it away, at another place than the machine and its backups. Whoever holds it can open the whole record.
Without it, or another copy of the keys, nobody can.

To put the keys back: install the product on a new machine, run `manage.py restore_keys` and type the lines below, each with its
name and its last group, which is a checksum. Capital or small letters, spaces and hyphens do not matter; the letters O, I and L
are never used. Then run `manage.py restore FILE` with the last backup. Check this sheet now with `manage.py check_recovery`.
"""


def sheet(folder: object) -> str:
    """Return the whole sheet. It is printed, never written to a file."""
    about = ABOUT.format(folder=folder, day=f"{timezone.localdate():%d %B %Y}")
    return about + "\n" + "\n".join(sheet_lines(all_keys())) + "\n"


def typed_sheet(*, also: Callable[[dict[str, bytes]], list[str]], say: Callable[[str], object]) -> dict[str, bytes]:
    """Return the keys of a sheet that a person types, or that stands in a pipe.

    `also` says what else is wrong with the keys. What is wrong is said line by line; a person types those lines again, and an empty
    try ends it. Raises CommandError.
    """
    text = ""
    while True:
        if sys.stdin.isatty():
            say("Type the lines of the sheet; an empty line ends.")
        more = _block()
        keys, wrong = read_sheet(text + more)
        wrong = wrong or also(keys)
        if not wrong:
            return keys
        if not sys.stdin.isatty() or not more.strip():
            raise CommandError("\n".join(wrong))
        say("\n".join([*wrong, "Type these lines again; the others are kept."]))
        text += more


def _block() -> str:
    """Everything in the pipe, or what is typed up to an empty line."""
    if not sys.stdin.isatty():
        return sys.stdin.read()
    lines = []
    while (line := sys.stdin.readline()).strip():
        lines.append(line)
    return "".join(lines)
