"""The emergency card as an answer: from its file, or made from the shipped contacts. Never asks the database, never fails."""

import logging
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from concerns.actions.card import card_html
from concerns.queries.card import card_built_in
from concerns.views.clock import before_second_factor
from concerns.views.guard import public

log = logging.getLogger(__name__)

WORKER_FILE = Path(__file__).parent.parent / "data" / "sw.js"
MUST_HAVE = b'href="tel:999"'
LAST_RESORT = (
    '<!DOCTYPE html><html lang="en"><meta name="viewport" content="width=device-width"><title>Emergency numbers</title>'
    '<h1>In danger now? Ring <a href="tel:999">999</a></h1>'
    '<p>Leicester city duty desk, day and night: <a href="tel:01164541004">0116 454 1004</a></p>'
    '<p>Police, not an emergency: <a href="tel:101">101</a></p></html>'
)


def card_from_file() -> HttpResponse:
    """Return the card as last written; the built-in card where the file is missing, unreadable or not a card. Never raises."""
    return HttpResponse(_written_card() or _built_in_card(), content_type="text/html; charset=utf-8")


def _written_card() -> bytes:
    try:
        content = Path(settings.CARD_FILE).read_bytes()
    except OSError:
        return b""
    return content if MUST_HAVE in content else b""


def _built_in_card() -> bytes:
    try:
        return card_html(card_built_in()).encode()
    except Exception as error:  # whatever is wrong with the installation, the answer must still name 999
        log.error("The built-in emergency card could not be made: %s", type(error).__name__)
        return LAST_RESORT.encode()


@before_second_factor
@public("the numbers to ring in an emergency")
def emergency(request: HttpRequest) -> HttpResponse:
    """The card. The outermost middleware answers this address first; this view is for whoever calls it by name."""
    return card_from_file()


@before_second_factor
@public("keeps the emergency card on the device, and nothing else")
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker's script, at the root so that it may answer for every page."""
    return HttpResponse(WORKER_FILE.read_bytes(), content_type="text/javascript; charset=utf-8")
