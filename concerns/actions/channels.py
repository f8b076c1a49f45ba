"""How a letter leaves. A channel is anything that can `send` one letter and says by an exception that it could not: mail, for now."""

import smtplib
from datetime import datetime
from typing import Protocol, Self

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from concerns.actions.letters import Letter
from concerns.rules.delivery import date_shown

PERMANENT = 500


class Channel(Protocol):
    """A way out. Used as a context manager, it may keep a connection for the letters that follow each other."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_error: object) -> None: ...

    def send(self, letter: Letter) -> None:
        """Hand one letter over to the provider. Raises whatever went wrong; who calls it tries again."""


class Mail:
    """E-mail by any of Django's back-ends, over one connection as long as nothing goes wrong."""

    shown: datetime | None = None
    """The date and time (UTC) that the mail server showed when it was greeted; None where it shows none."""

    def __enter__(self) -> Self:
        self._connection = get_connection()
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def send(self, letter: Letter) -> None:
        try:
            if self._connection.open():
                self.shown = date_shown(getattr(getattr(self._connection, "connection", None), "greeting", b"").decode("latin-1"))
            self._connection.send_messages([as_mail(letter)])
        except Exception:
            self._close()
            raise

    def _close(self) -> None:
        try:
            self._connection.close()
        except OSError:  # it was broken already
            self._connection = get_connection()


def as_mail(letter: Letter) -> EmailMessage:
    """Return the mail: one plain text to one address, with an id by which a second copy is known."""
    headers = {"Message-ID": f"<{letter.key}@safeguarding.invalid>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(letter.subject, letter.body, settings.DEFAULT_FROM_EMAIL, [letter.address], headers=headers)


def is_refused(error: BaseException) -> bool:
    """Whether the provider said for good that it takes nothing for this address: asking another person must not wait for it."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code >= PERMANENT for code, _words in error.recipients.values())
