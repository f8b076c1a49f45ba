"""Referrals of one concern: to record one, to record what was answered, and the sheet to copy out or print."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from concerns.access.permissions import Permission
from concerns.actions.reads import note_referral_read
from concerns.actions.referrals import record_council_answer, record_referral
from concerns.forms.referrals import CouncilAnswerForm, ReferralForm
from concerns.models import Concern, Referral
from concerns.queries.referrals import known_for_referral, referral_of, sheet_of
from concerns.rules.referrals import CouncilDecision
from concerns.views.actor import actor, moment
from concerns.views.concern_form import concern_form
from concerns.views.guard import guard
from concerns.views.held import form_for

REFER = "Ring first, and write within 24 hours. What you do not know can stay empty. Check what is filled in already."
ANSWER = (
    "Write down what they answered. If you do not agree, the next steps are to speak to the worker and their manager, and up from there."
)


def _referral(concern: Concern, referral_id: UUID) -> Referral:
    found = referral_of(concern, referral_id)
    if found is None:
        raise Http404
    return found


@guard(Permission.REFER)
@require_http_methods(["GET", "POST"])
def concern_referral(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Record a referral."""
    user, at = actor(request), moment(request)
    known = known_for_referral(concern, user) if request.method == "GET" else {}
    form = form_for(request, ReferralForm, at=at, initial={"version": concern.version, **known})

    def do() -> object:
        return record_referral(
            by=user,
            concern_id=concern.pk,
            version=form.cleaned_data["version"],
            to=form.desk(),
            made_at=form.when(),
            details=form.details(),
            at=at,
        )

    return concern_form(request, concern, form, do, title="Record a referral", button="Record the referral", intro=REFER)


@guard(Permission.REFER)
@require_http_methods(["GET", "POST"])
def concern_referral_answer(request: HttpRequest, concern: Concern, referral_id: UUID) -> HttpResponse:
    """Record what was answered to a referral."""
    _referral(concern, referral_id)
    at = moment(request)
    form = form_for(request, CouncilAnswerForm, at=at)

    def do() -> object:
        data = form.cleaned_data
        return record_council_answer(
            by=actor(request),
            concern_id=concern.pk,
            referral_id=referral_id,
            what=data["what"],
            decision=CouncilDecision[data["decision"]],
            agrees=data["agrees"] == "yes",
            answered_at=form.when(),
            at=at,
        )

    return concern_form(request, concern, form, do, title="What did they answer?", button="Record the answer", intro=ANSWER)


@guard(Permission.SEE_CONCERN)
@require_safe
def concern_referral_sheet(request: HttpRequest, concern: Concern, referral_id: UUID) -> HttpResponse:
    """One referral, section by section, to copy out or print. That somebody read it is noted."""
    referral = _referral(concern, referral_id)
    if concern.is_disposed:
        raise Http404
    note_referral_read(by=actor(request), concern=concern, referral=referral, at=moment(request))
    return render(request, "concerns/referral_sheet.html", {"concern": concern, "sheet": sheet_of(referral, at=moment(request))})
