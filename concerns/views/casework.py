"""What leads send about one concern: each form on a page of its own, each sent to one action."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.permissions import Permission
from concerns.actions.casework import add_entry, correct_entry, do_step, move_status
from concerns.actions.closing import change_level, close_concern, decide_proposal, open_again
from concerns.actions.conflicts import declare_conflict
from concerns.actions.plan_moves import ALREADY, move_to_newest_plan
from concerns.choices import ClosingOutcome, EntryKind, Level, Status
from concerns.forms.casework import (
    CloseForm,
    ConflictForm,
    CorrectionForm,
    EntryForm,
    LevelForm,
    ReopenForm,
    SecondForm,
    StatusForm,
    StepForm,
    VersionedForm,
)
from concerns.models import Concern
from concerns.queries.entries import entry_of
from concerns.queries.escalation import proposal_of, step_of
from concerns.queries.plans import newer_plans
from concerns.queries.queue import is_another
from concerns.queries.referrals import unanswered
from concerns.views.actor import actor, attempt, form_page, moment
from concerns.views.concern_form import concern_form
from concerns.views.guard import guard
from concerns.views.held import form_for, sent

SECOND_CLOSES = "An emergency or urgent concern is closed when a second person agrees."
YOU_HAVE_IT = "You have it from then on. If the council still owes an answer, the time for that starts again."
STILL_WAITS = "The council has not answered your referral yet. Once this is closed, nobody is asked to wait for it or to chase it."


def _version(concern: Concern) -> dict[str, int]:
    return {"version": concern.version}


@guard(Permission.ADD_ENTRY)
@require_http_methods(["GET", "POST"])
def concern_entry(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Add an entry of any kind."""
    form = form_for(request, EntryForm, at=moment(request))

    def do() -> object:
        data = form.cleaned_data
        return add_entry(
            by=actor(request),
            concern_id=concern.pk,
            kind=EntryKind(data["kind"]),
            text=data["text"],
            reason=data["reason"],
            happened_at=form.happened_at(),
            at=moment(request),
        )

    return concern_form(request, concern, form, do, title="Add to the record", button="Add to the record")


@guard(Permission.ADD_ENTRY)
@require_http_methods(["GET", "POST"])
def concern_correct(request: HttpRequest, concern: Concern, entry_id: UUID) -> HttpResponse:
    """Correct an entry by a new one."""
    entry = entry_of(concern, entry_id)
    if entry is None:
        raise Http404
    form = form_for(request, CorrectionForm)

    def do() -> object:
        return correct_entry(
            by=actor(request), concern_id=concern.pk, entry_id=entry_id, text=form.cleaned_data["text"], at=moment(request)
        )

    return concern_form(request, concern, form, do, title=f"Correct entry {entry.number}", button="Add the correction")


@guard(Permission.DO_STEP)
@require_http_methods(["GET", "POST"])
def concern_step(request: HttpRequest, concern: Concern, step_id: UUID) -> HttpResponse:
    """Record what came of a step."""
    step = step_of(concern, step_id)
    if step is None:
        raise Http404
    form = form_for(request, StepForm)

    def do() -> object:
        return do_step(by=actor(request), concern_id=concern.pk, step_id=step_id, at=moment(request), **form.result())

    return concern_form(request, concern, form, do, title=step.text, button="Save")


@guard(Permission.ADD_ENTRY)
@require_http_methods(["GET", "POST"])
def concern_status(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Move the state of an open concern."""
    form = form_for(request, StatusForm, initial=_version(concern))

    def do() -> object:
        data = form.cleaned_data
        return move_status(
            by=actor(request),
            concern_id=concern.pk,
            version=data["version"],
            to=Status(data["to"]),
            reason=data["reason"],
            at=moment(request),
        )

    return concern_form(request, concern, form, do, title="Change the state", button="Change the state")


@guard(Permission.CHANGE_LEVEL)
@require_http_methods(["GET", "POST"])
def concern_level(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Raise the level, or propose a lower one."""
    form = form_for(request, LevelForm, initial=_version(concern))

    def do() -> object:
        data = form.cleaned_data
        return change_level(
            by=actor(request),
            concern_id=concern.pk,
            version=data["version"],
            to=Level(data["to"]),
            reason=data["reason"],
            at=moment(request),
        )

    return concern_form(request, concern, form, do, title="Change the level", button="Change the level")


@guard(Permission.MOVE_PLAN)
@require_http_methods(["GET", "POST"])
def concern_plan(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Move a concern to the newest version of its plans, after asking."""
    form = form_for(request, VersionedForm, initial=_version(concern))

    def do() -> object:
        version = form.cleaned_data["version"]
        return move_to_newest_plan(by=actor(request), concern_id=concern.pk, version=version, at=moment(request))

    newer = " ".join(f"“{plan.title}”: from version {old} to version {plan.version}." for plan, old in newer_plans(concern))
    intro = f"{newer or ALREADY} What is done stays done. Steps that wait get the new words, people and times, counted from the beginning."
    return concern_form(request, concern, form, do, title="Move to the newest plan", button="Move it", intro=intro)


@guard(Permission.CLOSE)
@require_http_methods(["GET", "POST"])
def concern_close(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Close it, or propose to."""
    user = actor(request)
    form = form_for(request, CloseForm, initial=_version(concern))
    typed = form.cleaned_data["duplicate_of"] if request.method == "POST" and form.is_valid() else ""
    if typed and not is_another(concern, typed, user=user):
        form.add_error("duplicate_of", "There is no other concern with this reference. Check the letters and numbers")

    def do() -> object:
        data = form.cleaned_data
        return close_concern(
            by=user,
            concern_id=concern.pk,
            version=data["version"],
            outcome=ClosingOutcome(data["outcome"]),
            reason=data["reason"],
            duplicate_of=data["duplicate_of"],
            at=moment(request),
        )

    notes = (SECOND_CLOSES if concern.is_pressing else "", STILL_WAITS if unanswered(concern).exists() else "")
    return concern_form(request, concern, form, do, title="Close this concern", button="Close", intro=" ".join(filter(None, notes)))


@guard(Permission.REOPEN)
@require_http_methods(["GET", "POST"])
def concern_reopen(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Open a closed concern again."""
    form = form_for(request, ReopenForm, initial=_version(concern))

    def do() -> object:
        data = form.cleaned_data
        return open_again(by=actor(request), concern_id=concern.pk, version=data["version"], reason=data["reason"], at=moment(request))

    return concern_form(request, concern, form, do, title="Open this concern again", intro=YOU_HAVE_IT, button="Open it again")


@guard(Permission.SEE_CONCERN)
@require_http_methods(["GET", "POST"])
def concern_second(request: HttpRequest, concern: Concern, proposal_id: UUID) -> HttpResponse:
    """Agree, or not, as the second person."""
    proposal = proposal_of(concern, proposal_id)
    if proposal is None:
        raise Http404
    form = form_for(request, SecondForm)

    def do() -> object:
        reason = form.cleaned_data["reason"]
        return decide_proposal(
            by=actor(request), concern_id=concern.pk, proposal_id=proposal_id, agree=form.agrees(), reason=reason, at=moment(request)
        )

    intro = f"{proposal.proposed_by.name} proposed this. Read their reason in the record first."
    return concern_form(
        request, concern, form, do, title=f"Second person: {proposal.get_kind_display().lower()}", button="Send", intro=intro
    )


@guard(Permission.SEE_CONCERN)
@require_http_methods(["GET", "POST"])
def concern_conflict(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Say that I am too close to it: from then on it does not exist for me."""
    form, user = form_for(request, ConflictForm), actor(request)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(request, form, lambda: declare_conflict(by=user, concern_id=concern.pk, reason=reason, at=moment(request))):
            sent(request)
            return redirect("queue")
    intro = "You will not see this concern any more, and this cannot be undone here. What you had to do passes to a colleague."
    back = reverse("concern", args=[concern.pk])
    return form_page(
        request, form, title="I am too close to this", button="Hide it from me", back=back, intro=intro, reference=concern.reference
    )
