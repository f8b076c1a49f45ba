"""Drills: start one, end one, and what came of the last ones."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.permissions import Permission
from concerns.actions.drills import end_drill, start_drill
from concerns.choices import Level
from concerns.forms.drills import DrillForm
from concerns.models import Drill
from concerns.queries.drills import DUE, drill_is_due, drill_reports
from concerns.views.actor import actor, attempt, centre, form_page, moment
from concerns.views.guard import button, guard
from concerns.views.held import form_for, sent

INTRO = (
    "The people on the list are asked by mail, one after the other, as for a real concern. Every mail says that it is a drill, and nobody "
    "has to ring anyone. It is over when somebody answers, when everybody was asked, or when something real comes first."
)


@guard(Permission.RUN_DRILL)
def drills(request: HttpRequest) -> HttpResponse:
    """The last drills, timed by rung, and whether one is due."""
    at, here = moment(request), centre(request)
    reports = drill_reports(here, at=at)
    context = {
        "reports": reports,
        "due": DUE if drill_is_due(here, at=at) else "",
        "is_running": any(report.is_running for report in reports),
    }
    return render(request, "concerns/drills.html", context)


@guard(Permission.RUN_DRILL)
@require_http_methods(["GET", "POST"])
def drill_new(request: HttpRequest) -> HttpResponse:
    """Start a drill."""
    form = form_for(request, DrillForm)
    if request.method == "POST" and form.is_valid():
        level = Level(form.cleaned_data["level"])
        if attempt(request, form, lambda: start_drill(by=actor(request), centre=centre(request), level=level, at=moment(request))):
            sent(request)
            return redirect("drills")
    return form_page(request, form, title="Start a drill", button="Start the drill", intro=INTRO, back=reverse("drills"))


@guard(Permission.RUN_DRILL)
@button("drills")
def drill_end(request: HttpRequest, drill: Drill) -> HttpResponse:
    """End a drill that nobody has answered."""
    attempt(request, None, lambda: end_drill(by=actor(request), drill_id=drill.pk, at=moment(request)))
    return redirect("drills")
