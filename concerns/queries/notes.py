"""The hand-over notes that one person may read: none that names a concern which is hidden from them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Substr

from concerns.access.keyring import Keyring
from concerns.access.scopes import visible_concerns
from concerns.exceptions import KeyTrouble
from concerns.models import Centre, Concern, HandoverNote, User
from concerns.rules.references import LENGTHS, TAIL_BEGINS, tails_in
from concerns.rules.words import when_words

KEPT = timedelta(days=28)
LOOKED_AT = 20  # those that are hidden must not push others out of sight
_BEGINS = Substr("reference", TAIL_BEGINS, LENGTHS[0])
UNREADABLE = "This note cannot be read."


@dataclass(frozen=True, kw_only=True)
class NoteLine:
    """One note, in words. `is_mine`: the reader wrote it, and may remove it."""

    id: UUID
    by: str
    when: str
    text: str
    is_mine: bool


def notes_for(user: User, centre: Centre, *, at: datetime, limit: int) -> list[NoteLine]:
    """Return the newest notes of a centre for somebody who answers alerts there (three queries at most).

    A note in which a reference stands, also without its first part or broken up, is shown only to those who may see that concern, and to
    its author.
    """
    rows = list(HandoverNote.objects.filter(centre=centre, written_at__gt=at - KEPT).select_related("author")[:LOOKED_AT])
    keyring = Keyring.of(*rows)
    texts = {row.pk: _text(keyring, row) for row in rows}
    tails = {row.pk: tails_in(texts[row.pk]) for row in rows if row.author_id != user.pk}
    hidden = _hidden_tails(user, centre, named=frozenset[str]().union(*tails.values()))
    shown = [row for row in rows if row.author_id == user.pk or not tails[row.pk] & hidden]
    return [
        NoteLine(
            id=row.pk,
            by=row.author.name,
            when=when_words(row.written_at, at=at),
            text=texts[row.pk],
            is_mine=row.author_id == user.pk,
        )
        for row in shown[:limit]
    ]


def _text(keyring: Keyring, note: HandoverNote) -> str:
    try:
        return str(keyring.open(note, "body")["text"])
    except KeyTrouble:  # the log names the row
        return UNREADABLE


def _hidden_tails(user: User, centre: Centre, *, named: frozenset[str]) -> frozenset[str]:
    """Those of the last parts of references in `named` whose concerns the person may not see."""
    if not named:
        return named
    beginnings = {tail[: LENGTHS[0]] for tail in named}  # a fifth of the values to ask for
    concerns = Concern.objects.filter(centre=centre).annotate(tail=Substr("reference", TAIL_BEGINS), begins=_BEGINS)
    hidden = concerns.filter(begins__in=beginnings).exclude(pk__in=visible_concerns(user).values("pk"))
    return named & frozenset(hidden.values_list("tail", flat=True))
