"""References such as C-26-7K4M: random, so that a gap betrays nothing, with a check letter against slips."""

import re
import unicodedata
from collections.abc import Callable
from itertools import accumulate

# Without 0 and 1, I, L, O and U (misread) and B (misread as 8, misheard as V): 29 characters. Because 29 is prime, a
# weighted sum modulo 29 notices every single wrong character and every swap of neighbours.
ALPHABET = "23456789ACDEFGHJKMNPQRSTVWXYZ"
LENGTHS = range(4, 9)
TAIL_BEGINS = 6
"""Where the random part of a reference begins, counted from 1: C-26-7K4M."""

_PRIME = len(ALPHABET)
# A digit counts as itself in the year and after it, so that a swap across the hyphen is noticed as well.
_LETTERS = {letter: (10 + place) % _PRIME for place, letter in enumerate(ALPHABET[8:])}
_VALUES = {**{str(digit): digit for digit in range(10)}, **_LETTERS}
_SHAPE = re.compile(rf"C([0-9]{{2}})([{ALPHABET}]{{{LENGTHS[0]},{LENGTHS[-1]}}})")
_BETWEEN = re.compile(r"[\s\u2010-\u2015-]+")
_RUN = re.compile(r"[A-Z0-9]+")
_DIGIT = re.compile(r"[0-9]")
_TAIL = re.compile(rf"[{ALPHABET}]{{{LENGTHS[0]},{LENGTHS[-1]}}}")


def reference(*, year: int, random_bytes: Callable[[int], bytes], length: int = 4) -> str:
    """A new reference for a concern of `year` (four digits), with `length` characters of which the last is the check.

    `random_bytes` returns that many unpredictable bytes, as `os.urandom` does. The caller looks for collisions and may
    then ask for a greater length. Raises ValueError on a length outside 4 to 8.
    """
    if length not in LENGTHS:
        raise ValueError("A reference has four to eight characters after the year.")
    body = f"{year % 100:02d}" + _letters(int.from_bytes(random_bytes(16), "big"), length - 1)
    return f"C-{body[:2]}-{body[2:]}{_check_letter(body)}"


def normalise(text: str) -> str:
    """`text` as a reference is written: tolerant of lower case, spaces and hyphens. Raises ValueError if it is none."""
    found = _SHAPE.fullmatch(_BETWEEN.sub("", text).upper())
    if not found or _check_letter(found[1] + found[2][:-1]) != found[2][-1]:
        raise ValueError("This is not a reference. It looks like C-26-7K4M.")
    return f"C-{found[1]}-{found[2]}"


def is_reference(text: str) -> bool:
    """Whether `text` is a reference, written as people write."""
    try:
        normalise(text)
    except ValueError:
        return False
    return True


def tails_in(text: str) -> frozenset[str]:
    """Everything in `text` that may be the random part of a reference, with or without what stands before it.

    However it is written: in full-width or small letters, with spaces or marks between, with something before or after it. Ordinary
    words are among them: whoever looks for concerns by it finds more rather than fewer. Letters alone count only where they begin or
    end with a word: in every few words some others would stand by chance.
    """
    runs = _RUN.findall(unicodedata.normalize("NFKD", text).upper())
    joined, edges = "".join(runs), {0, *accumulate(len(run) for run in runs)}
    found = {(start, joined[start : start + length]) for start in range(len(joined)) for length in LENGTHS}
    return frozenset(part for start, part in found if _TAIL.fullmatch(part) and (_DIGIT.search(part) or edges & {start, start + len(part)}))


def _letters(number: int, count: int) -> str:
    """The last `count` digits of `number` to the base of the alphabet; 128 random bits make the bias nil."""
    return "".join(ALPHABET[number // _PRIME**place % _PRIME] for place in range(count))


def _check_letter(body: str) -> str:
    """The character that makes the weighted sum a multiple of 29; it has weight one, its neighbour two, and so on."""
    total = sum(weight * _VALUES[character] for weight, character in enumerate(reversed(body), start=2))
    wanted = -total % _PRIME
    return next(character for character in ALPHABET if _VALUES[character] == wanted)
