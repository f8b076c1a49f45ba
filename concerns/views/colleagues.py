"""How colleagues sign in: for administrators, who propose, and for the second person, who decides. And the centre's own settings."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.permissions import Permission
from concerns.actions.accounts import decide_account_change, invite, propose_account_change
from concerns.actions.centre import set_reporters_need_second_factor
from concerns.choices import AccountChangeKind
from concerns.forms.base import PlainForm
from concerns.forms.signin import CentreForm, EmailForm
from concerns.models import AccountChange
from concerns.views.actor import actor, attempt, centre, form_page, moment
from concerns.views.guard import button, guard, step_up
from concerns.views.held import form_for, sent
from concerns.views.people import colleague, decision

LOST = (
    "Speak to them first, so that you know that it is really them. A second person must agree. Then their password and their second "
    "step end at once, and they are sent a link to choose new ones."
)


@guard(Permission.MANAGE_PEOPLE)
@step_up
@button("people")
def person_invite(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Send somebody who has no password yet a new link."""
    user = colleague(request, user_id)
    if attempt(request, None, lambda: invite(by=actor(request), centre=centre(request), user=user, at=moment(request))):
        messages.success(request, f"A link is on its way to {user.name}.")
    return redirect("people")


@guard(Permission.MANAGE_PEOPLE)
@step_up
@require_http_methods(["GET", "POST"])
def person_lost_device(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Propose that somebody who lost their phone, passkey or codes starts anew."""
    return _propose(request, user_id, PlainForm, AccountChangeKind.LOST_DEVICE, title="{name} has lost their device", intro=LOST)


@guard(Permission.MANAGE_PEOPLE)
@step_up
@require_http_methods(["GET", "POST"])
def person_email(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Change somebody's e-mail address, or propose it where their role is a powerful one."""
    intro = "A second person must agree first, unless they have never signed in. They are told at the old address."
    return _propose(request, user_id, EmailForm, AccountChangeKind.EMAIL, title="Change the e-mail address of {name}", intro=intro)


def _propose(
    request: HttpRequest, user_id: UUID, form_class: type[PlainForm], kind: AccountChangeKind, *, title: str, intro: str
) -> HttpResponse:
    user, here = colleague(request, user_id), centre(request)
    form = form_for(request, form_class)
    if request.method == "POST" and form.is_valid():

        def do() -> AccountChange:
            return propose_account_change(by=actor(request), centre=here, user=user, kind=kind, at=moment(request), **form.cleaned_data)

        if attempt(request, form, do) is not None:
            sent(request)
            return redirect("people")
    return form_page(request, form, title=title.format(name=user.name), button="Go on", back=reverse("people"), intro=intro)


@guard(Permission.CONFIRM_ROLES)
@step_up
@button("people")
def account_change_decide(request: HttpRequest, change: AccountChange) -> HttpResponse:
    """Agree to a change of a colleague's account, or not; anything else does neither."""
    agree = decision(request, yes="Agree")
    if agree is not None:
        attempt(request, None, lambda: decide_account_change(by=actor(request), change_id=change.pk, agree=agree, at=moment(request)))
    return redirect("people")


@guard(Permission.MANAGE_PEOPLE)
@step_up
@require_http_methods(["GET", "POST"])
def centre_settings(request: HttpRequest) -> HttpResponse:
    """What the centre decides about signing in."""
    here = centre(request)
    now = "yes" if here.reporters_need_second_factor else "no"
    form = form_for(request, CentreForm, initial={"reporters_need_second_factor": now})
    if request.method == "POST" and form.is_valid():
        need = form.cleaned_data["reporters_need_second_factor"] == "yes"
        if attempt(request, form, lambda: set_reporters_need_second_factor(by=actor(request), centre=here, need=need, at=moment(request))):
            sent(request)
            messages.success(request, "Saved.")
            return redirect("people")
    return form_page(request, form, title="Settings of the centre", button="Save", back=reverse("people"))
