"""When the database fails, whoever asks still sees the numbers to ring.

`/emergency/` never waits for the database: the outermost middleware serves it from its file always, so that no failure can
come between a frightened person and 999. Every other page that meets a failing database answers 503 with the same card.
"""

import logging
import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from concerns.exceptions import KeyTrouble
from concerns.views.card import card_from_file
from concerns.views.unsaved import unsaved_block

log = logging.getLogger(__name__)
CARD_PATH = "/emergency/"


class CardWhenDatabaseFails:
    """Serve the card from its file at its own address, before anything else has run."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == CARD_PATH and request.method in ("GET", "HEAD"):
            return card_from_file()
        return self.get_response(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an uncaught error: 503 and the card where the database failed, else the plain error page. Logs no value."""
    kind, _error, trace = sys.exc_info()
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "unknown"
    log.error("%s at %s in %s", kind.__name__ if kind else "error", request.path, where)
    if kind is not None and issubclass(kind, (OperationalError, InterfaceError)):
        if hasattr(request, "session"):
            del request.session  # or the session's own middleware would ask the database again, and wait as long again
        response = card_from_file()
        response.status_code = 503
        return _with_unsaved(request, response)
    unreadable = kind is not None and issubclass(kind, KeyTrouble)
    return _with_unsaved(request, render(None, "errors/unreadable.html" if unreadable else "500.html", status=500))


def _with_unsaved(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Add what was typed at the end of an error page: the numbers stay first."""
    block, end = unsaved_block(request).encode(), response.content.rfind(b"</main>")
    if block and end >= 0:
        response.content = response.content[:end] + block + response.content[end:]
    return response
