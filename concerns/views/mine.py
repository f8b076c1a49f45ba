"""A reporter's own concern: who has it, in which state, and what they can still do."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.scopes import frozen_concerns
from concerns.actions.casework import note_opened
from concerns.actions.opening import triage_again
from concerns.actions.recording import add_addendum, disagree, do_own_step
from concerns.forms.casework import AddendumForm, DisagreeForm, StepForm
from concerns.forms.triage import AgainForm
from concerns.models import Concern
from concerns.queries.ledger import alerts_of
from concerns.queries.mine import state_words
from concerns.queries.retention import tombstone_of
from concerns.queries.rings import danger_lines, desk_line, ring_now
from concerns.queries.timeline import author_timeline, own_words
from concerns.queries.triage import answers_so_far
from concerns.rules.triage import questions_for
from concerns.views.actor import actor, moment
from concerns.views.clock import is_poll
from concerns.views.concern_form import concern_form
from concerns.views.guard import guard, signed_in
from concerns.views.held import form_for


@guard(Permission.SEE_OWN)
def mine(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Who has my concern, in which state it is, whom to ring until somebody answers, and my own words."""
    user, at = actor(request), moment(request)
    note_opened(by=user, concern=concern, at=at)
    draft = getattr(concern, "draft", None)
    context = {
        "concern": concern,
        "state": state_words(concern),
        "ring": ring_now(concern, at=moment(request)),
        "timeline": author_timeline(user, concern, at=at),
        "tombstone": tombstone_of(concern, at=at, in_full=False),
        "alerts": alerts_of(concern, at=at),
        "draft": draft if draft is not None and draft.finished_at is None else None,
        "may_see_all": can(user, Permission.SEE_CONCERN, concern),
    }
    return render(request, "concerns/mine.html", context)


@is_poll
@guard(Permission.SEE_OWN)
@require_safe
def mine_still(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Whether the one who has their own concern open may still see it: 204, or what the guard answers."""
    return HttpResponse(status=204)


@signed_in("a vetoed author keeps the words that they wrote; the query finds nobody else's")
def kept_words(request: HttpRequest, concern_ref: UUID) -> HttpResponse:
    """What a vetoed author wrote, frozen: no state, no names, nothing to do."""
    concern = frozen_concerns(actor(request)).filter(pk=concern_ref).first()
    if concern is None:
        return redirect("mine", concern_id=concern_ref)
    words = own_words(actor(request), concern, at=moment(request))
    return render(request, "concerns/kept_words.html", {"reference": concern.reference, "items": words.items})


@guard(Permission.ADD_TO_OWN)
@require_http_methods(["GET", "POST"])
def mine_add(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Add what I remembered later; "worse" leads to the danger question again."""
    form, user, at = form_for(request, AddendumForm), actor(request), moment(request)

    def do() -> object:
        return add_addendum(by=user, concern_id=concern.pk, text=form.cleaned_data["text"], worse=form.is_worse(), at=at)

    response = concern_form(request, concern, form, do, page="mine", title="Add to your concern", button="Add it")
    worse = response.status_code == 302 and form.is_worse()
    return redirect("mine_again", concern_id=concern.pk) if worse else response


@guard(Permission.ADD_TO_OWN)
@require_http_methods(["GET", "POST"])
def mine_again(request: HttpRequest, concern: Concern) -> HttpResponse:
    """It is worse: the numbers first, then the questions again. The first person has been asked again already."""
    so_far = answers_so_far(concern)
    form = form_for(request, AgainForm, questions=questions_for(so_far.worries, so_far.about_staff, so_far.age_band))

    def do() -> object:
        answers = form.again(so_far)
        return triage_again(by=actor(request), concern_id=concern.pk, answers=answers, at=moment(request))

    return concern_form(
        request, concern, form, do, page="mine", title="What has changed?", button="Send", lines=danger_lines(concern.centre)
    )


@guard(Permission.DISAGREE)
@require_http_methods(["GET", "POST"])
def mine_disagree(request: HttpRequest, concern: Concern) -> HttpResponse:
    """“I do not agree”: another lead is told, and the duty desk's number is shown."""
    form = form_for(request, DisagreeForm)

    def do() -> object:
        return disagree(by=actor(request), concern_id=concern.pk, text=form.cleaned_data["text"], at=moment(request))

    intro = "You can also ring the council’s duty desk yourself, at any time. You need nobody’s permission."
    lines = [desk_line(concern)]
    return concern_form(request, concern, form, do, page="mine", title="I do not agree", button="Send", lines=lines, intro=intro)


@guard(Permission.ADD_TO_OWN)
@require_http_methods(["GET", "POST"])
def mine_step(request: HttpRequest, concern: Concern, step_id: UUID) -> HttpResponse:
    """Record what came of a step that is mine, such as ringing the duty desk."""
    form = form_for(request, StepForm)
    step = concern.steps.filter(pk=step_id, person=actor(request)).first()

    def do() -> object:
        return do_own_step(by=actor(request), concern_id=concern.pk, step_id=step_id, at=moment(request), **form.result())

    return concern_form(request, concern, form, do, page="mine", title=step.text if step else "This step is over", button="Save")
