"""The worker: comes round every second, sends mail, moves unanswered steps on, reminds, cleans up. Several may run.

Each piece of work is a transaction of its own, so that one bad row blocks no other; every round leaves a heartbeat.
"""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone

from concerns.actions.escalation import pass_on
from concerns.actions.held import purge_held_posts
from concerns.actions.locking import lock_concern
from concerns.actions.outbox import send_due
from concerns.actions.reminders import remind_authors, show_leads
from concerns.actions.restrictions import lift_where_nobody_is_left
from concerns.choices import StepKind, StepState
from concerns.models import Heartbeat, Step
from concerns.queries.restrictions import restricted_to_nobody

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0
STEPS_IN_A_ROUND = 100


def move_on_unanswered(*, at: datetime) -> int:
    """Pass every step whose time to answer is over to the next person, oldest first, and return how many were moved."""
    due = Step.objects.filter(kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING, due_at__lte=at).order_by("due_at")
    return sum(_move_on(step_id, concern_id, at=at) for step_id, concern_id in due.values_list("pk", "concern_id")[:STEPS_IN_A_ROUND])


def _move_on(step_id: UUID, concern_id: UUID, *, at: datetime) -> int:
    try:
        with transaction.atomic():
            concern = lock_concern(by=None, permission=None, concern_id=concern_id)
            step = Step.objects.get(pk=step_id)
            return 0 if pass_on(by=None, concern=concern, step=step, at=at) is None else 1
    except (OperationalError, InterfaceError):  # the database itself: no other step would fare better
        raise
    except Exception as error:
        log.error("step %s could not be moved on: %s", step_id, type(error).__name__)
        return 0


def lift_restrictions(*, at: datetime) -> int:
    """End the restrictions that hold no longer, because nobody named is free to answer, and return how many."""
    return sum(_lift(concern_id, at=at) for concern_id in restricted_to_nobody())


def _lift(concern_id: UUID, *, at: datetime) -> int:
    try:
        return int(lift_where_nobody_is_left(by=None, concern_id=concern_id, at=at))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # one record that cannot be written stops no alert
        log.error("the restriction of concern %s could not be ended: %s", concern_id, type(error).__name__)
        return 0


def tick(*, at: datetime) -> int:
    """Do one round of everything that is due, and return how many things were done."""
    done = move_on_unanswered(at=at) + send_due(at=at) + lift_restrictions(at=at)
    done += remind_authors(by=None, at=at) + show_leads(by=None, at=at) + purge_held_posts(by=None, at=at)
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": at})
    return done


class Worker:
    """Runs `tick` until it is told to stop. A failing database is waited for, not died of."""

    def __init__(self, *, once_a_minute: Callable[[datetime], object] | None = None) -> None:
        self._stop = threading.Event()
        self._once_a_minute = once_a_minute
        self._minute = datetime.min.replace(tzinfo=timezone.get_default_timezone())

    def stop(self, *_signal: object) -> None:
        self._stop.set()

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; the round under way is finished first."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self.stop)
        while not self._stop.is_set():
            if not self._round():
                self._stop.wait(PAUSE_SECONDS)

    def _round(self) -> int:
        at = timezone.now()
        try:
            close_old_connections()
            self._minutely(at)
            return tick(at=at)
        except DatabaseError as error:
            log.error("the database failed: %s; trying again", type(error).__name__)
            self._stop.wait(PAUSE_SECONDS)
            return 0

    def _minutely(self, at: datetime) -> None:
        """Do the work beside the alerts, which it must never stop: a full disk or a damaged file is logged and tried again."""
        if self._once_a_minute is None or at - self._minute < timedelta(minutes=1):
            return
        self._minute = at
        try:
            self._once_a_minute(at)
        except DatabaseError:
            raise
        except Exception as error:
            log.error("the work of every minute failed: %s", type(error).__name__)
