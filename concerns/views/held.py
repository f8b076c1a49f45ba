"""Nothing typed is lost: a form that was refused, because the session had ended or its token was wrong, is kept and given back.

Every form carries `kept_for`, a signed note of whose form it is, so that it can be kept for that person alone when nobody is
signed in any more. It is shown again, never sent again by itself.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from django import forms
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from concerns.actions.held import drop_held_posts, hold_post, open_held_post
from concerns.forms.kept import shown_again, typed_fields
from concerns.models import User
from concerns.views.actor import actor, moment

FormType = TypeVar("FormType", bound=forms.Form)
SIGNER = TimestampSigner(salt="kept-for")
FORM_LIVES_SECONDS = 24 * 60 * 60
GIVEN_BACK = "We kept what you wrote. It has not been sent yet: check it, then send it."


def kept_for(user: User) -> str:
    """Return the signed note of whose form this is."""
    return SIGNER.sign(str(user.pk))


def owner_of(request: HttpRequest) -> User | None:
    """The one whose signed note the form carries: never whoever is signed in at this browser by now."""
    try:
        signed = SIGNER.unsign(request.POST.get("kept_for", ""), max_age=FORM_LIVES_SECONDS)
    except BadSignature:
        return None
    return User.objects.filter(pk=signed, is_active=True).first()


def holds_words(view: Any) -> bool:
    """Whether what was sent to this view may be kept or given back: only where a permission guards it, for on the pages of one's own
    account people type passwords; and not where a button was pressed and nothing typed."""
    return hasattr(view, "permission") and not hasattr(view, "is_button")


def keep(request: HttpRequest, view: Any) -> User | None:
    """Keep the refused form for its owner, where it holds words, and return them.

    What the record's page saves by itself is given back on that page.
    """
    if hasattr(request, "held_for"):
        return cast("User | None", request.held_for)
    fields = typed_fields(request.POST)
    owner = owner_of(request) if fields and (holds_words(view) or hasattr(view, "is_lock")) else None
    if owner is not None and hasattr(view, "is_lock"):
        keep_locked(request, owner)
    elif owner is not None:
        hold_post(by=owner, path=page_of(request.path), fields=fields, at=moment(request))
    request.held_for = owner  # type: ignore[attr-defined]
    return owner


def keep_typed(request: HttpRequest, owner: User, *, path: str, but: set[str]) -> None:
    """Keep what was typed on the page at `path`, one whose words may be kept, for its owner; empty boxes apart."""
    fields = {name: values for name, values in typed_fields(request.POST).items() if name not in but and any(values)}
    if fields and path:
        hold_post(by=owner, path=page_of(path), fields=fields, at=moment(request))


def keep_locked(request: HttpRequest, owner: User) -> None:
    """Keep what stood on a page that was hidden and locked: the form that locks brings it along, with the page's address."""
    keep_typed(request, owner, path=own_path(request.POST.get("lock_path", "")), but={"lock_path", "lock_why"})


def own_path(path: str) -> str:
    """Return the address of a page of ours on which words are typed or read, or nothing: never another site's."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return path if holds_words(match.func) else ""


def page_of(path: str) -> str:
    """Return the address of the page on which a form stands: the record saves itself at an address below its own."""
    return path.removesuffix("autosave/")


class KeepRefusedPosts:
    """Keep what was sent by somebody whose session had ended, before they are asked to sign in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, named: Mapping[str, Any]) -> None:
        """Runs before LoginRequiredMiddleware turns the visitor away."""
        if request.method != "POST" or not getattr(view, "login_required", True):
            return
        if not request.user.is_authenticated:
            keep(request, view)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a refused form token: 403, in plain words, with what was typed kept for the one whose form it was."""
    view = request.resolver_match.func if request.resolver_match else None
    owner = keep(request, view) if request.method == "POST" else None
    user = getattr(request, "user", None)
    is_theirs = user is None or not user.is_authenticated or user == owner
    return render(request, "errors/form_expired.html", {"kept": owner is not None and is_theirs, "path": page_of(request.path)}, status=403)


def form_for(request: HttpRequest, form_class: type[FormType], **options: Any) -> FormType:
    """Return the form of this request: sent, or given back as it was typed before the session ended, or empty."""
    if request.method == "POST":
        return form_class(request.POST, **options)
    kept = open_held_post(by=actor(request), path=request.path, at=moment(request))
    if not kept:
        return form_class(**options)
    options.pop("initial", None)
    request.held_notice = GIVEN_BACK  # type: ignore[attr-defined]
    return shown_again(form_class, kept, **options)


def sent(request: HttpRequest) -> None:
    """Forget what was kept for this page: it has been sent now, or is saved elsewhere."""
    drop_held_posts(by=actor(request), path=page_of(request.path), at=moment(request))
