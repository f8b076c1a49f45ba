"""Whom alerts go to, list by list; and what would happen in a case that somebody thinks of."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.actions.ladders import change_ladder
from concerns.choices import Ladder
from concerns.exceptions import Refused, Stale
from concerns.forms.kept import let_send_again
from concerns.forms.plan_people import LadderForm, WhatIfForm
from concerns.queries.people import colleagues
from concerns.queries.plan_pages import people_on, people_to_add
from concerns.queries.what_if import would_happen
from concerns.views.actor import actor, centre, form_page, moment
from concerns.views.guard import guard, step_up
from concerns.views.held import form_for, sent
from concerns.views.plans import KEPT

INTRO = (
    "Number 1 is asked first. Leave the box empty for anybody who is not to be asked. Concerns that are open already keep their own list."
)


@guard(Permission.SEE_PLANS)
@require_safe
def plan_ladders(request: HttpRequest) -> HttpResponse:
    """The two named lists of people whom alerts go to."""
    here = centre(request)
    lists = [{"key": ladder.value, "title": ladder.label, "people": people_on(here, ladder)} for ladder in Ladder]
    return render(request, "concerns/plans/ladders.html", {"lists": lists, "may_edit": can(actor(request), Permission.EDIT_PLANS, here)})


@guard(Permission.EDIT_PLANS)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def plan_ladder(request: HttpRequest, ladder_key: str) -> HttpResponse:
    """Put a list in another order, take people off it, or add them."""
    if ladder_key not in Ladder.values:
        raise Http404
    here, ladder = centre(request), Ladder(ladder_key)
    form = form_for(request, LadderForm, on=people_on(here, ladder), others=people_to_add(here, ladder))
    if request.method == "POST" and form.is_valid():
        try:
            change_ladder(by=actor(request), centre=here, ladder=ladder, people=form.people(), was=form.seen(), at=moment(request))
        except Stale as stale:
            form.add_error(None, f"{stale} {KEPT} Now it is: {_names(form)}.")
            let_send_again(form, was=form.was_now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            sent(request)
            messages.success(request, "The list is saved.")
            return redirect("plan_ladders")
    return form_page(request, form, title=f"Whom alerts go to: {ladder.label}", button="Save", back=reverse("plan_ladders"), intro=INTRO)


def _names(form: LadderForm) -> str:
    """Who is on the list by now, first to ask first."""
    return ", ".join(str(form.fields[f"place_{user_id}"].label) for user_id in form.was_now.split(",") if user_id) or "empty"


@guard(Permission.SEE_PLANS)
@require_safe
def what_would_happen(request: HttpRequest) -> HttpResponse:
    """Choose a case; see who would be told when, and what would be due by when. Reads no concern."""
    here, now = centre(request), moment(request)
    answering = {person.id: person for ladder in Ladder for person in people_on(here, ladder)}
    asked = request.GET if "level" in request.GET else None
    form = WhatIfForm(asked, staff=colleagues(here), answering=list(answering.values()), now=now)
    found = would_happen(here, form.case()) if asked is not None and form.is_valid() else None
    return render(request, "concerns/plans/what_if.html", {"form": form, "found": found})
