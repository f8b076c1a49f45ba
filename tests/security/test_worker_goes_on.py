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
from concerns.models import Message
from concerns.worker import Worker
from tests.factories import Cast
from tests.makers import DANGER, make_concern


def failing(error: Exception) -> Callable[[Any], None]:
    def work(at: Any) -> None:
        raise error

    return work


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyTrouble("Line 1 of the anchors was changed."), ValueError("x")])
def test_alert_moves_on_while_the_work_of_every_minute_fails(
    transactional_cast: Cast, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    concern = make_concern(transactional_cast, answers=DANGER, at=timezone.now() - timedelta(minutes=11))

    Worker(once_a_minute=failing(error)).come_round(timezone.now())

    assert Message.objects.filter(concern=concern, recipient=transactional_cast.deputy).count() == 1
    assert caplog.messages[-1] == f"the work of every minute failed: {type(error).__name__}"


def test_anchors_that_were_cut_in_the_middle_of_a_line_do_not_stop_alerts(
    transactional_cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "ANCHORS_FILE", tmp_path / "anchors.jsonl")
    concern = make_concern(transactional_cast, answers=DANGER, at=timezone.now() - timedelta(minutes=11))
    anchor_chains(at=timezone.now() - timedelta(hours=2))
    whole = settings.ANCHORS_FILE.read_text()
    settings.ANCHORS_FILE.write_text(whole[: len(whole) // 2])

    Worker(once_a_minute=lambda at: anchor_chains(at=at)).come_round(timezone.now())

    assert Message.objects.filter(concern=concern, recipient=transactional_cast.deputy).count() == 1


def test_work_of_every_minute_is_tried_again_a_minute_later(transactional_cast: Cast) -> None:
    tries: list[Any] = []

    def work(at: Any) -> None:
        tries.append(at)
        raise OSError

    worker = Worker(once_a_minute=work)
    worker.come_round(timezone.now()), worker.come_round(timezone.now())
    worker._minute -= timedelta(minutes=1)
    worker.come_round(timezone.now())

    assert len(tries) == 2
