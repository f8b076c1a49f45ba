"""Notes every page that was refused, after the view and its transaction are over: what was rolled back is noted as well."""

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from concerns.actions.refusals import STRANGERS, note_refusal
from concerns.views.actor import actor, moment

log = logging.getLogger(__name__)
REFUSALS = (403, 404)


class NoteRefusals:
    """Chain the refusals of people who have signed in; count those of strangers, and addresses that do not exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in REFUSALS:
            try:
                _note(request)
            except DatabaseError as error:  # the answer stays the refusal that it is
                log.error("a refusal could not be noted: %s", type(error).__name__)
        return response


def _note(request: HttpRequest) -> None:
    found, at = request.resolver_match, moment(request)
    if found is not None and request.user.is_authenticated:
        note_refusal(by=actor(request), view=found.view_name or "", named=found.kwargs, at=at)
    else:
        STRANGERS.count(at=at)
