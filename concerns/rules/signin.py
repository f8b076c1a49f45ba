"""How long a sign-in lasts, who needs a second factor, how many tries there are. Pure.

Sources: the product's security bar (idle at most 30 minutes, 10 on a shared device, 12 hours in all; a second factor for every
role but staff and volunteers), and RFC 6238 for the codes.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from concerns.choices import Role, SignInEnd

IDLE = timedelta(minutes=30)
IDLE_SHARED = timedelta(minutes=10)
AT_MOST = timedelta(hours=12)
STEP_UP = timedelta(minutes=5)
LINK_LIVES = timedelta(days=7)
CODE_SECONDS = 30
CODE_DIGITS = 6
CODES_EACH_WAY = 1  # clocks of telephones are wrong by some seconds, and people type slowly


@dataclass(frozen=True)
class Limit:
    """At most `tries` within `within`."""

    tries: int
    within: timedelta


FIVE_MINUTES = timedelta(minutes=5)
PER_ACCOUNT = Limit(20, FIVE_MINUTES)
PER_ADDRESS = Limit(60, FIVE_MINUTES)
PER_KNOWN_BROWSER = Limit(10, FIVE_MINUTES)
PER_CODE = Limit(8, FIVE_MINUTES)


def needs_second_factor(roles: Collection[Role], *, reporters_too: bool) -> bool:
    """Say whether somebody with these roles must prove a second factor: everybody but staff and volunteers, or they too."""
    return any(role != Role.REPORTER for role in roles) or (reporters_too and bool(roles))


def idle_after(*, is_shared: bool, setting: timedelta = IDLE) -> timedelta:
    """Return how long nothing may happen before the person is signed out."""
    return min(setting, IDLE_SHARED) if is_shared else setting


def time_left(*, began_at: datetime, seen_at: datetime, is_shared: bool, at: datetime, setting: timedelta = IDLE) -> timedelta:
    """Return how long a sign-in still lasts if nothing happens; zero or less where it is over."""
    return min(seen_at + idle_after(is_shared=is_shared, setting=setting), began_at + AT_MOST) - at


def why_over(*, began_at: datetime, at: datetime) -> SignInEnd:
    """Say why a sign-in whose time is over ended."""
    return SignInEnd.TOO_LONG if at >= began_at + AT_MOST else SignInEnd.IDLE


def code_at(secret: bytes, counter: int) -> str:
    """Return the six digits of a counter: 30-second steps since 1970 (RFC 6238, SHA-1 as every app knows it)."""
    return TOTP(secret, CODE_DIGITS, SHA1(), CODE_SECONDS).generate(counter * CODE_SECONDS).decode()  # noqa: S303 # nosec B303


def counter_at(at: datetime) -> int:
    """Return the counter of a moment."""
    return int(at.timestamp()) // CODE_SECONDS


def counter_of(secret: bytes, typed: str, *, at: datetime) -> int | None:
    """Return the counter whose code was typed, newest first, or None. Spaces and dashes are no part of a code."""
    digits = re.sub(r"[\s-]", "", typed)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    now = counter_at(at)
    near = range(now + CODES_EACH_WAY, now - CODES_EACH_WAY - 1, -1)
    return next((counter for counter in near if code_at(secret, counter) == digits), None)


BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def browser_words(agent: str) -> str:
    """Return a browser in words, such as "Chrome on Android", from what it says of itself; it is shown to its owner only."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser
