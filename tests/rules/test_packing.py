"""The format of backups: whatever is changed, moved, left out or added is refused, with a sentence that says which. (S24)"""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.exceptions import DamagedBackup, KeyTrouble
from concerns.rules import packing
from concerns.rules.packing import CHANGED, CUT_OFF, MAGIC, NOT_OURS, OTHER_VERSION, Packer, Section, key_id, unpack

KEY, OTHER = bytes(range(32)), bytes(32)
MARKER = b"zebra-marzipan"
HEADER = len(MAGIC) + packing.KEY_ID_BYTES + packing.SALT_BYTES


def keys(wanted: bytes) -> bytes:
    if wanted != key_id(KEY):
        raise KeyTrouble("another key")
    return KEY


def packed(*sections: tuple[str, list[bytes]], key: bytes = KEY, finish: bool = True) -> bytes:
    file = io.BytesIO()
    packer = Packer(file, key)
    for name, blocks in sections:
        packer.add(name, iter(blocks))
    if finish:
        packer.finish()
    return file.getvalue()


def opened(content: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, data in unpack(io.BytesIO(content), keys):
        found[name] = found.get(name, b"") + data
    return found


def cut(content: bytes) -> list[bytes]:
    """The pieces of a file, each with its length before it."""
    rest, found = content[HEADER:], []
    while rest:
        size = packing.LENGTH_BYTES + int.from_bytes(rest[: packing.LENGTH_BYTES], "big")
        found.append(rest[:size])
        rest = rest[size:]
    return found


@given(st.lists(st.binary(max_size=300), max_size=5), st.binary(max_size=40))
def test_what_was_packed_comes_back(blocks: list[bytes], more: bytes) -> None:
    content = packed(("database", blocks), ("list", [more]))

    assert opened(content) == {"database": b"".join(blocks), "list": more}


def test_section_larger_than_a_piece_comes_back_and_is_summed_up() -> None:
    blocks, file = [os.urandom(packing.PIECE_BYTES * 2 + 7), b"end"], io.BytesIO()
    packer = Packer(file, KEY)

    packer.add("database", iter(blocks))
    packer.finish()

    assert opened(file.getvalue())["database"] == b"".join(blocks)
    assert packer.sections["database"].size == packing.PIECE_BYTES * 2 + 10
    assert isinstance(packer.sections["database"], Section)


def test_nothing_of_the_content_or_the_key_stands_in_the_file() -> None:
    content = packed(("database", [MARKER]))

    assert [secret for secret in (MARKER, b"database", KEY) if secret in content] == []


def test_two_files_of_the_same_content_have_nothing_in_common_but_their_beginning() -> None:
    first, second = packed(("database", [MARKER])), packed(("database", [MARKER]))

    assert first[: HEADER - packing.SALT_BYTES] == second[: HEADER - packing.SALT_BYTES]
    assert set(cut(first)).isdisjoint(cut(second))


@pytest.mark.parametrize("place", range(0, len(packed(("database", [MARKER]))), 1))
def test_every_changed_byte_is_refused(place: int) -> None:
    content = bytearray(packed(("database", [MARKER])))
    content[place] ^= 1

    with pytest.raises((DamagedBackup, KeyTrouble)):
        opened(bytes(content))


@pytest.mark.parametrize("length", range(len(MAGIC), len(packed(("database", [MARKER])))))
def test_file_that_ends_early_is_called_cut_off(length: int) -> None:
    content = packed(("database", [MARKER]))

    with pytest.raises(DamagedBackup, match=CUT_OFF):
        opened(content[:length])


def test_file_that_was_never_finished_is_called_cut_off() -> None:
    with pytest.raises(DamagedBackup, match=CUT_OFF):
        opened(packed(("database", [MARKER]), finish=False))


def rearranged(how: str) -> bytes:
    content, other = packed(("a", [b"1", b"2"])), packed(("a", [b"1", b"2"]))
    start, pieces = content[:HEADER], cut(content)
    name, one, two, end = pieces
    return start + b"".join(
        {
            "swapped": [name, two, one, end],
            "left out": [name, one, end],
            "twice": [name, one, one, two, end],
            "of another file": [name, one, cut(other)[2], end],
            "added behind the end": [*pieces, cut(other)[1]],
            "the end twice": [*pieces, end],
        }[how]
    )


@pytest.mark.parametrize("how", ["swapped", "left out", "twice", "of another file", "added behind the end", "the end twice"])
def test_rearranged_pieces_are_refused(how: str) -> None:
    with pytest.raises(DamagedBackup, match=CHANGED):
        opened(rearranged(how))


def test_beginning_of_another_file_is_refused() -> None:
    content, other = packed(("a", [b"1"])), packed(("a", [b"1"]))

    with pytest.raises(DamagedBackup, match=CHANGED):
        opened(other[:HEADER] + content[HEADER:])


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", NOT_OURS), (b"PK\x03\x04" + bytes(90), NOT_OURS), (b"safeguarding backup 2\n" + bytes(90), OTHER_VERSION), (MAGIC, CUT_OFF)],
)
def test_other_files_are_told_apart(content: bytes, words: str) -> None:
    with pytest.raises(DamagedBackup, match=words):
        opened(content)


def test_length_that_would_fill_the_memory_is_refused_before_it_is_read() -> None:
    content = packed(("a", [b"1"]))

    with pytest.raises(DamagedBackup, match=CHANGED):
        opened(content[:HEADER] + b"\xff\xff\xff\xff" + content[HEADER + 4 :])


def test_another_key_is_named_before_anything_is_read() -> None:
    with pytest.raises(KeyTrouble, match="another key"):
        opened(packed(("a", [MARKER]), key=OTHER))


def test_full_disk_is_an_error_and_not_a_short_file() -> None:
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):
        Packer(full, KEY)
