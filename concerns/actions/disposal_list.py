"""The list of disposals, outside the database: one signed line for each, which a restored backup is held against.

Each line covers the hash of the line before it, so that a line that was changed, removed or put elsewhere is named. A line holds
ids, times and closed words; nothing that anybody wrote, and no key.
"""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from concerns.access.masterkeys import anchor_key
from concerns.actions.anchors import public_key
from concerns.disk import keep_names
from concerns.exceptions import KeyTrouble
from concerns.rules.hashchain import canonical

START = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Line:
    """One disposal. Ids are text, times ISO 8601 in UTC; `keys` are the ids of the data keys that were destroyed."""

    number: int
    previous: str
    id: str
    centre: str
    concern: str
    rule: str
    early_ground: str
    level: str
    entries: int
    people: int
    keys: tuple[str, ...]
    proposed_by: str
    proposed_at: str
    approved_by: str
    approved_at: str
    unrecoverable_on: str

    @property
    def hash(self) -> str:
        """What the next line, and the tombstone, say of this one."""
        return hashlib.sha256(canonical(_plain(self))).hexdigest()


def _plain(line: Line) -> dict[str, Any]:
    return {**asdict(line), "keys": list(line.keys)}


def path() -> Path:
    """Return where the list is kept."""
    return Path(settings.DISPOSALS_FILE)


def read_lines() -> list[Line]:
    """Return every disposal, oldest first; none where there is no list yet. A last line that was cut off is none: nothing came of it.

    Raises KeyTrouble, naming the line, where one was changed, removed, put elsewhere, or signed with another key.
    """
    return _parse(path().read_bytes()) if path().exists() else []


def _parse(content: bytes) -> list[Line]:
    key, lines = Ed25519PublicKey.from_public_bytes(public_key()), list[Line]()
    for number, text in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), start=1):
        try:
            data = json.loads(text)
            key.verify(base64.b64decode(data.pop("signature")), canonical(data))
            line = Line(**{**data, "keys": tuple(data["keys"])})
        except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
            raise KeyTrouble(f"Line {number} of the list of disposals was changed, or is signed with another key.") from None
        if (line.number, line.previous) != (number, lines[-1].hash if lines else START):
            raise KeyTrouble(f"Line {number} of the list of disposals does not follow the one before it: a line was removed or moved.")
        lines.append(line)
    return lines


@contextmanager
def _locked() -> Iterator[int]:
    """Hold the list for one writer, and give its file."""
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(path(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def write_line(*, known: set[str], **columns: Any) -> Line:
    """Add a disposal to the list and return its line once it is on the disk; the line that is there for a concern is returned as it is.

    `known` are the ids of the disposals that the database knows of: raises KeyTrouble where the list lacks one, or is damaged.
    """
    with _locked() as file:
        content = path().read_bytes()
        lines = _parse(content)
        if known - {line.id for line in lines}:
            raise KeyTrouble(
                "The list of disposals lacks one that the database knows of. Put the list back from your copy, then try again."
            )
        there = next((line for line in lines if line.concern == columns["concern"]), None)
        if there is not None:
            return there
        line = Line(number=len(lines) + 1, previous=lines[-1].hash if lines else START, **columns)
        end = content.rfind(b"\n") + 1
        os.ftruncate(file, end)  # what a full disk or a crash cut off: nothing was destroyed under it
        os.pwrite(file, _signed(line), end)
        os.fsync(file)
        keep_names(path().parent)
        return line


def _signed(line: Line) -> bytes:
    signature = Ed25519PrivateKey.from_private_bytes(anchor_key()).sign(canonical(_plain(line)))
    return json.dumps({**_plain(line), "signature": base64.b64encode(signature).decode()}, sort_keys=True).encode() + b"\n"
