"""The triage answers that a concern was opened with, or that were given last, and those of a draft."""

from concerns.access.keyring import Keyring
from concerns.choices import EntryKind
from concerns.models import Concern, Draft, Entry
from concerns.rules.triage import Answers, answers_from_json


def answers_so_far(concern: Concern) -> Answers:
    """Return the last triage answers of a concern. Raises LookupError where there are none, which never happens by the actions."""
    entry = Entry.objects.filter(concern=concern, kind=EntryKind.TRIAGE).order_by("-number").first()
    if entry is None:
        raise LookupError("Every concern begins with its triage answers.")
    entry.concern = concern
    return answers_from_json(Keyring.of(concern).open(entry, "body")["answers"])


def answers_of(draft: Draft, keyring: Keyring) -> Answers | None:
    """Return the triage answers kept in a draft, or None where triage was not finished."""
    kept = keyring.open(draft, "content").get("triage_done")
    return answers_from_json(kept) if kept else None
