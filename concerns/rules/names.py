"""Names of colleagues: when two of them read as one, and how people whose names do are told apart in a list. Pure.

Source: whoever is named in triage as an adult whom a concern is about is kept out of it: another of that name must not be taken for them.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence


def name_key(name: str) -> str:
    """Return what is left of a name without case, width, spaces and marks between: equal for names that read as one."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LMN") or plain


def told_apart(people: Sequence[tuple[str, str]]) -> list[str]:
    """Return what a list shows for each of these people, who are pairs of a label and an e-mail address, in the same order.

    A label that reads as another one does is followed by the part of the address before the @; by all of it, where that is alike too.
    """
    short = [f"{label} ({email.partition('@')[0]})" for label, email in people]
    whole = [f"{label} ({email})" for label, email in people]
    chosen = [label for label, _email in people]
    for longer in (short, whole):
        times = Counter(name_key(label) for label in chosen)
        chosen = [more if times[name_key(label)] > 1 else label for label, more in zip(chosen, longer, strict=True)]
    return chosen
