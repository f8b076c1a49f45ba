"""Gives back what somebody sent and could not be saved or was refused: on the page that says so, for them to copy. Never stored, never
logged.

Only for the forms whose words may be kept as well (`held.holds_words`), and only what a person typed or chose in words: not what a form
carries unseen, nor the ids behind the names in a list.
"""

import re

from django.core.exceptions import BadRequest, RequestAborted, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from concerns.forms.kept import typed_fields
from concerns.queries.entries import HEADINGS
from concerns.views.held import holds_words

CARRIED = frozenset({"base", "version", "was"})
"""What forms of ours carry unseen, beside their tokens."""
MOST = 400_000  # characters: more than the longest record that a form takes
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def unsaved_words(request: HttpRequest) -> str:
    """Return what was typed, each box under its heading, or nothing where there is nothing to give back. Never raises."""
    try:
        view = resolve(request.path).func
        if request.method != "POST" or not holds_words(view):
            return ""
        fields = typed_fields(request.POST)
    except (Resolver404, UnreadablePostError, SuspiciousOperation, MultiPartParserError, BadRequest, RequestAborted):
        return ""  # whatever is wrong with the body, the numbers come first
    boxes = [f"{_heading(name)}\n{text}" for name, texts in fields.items() for text in texts if _is_typed(name, text)]
    return "\n\n".join(boxes)[:MOST]


def _is_typed(name: str, text: str) -> bool:
    return bool(text.strip()) and name not in CARRIED and not _ID.fullmatch(text.strip())


def _heading(name: str) -> str:
    return (HEADINGS.get(name) or name.replace("_", " ").capitalize()) + ":"


def unsaved_context(request: HttpRequest) -> dict[str, str | int]:
    """Return what the part of a page that gives it back needs: the words, which may be none, and the height of their box."""
    words = unsaved_words(request)
    return {"words": words, "rows": min(20, words.count("\n") + 3)}


def unsaved_block(request: HttpRequest) -> str:
    """Return the part of a page that gives back what was typed, or nothing."""
    return render_to_string("errors/unsaved.html", unsaved_context(request)).strip()
