"""Mail: a row in the business transaction, then lease → send → mark.

A row that was leased and not marked is sent again when its lease has run out: at least once, with the row's id as the
message's Message-ID so that a mail server or a person can tell the second from a new one.
"""

import logging
import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone

from concerns.access.signin import link_token
from concerns.choices import Lane, MessageKind
from concerns.models import AccountChange, Centre, Concern, Message, User
from concerns.rules.signin import LINK_LIVES
from concerns.rules.words import span_words

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=30)
BATCH = 5  # a batch ends before its lease does, even where every mail hangs for the 5 seconds of EMAIL_TIMEOUT
WEB_SECONDS = 5
FAST_RETRY = timedelta(seconds=30)
SLOWEST_RETRY = timedelta(hours=1)
ATTEMPTS_BEFORE_DEAD = 12
PLEASE, YOUR_ACCOUNT = "Safeguarding: please answer", "Safeguarding: your account"
NO_CONCERN: dict[str, str] = dict.fromkeys((MessageKind.INVITATION, MessageKind.NEW_START, MessageKind.ACCOUNT), YOUR_ACCOUNT)
OLD_ADDRESS = "old-address:"
_sender = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mail")


def queue_message(
    *, recipient: User, kind: MessageKind, key: str, at: datetime, concern: Concern | None = None, centre: Centre | None = None
) -> Message:
    """Put one mail in the outbox; the same `key` a second time returns the row that is there.

    The web process tries to send it as soon as the transaction is committed; the worker sends it otherwise.
    """
    fields = {
        "centre_id": concern.centre_id if concern else centre.pk if centre else None,
        "concern": concern,
        "recipient": recipient,
        "kind": kind,
        "lane": Lane.FAST if concern is not None and concern.is_pressing else Lane.NORMAL,
        "queued_at": at,
        "run_at": at,
    }
    message, made = Message.objects.get_or_create(key=key, defaults=fields)
    if made and message.lane == Lane.FAST:
        transaction.on_commit(partial(try_at_once, message.pk), robust=True)
    return message


def try_at_once(message_id: UUID) -> None:
    """Try to send one message from the web process, for at most WEB_SECONDS; the worker goes on where this stops."""
    for message in claim(at=timezone.now(), only=[message_id]):
        try:
            _sender.submit(_compose(message).send).result(timeout=WEB_SECONDS)
        except Exception as error:  # whatever went wrong with this mail, the row stays and is tried again
            mark_failed(message, error=error, at=timezone.now())
        else:
            mark_sent(message, at=timezone.now())


@transaction.atomic
def claim(*, at: datetime, limit: int = BATCH, only: Iterable[UUID] | None = None) -> list[Message]:
    """Lease the next messages that are due, emergency and urgent first, to this process for LEASE."""
    due = Message.objects.filter(Q(leased_until=None) | Q(leased_until__lte=at), sent_at=None, dead_at=None, run_at__lte=at)
    if only is not None:
        due = due.filter(pk__in=list(only))
    ids = list(due.order_by("lane", "run_at").select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    Message.objects.filter(pk__in=ids).update(leased_until=at + LEASE, attempts=F("attempts") + 1)
    return list(Message.objects.filter(pk__in=ids).select_related("recipient", "concern").order_by("lane", "run_at"))


def send_due(*, at: datetime, limit: int = BATCH) -> int:
    """Send what is due, one after the other, and return how many were tried. One that fails stops no other."""
    messages = claim(at=at, limit=limit)
    for message in messages:
        try:
            _compose(message).send()
        except Exception as error:  # one mail that cannot be sent stops no other
            mark_failed(message, error=error, at=timezone.now())
        else:
            mark_sent(message, at=timezone.now())
    return len(messages)


def mark_sent(message: Message, *, at: datetime) -> None:
    """Note that the mail server took the message."""
    Message.objects.filter(pk=message.pk).update(sent_at=at, leased_until=None, failure="")


def mark_failed(message: Message, *, error: BaseException, at: datetime) -> None:
    """Note the kind of failure and when to try again. Emergency and urgent are tried for ever, at least every 60 seconds."""
    log.warning("mail %s not sent: %s", message.pk, type(error).__name__)
    dead = message.lane == Lane.NORMAL and message.attempts >= ATTEMPTS_BEFORE_DEAD
    Message.objects.filter(pk=message.pk).update(
        failed_at=at,
        failure=type(error).__name__[:80],
        leased_until=None,
        run_at=at + retry_after(message.lane, message.attempts),
        dead_at=at if dead else None,
    )


def retry_after(lane: str, attempts: int) -> timedelta:
    """Return how long to wait: 30 s in the fast lane; otherwise doubling from 30 s to an hour, with a fifth of jitter."""
    if lane == Lane.FAST:
        return FAST_RETRY
    seconds = min(FAST_RETRY.total_seconds() * 2 ** min(attempts, 10), SLOWEST_RETRY.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreading load, not a secret # nosec B311


def _path_of(message: Message) -> str:
    """Return where the link of a mail leads. A one-time link is put together here: it stands in no row."""
    if message.concern is not None:
        own = message.concern.logged_by_id == message.recipient_id
        return f"/mine/{message.concern_id}/" if own else f"/concerns/{message.concern_id}/"
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


def _compose(message: Message) -> EmailMessage:
    """Return the mail: one of the fixed subjects, a reference and a link. No name, no category, nothing that anybody typed."""
    reference = message.concern.reference if message.concern else ""
    urgent = "URGENT " if message.lane == Lane.FAST else ""
    subject = (
        f"{urgent}Safeguarding {reference}: please answer" if reference else NO_CONCERN.get(message.kind, "Safeguarding: please answer")
    )
    context = {
        "level": message.concern.get_level_display() if message.concern else "",
        "reference": reference,
        "link": settings.SITE_URL + _path_of(message),
        "link_lives": span_words(LINK_LIVES),
    }
    body = render_to_string(f"emails/{message.kind}.txt", context)
    headers = {"Message-ID": f"<{message.pk}@safeguarding.invalid>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [_address_of(message)], headers=headers)
