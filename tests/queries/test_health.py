"""A dead worker or mail that does not leave is seen within two minutes: by monitors, leads, administrators and reporters. (S35)"""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.actions.outbox import send_due
from concerns.models import Heartbeat, Message
from concerns.queries.health import health_now
from concerns.queries.rings import ring_now
from concerns.worker import tick
from tests.factories import AT, Cast, signed_in
from tests.mailserver import mail_server
from tests.makers import DANGER, make_concern

MINUTE = timedelta(minutes=1)


def test_worker_that_never_came_round_is_late(cast: Cast) -> None:
    assert not health_now(at=AT).worker


@pytest.mark.parametrize(("minutes", "well"), [(1, True), (2, False)])
def test_worker_is_late_after_two_minutes(cast: Cast, minutes: int, well: bool) -> None:
    tick(at=AT)

    assert health_now(at=AT + minutes * MINUTE).worker is well


def test_urgent_mail_that_waits_is_late_and_one_that_left_is_not(cast: Cast) -> None:
    make_concern(cast, answers=DANGER)
    assert health_now(at=AT + MINUTE).mail
    assert not health_now(at=AT + 3 * MINUTE).mail

    with mail_server():
        send_due(at=AT)

    assert health_now(at=AT + 3 * MINUTE).mail


@pytest.mark.parametrize(("who", "told"), [("lead", True), ("admin", True), ("reporter", False), ("trustee", False)])
def test_leads_and_administrators_are_told_on_every_page(cast: Cast, who: str, told: bool) -> None:
    page = signed_in(getattr(cast, who)).get(reverse("contacts")).content.decode()

    assert ("the worker process does not run" in page) is told


def test_nobody_is_told_while_all_is_well(cast: Cast) -> None:
    Heartbeat.objects.create(name="worker", at=timezone.now())

    assert "Alerts are not working" not in signed_in(cast.lead).get("/").content.decode()
    assert Client().get("/health").json() == {"database": "ok", "worker": "ok", "steps": "ok", "mail": "ok", "backup": "ok", "clock": "ok"}


@pytest.mark.parametrize(("hours", "made", "well"), [(26, 25, True), (26, 26, False), (26, None, False), (0, None, True), (0, 900, True)])
def test_backup_is_late_after_the_hours_in_the_settings(cast: Cast, settings, hours: int, made: int | None, well: bool) -> None:  # type: ignore[no-untyped-def]
    settings.BACKUP_HOURS = hours
    if made is not None:
        Heartbeat.objects.create(name="backup", at=AT - timedelta(hours=made))

    assert health_now(at=AT).backup is well


@pytest.mark.parametrize(("who", "told"), [("admin", True), ("lead", False), ("reporter", False), ("auditor", False)])
def test_administrators_alone_are_told_that_no_backup_was_made(cast: Cast, settings, who: str, told: bool) -> None:  # type: ignore[no-untyped-def]
    settings.BACKUP_HOURS = 26
    Heartbeat.objects.create(name="worker", at=timezone.now())
    page = signed_in(getattr(cast, who)).get(reverse("contacts")).content.decode()

    assert ("The last backup is too old, or there is none." in page) is told
    assert Client().get("/health").status_code == 503


def test_reporter_whose_alert_reached_nobody_is_told_to_ring(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    Heartbeat.objects.create(name="worker", at=AT)
    early, late = ring_now(concern, at=AT + MINUTE), ring_now(concern, at=AT + 3 * MINUTE)

    assert early and late
    assert "reached nobody" not in early.note
    assert "Our mail has reached nobody: ring now." in late.note


def test_one_mail_that_left_is_enough_to_say_nothing(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    Message.objects.filter(concern=concern).update(sent_at=AT)

    found = ring_now(concern, at=AT + 10 * MINUTE)

    assert found and "reached nobody" not in found.note
