"""Alerts that try to leave with the request that made them: once, for a few seconds together, and never in the step loop. (S33, S35)"""

import asyncio
import threading
import time
from concurrent.futures import wait
from datetime import timedelta
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError
from django.utils import timezone

from concerns.actions import outbox
from concerns.actions.casework import acknowledge_concern
from concerns.actions.outbox import send_due, trying_at_once
from concerns.choices import MessageKind
from concerns.models import Concern, Message
from concerns.worker import move_on_due
from tests.factories import Cast
from tests.mailserver import Box, hanging_mail_server, mail_server, serving
from tests.makers import DANGER, URGENT, make_concern

MINUTE = timedelta(minutes=1)


class SlowBox(Box):
    """Takes every mail, but not before the web process has stopped waiting."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(0.5)
        return await super().handle_DATA(server, session, envelope)


def alert_of(concern: Concern) -> Message:
    return Message.objects.get(concern=concern, kind=MessageKind.ALERT)


def once_over(concern: Concern) -> Message:
    """The alert of a concern once the thread that sends it has marked it; at most five seconds later."""
    for _ in range(100):
        time.sleep(0.05)
        try:
            message = alert_of(concern)
        except OperationalError:  # SQLite in memory: the thread is writing just now
            continue
        if message.leased_until is None:
            break
    return message


def test_mail_leaves_only_after_the_business_change_is_committed(transactional_cast: Cast) -> None:
    with mail_server() as box, trying_at_once():
        concern = make_concern(transactional_cast, answers=DANGER)

    assert len(box.mails) == 1
    assert alert_of(concern).sent_at is not None


def test_one_hanging_server_costs_a_request_its_seconds_once_however_many_alerts_it_makes(transactional_cast: Cast) -> None:
    with hanging_mail_server(timeout=0.5):
        with trying_at_once(seconds=0.2):
            first, second = (make_concern(transactional_cast, answers=URGENT) for _ in range(2))
        untried, tried = alert_of(second), once_over(first)

    assert (untried.attempts, untried.leased_until) == (0, None)
    assert (tried.attempts, tried.sent_at, tried.failure != "") == (1, None, True)


def test_server_that_is_slower_than_a_request_waits_gets_the_mail_once(transactional_cast: Cast) -> None:
    with serving(SlowBox()) as box:
        with trying_at_once(seconds=0.1):
            concern = make_concern(transactional_cast, answers=URGENT, at=timezone.now())
        message = once_over(concern)
        send_due(at=timezone.now() + 60 * MINUTE)

    assert (message.sent_at is not None, message.failure, len(box.mails)) == (True, "", 1)


def test_mail_whose_turn_does_not_come_is_the_workers_at_once(transactional_cast: Cast) -> None:
    hanging = threading.Event()
    others = [outbox._sender.submit(hanging.wait, 10) for _ in range(4)]
    with mail_server() as box:
        with trying_at_once(seconds=0.1):
            message = alert_of(make_concern(transactional_cast, answers=URGENT, at=timezone.now()))
        hanging.set()
        wait(others)
        send_due(at=timezone.now())

    assert (message.attempts, message.leased_until, message.failure) == (0, None, "")
    assert len(box.mails) == 1


def test_step_loop_waits_for_no_mail_server(transactional_cast: Cast) -> None:
    concern = make_concern(transactional_cast, answers=URGENT, at=timezone.now() - 11 * MINUTE)

    with hanging_mail_server(timeout=0.2):
        move_on_due(at=timezone.now())

    assert set(Message.objects.filter(concern=concern).values_list("attempts", flat=True)) == {0}


def test_who_answers_waits_for_no_mail_to_the_others(transactional_cast: Cast) -> None:
    concern = make_concern(transactional_cast, answers=URGENT, at=timezone.now())

    with hanging_mail_server(timeout=0.2), trying_at_once(seconds=0.1):
        acknowledge_concern(by=transactional_cast.lead, concern_id=concern.pk, at=timezone.now())

    assert set(Message.objects.filter(concern=concern).values_list("attempts", flat=True)) == {0}


class Revoking(BaseEmailBackend):
    """Takes a mail, and meanwhile every other one is taken back, as when its recipient is vetoed."""

    sent = 0

    def send_messages(self, mails: Any) -> int:
        Revoking.sent += 1
        Message.objects.filter(sent_at=None).exclude(pk__in=[mail.extra_headers["Message-ID"][1:37] for mail in mails]).delete()
        return len(mails)


def test_mail_that_is_taken_back_while_its_batch_is_leaving_is_not_sent(cast: Cast, settings: Any) -> None:
    make_concern(cast, answers=URGENT), make_concern(cast, answers=URGENT)
    settings.EMAIL_BACKEND = f"{__name__}.Revoking"

    send_due(at=timezone.now())

    assert (Revoking.sent, Message.objects.exclude(sent_at=None).count()) == (1, 1)
