"""A mail server on loopback, which keeps what arrives, so that journeys follow the links in real mail."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any

from tests.outage_servers import free_port

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        """The first address in it."""
        found = re.search(r"https?://\S+", self.text)
        assert found, self.text
        return found[0]


class Letters:
    """What has arrived so far. The server's thread puts letters in, a test waits for them."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._arrived: list[Letter] = []
        self._news = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        with self._news:
            self._arrived += [Letter(to, str(message["Subject"]), message.get_content()) for to in envelope.rcpt_tos]
            self._news.notify_all()
        return "250 OK"

    def about(self, reference: str) -> list[Letter]:
        """Every letter so far that names the concern."""
        with self._news:
            return [letter for letter in self._arrived if reference in letter.subject + letter.text]

    def wait(self, *, to: str, about: str) -> Letter:
        """The first letter to this person that names the concern, once it has arrived."""

        def found() -> Letter | None:
            return next((letter for letter in self._arrived if letter.to == to and about in letter.subject + letter.text), None)

        with self._news:
            letter = self._news.wait_for(found, PATIENCE_SECONDS)
        assert letter, f"No mail about {about} reached {to}."
        return letter


@contextmanager
def mail_server() -> Iterator[Letters]:
    """Receive mail on a port of its own until the block ends."""
    from aiosmtpd.controller import Controller  # here, for a machine without it skips the journeys

    letters = Letters(free_port())
    controller = Controller(letters, hostname="127.0.0.1", port=letters.port)
    controller.start()
    try:
        yield letters
    finally:
        controller.stop()
