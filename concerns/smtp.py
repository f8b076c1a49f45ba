"""Django's SMTP back-end, which also keeps what the mail server said when it was greeted: many say what time it is."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp


class _Greeted:
    """A connection that remembers its greeting."""

    greeting = b""

    def connect(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        code, said = super().connect(*args, **options)  # type: ignore[misc]
        self.greeting = said
        return code, said


class PlainConnection(_Greeted, smtplib.SMTP):
    """Without TLS, or with STARTTLS."""


class SecureConnection(_Greeted, smtplib.SMTP_SSL):
    """With TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    """As Django's own, with `connection.greeting`."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return SecureConnection if self.use_ssl else PlainConnection
