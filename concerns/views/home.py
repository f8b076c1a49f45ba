"""The first page: the danger question, and below it what waits for this person, or for the centre that they look after.

Signed out, the numbers and the way in.
"""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from concerns.access.permissions import Permission
from concerns.access.scopes import visible_drafts
from concerns.access.standing import centre_of, centres_with
from concerns.models import User
from concerns.queries.centre_home import to_mend
from concerns.queries.lead_home import lead_home
from concerns.queries.mine import my_concerns
from concerns.rules.words import when_words
from concerns.views.actor import actor, moment
from concerns.views.guard import public

SHOWN = 10


@public("the danger question and the numbers to ring are for everybody")
def home(request: HttpRequest) -> HttpResponse:
    """Signed in: what this person may do. Each showing has a fresh form token, so that a new form makes a new concern."""
    if not request.user.is_authenticated:
        return render(request, "concerns/welcome.html", {"emergency_href": reverse("emergency"), "triage_href": reverse("triage")})
    user, token = actor(request), uuid4()
    not_sure_href = reverse("triage_now", args=[token]) + "?sure=no"
    context = {**_for_reporter(request, user), **_for_leads(request, user), **_for_administrators(request, user)}
    context |= {"token": token, "not_sure_href": not_sure_href}
    return render(request, "concerns/home.html", context)


def _for_reporter(request: HttpRequest, user: User) -> dict[str, object]:
    at = moment(request)
    if not centres_with(user, Permission.RECORD_CONCERN):
        return {"may_record": False, "drafts": [], "mine": []}
    drafts = [
        {"href_id": draft.pk, "touched": when_words(draft.touched_at, at=at), "reference": draft.concern.reference if draft.concern else ""}
        for draft in visible_drafts(user).select_related("concern")[:SHOWN]
    ]
    return {"may_record": True, "drafts": drafts, "mine": my_concerns(user, at=at, limit=SHOWN)}


def _for_leads(request: HttpRequest, user: User) -> dict[str, object]:
    here = centre_of(user, Permission.SEE_QUEUE)
    if here is None:
        return {"is_lead": False, "lead": None}
    return {"is_lead": True, "lead": lead_home(user, here, at=moment(request))}


def _for_administrators(request: HttpRequest, user: User) -> dict[str, object]:
    here = centre_of(user, Permission.MANAGE_PEOPLE)
    return {"to_mend": to_mend(user, here, at=moment(request)) if here else None}
