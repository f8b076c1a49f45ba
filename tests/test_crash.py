"""kill -9 in the middle of everything: no mail is lost, no person is asked twice by two workers, the chains still verify. (S33)

The worker is a real process on a database of its own; the mail server is a real one. It is killed while it is at work, again and
again, and started again.
"""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.journeys.conftest import database
from tests.mailserver import Box, free_port
from tests.outage_servers import PATIENCE_SECONDS, ROOT, Site

MAILS = 40
MOVED_ON = "True 1 8"  # each of four concerns has one step that waits; no rung twice; two rungs each
FILL = f"""
from datetime import timedelta
from django.utils import timezone
from concerns.demo.people import make_people
from concerns.models import Centre
from tests.makers import DANGER, make_draft
from concerns.models import Concern, Message
from types import SimpleNamespace

centre = Centre.objects.get()
people = make_people(centre, at=timezone.now())
cast = SimpleNamespace(centre=centre, reporter=people["reporter"])
ago = timezone.now() - timedelta(minutes=11)
for number in range(4):
    make_draft(cast, answers=DANGER, at=ago)
concern = Concern.objects.first()
Message.objects.update(sent_at=ago)
now = timezone.now()
same = dict(centre=centre, concern=concern, recipient=people["lead"], kind="addendum", lane="b_normal", queued_at=now, run_at=now)
Message.objects.bulk_create(Message(key=f"crash-{{number}}", **same) for number in range({MAILS}))
"""
LOOK = """
import django
django.setup()
from collections import Counter
from concerns.models import Concern, Message, Step
from concerns.queries.chains import verify
waiting = Counter(Step.objects.filter(kind="acknowledge", state="waiting").values_list("concern", flat=True))
rungs = Counter(Step.objects.filter(kind="acknowledge").values_list("concern", "rung"))
print(Message.objects.filter(key__startswith="crash-", sent_at=None).count())
print(sorted(waiting.values()) == [1] * Concern.objects.count(), max(rungs.values()), len(rungs))
print(verify().faults)
"""


class SlowBox(Box):
    """Takes its time, so that workers are killed between sending and marking."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(0.1)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    box, port = SlowBox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


def worker(site: Site) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "manage.py", "run_worker"], cwd=ROOT, env=site.env, stderr=subprocess.DEVNULL)


def wait_for_another_mail(box: Box) -> None:
    """Wait until the workers are at work: a mail has come since this was called, or none comes for 15 seconds."""
    before, end = len(box.mails), time.monotonic() + 15
    while len(box.mails) == before and time.monotonic() < end:
        time.sleep(0.02)


def look(site: Site) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=site.env, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    return ran.stdout.splitlines()


def wait_until_sent(site: Site, box: Box) -> list[str]:
    """Look again until nothing waits and everybody was asked, for at most PATIENCE_SECONDS."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        seen = look(site)
        if seen[:2] == ["0", MOVED_ON] or time.monotonic() > end:
            return seen
        time.sleep(1)


def test_workers_killed_again_and_again_lose_nothing_and_ask_nobody_twice(tmp_path: Path, box: tuple[Box, int]) -> None:
    chance = random.Random(7)
    with database() as url:
        site = Site.at(tmp_path, url, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(box[1]))
        site.set_up(FILL)

        for _ in range(4):
            pair = [worker(site), worker(site)]
            wait_for_another_mail(box[0])
            time.sleep(chance.uniform(0, 0.4))
            for process in pair:
                process.send_signal(signal.SIGKILL)
                process.wait()
        last = worker(site)
        unsent, steps, faults = wait_until_sent(site, box[0])
        last.terminate()
        last.wait(PATIENCE_SECONDS)

    to_lead = [mail for mail in box[0].mails if mail["To"] == "lead@example.org"]
    assert unsent == "0"
    assert len({mail["Message-ID"] for mail in to_lead}) >= MAILS
    assert steps == MOVED_ON
    assert faults == "()"
