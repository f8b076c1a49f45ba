"""Mails that did not leave: what leads and administrators see of them, and whom mail does not reach."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from concerns.access.permissions import Permission
from concerns.access.scopes import visible_concerns
from concerns.access.standing import ANSWERING, centres_where, centres_with, kept_from, vetoed_concerns
from concerns.choices import MessageKind, Role
from concerns.models import Centre, Concern, Message, User
from concerns.queries.ladder import unreachable
from concerns.rules.delivery import failure_words
from concerns.rules.words import when_words

SHOWN = 50
ABOUT_NO_CONCERN = (
    *(MessageKind.INVITATION, MessageKind.NEW_START, MessageKind.ACCOUNT, MessageKind.OTHER_ACCOUNT),
    *(MessageKind.ROLE, MessageKind.DIGEST),
)
"""The mails of which it says nothing about any concern that there are some: about accounts, roles, and what is due once a day."""


@dataclass(frozen=True, kw_only=True)
class UnsentLine:
    """One mail that did not leave, in words. `reference` is empty where it is about no concern; `is_over`: nothing tries it any more."""

    id: UUID
    recipient: str
    what: str
    reference: str
    why: str
    since: str
    is_over: bool


def unsent_messages(user: User) -> "QuerySet[Message]":
    """Return the mails of the person's centres that failed and have not left: about concerns that they may see, and about none.

    What names no concern and is about one all the same, such as "nobody at the centre can answer", is not among them.
    """
    failed = Message.objects.filter(
        sent_at=None, withdrawn_at=None, failed_at__isnull=False, centre__in=centres_with(user, Permission.SEE_UNSENT)
    )
    return failed.filter(_known_to(user))


def _known_to(user: User) -> Q:
    """The condition on Message that finds those of which the person may know: about concerns that they may see, and about none."""
    return Q(concern=None, kind__in=ABOUT_NO_CONCERN) | Q(concern__in=visible_concerns(user).values("pk"))


def unsent_lines(user: User, *, at: datetime) -> list[UnsentLine]:
    """Return them in words, those that nothing tries any more first (one query, however many)."""
    rows = unsent_messages(user).select_related("recipient", "concern").order_by("dead_at", "queued_at")[:SHOWN]
    return [
        UnsentLine(
            id=row.pk,
            recipient=row.recipient.name,
            what=MessageKind(row.kind).label,
            reference=row.concern.reference if row.concern else "",
            why=failure_words(row.failure),
            since=when_words(row.queued_at, at=at),
            is_over=row.dead_at is not None,
        )
        for row in rows
    ]


def dead_letters(user: User, centre: Centre | None = None) -> bool:
    """Whether some of these mails, at the one centre or any, is tried no longer (one query; a second where some mail is).

    Every page of leads and administrators asks: so what is dear, who may see what, is looked up only where there is something to see.
    """
    if not Message.objects.filter(dead_at__isnull=False, sent_at=None).exists():
        return False
    dead = unsent_messages(user).filter(dead_at__isnull=False)
    return (dead.filter(centre=centre) if centre else dead).exists()


def people_mail_does_not_reach(user: User, centre: Centre, *, at: datetime) -> list[User]:
    """Return the colleagues whose address the mail server refused in the last day, by name: not how often, nor for which mail.

    Only mails that the person may know of count, or the name alone would say that there is a concern that is hidden from them. For
    administrators who read no concern, and must mend the address, mails about any concern that is not hidden from them by name count.
    """
    colleagues = list(User.objects.filter(grants__centre=centre, grants__ended_at=None, is_active=True).distinct())
    mending = set(centres_where(user, Role.ADMIN)) - set(centres_where(user, *ANSWERING))
    mended = Concern.objects.filter(centre__in=mending).exclude(vetoed_concerns(user) | kept_from(user))
    gone = unreachable(colleagues, at=at, known=_known_to(user) | Q(concern__in=mended.values("pk")))
    return [colleague for colleague in colleagues if colleague.pk in gone]
