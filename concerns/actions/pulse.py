"""Signs of life that leave the machine: a mail to ourselves once a day, and a request to somebody who notices when it stays away."""

import logging
import threading
from datetime import datetime, timedelta
from urllib.request import Request, urlopen
from uuid import uuid4

from django.conf import settings

from concerns.actions.channels import Mail
from concerns.actions.letters import Letter
from concerns.models import Heartbeat
from concerns.queries.health import PROBE_BEAT, health_now

log = logging.getLogger(__name__)
PROBE_EVERY, PROBE_AGAIN, PING_EVERY = timedelta(hours=24), timedelta(minutes=30), timedelta(minutes=5)
PING_SECONDS = 5
PROBE_TRY, PING_BEAT = "probe tried", "ping"
SUBJECT, BODY = "Safeguarding: the daily test mail", "This mail shows that mail leaves. Nothing has to be done.\n"


def send_probe(*, at: datetime) -> bool:
    """Send the daily mail to ourselves, where an address is set and it is time; try again every half hour until it is taken."""
    beats = dict(Heartbeat.objects.filter(name__in=(PROBE_BEAT, PROBE_TRY)).values_list("name", "at"))
    taken, tried = beats.get(PROBE_BEAT), beats.get(PROBE_TRY)
    if not settings.PROBE_ADDRESS or (taken and at - taken < PROBE_EVERY) or (tried and at - tried < PROBE_AGAIN):
        return False
    Heartbeat.objects.update_or_create(name=PROBE_TRY, defaults={"at": at})
    if taken is None:
        Heartbeat.objects.get_or_create(name=PROBE_BEAT, defaults={"at": at - PROBE_EVERY})  # late from two hours after the first try
    try:
        with Mail() as channel:
            channel.send(Letter(key=uuid4(), address=settings.PROBE_ADDRESS, subject=SUBJECT, body=BODY))
    except Exception as error:  # whatever went wrong: it is tried again, and shown once it is late
        log.warning("the daily test mail was not taken: %s", type(error).__name__)
        return False
    Heartbeat.objects.update_or_create(name=PROBE_BEAT, defaults={"at": at})
    return True


def ping_outside(*, at: datetime) -> bool:
    """Ask for the dead-man address in a thread of its own, where one is set, all is well, and five minutes have passed."""
    last = Heartbeat.objects.filter(name=PING_BEAT).values_list("at", flat=True).first()
    if not settings.DEADMAN_URL or (last and at - last < PING_EVERY):
        return False
    now = health_now(at=at)
    if not (now.worker and now.steps and now.mail):
        return False
    Heartbeat.objects.update_or_create(name=PING_BEAT, defaults={"at": at})
    threading.Thread(target=_ping, daemon=True).start()
    return True


def _ping() -> None:
    try:
        request = Request(settings.DEADMAN_URL, method="HEAD")  # noqa: S310 - the operator's own address
        with urlopen(request, timeout=PING_SECONDS):  # noqa: S310 # nosec B310
            pass
    except (OSError, ValueError) as error:
        log.warning("the dead-man address did not answer: %s", type(error).__name__)
