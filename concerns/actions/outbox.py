"""Mail: a row in the business transaction, then lease → send → mark.

A row that was leased and not marked is sent again when its lease has run out: at least once, with the row's id as the
message's Message-ID so that a mail server or a person can tell the second from a new one.
"""

import logging
import random
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from concerns.actions.audit import audit
from concerns.actions.channels import Mail, is_refused
from concerns.actions.letters import Letter, write_letter
from concerns.choices import ASKING, Lane, MessageKind, StepKind, StepState
from concerns.models import Centre, Concern, Heartbeat, Message, Step, User
from concerns.queries.health import WRONG_CLOCK
from concerns.rules.delivery import clock_is_wrong

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=30)
BATCH = 5  # a batch ends before its lease does, even where every mail hangs for the 5 seconds of EMAIL_TIMEOUT
WEB_SECONDS = 5
FAST_RETRY = timedelta(seconds=30)
SLOWEST_RETRY = timedelta(hours=1)
ATTEMPTS_BEFORE_DEAD = 12
FAST_LANES = (Lane.FAST, Lane.DRILL)
OVER_ONCE_ANSWERED = (*ASKING, MessageKind.REPORTER_WAITING, MessageKind.SILENCE)
OVER_ONCE_CLOSED = (*OVER_ONCE_ANSWERED, MessageKind.OVERDUE, MessageKind.ASKED, MessageKind.HANDOVER)
_sender = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mail")


@dataclass
class _Allowance:
    """The seconds that one web request has left in which its alerts may try to leave."""

    seconds: float


_allowance: ContextVar[_Allowance | None] = ContextVar("the seconds that this request has left for mail", default=None)


@contextmanager
def trying_at_once(seconds: float = WEB_SECONDS) -> Iterator[None]:
    """Let alerts that are committed in this block try to leave at once, for so many seconds together: a web request.

    Outside such a block nothing waits for a mail server: the worker's own threads send what its step loop queues.
    """
    token = _allowance.set(_Allowance(seconds))
    try:
        yield
    finally:
        _allowance.reset(token)


def queue_message(
    *,
    recipient: User,
    kind: MessageKind,
    key: str,
    at: datetime,
    concern: Concern | None = None,
    centre: Centre | None = None,
    lane: Lane = Lane.NORMAL,
) -> None:
    """Put one mail in the outbox, unless one with this `key` is there. `lane` is for what names no concern.

    A web request tries to send an urgent alert as soon as the transaction is committed; the worker sends everything else.
    """
    belongs_to = {"concern": concern, "centre_id": concern.centre_id, "lane": concern.lane} if concern else {"centre": centre, "lane": lane}
    message = Message(key=key, recipient=recipient, kind=kind, queued_at=at, run_at=at, **belongs_to)
    # One statement. A row that is there stays as it is: its key is written over with itself, which on SQLite, other than ignoring
    # conflicts, hides no other mistake.
    Message.objects.bulk_create([message], update_conflicts=True, unique_fields=["key"], update_fields=["key"])
    if kind == MessageKind.ALERT and message.lane in FAST_LANES:
        transaction.on_commit(partial(try_at_once, message.pk), robust=True)  # which finds nothing where it was there before


def withdraw(*, at: datetime, **only: object) -> None:
    """Take back the mails that `only` names and that have not left: nobody needs them any more.

    Their rows stay: they say what became of an alert, and whom mail does not reach.
    """
    Message.objects.filter(sent_at=None, withdrawn_at=None, **only).update(withdrawn_at=at)


def try_at_once(message_id: UUID) -> None:
    """Try to send one message within the seconds that its web request has left for mail; the worker goes on where this stops."""
    allowance = _allowance.get()
    if allowance is None or allowance.seconds <= 0:
        return
    for message in claim(at=timezone.now(), only=[message_id]):
        start = monotonic()
        sending = _sender.submit(_send_alone, write_letter(message, at=timezone.now()))
        wait([sending], timeout=allowance.seconds)
        allowance.seconds -= monotonic() - start
        if sending.done():
            _settle(message, sending)
        elif sending.cancel():  # it had not begun, behind others that hang
            Message.objects.filter(pk=message.pk).update(leased_until=None, attempts=F("attempts") - 1)
        else:
            sending.add_done_callback(partial(_settle_late, message))


def _settle(message: Message, sending: "Future[None]") -> None:
    """Note what became of a mail once its sending is over."""
    error = sending.exception()
    if error is None:
        mark_sent(message, at=timezone.now())
    else:  # whatever went wrong with this mail, the row stays and is tried again
        mark_failed(message, error=error, at=timezone.now())


def _settle_late(message: Message, sending: "Future[None]") -> None:
    """The same for a mail that took longer than its request waits, from the thread that sent it; until then its lease holds."""
    try:
        _settle(message, sending)
    finally:
        connection.close()


def _send_alone(letter: Letter) -> None:
    with Mail() as channel:
        channel.send(letter)


def claim(*, at: datetime, limit: int = BATCH, only: Iterable[UUID] | None = None, lanes: Sequence[Lane] = tuple(Lane)) -> list[Message]:
    """Lease the next messages of these lanes that are due, emergency and urgent first, to this process for LEASE."""
    due = Message.objects.filter(Q(leased_until=None) | Q(leased_until__lte=at), sent_at=None, dead_at=None, withdrawn_at=None)
    due = due.filter(run_at__lte=at, lane__in=lanes)
    if only is not None:
        due = due.filter(pk__in=list(only))
    if not due.exists():  # the usual case, which must lock nothing
        return []
    with transaction.atomic():
        ids = list(due.order_by("lane", "run_at").select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        Message.objects.filter(pk__in=ids).update(leased_until=at + LEASE, attempts=F("attempts") + 1)
    return list(Message.objects.filter(pk__in=ids).select_related("recipient", "concern", "centre").order_by("lane", "run_at"))


def send_due(*, at: datetime, limit: int = BATCH, lanes: Sequence[Lane] = tuple(Lane)) -> int:
    """Send what is due in these lanes, one after the other, and return how many were tried. One that fails stops no other."""
    messages = claim(at=at, limit=limit, lanes=lanes)
    if not messages:  # the usual case of every second, which needs no connection
        return 0
    with Mail() as channel:
        for message in messages:
            if not _is_still_ours(message):
                continue
            try:
                channel.send(write_letter(message, at=timezone.now()))
            except Exception as error:  # one mail that cannot be sent stops no other
                mark_failed(message, error=error, at=timezone.now())
            else:
                mark_sent(message, at=timezone.now())
        note_clock(channel.shown, at=timezone.now())
    return len(messages)


def _is_still_ours(message: Message) -> bool:
    """Whether a claimed message is still there, not sent, and leased to us: those before it in the batch may have taken their time."""
    return Message.objects.filter(pk=message.pk, sent_at=None, withdrawn_at=None, leased_until=message.leased_until).exists()


def note_clock(shown: datetime | None, *, at: datetime) -> None:
    """Note when the clock of another machine differs from ours by more than minutes; and that it does not, once it agrees again."""
    if shown is None:
        return
    if clock_is_wrong(shown, at=at):
        Heartbeat.objects.update_or_create(name=WRONG_CLOCK, defaults={"at": at})
    elif Heartbeat.objects.filter(name=WRONG_CLOCK).exists():
        Heartbeat.objects.filter(name=WRONG_CLOCK).delete()


def mark_sent(message: Message, *, at: datetime) -> None:
    """Note that the mail server took the message."""
    Message.objects.filter(pk=message.pk).update(sent_at=at, leased_until=None, failure="")


def mark_failed(message: Message, *, error: BaseException, at: datetime) -> None:
    """Note the kind of failure and when to try again. Emergency and urgent are tried for ever, at least every 60 seconds.

    Where the address was refused for good, the step that waits for this person waits no longer: the next person is asked.
    """
    log.warning("mail %s not sent: %s", message.pk, type(error).__name__)
    dead, refused = message.lane == Lane.NORMAL and message.attempts >= ATTEMPTS_BEFORE_DEAD, is_refused(error)
    Message.objects.filter(pk=message.pk, sent_at=None).update(
        failed_at=at,
        failure=type(error).__name__[:80],
        leased_until=None,
        run_at=at + retry_after(message.lane, message.attempts),
        dead_at=at if dead else None,
        refused_at=at if refused else None,
    )
    if refused and message.concern_id is not None:
        waiting = Step.objects.filter(concern=message.concern_id, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)
        with transaction.atomic():
            if waiting.filter(person=message.recipient_id, moves_at__gt=at).update(moves_at=at):
                audit(by=None, verb="found that mail is refused", subject=message.concern, at=at, person=str(message.recipient_id))


def retry_after(lane: str, attempts: int) -> timedelta:
    """Return how long to wait: 30 s in the fast lane; otherwise doubling from 30 s to an hour, with a fifth of jitter."""
    if lane in FAST_LANES:
        return FAST_RETRY
    seconds = min(FAST_RETRY.total_seconds() * 2 ** min(attempts, 10), SLOWEST_RETRY.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreading load, not a secret # nosec B311
