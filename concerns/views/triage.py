"""Triage: danger first, then two short pages, then whom to ring. The form's token stands in the address, so that Back, a
second tab and a double tap all mean the same concern, and a new form a new one."""

from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_drafts
from concerns.actions.drafts import save_draft, start_draft
from concerns.actions.opening import finish_triage
from concerns.actions.recording import SENT_ALREADY
from concerns.choices import Answer, Level
from concerns.forms.kept import shown_again, typed_fields
from concerns.forms.triage import DangerForm, QuestionsForm, WorryForm
from concerns.models import Draft, User
from concerns.queries.ladder import responders_now
from concerns.queries.people import choices_with_roles
from concerns.queries.rings import danger_lines, parallel_lines, route_lines
from concerns.queries.triage import answers_of
from concerns.rules.routing import route
from concerns.rules.triage import questions_for
from concerns.views.actor import actor, attempt, centre, form_page, head_of, moment
from concerns.views.guard import guard
from concerns.views.held import form_for, sent


def _live(user: User, token: UUID) -> UUID:
    """The form's token; where its record was thrown away another one, always the same, so that the form can still be sent, once."""
    while Draft.objects.filter(pk=token, owner=user, concern=None, finished_at__isnull=False).exists():
        token = uuid5(token, "again")
    return token


def _start(request: HttpRequest, token: UUID) -> Draft:
    draft = attempt(request, None, lambda: start_draft(by=actor(request), centre=centre(request), draft_id=token, at=moment(request)))
    assert draft is not None  # noqa: S101 - start_draft refuses by 404 only
    return draft


def _kept(user: User, token: UUID) -> tuple[Draft | None, dict[str, Any]]:
    """The draft of this token and what was typed into it; nothing before the first page is sent."""
    draft = visible_drafts(user).filter(pk=token).select_related("concern__centre").first()
    return draft, Keyring.of(draft).open(draft, "content") if draft else {}


@guard(Permission.RECORD_CONCERN)
def triage(request: HttpRequest) -> HttpResponse:
    """Begin a new form: give it a token."""
    return redirect("triage_worry", token=uuid4())


@guard(Permission.RECORD_CONCERN)
def triage_danger(request: HttpRequest) -> HttpResponse:
    """Begin a new form for somebody in danger: the way in from the emergency card."""
    return redirect("triage_now", token=uuid4())


@guard(Permission.RECORD_CONCERN)
@require_http_methods(["GET", "POST"])
def triage_now(request: HttpRequest, token: UUID) -> HttpResponse:
    """The numbers, before anything is asked or saved; then one question, which opens the concern."""
    token = _live(actor(request), token)
    danger = Answer.NOT_SURE if request.GET.get("sure") == "no" else Answer.YES
    here = centre(request)
    form = form_for(request, DangerForm, staff=choices_with_roles(here, but=actor(request)), initial=_said_before(actor(request), token))
    if request.method == "POST" and form.is_valid():
        before = _start(request, token)
        known = answers_of(before, Keyring.of(before)) if before.data_key_id else None
        answers, rang = form.answers(danger, known), tuple(form.cleaned_data["rang"])
        draft = attempt(
            request, form, lambda: finish_triage(by=actor(request), draft_id=token, answers=answers, rang=rang, at=moment(request))
        )
        if draft is not None:
            sent(request)
            return redirect("triage_route", draft_id=token)
    return render(
        request,
        "concerns/triage_now.html",
        {"form": form, "lines": danger_lines(here), "token": token},
        status=422 if request.method == "POST" else 200,
    )


def _said_before(user: User, token: UUID) -> dict[str, Any]:
    """What was answered earlier about staff, so that a hurried tap does not take it back."""
    page_one: dict[str, list[str]] = _kept(user, token)[1].get("triage", {})
    return {"about_staff": page_one["about_staff"][0], "adult": page_one.get("adult", [])} if page_one.get("about_staff") else {}


@guard(Permission.RECORD_CONCERN)
@require_http_methods(["GET", "POST"])
def triage_worry(request: HttpRequest, token: UUID) -> HttpResponse:
    """Page one: what it is about, and about whom."""
    here, user = centre(request), actor(request)
    staff, token = choices_with_roles(here, but=user), _live(user, token)
    draft, kept = _kept(user, token)
    form = form_for(request, WorryForm, staff=staff)
    if request.method == "POST" and form.is_valid():
        if (started := _start(request, token)).concern_id and started.finished_at:
            messages.warning(request, SENT_ALREADY)
            return redirect("mine", concern_id=started.concern_id)
        save_draft(by=user, draft_id=token, part="triage", content=typed_fields(request.POST), at=moment(request))
        sent(request)
        return redirect("triage_questions", draft_id=token)
    if request.method == "GET" and not form.is_bound and kept.get("triage"):
        form = shown_again(WorryForm, kept["triage"], staff=staff)
    return form_page(
        request, form, title="A few questions first", button="Go on", back=reverse("home"), step="Step 1 of 3", **head_of(request, draft)
    )


@guard(Permission.USE_DRAFT)
@require_http_methods(["GET", "POST"])
def triage_questions(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Page two: the follow-up questions that fit. Sending it opens an emergency or urgent concern, and alerts."""
    user, here = actor(request), draft.centre
    first = _page_one(draft, here_staff=choices_with_roles(here, but=user))
    if first is None:
        if request.method == "POST" and draft.concern_id and draft.finished_at:
            messages.warning(request, SENT_ALREADY)
        return redirect("triage_route", draft_id=draft.pk) if draft.concern_id else redirect("triage_worry", token=draft.pk)
    so_far = first.answers()
    form = form_for(request, QuestionsForm, questions=questions_for(so_far.worries, so_far.about_staff, so_far.age_band))
    if request.method == "POST" and form.is_valid():
        answers = first.with_details(form.details())
        done = attempt(request, form, lambda: finish_triage(by=user, draft_id=draft.pk, answers=answers, at=moment(request)))
        if done is not None:
            sent(request)
            return redirect("triage_route", draft_id=draft.pk)
    return form_page(
        request,
        form,
        title="A few more questions",
        button="Show me whom to ring",
        back=reverse("triage_worry", args=[draft.pk]),
        step="Step 2 of 3",
        **head_of(request, draft),
    )


def _page_one(draft: Draft, *, here_staff: list[tuple[str, str]]) -> WorryForm | None:
    """Page one as it was sent, or None where it was not, or the record was finished."""
    if draft.data_key_id is None:
        return None
    kept = Keyring.of(draft).open(draft, "content").get("triage")
    form = shown_again(WorryForm, kept, staff=here_staff) if kept else None
    if form is not None:
        form.full_clean()
    return form if form is not None and form.is_valid() else None


@guard(Permission.USE_DRAFT)
def triage_route(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Whom to ring, in order, and why; then the way to the record."""
    answers = answers_of(draft, Keyring.of(draft)) if draft.data_key_id else None
    if answers is None:
        return redirect("mine", concern_id=draft.concern_id) if draft.concern_id else redirect("triage_worry", token=draft.pk)
    people = responders_now(draft.centre, reporter=actor(request), at=moment(request))
    found = route(answers, responders=people)
    context = {
        "route": found,
        "level": found.level,
        "is_emergency": found.level == Level.EMERGENCY,
        "is_pressing": draft.concern_id is not None,
        "lines": route_lines(found, draft.centre),
        "parallel": parallel_lines(found, draft.centre),
        "draft": draft,
        **head_of(request, draft),
    }
    return render(request, "concerns/triage_route.html", context)
