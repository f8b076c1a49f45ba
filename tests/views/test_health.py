"""Health for monitors: status words only, and the truth. (S35)"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from concerns.choices import Lane
from concerns.models import Heartbeat, Message
from concerns.worker import tick
from tests.factories import AT, Cast
from tests.makers import DANGER, MARKER, make_concern


def ask() -> tuple[int, dict[str, str]]:
    answer = Client().get("/health")
    return answer.status_code, {word: answer.json()[word] for word in ("database", "worker", "mail")}


def test_everything_is_well_after_a_round_of_the_worker(cast: Cast) -> None:
    tick(at=timezone.now())

    assert ask() == (200, {"database": "ok", "worker": "ok", "mail": "ok"})


@pytest.mark.parametrize("beat", [None, timedelta(minutes=3)])
def test_worker_that_does_not_come_round_is_late(cast: Cast, beat: timedelta | None) -> None:
    if beat:
        Heartbeat.objects.create(name="worker", at=timezone.now() - beat)

    assert ask() == (503, {"database": "ok", "worker": "late", "mail": "ok"})


@pytest.mark.parametrize(
    ("waited", "changes", "word"),
    [
        (timedelta(minutes=5), {}, "late"),
        (timedelta(minutes=5), {"sent_at": AT}, "ok"),
        (timedelta(minutes=5), {"lane": Lane.NORMAL}, "ok"),
        (timedelta(seconds=30), {}, "ok"),
    ],
)
def test_urgent_mail_that_does_not_leave_is_late(cast: Cast, waited: timedelta, changes: dict[str, Any], word: str) -> None:
    Heartbeat.objects.create(name="worker", at=timezone.now())
    make_concern(cast, answers=DANGER)
    Message.objects.update(queued_at=timezone.now() - waited, **changes)

    assert ask()[1]["mail"] == word


def test_health_names_nothing_of_anybody(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)

    body = Client().get("/health").content.decode()

    assert [word for word in (concern.reference, MARKER, "Priya", "example.org") if word in body] == []


def test_live_answers_without_a_database_query(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/health/live")

    assert (answer.status_code, answer.content) == (200, b"ok")
