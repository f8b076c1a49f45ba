"""People and roles: for administrators, and for those who confirm a powerful role."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.actions.roles import add_account, confirm_role, disable_account, end_role, propose_role, refuse_role
from concerns.choices import Role
from concerns.forms.base import PlainForm
from concerns.forms.people import PersonForm, RoleForm
from concerns.models import RoleGrant, User
from concerns.queries.people import people_of, waiting_grants
from concerns.queries.signin import change_words, waiting_account_changes
from concerns.rules.signin import LINK_LIVES
from concerns.rules.words import span_words
from concerns.views.actor import actor, attempt, centre, form_page, moment
from concerns.views.guard import button, guard, signed_in, step_up
from concerns.views.held import form_for, sent


@signed_in("administrators see everybody, those who confirm roles see what waits for them; others are refused inside")
def people(request: HttpRequest) -> HttpResponse:
    """Who holds which role, and what waits for a second person."""
    user, here = actor(request), centre(request, Permission.MANAGE_PEOPLE, Permission.CONFIRM_ROLES)
    manages, confirms = can(user, Permission.MANAGE_PEOPLE, here), can(user, Permission.CONFIRM_ROLES, here)
    if not manages and not confirms:
        raise Http404
    waiting = [
        {"grant": grant, "role": Role(grant.role).label, "may_decide": can(user, Permission.CONFIRM_ROLES, grant)}
        for grant in waiting_grants(here)
    ]
    changes = [
        {"change": change, "words": change_words(change), "may_decide": can(user, Permission.CONFIRM_ROLES, change)}
        for change in waiting_account_changes(here)
    ]
    context = {"people": people_of(here) if manages else [], "waiting": waiting, "changes": changes, "manages": manages}
    return render(request, "concerns/people.html", context)


@guard(Permission.MANAGE_PEOPLE)
@step_up
@require_http_methods(["GET", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Make an account."""
    form, here = form_for(request, PersonForm), centre(request)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(request, form, lambda: add_account(by=actor(request), centre=here, at=moment(request), **data))
        if made is not None:
            sent(request)
            return redirect("people")
    intro = f"They are sent a link by which they choose their own password. It works once, and for {span_words(LINK_LIVES)}."
    return form_page(request, form, title="Add a person", button="Add", back=reverse("people"), intro=intro)


def colleague(request: HttpRequest, user_id: UUID) -> User:
    user = User.objects.filter(pk=user_id, grants__centre=centre(request)).distinct().first()
    if user is None:
        raise Http404
    return user


@guard(Permission.MANAGE_PEOPLE)
@step_up
@require_http_methods(["GET", "POST"])
def person_role(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Give a role, or propose a powerful one."""
    user, here = colleague(request, user_id), centre(request)
    form = form_for(request, RoleForm, roles=Role.choices)
    if request.method == "POST" and form.is_valid():
        role = Role(form.cleaned_data["role"])
        given = attempt(request, form, lambda: propose_role(by=actor(request), centre=here, user=user, role=role, at=moment(request)))
        if given is not None:
            sent(request)
            return redirect("people")
    intro = "Lead, deputy, case manager and auditor take effect when somebody who holds one of these roles confirms it. You cannot."
    return form_page(request, form, title=f"Give {user.name} a role", button="Give this role", back=reverse("people"), intro=intro)


@guard(Permission.MANAGE_PEOPLE)
@step_up
@require_http_methods(["GET", "POST"])
def role_end(request: HttpRequest, grant: RoleGrant) -> HttpResponse:
    """Take a role away, after asking."""
    if request.method == "GET":
        title = f"End the role “{Role(grant.role).label}” of {grant.user.name}?"
        return _asked(request, title=title, button="End this role", intro="What they have to do passes to a colleague.")
    attempt(request, None, lambda: end_role(by=actor(request), grant_id=grant.pk, at=moment(request)))
    return redirect("people")


@guard(Permission.MANAGE_PEOPLE)
@step_up
@require_http_methods(["GET", "POST"])
def person_disable(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """End every role of a person here, after asking."""
    user = colleague(request, user_id)
    if request.method == "GET":
        intro = "They cannot sign in any more. What they have to do passes to a colleague. Nothing that they wrote is removed."
        return _asked(request, title=f"Disable the account of {user.name}?", button="Disable this account", intro=intro)
    attempt(request, None, lambda: disable_account(by=actor(request), centre=centre(request), user=user, at=moment(request)))
    return redirect("people")


def _asked(request: HttpRequest, *, title: str, button: str, intro: str) -> HttpResponse:
    return form_page(request, PlainForm(), title=title, button=button, intro=intro, back=reverse("people"))


@guard(Permission.CONFIRM_ROLES)
@step_up
@button("people")
def role_decide(request: HttpRequest, grant: RoleGrant) -> HttpResponse:
    """Confirm a powerful role, or refuse it; anything else does neither."""
    agree = decision(request, yes="Confirm")
    if agree is not None:
        decide = confirm_role if agree else refuse_role
        attempt(request, None, lambda: decide(by=actor(request), grant_id=grant.pk, at=moment(request)))
    return redirect("people")


def decision(request: HttpRequest, *, yes: str) -> bool | None:
    """Return what a second person pressed: `yes`, or “Refuse”; for anything else None, and a notice that says so."""
    pressed = {"confirm": True, "refuse": False}.get(request.POST.get("decision", ""))
    if pressed is None:
        messages.warning(request, f"Nothing was decided. Press “{yes}” or “Refuse”.")
    return pressed
