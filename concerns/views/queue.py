"""The leads' queue: filters from closed lists, pages by cursor, what nobody has answered first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from concerns.access.permissions import Permission
from concerns.access.roles import ADULT_READERS
from concerns.access.standing import centres_where
from concerns.choices import Vault
from concerns.forms.casework import QueueFilterForm
from concerns.models import User
from concerns.queries.drills import running_drill
from concerns.queries.queue import Filters, queue_page, unanswered
from concerns.views.actor import actor, moment
from concerns.views.guard import guard
from concerns.views.paging import hrefs


def _filters(request: HttpRequest, user: User) -> tuple[QueueFilterForm, Filters]:
    """The filter form as it was sent, and what it narrows to; what is not in its lists is ignored."""
    form = QueueFilterForm(request.GET, vaults=Vault.choices if centres_where(user, *ADULT_READERS) else [])
    return form, Filters(**form.chosen())


@guard(Permission.SEE_QUEUE)
def queue(request: HttpRequest) -> HttpResponse:
    """The concerns that this person works with, most pressing first."""
    user, at = actor(request), moment(request)
    form, filters = _filters(request, user)
    page = queue_page(user, filters, at=at, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    first_page = not filters.is_on and not page.before
    waiting = unanswered(user, at=at) if first_page else ()
    context = {
        "page": page,
        "unanswered": waiting,
        "drill": running_drill(user) if first_page else None,
        "form": form,
        "filters": filters,
        **hrefs(request, reverse("queue"), before=page.before, after=page.after),
    }
    return render(request, "concerns/queue.html", context)
