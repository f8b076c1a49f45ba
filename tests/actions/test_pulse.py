"""Signs of life outside: a daily mail to ourselves, and a request to somebody who notices when it stays away."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from concerns.actions.pulse import PROBE_EVERY, ping_outside, send_probe
from concerns.models import Heartbeat
from concerns.queries.health import health_now
from concerns.worker import tick
from tests.factories import Cast
from tests.mailserver import mail_server

HOUR = timedelta(hours=1)


class Listener(BaseHTTPRequestHandler):
    """Notes that somebody asked."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.server.asked.set()  # type: ignore[attr-defined]

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def outside(settings: Any) -> Iterator[threading.Event]:
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.asked = threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.DEADMAN_URL = f"http://127.0.0.1:{server.server_port}/"
    yield server.asked  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_probe_is_sent_once_a_day(cast: Cast, settings: Any) -> None:
    settings.PROBE_ADDRESS, now = "probe@example.org", timezone.now()
    with mail_server() as box:
        sent = [send_probe(at=now + hours * HOUR) for hours in (0, 1, 23, 24, 25)]

    assert (sent, len(box.mails)) == ([True, False, False, True, False], 2)


def test_no_probe_is_sent_where_no_address_is_set(cast: Cast) -> None:
    assert not send_probe(at=timezone.now())


def test_mail_is_late_once_no_probe_was_taken_for_more_than_a_day(cast: Cast, settings: Any) -> None:
    settings.PROBE_ADDRESS, settings.EMAIL_BACKEND, now = "probe@example.org", "concerns.smtp.EmailBackend", timezone.now()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tried = [send_probe(at=now + minutes * timedelta(minutes=10)) for minutes in range(12)]

    assert not any(tried)
    assert health_now(at=now).mail
    assert not health_now(at=now + PROBE_EVERY).mail


def test_outside_is_asked_while_all_is_well_and_at_most_every_five_minutes(cast: Cast, outside: threading.Event) -> None:
    now = timezone.now()
    tick(at=now)

    asked = [ping_outside(at=now + seconds * timedelta(seconds=1)) for seconds in (0, 60)]

    assert asked == [True, False]
    assert outside.wait(10)


def test_outside_hears_nothing_while_the_worker_is_late(cast: Cast, outside: threading.Event) -> None:
    Heartbeat.objects.create(name="worker", at=timezone.now() - HOUR)

    assert not ping_outside(at=timezone.now())
    time.sleep(0.1)
    assert not outside.is_set()
