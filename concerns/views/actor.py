"""Small things that every view needs: who is asking, when, and how an action's refusal is shown."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.standing import centre_of
from concerns.exceptions import KeyTrouble, NotAllowed, NotVisible, Refused, Stale
from concerns.forms.kept import let_send_again
from concerns.models import Centre, Draft, User
from concerns.queries.rings import ring_now

Result = TypeVar("Result")


def actor(request: HttpRequest) -> User:
    """Return the person who has signed in."""
    return cast(User, request.user)


def moment(request: HttpRequest) -> datetime:
    """Return the one "now" of this request, in UTC."""
    taken: datetime | None = getattr(request, "moment", None)
    if taken is None:
        taken = timezone.now()
        request.moment = taken  # type: ignore[attr-defined]
    return taken


def centre(request: HttpRequest, *rather: Permission) -> Centre:
    """Return the centre that this page is about: that of its thing, or one where the person may do what its guard asks for.

    `rather`: more that the page is for; where the person may do that, the first of it first. Raises PermissionDenied where they hold
    no role.
    """
    permission, thing = getattr(request, "guarded", (None, None))
    if thing is not None:
        return cast(Centre, thing.centre)
    found = next(filter(None, (centre_of(actor(request), wanted) for wanted in (*rather, permission))), None)
    if found is None:
        raise PermissionDenied("You have no role at a centre yet. Ask an administrator.")
    return found


def attempt(request: HttpRequest, form: forms.Form | None, do: Callable[[], Result]) -> Result | None:
    """Do an action. A refusal is shown above the form, with everything typed still there, or as a notice; then None.

    Raises Http404 where the thing does not exist for the person, PermissionDenied where they may not.
    """
    try:
        return do()
    except NotVisible:
        raise Http404 from None
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None
    except (Refused, Stale, KeyTrouble) as refusal:
        if form is not None:
            form.add_error(None, str(refusal))
            if isinstance(refusal, Stale) and "was" in form.initial:
                let_send_again(form, was=form.initial["was"])
        else:
            messages.warning(request, str(refusal))
        return None


def head_of(request: HttpRequest, draft: Draft | None) -> dict[str, Any]:
    """What heads a page of a form whose concern exists already: its reference, and whom to ring until somebody answers.

    An author from whom it is hidden by now is not told who was asked.
    """
    concern = draft.concern if draft else None
    if concern is None:
        return {"ring": None, "reference": ""}
    may_know = can(actor(request), Permission.SEE_OWN, concern)
    return {"ring": ring_now(concern, at=moment(request)) if may_know else None, "reference": concern.reference}


def form_page(request: HttpRequest, form: forms.Form, *, title: str, button: str, back: str, **context: Any) -> HttpResponse:
    """Show one form on a page of its own; 422 where it was sent with mistakes."""
    wrong = request.method == "POST" and bool(form.errors)
    page = {
        "form": form,
        "title": title,
        "button": button,
        "back": back,
        "intro": "",
        "ring": None,
        "reference": "",
        "step": "",
        "lines": [],
        **context,
    }
    return render(request, "concerns/form.html", page, status=422 if wrong else 200)
