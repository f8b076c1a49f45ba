"""A backup as one encrypted stream of pieces, so that memory stays small and nothing in it can be changed, moved, left out or added.

    MAGIC | key id (8) | salt (16) | pieces, each: length (4, big-endian) | AES-256-GCM ciphertext and tag

The key of a file is derived from the backup key and the file's own salt. A piece's nonce is its number and whether it is the
last; every piece is bound to the beginning of the file. Inside, a piece begins with its kind: the name of a section, some of
its data, or the end. Pure: keys and open files are passed in.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from concerns.exceptions import DamagedBackup

FAMILY, MAGIC = b"safeguarding backup ", b"safeguarding backup 1\n"
KEY_ID_BYTES, SALT_BYTES, LENGTH_BYTES, TAG_BYTES = 8, 16, 4, 16
PIECE_BYTES = 1024 * 1024
NAME, DATA, END = b"n", b"d", b"e"
NOT_OURS = "This file is not a backup of this product."
OTHER_VERSION = "This backup was made by another version of the product. Install the version that made it, then try again."
CUT_OFF = "This backup is cut off: its end is missing. Take another backup."
CHANGED = "This backup was changed or damaged. Take another backup."

Keys = Callable[[bytes], bytes]


def key_id(key: bytes) -> bytes:
    """Return the name of a backup key: 8 bytes from which nobody learns the key."""
    return sha256(b"safeguarding backup key|" + key).digest()[:KEY_ID_BYTES]


def _cipher(key: bytes, beginning: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=beginning[-SALT_BYTES:], info=beginning[:-SALT_BYTES]).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


@dataclass(frozen=True)
class Section:
    """What the manifest says of one section: how many bytes, and their SHA-256."""

    size: int
    digest: str


@dataclass
class Packer:
    """Writes a backup into an open file: `begin` each section, `write` its data, at last `finish`."""

    file: BinaryIO
    key: bytes
    sections: dict[str, Section] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._beginning = MAGIC + key_id(self.key) + os.urandom(SALT_BYTES)
        self._cipher, self._number = _cipher(self.key, self._beginning), 0
        self.file.write(self._beginning)

    def _piece(self, content: bytes, *, last: bool = False) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), content, self._beginning)
        self.file.write(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
        self._number += 1

    def add(self, name: str, data: Iterator[bytes]) -> None:
        """Write one section, piece by piece."""
        self._piece(NAME + name.encode())
        size, seen = 0, sha256()
        for block in data:
            for start in range(0, len(block), PIECE_BYTES):
                part = block[start : start + PIECE_BYTES]
                self._piece(DATA + part)
                seen.update(part)
                size += len(part)
        self.sections[name] = Section(size, seen.hexdigest())

    def finish(self) -> None:
        """Write the mark that says that nothing was cut off."""
        self._piece(END, last=True)


def unpack(file: BinaryIO, keys: Keys) -> Iterator[tuple[str, bytes]]:
    """Return each piece as the name of its section and some of its data; a section begins with empty data.

    `keys` returns the backup key of an id, or raises KeyTrouble. Raises DamagedBackup, in words, where the file is no backup,
    is cut off, or was changed; what came before is then not to be trusted as a whole.
    """
    beginning = _beginning(file)
    cipher = _cipher(keys(beginning[len(MAGIC) : -SALT_BYTES]), beginning)
    name, ended = "", False
    for kind, content in _pieces(file, cipher, beginning):
        if kind == NAME:
            name = content.decode()
        if kind in (NAME, DATA):
            yield name, content if kind == DATA else b""
        ended = kind == END
    if not ended:
        raise DamagedBackup(CUT_OFF)


def _beginning(file: BinaryIO) -> bytes:
    beginning = file.read(len(MAGIC) + KEY_ID_BYTES + SALT_BYTES)
    if not beginning.startswith(FAMILY):
        raise DamagedBackup(NOT_OURS)
    if not beginning.startswith(MAGIC):
        raise DamagedBackup(OTHER_VERSION)
    if len(beginning) < len(MAGIC) + KEY_ID_BYTES + SALT_BYTES:
        raise DamagedBackup(CUT_OFF)
    return beginning


def _pieces(file: BinaryIO, cipher: AESGCM, beginning: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each piece as its kind and content. The last is known by what follows it: nothing."""
    number, sealed = 0, _next(file)
    while sealed is not None:
        following = _next(file)
        plain = _open(cipher, number, sealed, beginning, last=following is None)
        yield plain[:1], plain[1:]
        number, sealed = number + 1, following


def _next(file: BinaryIO) -> bytes | None:
    length = file.read(LENGTH_BYTES)
    if not length:
        return None
    size = int.from_bytes(length, "big")
    if len(length) == LENGTH_BYTES and not TAG_BYTES < size <= 1 + PIECE_BYTES + TAG_BYTES:
        raise DamagedBackup(CHANGED)
    sealed = file.read(size)
    if len(length) < LENGTH_BYTES or len(sealed) < size:
        raise DamagedBackup(CUT_OFF)
    return sealed


def _open(cipher: AESGCM, number: int, sealed: bytes, beginning: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), sealed, beginning)
    except InvalidTag:
        pass
    try:
        cipher.decrypt(_nonce(number, last=not last), sealed, beginning)
    except InvalidTag:
        raise DamagedBackup(CHANGED) from None
    raise DamagedBackup(CUT_OFF if last else CHANGED)
