"""Breaking the glass: a reference and a reason open a concern for a while, and somebody is told."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.permissions import Permission
from concerns.access.standing import GLASS_HOLDS
from concerns.actions.glass import TOO_MANY, break_glass, may_try
from concerns.actions.refusals import note_refusal
from concerns.forms.casework import GlassForm
from concerns.rules.words import span_words
from concerns.views.actor import actor, attempt, form_page, moment
from concerns.views.guard import guard
from concerns.views.held import form_for, sent

HOLDS = span_words(GLASS_HOLDS)
INTRO = (
    f"For an emergency only, when you must know what a concern says and cannot see it. You can read it and add to it for {HOLDS}. "
    "A safeguarding lead or the case manager is told at once, and your name and reason stay in the record."
)


@guard(Permission.BREAK_GLASS)
@require_http_methods(["GET", "POST"])
def glass(request: HttpRequest) -> HttpResponse:
    """Ask for the reference and the reason. What cannot be opened is refused in the same words, whatever the cause."""
    form, user, at = form_for(request, GlassForm), actor(request), moment(request)
    if request.method == "POST" and form.is_valid():
        opened = None
        if may_try(user, at=at):
            opened = attempt(request, form, lambda: break_glass(by=user, at=at, **form.cleaned_data))
        else:
            form.add_error(None, TOO_MANY)
        if opened is not None:
            sent(request)
            return redirect("concern", concern_id=opened.pk)
        note_refusal(by=user, view="break_glass", named={}, at=at)
    return form_page(request, form, title="Open a concern in an emergency", button="Break the glass", back=reverse("queue"), intro=INTRO)
