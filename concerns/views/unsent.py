"""Mails that did not leave: why, since when, and a button that tries one again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from concerns.access.permissions import Permission
from concerns.actions.unsent import send_again
from concerns.models import Message
from concerns.queries.unsent import people_mail_does_not_reach, unsent_lines
from concerns.views.actor import actor, attempt, centre, moment
from concerns.views.guard import button, guard


@guard(Permission.SEE_UNSENT)
def unsent(request: HttpRequest) -> HttpResponse:
    """What did not leave, as far as this person may know of it."""
    at, user = moment(request), actor(request)
    context = {"lines": unsent_lines(user, at=at), "people": people_mail_does_not_reach(user, centre(request), at=at)}
    return render(request, "concerns/unsent.html", context)


@guard(Permission.SEE_UNSENT)
@button("unsent")
def unsent_again(request: HttpRequest, message: Message) -> HttpResponse:
    """Try one again."""
    attempt(request, None, lambda: send_again(by=actor(request), message_id=message.pk, at=moment(request)))
    return redirect("unsent")
