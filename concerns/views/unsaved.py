"""Gives back what somebody sent while nothing could be saved: on the page that says so, for them to copy. Never stored, never logged.

Only for the forms whose words may be kept as well (`held.holds_words`).
"""

from django.core.exceptions import BadRequest, RequestAborted, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from concerns.forms.kept import typed_fields
from concerns.queries.entries import HEADINGS
from concerns.views.held import holds_words

MOST = 400_000  # characters: more than the longest record that a form takes


def unsaved_words(request: HttpRequest) -> str:
    """Return what was typed, each box under its heading, or nothing where there is nothing to give back. Never raises."""
    try:
        view = resolve(request.path).func
        if request.method != "POST" or not holds_words(view):
            return ""
        fields = typed_fields(request.POST)
    except (Resolver404, UnreadablePostError, SuspiciousOperation, MultiPartParserError, BadRequest, RequestAborted):
        return ""  # whatever is wrong with the body, the numbers come first
    boxes = [f"{_heading(name)}\n{text}" for name, texts in fields.items() for text in texts if text.strip()]
    return "\n\n".join(boxes)[:MOST]


def _heading(name: str) -> str:
    return (HEADINGS.get(name) or name.replace("_", " ").capitalize()) + ":"


def unsaved_block(request: HttpRequest) -> str:
    """Return the part of a page that gives back what was typed, or nothing."""
    words = unsaved_words(request)
    return render_to_string("errors/unsaved.html", {"words": words, "rows": min(20, words.count("\n") + 3)}) if words else ""
