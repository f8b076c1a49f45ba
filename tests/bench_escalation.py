"""Figures of the worker, not tests: `script/bench escalation`. Sweeps, a backlog of 10,000, mail in a queue and after an outage."""

import os
import statistics
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from resource import RUSAGE_SELF, getrusage

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from concerns.access.masterkeys import make_keys  # noqa: E402
from concerns.actions.outbox import FAST_LANES, send_due  # noqa: E402
from concerns.choices import Lane, Level, StepKind  # noqa: E402
from concerns.models import Concern, Message, Step  # noqa: E402
from concerns.worker import lift_restrictions, look_after_steps, move_on_due  # noqa: E402
from tests.bench import database, milliseconds  # noqa: E402
from tests.factories import Cast, make_cast, signed_in  # noqa: E402
from tests.mailserver import Box, free_port, mail_goes_to, mail_server  # noqa: E402
from tests.makers import CALM, DANGER, make_concern  # noqa: E402


def copies(concern: Concern, count: int, *, due: datetime) -> None:
    """So many concerns like this one, each with its step in which the alert is answered, due at one second after another."""
    step = concern.steps.get(kind=StepKind.ACKNOWLEDGE)
    concerns, steps = [], []
    for number in range(count):
        concern.pk, concern.draft_token, concern.reference, concern.data_key = uuid.uuid4(), uuid.uuid4(), f"X{uuid.uuid4().hex[:12]}", None
        concerns.append(Concern(**{field.attname: getattr(concern, field.attname) for field in Concern._meta.concrete_fields}))
        step.pk, step.concern_id, step.due_at = uuid.uuid4(), concern.pk, due + timedelta(milliseconds=number)
        step.moves_at = step.due_at
        steps.append(Step(**{field.attname: getattr(step, field.attname) for field in Step._meta.concrete_fields}))
    Concern.objects.bulk_create(concerns, batch_size=500)
    Step.objects.bulk_create(steps, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def sweeps(cast: Cast) -> None:
    """What a round costs when nothing is due."""
    now, there = timezone.now(), 0
    for total in (100, 10_000, 100_000):
        copies(make_concern(cast, answers=CALM, at=now), total - there, due=now + timedelta(hours=1))
        there = total
        steps = milliseconds(lambda: move_on_due(at=now), 50)
        rounds = milliseconds(lambda: look_after_steps(at=now), 20)
        mails = milliseconds(lambda: send_due(at=now - timedelta(days=1)), 50)
        lifting = milliseconds(lambda: lift_restrictions(at=now), 20)
        print(f"{total:7} open, none due, ms: steps {steps:.2f}, mail {mails:.2f}, restrictions {lifting:.2f}, all {rounds:.2f}")


def backlog(cast: Cast, count: int = 10_000) -> None:
    """So many due steps, one emergency among them that became due last."""
    now = timezone.now()
    copies(make_concern(cast, answers=CALM, at=now - timedelta(days=1)), count, due=now - timedelta(hours=2))
    emergency = make_concern(cast, answers=DANGER, at=now - timedelta(minutes=11))
    Message.objects.update(sent_at=now)
    start = time.perf_counter()
    first, moved = 0.0, 0
    while done := move_on_due(at=now, limit=25):
        moved += done
        if not first and emergency.steps.filter(kind=StepKind.ACKNOWLEDGE).count() > 1:
            first = time.perf_counter() - start
    print(f"backlog of {moved} steps: the emergency after {first:.2f} s, all after {time.perf_counter() - start:.1f} s")


def submitted_to_taken(cast: Cast, box: Box, times: int = 100) -> list[float]:
    client, spans = signed_in(cast.reporter), []
    for _ in range(times):
        before, start = len(box.mails), time.perf_counter()
        client.post(reverse("triage_now", args=[uuid.uuid4()]), {"about_staff": "no"})
        assert len(box.mails) > before  # noqa: S101 - a figure of something that did not happen is no figure
        spans.append(time.perf_counter() - start)
    return spans


def queued(cast: Cast, count: int, lane: Lane, *, named: str = "bench") -> None:
    now, concern = timezone.now(), Concern.objects.filter(level=Level.EMERGENCY).latest("logged_at")
    same = {
        "centre": cast.centre,
        "concern": concern,
        "recipient": cast.lead,
        "kind": "alert",
        "lane": lane,
        "queued_at": now,
        "run_at": now,
    }
    Message.objects.bulk_create(Message(key=f"{named}-{uuid.uuid4()}", **same) for _ in range(count))


def mails(cast: Cast) -> None:
    for waiting in (0, 1_000):
        queued(cast, waiting, Lane.NORMAL) if waiting else None
        with mail_server() as box:
            spans = submitted_to_taken(cast, box)
        print(f"sent → taken, {waiting} others queued: median {statistics.median(spans):.3f} s, worst of 100 {max(spans):.3f} s")


@contextmanager
def nobody_listens() -> Iterator[None]:
    with mail_goes_to(free_port(), timeout=1):
        yield


def outage(cast: Cast, count: int = 1_000) -> None:
    """So many urgent alerts and as many others, with the mail server away for ten minutes of the worker's clock."""
    Message.objects.update(sent_at=timezone.now())
    queued(cast, count, Lane.FAST, named="outage"), queued(cast, count, Lane.NORMAL, named="outage")
    now = timezone.now()
    with nobody_listens():
        while send_due(at=now, limit=100):
            pass
    back = now + timedelta(hours=2)
    with mail_server() as box:
        start = time.perf_counter()
        while send_due(at=back, limit=50):
            pass
        span = time.perf_counter() - start
    ours = Message.objects.filter(key__startswith="outage-")
    last_urgent = ours.filter(lane__in=FAST_LANES).latest("sent_at").sent_at
    first_other = ours.filter(lane=Lane.NORMAL).earliest("sent_at").sent_at
    late, kept = ours.filter(sent_at=None).count(), bool(last_urgent and first_other and last_urgent <= first_other)
    print(f"after an outage: {len(box.mails)} mails in {span:.1f} s, {late} not sent, urgent ones first: {kept}")


PARTS = {"backlog": backlog, "mails": mails, "outage": outage, "sweeps": sweeps}


def main(*wanted: str) -> None:
    make_keys(settings.KEYS_DIR)
    with database():
        print(f"database: {connection.vendor}")
        cast = make_cast()
        for name in wanted or PARTS:
            PARTS[name](cast)
        print(f"memory of this process at most {getrusage(RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
