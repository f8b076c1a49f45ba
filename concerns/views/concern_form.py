"""A form about one concern on a page of its own: the page where leads work with it, or its author's own page, is where it leads back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from concerns.forms.kept import let_send_again
from concerns.models import Concern
from concerns.queries.rings import ring_now
from concerns.views.actor import attempt, form_page, moment
from concerns.views.held import sent


def concern_form(
    request: HttpRequest, concern: Concern, form: forms.Form, do: Callable[[], object], *, page: str = "concern", **shown: Any
) -> HttpResponse:
    """Show the form; once it is sent, go to `page` of the concern: "concern" or "mine".

    A stale one can be sent again once it was shown; `shown` is what `form_page` takes beside the form.
    """
    if request.method == "POST" and form.is_valid():
        if attempt(request, form, do) is not None:
            sent(request)
            return redirect(page, concern_id=concern.pk)
        if "version" in form.fields:
            concern.refresh_from_db(fields=["version"])
            let_send_again(form, version=concern.version)
    back = reverse(page, args=[concern.pk])
    return form_page(request, form, back=back, ring=ring_now(concern, at=moment(request)), reference=concern.reference, **shown)
