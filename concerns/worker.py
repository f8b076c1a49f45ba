"""The worker: comes round every second, moves on what nobody has ended in time, sends mail, reminds, cleans up. Several may run.

Each piece of work is a transaction of its own, so that one bad row blocks no other. Mails leave in threads of their own, so that a mail
server that hangs holds up no step, and nothing holds up an emergency's mail. Every loop leaves a heartbeat.
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone

from concerns.actions.apart import apart
from concerns.actions.held import purge_held_posts
from concerns.actions.locking import lock_concern
from concerns.actions.outbox import FAST_LANES, send_due
from concerns.actions.overdue import move_on, raise_alarm
from concerns.actions.reminders import remind_authors, show_leads
from concerns.actions.restrictions import lift_where_nobody_is_left
from concerns.choices import Lane, StepState
from concerns.models import Heartbeat, Step
from concerns.queries.health import MAIL_BEAT, WORKER_BEAT
from concerns.queries.once import looking_up_once
from concerns.queries.restrictions import restricted_to_nobody

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0
STEPS_AT_A_TIME = 25
"""After so many steps it is looked again whether a more urgent one is due: a backlog may hold up no emergency for long."""
STEPS_IN_A_ROUND = 500
BAD_STEP_RESTS = timedelta(seconds=60)
STOP_WITHIN_SECONDS = 10.0
BEAT_EVERY = timedelta(seconds=10)
SENDERS: tuple[Sequence[Lane], ...] = (FAST_LANES, FAST_LANES, (Lane.NORMAL,))
"""The lanes of each thread that sends mail: two for what is urgent, so that one address that hangs does not hold up the next."""


def move_on_due(*, at: datetime, limit: int = STEPS_IN_A_ROUND) -> int:
    """Move on what nobody has ended in time, emergencies first, then the longest overdue, and return how many steps were moved."""
    moved, stuck = 0, set[UUID]()
    while moved + len(stuck) < limit:
        due = Step.objects.filter(state=StepState.WAITING, moves_at__lte=at).exclude(pk__in=stuck).order_by("lane", "moves_at")
        batch = list(due.values_list("pk", "concern_id")[: min(STEPS_AT_A_TIME, limit - moved - len(stuck))])
        with looking_up_once():
            for step_id, concern_id in batch:
                if _move_on(step_id, concern_id, at=at):
                    moved += 1
                else:
                    stuck.add(step_id)
        if len(batch) < STEPS_AT_A_TIME:
            break
    return moved


def _move_on(step_id: UUID, concern_id: UUID, *, at: datetime) -> bool:
    """Move one step on: the database's effects of it happen once, whoever else tries, since the concern is locked."""

    def do() -> bool:
        concern = lock_concern(by=None, permission=None, concern_id=concern_id)
        return move_on(by=None, concern=concern, step=Step.objects.get(pk=step_id), at=at)

    moved = apart(f"moving step {step_id} on", do)
    if moved is None:
        _let_rest(step_id, at=at)
    return bool(moved)


def _let_rest(step_id: UUID, *, at: datetime) -> None:
    """Try a step that failed again in a minute, so that many of them do not hold up the others; and raise the alarm."""
    try:
        with transaction.atomic():
            raise_alarm(at=at)
        with transaction.atomic():
            Step.objects.filter(pk=step_id, state=StepState.WAITING).update(moves_at=at + BAD_STEP_RESTS)
    except DatabaseError as error:
        log.error("step %s cannot even be put off: %s", step_id, type(error).__name__)


def lift_restrictions(*, at: datetime) -> int:
    """End the restrictions that hold no longer, because nobody named is free to answer, and return how many."""
    return sum(
        bool(apart(f"ending the restriction of concern {found}", partial(lift_where_nobody_is_left, by=None, concern_id=found, at=at)))
        for found in restricted_to_nobody()
    )


def look_after_steps(*, at: datetime) -> int:
    """Do one round of everything but the mail, and return how many things were done."""
    done = move_on_due(at=at)
    beat(WORKER_BEAT, at=at)  # before what is less urgent, which may fail
    return done + lift_restrictions(at=at) + remind_authors(by=None, at=at) + show_leads(by=None, at=at) + purge_held_posts(by=None, at=at)


def send_mail(*, at: datetime, lanes: Sequence[Lane] = tuple(Lane)) -> int:
    """Send a handful of mails that are due in these lanes, and return how many were tried."""
    tried = send_due(at=at, lanes=lanes)
    beat(MAIL_BEAT, at=at)
    return tried


def tick(*, at: datetime) -> int:
    """Do one round of everything that is due, mail too, and return how many things were done."""
    return look_after_steps(at=at) + send_mail(at=at)


def beat(name: str, *, at: datetime) -> None:
    """Leave a heartbeat, so that a loop that stands still is noticed; one that is fresh enough is not written again."""
    if Heartbeat.objects.filter(name=name, at__gt=at - BEAT_EVERY, at__lte=at).exists():
        return
    if not Heartbeat.objects.filter(name=name).update(at=at):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


class Worker:
    """Runs its loops until it is told to stop. A failing database is waited for, not died of."""

    def __init__(self, *, once_a_minute: Callable[[datetime], object] | None = None) -> None:
        self._stop = threading.Event()
        self._once_a_minute = once_a_minute
        self._minute = datetime.min.replace(tzinfo=timezone.get_default_timezone())

    def stop(self, *_signal: object) -> None:
        self._stop.set()

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; what is under way is finished first."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self.stop)
        beside = [*(self._sender(lanes) for lanes in SENDERS), self.do_minutely]
        threads = [threading.Thread(target=self._loop, args=(work,), daemon=True) for work in beside]
        for thread in threads:
            thread.start()
        self._loop(self.come_round)
        for thread in threads:
            thread.join(STOP_WITHIN_SECONDS)

    def _loop(self, work: Callable[[datetime], int]) -> None:
        """Work, and pause where there was nothing to do; whatever goes wrong, come round again."""
        while not self._stop.is_set():
            try:
                close_old_connections()
                done = work(timezone.now())
            except DatabaseError as error:
                log.error("the database failed: %s; trying again", type(error).__name__)
                done = 0
            except Exception as error:
                log.error("a round of the worker failed: %s; trying again", type(error).__name__)
                done = 0
            if not done:
                self._stop.wait(PAUSE_SECONDS)

    def _sender(self, lanes: Sequence[Lane]) -> Callable[[datetime], int]:
        return lambda at: send_mail(at=at, lanes=lanes)

    def come_round(self, at: datetime) -> int:
        return look_after_steps(at=at)

    def do_minutely(self, at: datetime) -> int:
        """Do the work beside the alerts, once a minute, in a thread of its own: whatever hangs or takes long there stops no alert."""
        if self._once_a_minute is not None and not timedelta() <= at - self._minute < timedelta(minutes=1):
            self._minute = at
            self._once_a_minute(at)
        return 0


def do_each(jobs: Iterable[Callable[..., object]], *, at: datetime) -> None:
    """Do one piece of work after the other. One that fails, on a full disk or a damaged file, is logged and stops no other."""
    for job in jobs:
        try:
            job(at=at)
        except Exception as error:
            log.error("%s failed: %s; trying again in a minute", getattr(job, "func", job).__name__, type(error).__name__)
