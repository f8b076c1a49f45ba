"""A real mail server on loopback that takes, refuses, drops or never answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message as Mail
from typing import Any

from aiosmtpd.controller import Controller
from django.test import override_settings


class Box:
    """Keeps what was delivered; `refusing` makes it answer 450, as a greylisting server does."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refusing = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refusing:
            return "450 try again later"
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server() -> Iterator[Box]:
    """Run a mail server, with Django's mail going there."""
    with serving(Box()) as box:
        yield box


@contextmanager
def mail_goes_to(port: int, *, timeout: float = 5) -> Iterator[None]:
    with override_settings(EMAIL_BACKEND="concerns.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=timeout):
        yield


@contextmanager
def hanging_mail_server(*, after: bytes = b"", timeout: float = 0.5) -> Iterator[None]:
    """Run a server that takes the connection, says `after`, and never says anything again."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        kept: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken, _ = listener.accept()
                except OSError:
                    return
                kept.append(taken)
                if after:
                    taken.sendall(after)

        threading.Thread(target=take, daemon=True).start()
        with mail_goes_to(listener.getsockname()[1], timeout=timeout):
            yield
        for connection in kept:
            connection.close()


class Refusing(Box):
    """Refuses one address for good, as a provider does whose mailbox is gone, and takes all others."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address == self.address:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 ok"


class Dropping(Box):
    """Breaks the connection off in the middle of a mail, as often as it is told to."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.times:
            self.times -= 1
            server.transport.close()
            return "250 never heard"
        return await super().handle_DATA(server, session, envelope)


@contextmanager
def serving(box: Box, **options: Any) -> Iterator[Box]:
    """Run a mail server that does as `box` says, with Django's mail going there."""
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        with mail_goes_to(port):
            yield box
    finally:
        controller.stop()
