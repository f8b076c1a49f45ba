"""The plans of a centre: those who work with them read them, an administrator changes them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.actions.plans import change_plan
from concerns.choices import PlanKey
from concerns.exceptions import Refused, Stale
from concerns.forms.kept import let_send_again
from concerns.forms.plans import PlanForm
from concerns.models import Centre
from concerns.queries.plan_pages import PlanPage, plan_list, plan_page
from concerns.views.actor import actor, centre, moment
from concerns.views.guard import guard, step_up
from concerns.views.held import form_for, sent

KEPT = "What you typed is still here: save it again if it is right."


@guard(Permission.SEE_PLANS)
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """Each plan, its version, who changed it and when, and what is wrong with it."""
    here = centre(request)
    lines = plan_list(here, at=moment(request))
    may_edit = can(actor(request), Permission.EDIT_PLANS, here)
    return render(request, "concerns/plans/list.html", {"plans": lines, "may_edit": may_edit})


def _page(request: HttpRequest, plan_key: str, version: int | None = None) -> PlanPage:
    here = centre(request)
    found = plan_page(here, plan_key, at=moment(request), version=version) if plan_key in PlanKey.values else None
    if found is None:
        raise Http404
    return found


@guard(Permission.SEE_PLANS)
@require_safe
def plan(request: HttpRequest, plan_key: str) -> HttpResponse:
    """The newest version of a plan, step by step, and its history."""
    return _shown(request, _page(request, plan_key))


@guard(Permission.SEE_PLANS)
@require_safe
def plan_version(request: HttpRequest, plan_key: str, version: int) -> HttpResponse:
    """One version of a plan, as it was."""
    return _shown(request, _page(request, plan_key, version))


def _shown(request: HttpRequest, page: PlanPage) -> HttpResponse:
    may_edit = page.is_newest and can(actor(request), Permission.EDIT_PLANS)
    return render(request, "concerns/plans/detail.html", {"page": page, "may_edit": may_edit})


@guard(Permission.EDIT_PLANS)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: HttpRequest, plan_key: str) -> HttpResponse:
    """Change a plan. Somebody else's change in between is shown beside what was typed."""
    if plan_key not in PlanKey.values:
        raise Http404
    here = centre(request)
    form = form_for(request, PlanForm, centre=here, key=plan_key)
    now_says: PlanPage | None = None
    if request.method == "POST" and form.is_valid():
        try:
            row = _save(request, here, form)
        except Stale as stale:
            form.add_error(None, f"{stale} {KEPT}")
            now_says = _page(request, plan_key)
            let_send_again(form, version=now_says.version)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            sent(request)
            messages.success(request, f"Version {row} is in use for what is recorded from now on.")
            return redirect("plan", plan_key=plan_key)
    return _edit_page(request, form, plan_key, now_says)


def _save(request: HttpRequest, here: Centre, form: PlanForm) -> int:
    """Make the new version, and return its number."""
    seen, reason = form.cleaned_data["version"] or 0, form.cleaned_data["reason"]
    return change_plan(by=actor(request), centre=here, plan=form.plan(), version=seen, reason=reason, at=moment(request)).version


def _edit_page(request: HttpRequest, form: PlanForm, plan_key: str, now_says: PlanPage | None) -> HttpResponse:
    wrong = request.method == "POST" and bool(form.errors)
    context = {
        "form": form,
        "title": f"Change the plan “{form.base_plan.title}”",
        "back": reverse("plan", kwargs={"plan_key": plan_key}),
        "now_says": now_says,
    }
    return render(request, "concerns/plans/edit.html", context, status=422 if wrong else 200)
