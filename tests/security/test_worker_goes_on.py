"""Alerts move on whatever else fails: a full disk, a card that cannot be written, anchors that were damaged. (S35)"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from concerns.actions.anchors import anchor_chains
from concerns.exceptions import KeyTrouble
from concerns.management.commands.run_worker import every_minute
from concerns.models import Attempt, Message
from concerns.worker import Worker, do_each
from tests.factories import AT, Cast
from tests.makers import DANGER, make_concern


def failing(error: Exception) -> Callable[..., None]:
    def work(*, at: Any) -> None:
        raise error

    return work


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyTrouble("Line 1 of the anchors was changed."), ValueError("x")])
def test_work_of_every_minute_that_fails_stops_no_other(cast: Cast, caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    done: list[Any] = []

    do_each([failing(error), lambda at: done.append(at)], at=AT)

    assert done == [AT]
    assert caplog.messages == [f"work failed: {type(error).__name__}; trying again in a minute"]


def test_alerts_move_on_in_another_thread_than_the_work_of_every_minute(transactional_cast: Cast) -> None:
    tries: list[Any] = []
    concern = make_concern(transactional_cast, answers=DANGER, at=timezone.now() - timedelta(minutes=11))
    worker = Worker(once_a_minute=tries.append)

    worker.come_round(timezone.now())

    assert tries == []
    assert Message.objects.filter(concern=concern, recipient=transactional_cast.deputy).count() == 1


def test_anchors_that_were_cut_in_the_middle_of_a_line_stop_nothing_else(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "ANCHORS_FILE", tmp_path / "anchors.jsonl")
    make_concern(cast, answers=DANGER)
    anchor_chains(at=timezone.now() - timedelta(hours=2))
    whole = settings.ANCHORS_FILE.read_text()
    settings.ANCHORS_FILE.write_text(whole[: len(whole) // 2])
    Attempt.objects.create(bucket="old", at=timezone.now() - timedelta(days=1))

    every_minute(timezone.now())

    assert not Attempt.objects.exists()


def test_work_of_every_minute_is_done_again_a_minute_later(db: None) -> None:
    tries: list[Any] = []
    worker = Worker(once_a_minute=tries.append)

    for seconds in (0, 1, 59, 60, 61):
        worker.do_minutely(AT + timedelta(seconds=seconds))

    assert tries == [AT, AT + timedelta(seconds=60)]
