"""Restricting one concern to named people, and lifting it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from concerns.access.permissions import Permission
from concerns.actions.restrictions import lift_restriction, restrict_concern
from concerns.forms.casework import LiftForm, RestrictForm
from concerns.models import Concern
from concerns.queries.people import choices_of
from concerns.queries.restrictions import named_people, people_to_name
from concerns.views.actor import actor, moment
from concerns.views.concern_form import concern_form
from concerns.views.guard import guard
from concerns.views.held import form_for

RESTRICT = (
    "Only the people whom you name will see this concern, in lists and alerts as well. What others had to do passes to them. Its "
    "author keeps their own page. If nobody named can answer any more, it opens to the others again."
)
LIFT = "Everybody whose role makes them work with this concern will see it again."


@guard(Permission.RESTRICT)
@require_http_methods(["GET", "POST"])
def concern_restrict(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Choose who may see it."""
    user = actor(request)
    people = choices_of([one for one in people_to_name(concern) if one != user])
    initial = {"version": concern.version, "people": [str(one.pk) for one in named_people(concern)]}
    form = form_for(request, RestrictForm, people=people, initial=initial)

    def do() -> object:
        data = form.cleaned_data
        return restrict_concern(
            by=user,
            concern_id=concern.pk,
            version=data["version"],
            people=[UUID(pk) for pk in data["people"]],
            reason=data["reason"],
            at=moment(request),
        )

    return concern_form(request, concern, form, do, title="Restrict to named people", button="Restrict it", intro=RESTRICT)


@guard(Permission.RESTRICT)
@require_http_methods(["GET", "POST"])
def concern_lift(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Let the others see it again."""
    form = form_for(request, LiftForm, initial={"version": concern.version})

    def do() -> object:
        data = form.cleaned_data
        return lift_restriction(
            by=actor(request), concern_id=concern.pk, version=data["version"], reason=data["reason"], at=moment(request)
        )

    return concern_form(request, concern, form, do, title="End the restriction", button="End it", intro=LIFT)
