"""Who may open a view: every view carries `@guard(permission)` or `@public(why)`, and a test fails where one does not."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from concerns.access.decisions import OfACentre, Thing, decide
from concerns.access.permissions import Permission
from concerns.models import AccountChange, Concern, Contact, Draft, Drill, HandoverNote, Leave, Message, OpeningSession, RoleGrant
from concerns.views.actor import actor
from concerns.views.held import keep_typed

View = Callable[..., HttpResponse]

# A view that takes one of these ids is given the thing itself, once the decision has been made on it.
THINGS: dict[str, tuple[str, type[OfACentre | AccountChange | Concern | Contact | Draft | RoleGrant]]] = {
    "change_id": ("change", AccountChange),
    "concern_id": ("concern", Concern),
    "contact_id": ("contact", Contact),
    "draft_id": ("draft", Draft),
    "drill_id": ("drill", Drill),
    "grant_id": ("grant", RoleGrant),
    "leave_id": ("leave", Leave),
    "message_id": ("message", Message),
    "note_id": ("note", HandoverNote),
    "session_id": ("session", OpeningSession),
}


def _look_up(named: dict[str, Any]) -> Thing | None:
    """Replace the id in the view's arguments by the thing. An unknown id and a hidden thing look the same: 404."""
    for argument, (name, model) in THINGS.items():
        if argument in named:
            thing_id: UUID = named.pop(argument)
            thing = model._default_manager.filter(pk=thing_id).select_related("centre").first()
            if thing is None:
                raise Http404
            named[name] = thing
            found: Thing = thing
            return found
    return None


def guard(permission: Permission) -> Callable[[View], View]:
    """Let in only those whom `decide` allows: 404 where the thing does not exist for them, 403 with the reason otherwise.

    The view works for the centre of the thing, or for one where the person has the permission: see `actor.centre`.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **named: Any) -> HttpResponse:
            thing = _look_up(named)
            decision = decide(request.user, permission, thing)  # type: ignore[arg-type]
            if not decision.visible:
                raise Http404
            if not decision.allowed:
                raise PermissionDenied(decision.reason)
            request.guarded = permission, thing  # type: ignore[attr-defined]
            return view(request, **named)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return wrap


def button(page: str) -> Callable[[View], View]:
    """A view behind a single button, which stands on the page of that name. Nothing is typed, so nothing is kept when it is refused.

    Whoever comes by a link, as after signing in again, is told that nothing was sent and led to the page: 405.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def pressed(request: HttpRequest, **named: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **named)
            back = reverse(page, args=[named[page].pk] if page in named else [])
            response = render(request, "errors/not_pressed.html", {"back": back}, status=405)
            response["Allow"] = "POST"
            return response

        pressed.is_button = True  # type: ignore[attr-defined]
        return pressed

    return wrap


def step_up(view: View) -> View:
    """Ask "is it still you?" first, where the person proved who they are longer ago than `rules.signin.STEP_UP`. What was typed is kept."""

    @wraps(view)
    def fresh(request: HttpRequest, **named: Any) -> HttpResponse:
        if did_recently_reauthenticate(request):
            return view(request, **named)
        if request.method == "POST":
            keep_typed(request, actor(request), path=request.path, but=set())
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")

    fresh.step_up = True  # type: ignore[attr-defined]
    return fresh


def public(why: str) -> Callable[[View], View]:
    """Let in everybody, signed in or not. `why` is the reason, kept for the table of permissions."""

    def wrap(view: View) -> View:
        view.public = why  # type: ignore[attr-defined]
        return login_not_required(view)

    return wrap


def signed_in(why: str) -> Callable[[View], View]:
    """Let in everybody who has signed in, whatever their role. `why` is the reason, kept for the table of permissions."""

    def wrap(view: View) -> View:
        view.signed_in = why  # type: ignore[attr-defined]
        return view

    return wrap
