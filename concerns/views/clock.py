"""The clock of a sign-in: it ends when nothing happens and after so long in all, by rules.signin, and waits for a second factor.

A middleware, after the one that says who is signed in: a sign-in that has ended makes the request a stranger's, so that what was
typed is kept and the person is asked to sign in again. Addresses that a page asks by itself do not count as being there.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from concerns.access.signin import must_prove
from concerns.actions.signin import end_sign_in, touch_sign_in
from concerns.models import SignIn, User
from concerns.rules.signin import time_left, why_over
from concerns.views.actor import actor, moment
from concerns.views.held import keep, own_path, page_of
from concerns.views.known import write_cookie

SESSION_KEY = "sign_in"
FIRST_FACTOR, ON_THE_WAY_TO = "account_first_factor", "on_the_way_to"
View = Callable[..., HttpResponse]


def before_second_factor(view: View) -> View:
    """Let somebody in who has signed in and not yet proved a second factor: pages about no concern, and those to prove it on."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


def is_poll(view: View) -> View:
    """Mark a view that pages ask by themselves: it is no sign that the person is there."""
    view.is_poll = True  # type: ignore[attr-defined]
    return view


def remember_sign_in(request: HttpRequest, sign_in: SignIn) -> None:
    """Tie the session to its row."""
    request.session[SESSION_KEY] = str(sign_in.pk)
    request.sign_in = sign_in  # type: ignore[attr-defined]


def current_sign_in(request: HttpRequest) -> SignIn | None:
    """Return the row of the session that this request came with, or None where nobody is signed in."""
    return getattr(request, "sign_in", None)


def left(request: HttpRequest) -> timedelta:
    """Return how long this sign-in lasts from now if nothing more happens; nothing where nobody is signed in."""
    sign_in = current_sign_in(request)
    return _left(sign_in, request) if sign_in else timedelta()


def _left(sign_in: SignIn, request: HttpRequest) -> timedelta:
    return time_left(
        began_at=sign_in.began_at,
        seen_at=sign_in.seen_at,
        is_shared=sign_in.is_shared,
        at=moment(request),
        setting=timedelta(minutes=settings.IDLE_MINUTES),
    )


def waits_for_factor(request: HttpRequest) -> bool:
    """Whether the person is signed in and must still prove a second factor in this session (asked once in a request)."""
    sign_in = current_sign_in(request)
    if sign_in is None or sign_in.proved_at is not None:
        return False
    if not hasattr(request, "must_prove"):
        request.must_prove = must_prove(actor(request))  # type: ignore[attr-defined]
    return bool(request.must_prove)  # type: ignore[attr-defined]


class SignInClock:
    """Ends what is over, and leads to the second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._look_up(request)
        response = self.get_response(request)
        write_cookie(request, response)
        return response

    def _look_up(self, request: HttpRequest) -> None:
        """Find the row of the session; a session without one that lasts is nobody's."""
        sign_in = _row_of(request)
        lasts = sign_in is not None and sign_in.ended_at is None
        if sign_in is not None and lasts and _left(sign_in, request) <= timedelta():
            why = why_over(began_at=sign_in.began_at, at=moment(request))
            end_sign_in(by=actor(request), sign_in_id=sign_in.pk, why=why, at=moment(request))
            lasts = False
        if lasts:
            request.sign_in = sign_in  # type: ignore[attr-defined]
        else:
            logout(request)
            request.user = AnonymousUser()

    def process_view(self, request: HttpRequest, view: Any, args: Any, named: Any) -> HttpResponse | None:
        sign_in = current_sign_in(request)
        if sign_in is None:
            return None
        if not hasattr(view, "is_poll"):
            touch_sign_in(sign_in, at=moment(request))
        if hasattr(view, "before_second_factor") or not waits_for_factor(request):
            return None
        if request.method == "POST":
            keep(request, view)
        where, path = where_to_prove(actor(request)), "" if hasattr(view, "is_poll") else own_path(page_of(request.path))
        if path:
            request.session[ON_THE_WAY_TO] = path
        return redirect(reverse(where, query={"next": path} if path and where != FIRST_FACTOR else None))


def where_to_prove(user: User) -> str:
    """Return the name of the page on which the person proves a second factor, or adds their first one."""
    factors = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if Authenticator.Type.TOTP in factors:
        return "mfa_reauthenticate"
    return "mfa_reauthenticate_webauthn" if Authenticator.Type.WEBAUTHN in factors else FIRST_FACTOR


def _row_of(request: HttpRequest) -> SignIn | None:
    try:
        row = UUID(str(request.session.get(SESSION_KEY)))
    except ValueError:
        return None
    return SignIn.objects.filter(pk=row, user=actor(request)).first()
