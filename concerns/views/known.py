"""Browsers that have signed in before keep their own allowance of tries, so that strangers cannot lock their owner out.

A signed cookie remembers which accounts signed in here, as keyed hashes. It gives nothing but the allowance.
"""

from datetime import timedelta
from secrets import token_urlsafe

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from concerns.actions.limits import account_bucket, bucket_of

NAME = "__Host-known" if settings.HTTPS else "known"
SALT = "known-browser"
LIVES = timedelta(days=365)
SHORT = timedelta(minutes=1)
MOST = 12


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """The browser's own number, and the accounts that signed in here."""
    return _unsign(request.COOKIES.get(NAME, ""), LIVES)


def _unsign(signed: str, lives: timedelta) -> tuple[str, list[str]]:
    try:
        number, accounts = signing.loads(signed, salt=SALT, max_age=lives)
        return str(number), [str(account) for account in accounts]
    except (signing.BadSignature, ValueError, TypeError):
        return "", []


def _account(email: str) -> str:
    return account_bucket(email)[:32]


def known_bucket(request: HttpRequest, email: str) -> str:
    """Return the bucket of this browser for this account, or nothing where the account never signed in here."""
    number, accounts = _read(request)
    return bucket_of("known", f"{number}|{_account(email)}") if number and _account(email) in accounts else ""


def remember(request: HttpRequest, email: str) -> None:
    """Let the response note that this account signed in here."""
    number, accounts = _read(request)
    mine = _account(email)
    kept = [account for account in accounts if account != mine][-(MOST - 1) :]
    request.known_browser = signing.dumps([number or token_urlsafe(12), [*kept, mine]], salt=SALT)  # type: ignore[attr-defined]


def hand_over(request: HttpRequest) -> str:
    """Return what the browser is known by, for a minute: signing out clears every cookie, and the next page sets this one again."""
    number, accounts = _read(request)
    return signing.dumps([number, accounts], salt=SALT) if number else ""


def take_back(request: HttpRequest, handed: str) -> None:
    """Let the response set again what `hand_over` returned less than a minute ago."""
    number, accounts = _unsign(handed, SHORT)
    if number:
        request.known_browser = signing.dumps([number, accounts], salt=SALT)  # type: ignore[attr-defined]


def write_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie where `remember` or `take_back` asked for it."""
    signed = getattr(request, "known_browser", "")
    if signed:
        response.set_cookie(
            NAME, signed, max_age=int(LIVES.total_seconds()), secure=settings.HTTPS, httponly=True, samesite="Lax", path="/"
        )
