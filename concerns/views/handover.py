"""Handing a concern over, and the answer of the colleague who was asked."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from concerns.access.permissions import Permission
from concerns.actions.handover import OVER, answer_handover, hand_over
from concerns.forms.handover import HandoverAnswerForm, HandOverForm
from concerns.models import Concern
from concerns.queries.escalation import asked_to_take, heirs
from concerns.queries.people import choices_of
from concerns.views.actor import actor, moment
from concerns.views.concern_form import concern_form
from concerns.views.guard import guard
from concerns.views.held import form_for

ASK = "It stays with you until they say yes. If they do not answer in time, it stays with you for good, and you are told."
ANSWER = "Read the note in the record first. If you say yes, you have the concern, and what its lead has to do."


@guard(Permission.HAND_OVER)
@require_http_methods(["GET", "POST"])
def concern_hand_over(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Ask a colleague to take it over, with a note."""
    people = {str(user.pk): user for user in heirs(concern)}
    form = form_for(request, HandOverForm, people=choices_of(list(people.values())), initial={"version": concern.version})

    def do() -> object:
        data = form.cleaned_data
        return hand_over(
            by=actor(request),
            concern_id=concern.pk,
            version=data["version"],
            to=people[data["to"]],
            note=data["text"],
            at=moment(request),
        )

    return concern_form(request, concern, form, do, title="Hand this concern over", button="Ask them", intro=ASK)


@guard(Permission.DO_STEP)
@require_http_methods(["GET", "POST"])
def concern_handover(request: HttpRequest, concern: Concern, step_id: UUID) -> HttpResponse:
    """Take a concern over, or give it back. Where there is nothing to answer any more, the concern's page says so."""
    form = form_for(request, HandoverAnswerForm)
    if not form.is_bound and asked_to_take(actor(request), concern, step_id) is None:  # what was typed is shown all the same
        messages.warning(request, OVER)
        return redirect("concern", concern_id=concern.pk)

    def do() -> object:
        return answer_handover(
            by=actor(request),
            concern_id=concern.pk,
            step_id=step_id,
            accept=form.is_yes(),
            reason=form.cleaned_data["reason"],
            at=moment(request),
        )

    return concern_form(request, concern, form, do, title="Do you take this concern over?", button="Answer", intro=ANSWER)
