"""Writes the emergency card to its file, so that it can be read when nothing else works."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import transaction
from django.template.loader import render_to_string

from concerns.queries.card import Card, card_now


def card_html(card: Card) -> str:
    """Return the card as a page of its own that needs no database, no session and no JavaScript."""
    return render_to_string(
        "concerns/card.html",
        {
            "card": card,
            "centre_name": settings.CENTRE_NAME,
            "practice": settings.MODE == "practice",
            "stylesheet": _static("ui/app.css"),
            "icon": _static("ui/icon.svg"),
            "script": _static("ui/app.js"),
        },
    )


def _static(path: str) -> str:
    """Return a static file's address; its plain one where the hashed one is not known yet. An unstyled card is still a card."""
    try:
        return str(staticfiles_storage.url(path))
    except ValueError:
        return f"{settings.STATIC_URL}{path}"


def rewrite_card(*, at: datetime) -> bool:
    """Write the card to its file where its content has changed (a new day is a change: the card says its date).

    Returns whether it was written. The file is replaced in one move, so a reader sees the old card or the new one, whole.
    Raises OSError where the folder cannot be written, and the database's errors; the old file then stays.
    """
    html = card_html(card_now(at=at)).encode()
    path = Path(settings.CARD_FILE)
    if _content(path) == html:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".card-")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o644)  # the web process may be another user than the worker, and the card is public
            file.write(html)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def rewrite_card_on_commit(*, at: datetime) -> None:
    """Write the card once this transaction is committed. A card that cannot be written never undoes the change: the worker tries again."""
    transaction.on_commit(lambda: rewrite_card(at=at), robust=True)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
