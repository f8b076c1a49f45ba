"""What a message says: one of a few fixed subjects, the level, a reference and a link. No name, no category, nothing that anybody typed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string

from concerns.access.signin import link_token
from concerns.choices import Lane, MessageKind
from concerns.models import AccountChange, Message
from concerns.queries.digest import digest_lines
from concerns.rules.signin import LINK_LIVES
from concerns.rules.words import span_words

YOUR_ACCOUNT = "Safeguarding: your account"
NO_CONCERN: dict[str, str] = {
    **dict.fromkeys((MessageKind.INVITATION, MessageKind.NEW_START, MessageKind.ACCOUNT), YOUR_ACCOUNT),
    MessageKind.DIGEST: "Safeguarding: what is due",
}
ABOUT: dict[str, str] = {
    **dict.fromkeys((MessageKind.ALERT, MessageKind.NUDGE, MessageKind.HANDOVER), "please answer"),
    MessageKind.TAKEN: "answered",
    MessageKind.DRILL_OVER: "drill is over",
}
LOOK = "please look"
"""The end of the subject of every other mail. “Please answer” stands where an answer is wanted, so that nobody learns to pass it over."""
NEWS = (MessageKind.TAKEN, MessageKind.TAKEN_OVER, MessageKind.REPLY, MessageKind.UNFINISHED)
"""These ask for nothing at once, whatever the level: they are never marked as urgent."""
MARKS: dict[str, str] = {Lane.FAST: "URGENT ", Lane.DRILL: "DRILL "}
OLD_ADDRESS = "old-address:"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message, ready for a channel. `key` is the same however often it is sent, so that a second copy can be told from a new one."""

    key: UUID
    address: str
    subject: str
    body: str


def write_letter(message: Message, *, at: datetime) -> Letter:
    """Return what is sent for a row of the outbox, as things are at `at`: whatever was hidden from its recipient by then is not in it."""
    reference = message.concern.reference if message.concern else ""
    context = {
        "level": message.concern.get_level_display() if message.concern else "",
        "reference": reference,
        "link": settings.SITE_URL + _path_of(message),
        "link_lives": span_words(LINK_LIVES),
        "is_drill": message.lane == Lane.DRILL,
        "is_author": _is_author(message),
        "lines": _digest(message, at=at),
    }
    body = render_to_string(f"emails/{message.kind}.txt", context)
    return Letter(key=message.pk, address=_address_of(message), subject=_subject(message, reference), body=body)


def _digest(message: Message, *, at: datetime) -> list[tuple[str, str]]:
    """Return the lines of a digest with whole links; none of any other message."""
    if message.kind != MessageKind.DIGEST:
        return []
    return [(words, settings.SITE_URL + path) for words, path in digest_lines(message.recipient, message.centre, at=at)]


def _subject(message: Message, reference: str) -> str:
    if message.kind in NO_CONCERN:
        return NO_CONCERN[message.kind]
    mark = "" if message.kind in NEWS and message.lane == Lane.FAST else MARKS.get(message.lane, "")
    return f"{mark}{' '.join(filter(None, ('Safeguarding', reference)))}: {ABOUT.get(message.kind, LOOK)}"


def _is_author(message: Message) -> bool:
    return message.concern is not None and message.concern.logged_by_id == message.recipient_id


def _path_of(message: Message) -> str:
    """Return where the link of a mail leads. A one-time link is put together here: it stands in no row."""
    if message.concern is not None:
        return f"/mine/{message.concern_id}/" if _is_author(message) else f"/concerns/{message.concern_id}/"
    if message.kind in (MessageKind.INVITATION, MessageKind.NEW_START):
        return f"/accounts/link/{link_token(UUID(message.key.removeprefix('link:')))}/"
    return {MessageKind.ROLE: "/people/", MessageKind.OTHER_ACCOUNT: "/people/", MessageKind.ACCOUNT: "/accounts/"}.get(
        MessageKind(message.kind), "/"
    )


def _address_of(message: Message) -> str:
    """Return where a mail goes: to its recipient; of a changed address also to the old one, whose owner may not have asked for it."""
    if not message.key.startswith(OLD_ADDRESS):
        return message.recipient.email
    return AccountChange.objects.get(pk=UUID(message.key.removeprefix(OLD_ADDRESS))).old_email
