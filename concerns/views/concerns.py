"""The leads' pages: the queue, and one concern with everything that can be done to it."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.decisions import can, decide
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_concerns
from concerns.access.standing import centres_where
from concerns.actions.casework import acknowledge_concern, add_entry, correct_entry, do_step, move_status, note_opened, take_concern
from concerns.actions.closing import change_level, close_concern, decide_proposal
from concerns.choices import ClosingOutcome, EntryKind, Level, Role, Status, Vault
from concerns.forms.base import PlainForm
from concerns.forms.casework import (
    CloseForm,
    CorrectionForm,
    EntryForm,
    LevelForm,
    QueueFilterForm,
    SecondForm,
    StatusForm,
    StepForm,
    TakeForm,
)
from concerns.forms.kept import with_version
from concerns.models import Concern, User
from concerns.queries.queue import Filters, queue_page, unanswered
from concerns.queries.rings import ring_now
from concerns.queries.timeline import alerts_of, facts_of, lead_timeline
from concerns.views.actor import actor, attempt, form_page, moment
from concerns.views.guard import button, guard
from concerns.views.held import form_for, sent

ADULT_READERS = (Role.LEAD, Role.CASE_MANAGER)


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
    keep = request.GET.copy()
    keep.pop("after", None), keep.pop("before", None)

    def href(name: str, cursor: str) -> str:
        if not cursor:
            return ""
        query = keep.copy()
        query[name] = cursor
        return f"{reverse('queue')}?{query.urlencode()}"

    waiting = unanswered(user, at=at) if first_page else ()
    context = {
        "page": page,
        "unanswered": waiting,
        "form": form,
        "filters": filters,
        "previous": href("before", page.before),
        "next": href("after", page.after),
    }
    return render(request, "concerns/queue.html", context)


@guard(Permission.SEE_CONCERN)
def concern(request: HttpRequest, concern: Concern) -> HttpResponse:
    """One concern: what to do next, the facts, the timeline."""
    user, at = actor(request), moment(request)
    note_opened(by=user, concern=concern, at=at)
    answering = decide(user, Permission.ACKNOWLEDGE, concern)
    waiting = concern.is_open and concern.acknowledged_at is None
    timeline = lead_timeline(user, concern, at=at)
    context = {
        "concern": concern,
        "level": Level(concern.level),
        "facts": facts_of(concern, timeline, at=at),
        "timeline": timeline,
        "ring": ring_now(concern, at=moment(request)) if not (waiting and answering.allowed) else None,
        "waiting": waiting,
        "may_answer": waiting and answering.allowed,
        "why_not": answering.reason if waiting and not answering.allowed else "",
        "may_work": concern.is_open and not waiting,
        "correct_for": concern.pk if concern.is_open else "",
        "is_lead": concern.lead_id == user.pk,
        "alerts": alerts_of(concern, at=at),
        "proposals": [{"proposal": row, "may_decide": can(user, Permission.SECOND, row)} for row in timeline.proposals],
    }
    return render(request, "concerns/concern.html", context)


def _act(request: HttpRequest, concern: Concern, do: Callable[[], object]) -> HttpResponse:
    """Do what a single button asks, then show the concern; a refusal is shown there."""
    attempt(request, None, do)
    return redirect("concern", concern_id=concern.pk)


def _form(request: HttpRequest, concern: Concern, form: PlainForm, do: Callable[[], object], **page: object) -> HttpResponse:
    """Show a form about a concern; once it is sent, go back to the concern. A stale one can be sent again once it was shown."""
    if request.method == "POST" and form.is_valid():
        if attempt(request, form, do) is not None:
            sent(request)
            return redirect("concern", concern_id=concern.pk)
        concern.refresh_from_db(fields=["version"])
        with_version(form, concern.version)
    back = reverse("concern", args=[concern.pk])
    return form_page(request, form, back=back, ring=ring_now(concern, at=moment(request)), reference=concern.reference, **page)  # type: ignore[arg-type]


def _version(concern: Concern) -> dict[str, int]:
    return {"version": concern.version}


@guard(Permission.ACKNOWLEDGE)
@button("concern")
def concern_acknowledge(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Answer the alert."""
    return _act(request, concern, lambda: acknowledge_concern(by=actor(request), concern_id=concern.pk, at=moment(request)))


@guard(Permission.TAKE)
@button("concern")
def concern_take(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Become the lead who has it."""
    form = TakeForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    return _act(request, concern, lambda: take_concern(by=actor(request), concern_id=concern.pk, version=version, at=moment(request)))


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

    return _form(request, concern, form, do, title="Add to the record", button="Add to the record")


@guard(Permission.ADD_ENTRY)
@require_http_methods(["GET", "POST"])
def concern_correct(request: HttpRequest, concern: Concern, entry_id: UUID) -> HttpResponse:
    """Correct an entry by a new one."""
    entry = concern.entries.filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    form = form_for(request, CorrectionForm)

    def do() -> object:
        return correct_entry(
            by=actor(request), concern_id=concern.pk, entry_id=entry_id, text=form.cleaned_data["text"], at=moment(request)
        )

    return _form(request, concern, form, do, title=f"Correct entry {entry.number}", button="Add the correction")


@guard(Permission.DO_STEP)
@require_http_methods(["GET", "POST"])
def concern_step(request: HttpRequest, concern: Concern, step_id: UUID) -> HttpResponse:
    """Record what came of a step."""
    step = concern.steps.filter(pk=step_id).first()
    if step is None:
        raise Http404
    form = form_for(request, StepForm)

    def do() -> object:
        data = form.cleaned_data
        return do_step(
            by=actor(request),
            concern_id=concern.pk,
            step_id=step_id,
            done=form.is_done(),
            outcome=data["outcome"],
            reference=data["reference"],
            at=moment(request),
        )

    return _form(request, concern, form, do, title=step.text, button="Save")


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

    return _form(request, concern, form, do, title="Change the state", button="Change the state")


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

    return _form(request, concern, form, do, title="Change the level", button="Change the level")


@guard(Permission.CLOSE)
@require_http_methods(["GET", "POST"])
def concern_close(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Close it, or propose to."""
    user = actor(request)
    form = form_for(request, CloseForm, initial=_version(concern))
    if request.method == "POST" and form.is_valid() and form.cleaned_data["duplicate_of"]:
        others = visible_concerns(user).filter(reference=form.cleaned_data["duplicate_of"]).exclude(pk=concern.pk)
        if not others.exists():
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

    intro = "An emergency or urgent concern is closed when a second person agrees." if concern.is_pressing else ""
    return _form(request, concern, form, do, title="Close this concern", button="Close", intro=intro)


@guard(Permission.SEE_CONCERN)
@require_http_methods(["GET", "POST"])
def concern_second(request: HttpRequest, concern: Concern, proposal_id: UUID) -> HttpResponse:
    """Agree, or not, as the second person."""
    proposal = concern.proposals.filter(pk=proposal_id).select_related("proposed_by").first()
    if proposal is None:
        raise Http404
    form = form_for(request, SecondForm)

    def do() -> object:
        reason = form.cleaned_data["reason"]
        return decide_proposal(
            by=actor(request), concern_id=concern.pk, proposal_id=proposal_id, agree=form.agrees(), reason=reason, at=moment(request)
        )

    intro = f"{proposal.proposed_by.name} proposed this. Read their reason in the record first."
    return _form(request, concern, form, do, title=f"Second person: {proposal.get_kind_display().lower()}", button="Send", intro=intro)
