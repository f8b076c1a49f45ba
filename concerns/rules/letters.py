"""Letters that nobody sees: which a script needs and which only deceive. Pure.

Kept: joiners between letters (Persian, Indic scripts, family emoji), word breaks inside Thai, Lao, Khmer and Myanmar, and marks of
direction, closed at the end of their line so that they can turn nothing round but themselves. Shown: overrides, which make a name read
otherwise than it was typed. Left out: everything else that has no shape. Source: Unicode TR 36 and TR 9.
"""

import unicodedata

ISOLATES = {"\u202a": "\u2066", "\u202b": "\u2067"}  # embeddings become isolates, as Unicode recommends
OPENS, CLOSES = "\u2066\u2067\u2068", "\u2069"
ENDS_EMBEDDING = "\u202c"
OVERRIDES = "\u202d\u202e"
JOINERS = "\u200c\u200d"
WORD_BREAK = "\u200b"
MARKS = "\u200e\u200f\u061c"
TAGS = range(0xE0020, 0xE0080)  # the flags of England, Scotland and Wales are a black flag and these
BLACK_FLAG = "\U0001f3f4"
BLANK = "\u115f\u1160\u3164\uffa0\u2800"
NEEDS_BREAKS = ("THAI", "LAO", "KHMER", "MYANMAR")


def shown(letter: str) -> str:
    """Return how a letter that deceives is written instead: by its number."""
    return f"‹U+{ord(letter):04X}›"


def without_hidden(line: str) -> str:
    """Return one line with nothing in it that deceives. Doing it twice changes nothing more."""
    kept = list[str]()
    open_isolates, in_flag = 0, False
    for place, letter in enumerate(line):
        in_flag = letter == BLACK_FLAG or (in_flag and ord(letter) in TAGS)
        letter = ISOLATES.get(letter, CLOSES if letter == ENDS_EMBEDDING else letter)
        if letter in OVERRIDES:
            letter = shown(letter)
        elif letter in OPENS:
            open_isolates += 1
        elif letter == CLOSES:
            letter = letter if open_isolates else ""
            open_isolates = max(open_isolates - 1, 0)
        elif not in_flag and _is_hidden(letter) and not _is_needed(letter, kept[-1] if kept else "", line[place + 1 : place + 2]):
            letter = ""
        if letter:
            kept.append(letter)
    return "".join(kept) + CLOSES * open_isolates


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cf", "Co") and letter not in MARKS


def _is_needed(letter: str, before: str, after: str) -> bool:
    if letter in JOINERS:
        return _has_shape(before) and _has_shape(after)
    return letter == WORD_BREAK and _breaks_words(before) and _breaks_words(after)


def _has_shape(letter: str) -> bool:
    return bool(letter) and unicodedata.category(letter[-1])[0] in "LMNS"


def _breaks_words(letter: str) -> bool:
    return bool(letter) and unicodedata.name(letter[-1], "").startswith(NEEDS_BREAKS)


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    return all(letter in BLANK or letter.isspace() or unicodedata.category(letter) in ("Cf", "Cc", "Mn") for letter in text)
