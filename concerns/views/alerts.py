"""Alerts that a request commits try to leave before it is answered, so that none waits for the worker's next round (decision 7)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from concerns.actions.outbox import trying_at_once


class AlertsAtOnce:
    """Give each request a few seconds, for all its alerts together."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with trying_at_once():
            return self.get_response(request)
