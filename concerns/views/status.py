"""Whether the system is alive, for monitors: status words only, nothing of anybody."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from concerns.queries.health import health_now
from concerns.views.actor import moment
from concerns.views.clock import before_second_factor
from concerns.views.guard import public


@before_second_factor
@public("monitors do not sign in; it says status words only")
def health(request: HttpRequest) -> HttpResponse:
    """Say whether the worker comes round, urgent mail leaves and backups are made: 200 when all is well, 503 otherwise."""
    now = health_now(at=moment(request))
    words = {"database": "ok", "worker": "ok" if now.worker else "late", "mail": "ok" if now.mail else "late"}
    words |= {"steps": "ok" if now.steps else "late", "backup": "ok" if now.backup else "late", "clock": "ok" if now.clock else "wrong"}
    return JsonResponse(words, status=200 if set(words.values()) == {"ok"} else 503)


@before_second_factor
@public("balancers do not sign in; it touches no database")
def live(request: HttpRequest) -> HttpResponse:
    """Say that the web process answers."""
    return HttpResponse("ok", content_type="text/plain")
