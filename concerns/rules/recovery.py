"""The recovery sheet: keys as lines that a person can type back from paper, each with a checksum. Pure: keys in, lines out, and back.

    k1 1/2   7Q3M 0ZK4 …   9F2C

Letters are those of Crockford's base 32: neither I, L, O nor U, and case does not count. The checksum covers the name and the number
of the line too, so that lines that were swapped are found. The last line is a fingerprint of all keys, so that no key can be left out.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
BYTES_IN_LINE = 20  # eight groups of four
GROUP = 4
WHOLE = "whole"
_LINE = re.compile(r"^\s*([a-z]+\d*)\s+(\d+)\s*/\s*(\d+)\s+(\S.*)$", re.IGNORECASE)
NOT_SO = "Line {label} was not typed as it stands on the sheet. Compare it, group by group."
LACKS = "Line {label} is missing."
LACKS_ALL = "Not a single line of a recovery sheet was found. A line looks like this: k1 1/2  7Q3M 0ZK4 …"
LACKS_KEYS = "A key is missing, or is from another sheet: line whole does not fit the others."


def _letters(data: bytes) -> str:
    size = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << (size * 5 - len(data) * 8)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(size)))


def _bytes(letters: str) -> bytes:
    """Raises ValueError for a letter that is none, or bits that no whole bytes leave."""
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    spare = len(letters) * 5 % 8
    if number & ((1 << spare) - 1):
        raise ValueError("spare bits")
    return (number >> spare).to_bytes(len(letters) * 5 // 8, "big")


def _checksum(label: str, letters: str) -> str:
    return _letters(sha256(f"recovery sheet|{label}|{letters}".encode()).digest()[:5])[:GROUP]


def _grouped(letters: str) -> str:
    return " ".join(letters[place : place + GROUP] for place in range(0, len(letters), GROUP))


def fingerprint(keys: Mapping[str, bytes]) -> bytes:
    """Return 32 bytes that name a set of keys and tell nothing of them."""
    lines = "".join(f"{name}:{sha256(key).hexdigest()}\n" for name, key in sorted(keys.items()))
    return sha256(b"safeguarding keys|" + lines.encode()).digest()


def sheet_lines(keys: Mapping[str, bytes]) -> list[str]:
    """Return the lines of the sheet. `keys` maps a name such as k1 (letters, then digits) to its bytes."""
    return [*(line for name, key in keys.items() for line in _lines(name, key)), *_lines(WHOLE, fingerprint(keys)[:10])]


def _lines(name: str, key: bytes) -> Iterator[str]:
    count = -(-len(key) // BYTES_IN_LINE)
    for number in range(count):
        label = f"{name} {number + 1}/{count}"
        letters = _letters(key[number * BYTES_IN_LINE : (number + 1) * BYTES_IN_LINE])
        yield f"{label:12} {_grouped(letters):40}  {_checksum(label, letters)}"


def read_sheet(text: str) -> tuple[dict[str, bytes], list[str]]:
    """Return the keys that were typed whole, by name, and what is wrong, in sentences that name the lines.

    Lines that are none of a sheet's are passed over; a line that stands there twice counts as typed last.
    """
    typed = dict(_typed(text))
    if not typed:
        return {}, [LACKS_ALL]
    good = {label: part for label, part in typed.items() if part is not None}
    counts = {WHOLE: 1} | {label.split()[0]: int(label.split("/")[1]) for label in good}
    wanted = {name: [f"{name} {number}/{count}" for number in range(1, count + 1)] for name, count in counts.items()}
    keys = {name: b"".join(good[label] for label in labels) for name, labels in wanted.items() if good.keys() >= set(labels)}
    whole = keys.pop(WHOLE, None)
    if whole == fingerprint(keys)[:10]:  # a name that was mistyped at first may still stand above
        return keys, []
    missing = [label for labels in wanted.values() for label in labels if label not in typed]
    wrong = [NOT_SO.format(label=label) for label in typed if label not in good] + [LACKS.format(label=label) for label in missing]
    return keys, wrong or [LACKS_KEYS]


def _typed(text: str) -> Iterator[tuple[str, bytes | None]]:
    """Each line of a sheet by its label; None where its checksum does not fit."""
    for line in text.splitlines():
        found = _LINE.match(line)
        if found is None or not 1 <= int(found[3]) <= 9:
            continue
        label = f"{found[1].lower()} {int(found[2])}/{int(found[3])}"
        letters = re.sub(r"[\s-]+", "", found[4]).upper().translate(ALIKE)
        body, check = letters[:-GROUP], letters[-GROUP:]
        try:
            yield label, _bytes(body) if body and _checksum(label, body) == check else None
        except ValueError:
            yield label, None
