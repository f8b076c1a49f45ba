"""Mails that nobody needs any more are taken back: none asks about what was answered, closed or given to others. (S35)"""

from datetime import timedelta

import pytest
from django.utils import timezone

from concerns.actions.closing import close_concern
from concerns.actions.outbox import queue_message, send_due
from concerns.actions.roles import disable_account
from concerns.choices import ClosingOutcome, MessageKind
from concerns.models import Concern, Message
from concerns.queries.health import health_now
from concerns.queries.ladder import unreachable
from concerns.queries.ledger import alerts_of
from concerns.queries.unsent import dead_letters, unsent_messages
from concerns.worker import move_on_due
from tests.factories import AT, Cast
from tests.mailserver import Box, Refusing, mail_server, serving
from tests.makers import CALM, URGENT, answered, make_concern

MINUTE = timedelta(minutes=1)


@pytest.fixture
def refused(cast: Cast) -> Concern:
    """An urgent concern: the lead's address was refused a quarter of an hour ago, and the deputy was reached."""
    now = timezone.now()
    concern = make_concern(cast, answers=URGENT, at=now - 15 * MINUTE)
    with serving(Refusing(cast.lead.email)):
        send_due(at=now - 15 * MINUTE)
        move_on_due(at=now)
        send_due(at=now)
    return concern


def sent_later() -> Box:
    """What leaves in the next days."""
    with mail_server() as box:
        for hours in (1, 24, 72):
            send_due(at=timezone.now() + timedelta(hours=hours), limit=50)
    return box


def to(box: Box, address: str) -> int:
    return sum(mail["To"] == address for mail in box.mails)


def test_alert_that_never_left_does_not_ask_about_what_was_answered(cast: Cast, refused: Concern) -> None:
    answered(refused, by=cast.deputy, at=timezone.now())
    Message.objects.filter(kind=MessageKind.TAKEN).delete()

    assert to(sent_later(), cast.lead.email) == 0


def test_alert_that_was_taken_back_still_tells_whom_mail_does_not_reach(cast: Cast, refused: Concern) -> None:
    concern = answered(refused, by=cast.deputy, at=timezone.now())

    (line, *_others) = alerts_of(concern, at=timezone.now())
    assert line == "Priya Shah: not sent, because the mail server refused their address, and no longer needed"
    assert unreachable([cast.lead], at=timezone.now()) == {cast.lead.pk}
    assert not unsent_messages(cast.deputy).exists()


def test_one_refused_address_is_no_alarm_while_others_are_reached(cast: Cast, refused: Concern) -> None:
    assert health_now(at=timezone.now() + 5 * MINUTE).mail


def test_refused_address_is_an_alarm_where_nobody_was_reached(cast: Cast) -> None:
    make_concern(cast, answers=URGENT, at=timezone.now())
    with serving(Refusing(cast.lead.email)):
        send_due(at=timezone.now())

    assert not health_now(at=timezone.now() + 5 * MINUTE).mail


def test_closing_takes_back_what_asked_for_something(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)
    queue_message(recipient=cast.deputy, kind=MessageKind.OVERDUE, key="overdue", at=AT, concern=concern)
    Message.objects.filter(key="overdue").update(failed_at=AT, dead_at=AT)
    before = dead_letters(cast.lead)

    outcome = ClosingOutcome.SUPPORT_HERE
    close_concern(by=cast.lead, concern_id=concern.pk, version=concern.version, outcome=outcome, reason="x", at=timezone.now())

    assert (before, dead_letters(cast.lead)) == (True, False)


def test_nothing_about_a_concern_leaves_to_somebody_who_has_left(cast: Cast, refused: Concern) -> None:
    Message.objects.filter(recipient=cast.deputy).update(sent_at=None)

    disable_account(by=cast.admin, centre=cast.centre, user=cast.deputy, at=timezone.now())

    assert to(sent_later(), cast.deputy.email) == 0
