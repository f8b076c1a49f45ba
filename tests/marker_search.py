"""Looks for a marker in files, as it stands and in the spellings in which programs hide words without meaning to."""

import base64
import gzip
import zlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import quote


def spellings(marker: str) -> dict[str, bytes]:
    """The marker in plain letters and in every usual disguise, each as it would stand inside something longer."""
    plain = marker.encode()
    found = {
        "plain": plain,
        "capitals": marker.upper().encode(),
        "utf-16-le": marker.encode("utf-16-le"),
        "utf-16-be": marker.encode("utf-16-be"),
        "utf-32": marker.encode("utf-32-le"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "backwards": plain[::-1],
        "percent": quote(marker, safe="").encode(),
        "every letter percent": "".join(f"%{byte:02X}" for byte in plain).encode(),
        "entities": "".join(f"&#{ord(letter)};" for letter in marker).encode(),
        "json": "".join(f"\\u{ord(letter):04x}" for letter in marker).encode(),
    }
    for shift in range(3):
        whole = base64.b64encode(b"\x00" * shift + plain)
        inner = whole[(0, 2, 3)[shift] : (shift + len(plain)) * 8 // 6]
        found |= {f"base64 {shift}": inner, f"base64url {shift}": inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes themselves, and what is in them where they are packed or are a mail."""
    yield content
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    for line in content.splitlines():
        yield from _unpacked_line(line.strip())
    if b"Content-Transfer-Encoding" in content:
        for text in content.split(b"-" * 79):  # as Django's file back-end parts its mails
            mail = message_from_bytes(text.strip(), policy=policy.default)
            yield str(list(mail.items())).encode()
            yield from (bytes(part.get_payload(decode=True) or b"") for part in mail.walk() if not part.is_multipart())


def _unpacked_line(line: bytes) -> Iterator[bytes]:
    """A line of base 64, as caches and sessions write it, and what is packed in it."""
    word = line.split(b":")[0].lstrip(b".").translate(bytes.maketrans(b"-_", b"+/"))
    if len(word) < 16:
        return
    try:
        raw = base64.b64decode(word + b"=" * (-len(word) % 4), validate=True)
    except ValueError:
        return
    yield raw
    try:
        yield zlib.decompress(raw)
    except zlib.error:
        return


def spelled_in(content: bytes, marker: str) -> list[str]:
    """The spellings of the marker that bytes hold, packed or not."""
    parts = list(unpacked(content))
    return [name for name, spelling in spellings(marker).items() if any(spelling in part for part in parts)]


def files_with(marker: str, *folders: Path, but: tuple[str, ...] = ("static",)) -> list[str]:
    """The files that hold the marker, each with the first spelling of it; `but` names folders that are passed over."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or set(but) & set(path.relative_to(folder).parts):
                continue
            names = spelled_in(path.read_bytes(), marker)
            found += [f"{path.relative_to(folder)}: {names[0]}"] if names else []
    return found
