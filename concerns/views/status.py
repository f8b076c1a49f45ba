"""Whether the system is alive, for monitors: status words only, nothing of anybody."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse

from concerns.choices import Lane
from concerns.models import Heartbeat, Message
from concerns.views.actor import moment
from concerns.views.guard import public

WORKER_IS_LATE = timedelta(minutes=2)
MAIL_IS_LATE = timedelta(minutes=2)


@public("monitors do not sign in; it says status words only")
def health(request: HttpRequest) -> HttpResponse:
    """Say whether the worker comes round and urgent mail leaves: 200 when all is well, 503 otherwise."""
    at = moment(request)
    beat = Heartbeat.objects.filter(name="worker").first()
    stuck = Message.objects.filter(lane=Lane.FAST, sent_at=None, dead_at=None, queued_at__lt=at - MAIL_IS_LATE).exists()
    words = {"database": "ok", "worker": "ok" if beat and at - beat.at < WORKER_IS_LATE else "late", "mail": "late" if stuck else "ok"}
    return JsonResponse(words, status=200 if set(words.values()) == {"ok"} else 503)


@public("balancers do not sign in; it touches no database")
def live(request: HttpRequest) -> HttpResponse:
    """Say that the web process answers."""
    return HttpResponse("ok", content_type="text/plain")
