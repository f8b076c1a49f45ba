"""The page behind a one-time link: who was invited, or starts anew, chooses a password."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from concerns.actions.accounts import OVER, use_link
from concerns.forms.signin import NewPasswordForm
from concerns.queries.signin import link_in_force
from concerns.views.actor import attempt, moment
from concerns.views.clock import before_second_factor
from concerns.views.guard import public


@before_second_factor
@public("who has no password yet cannot sign in; the link itself is the proof")
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password. A link that was used, is over or was never made answers alike: 410."""
    found = link_in_force(token, at=moment(request))
    if found is None:
        return render(request, "account/link_over.html", {"words": OVER}, status=410)
    form = NewPasswordForm(request.POST or None, user=found.user)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        if attempt(request, form, lambda: use_link(by=None, token=token, password=password, at=moment(request))):
            messages.success(request, "Your password is set. Sign in with it now.")
            return redirect("account_login")
    status = 422 if form.errors else 200
    return render(request, "account/link.html", {"form": form, "person": found.user, "kind": found.kind}, status=status)
