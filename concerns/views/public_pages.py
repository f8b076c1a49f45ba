"""The pages that young people and workers read without signing in. They show public contacts only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from concerns.queries.public_contacts import guide_contacts, talk_page
from concerns.views.actor import moment
from concerns.views.clock import before_second_factor
from concerns.views.guard import public

HARMLESS_PAGE = "https://www.bbc.co.uk/weather"


@before_second_factor
@require_safe
@public("somebody who needs help has no account")
def talk(request: HttpRequest) -> HttpResponse:
    """Who to talk to."""
    return render(request, "concerns/guides/talk.html", {"talk": talk_page(at=moment(request)), "harmless_page": HARMLESS_PAGE})


@before_second_factor
@require_safe
@public("advice for anyone who meets online grooming")
def guide_online_grooming(request: HttpRequest) -> HttpResponse:
    """The guide on online grooming: workers first, young people second."""
    return render(
        request, "concerns/guides/online_grooming.html", {"contacts": guide_contacts(at=moment(request)), "harmless_page": HARMLESS_PAGE}
    )
