"""One concern as leads see it, and the single buttons on its page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from concerns.access.decisions import can, decide_all
from concerns.access.permissions import Permission
from concerns.actions.casework import acknowledge_concern, note_opened, take_concern
from concerns.choices import Level
from concerns.forms.casework import TakeForm
from concerns.models import Concern, User
from concerns.queries.glass import glass_lines
from concerns.queries.ledger import alerts_of
from concerns.queries.plans import older_plans
from concerns.queries.referrals import referrals_of
from concerns.queries.restrictions import named_people
from concerns.queries.retention import tombstone_of
from concerns.queries.rings import ring_now
from concerns.queries.timeline import facts_of, lead_timeline, seen_by
from concerns.views.actor import actor, attempt, moment
from concerns.views.clock import is_poll
from concerns.views.guard import button, guard


@guard(Permission.SEE_CONCERN)
def concern(request: HttpRequest, concern: Concern) -> HttpResponse:
    """One concern: what to do next, the facts, the timeline."""
    user, at = actor(request), moment(request)
    note_opened(by=user, concern=concern, at=at)
    offered = _offered(user, concern)
    timeline = lead_timeline(user, concern, at=at)
    context = {
        "concern": concern,
        "level": Level(concern.level),
        "facts": facts_of(concern, timeline, at=at),
        "timeline": timeline,
        "tombstone": tombstone_of(concern, at=at, in_full=True),
        "ring": None if offered["may_answer"] else ring_now(concern, at=at),
        "referrals": [] if concern.is_disposed else referrals_of(concern, at=at),
        "glass": glass_lines(concern, at=at),
        "correct_for": concern.pk if concern.is_open and not concern.is_drill else "",
        "is_lead": concern.lead_id == user.pk,
        "named": ", ".join(one.name for one in named_people(concern)),
        "alerts": alerts_of(concern, at=at),
        "seen_by": seen_by(concern, at=at),
        "proposals": [{"proposal": row, "may_decide": can(user, Permission.SECOND, row)} for row in timeline.proposals],
        **offered,
    }
    return render(request, "concerns/concern.html", context)


def _offered(user: User, concern: Concern) -> dict[str, Any]:
    """What the page offers this person to do: first to answer, then to work on it; or why they cannot answer."""
    decided = decide_all(
        user,
        concern,
        Permission.ACKNOWLEDGE,
        Permission.MOVE_PLAN,
        Permission.TAKE,
        Permission.REFER,
        Permission.RESTRICT,
        Permission.REOPEN,
    )
    answering = decided[Permission.ACKNOWLEDGE]
    waiting = concern.is_open and concern.acknowledged_at is None
    return {
        "may_answer": waiting and answering.allowed,
        "why_not": answering.reason if waiting and not answering.allowed else "",
        "may_work": concern.is_open and not waiting,
        "may_reopen": not concern.is_open and decided[Permission.REOPEN].allowed,
        "older_plans": older_plans(concern) if decided[Permission.MOVE_PLAN].allowed else "",
        "may_take": decided[Permission.TAKE].allowed,
        "may_refer": decided[Permission.REFER].allowed,
        "may_restrict": decided[Permission.RESTRICT].allowed,
    }


@is_poll
@guard(Permission.SEE_CONCERN)
@require_safe
def concern_still(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Whether the one who has the page open may still see it: 204, or what the guard answers."""
    return HttpResponse(status=204)


def _act(request: HttpRequest, concern: Concern, do: Callable[[], object]) -> HttpResponse:
    """Do what a single button asks, then show the concern; a refusal is shown there."""
    attempt(request, None, do)
    return redirect("concern", concern_id=concern.pk)


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
