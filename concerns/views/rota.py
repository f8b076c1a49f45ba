"""The rota: who is on duty now and in the coming two weeks, where somebody is missing, and who is away."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.actions.rota import add_leave, end_leave, follow_the_week_again, set_duties
from concerns.choices import DutySlot
from concerns.forms.rota import DutyForm, LeaveForm
from concerns.models import Leave, OpeningSession, User
from concerns.queries.notes import notes_for
from concerns.queries.people import choices_of
from concerns.queries.rota import (
    DAYS,
    coming_sessions,
    duty_words,
    exceptions_ahead,
    gaps_between,
    gaps_in,
    leave_ahead,
    people_who_answer,
    shown_for,
    times_words,
    weekly_lines,
)
from concerns.rules.deadlines import LONDON
from concerns.rules.rota import can_change
from concerns.rules.words import date_words
from concerns.views.actor import actor, attempt, centre, form_page, moment
from concerns.views.guard import button, guard
from concerns.views.held import form_for, sent

WEEKLY = "This holds every week, until you change it. Dates of their own stay as they are."
DATED = "This holds on this date alone. Choose “Nobody” where nobody can come: alerts then go to the list under Plans."
SHOWN_GAPS = 4
NOTES = 5


@guard(Permission.SEE_ROTA)
def rota(request: HttpRequest) -> HttpResponse:
    """Who is on duty; for somebody of several centres, at the one whose rota they keep."""
    at, here, user = moment(request), centre(request, Permission.EDIT_ROTA), actor(request)
    coming, may_read = coming_sessions(here, at=at), can(user, Permission.SESSION_NOTES, here)
    context = {
        "now": [line for line in coming if line.is_on],
        "following": next((line for line in coming if not line.is_on), None),
        "gaps": gaps_in(coming),
        "coming": coming,
        "weekly": weekly_lines(here),
        "leave": leave_ahead(here, at=at),
        "today": at.astimezone(LONDON).date(),
        "exceptions": exceptions_ahead(here, at=at),
        "may_edit": can(user, Permission.EDIT_ROTA, here),
        "notes": notes_for(user, here, at=at, limit=NOTES) if may_read else None,
        "may_open": can(user, Permission.EDIT_SESSIONS, here),
    }
    return render(request, "concerns/rota.html", context)


def say_gaps(request: HttpRequest, *, first_on: date | None = None, last_on: date | None = None) -> None:
    """Say that it is saved, and at once which sessions of these days (of the next two weeks) are without somebody."""
    at = moment(request)
    today = at.astimezone(LONDON).date()
    found = gaps_between(centre(request), first_on=first_on or today, last_on=last_on or today + timedelta(days=DAYS - 1), at=at)
    if not found:
        messages.success(request, "Saved.")
        return
    lines = "; ".join(f"{line.when}: {line.missing[:1].lower()}{line.missing[1:]}" for line in found[:SHOWN_GAPS])
    more = f"; and {len(found) - SHOWN_GAPS} more" if len(found) > SHOWN_GAPS else ""
    messages.warning(
        request, f"Saved. These sessions are without somebody: {lines}{more}. Where nobody is, alerts go to the list under Plans."
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _duty_form(request: HttpRequest, session: OpeningSession, *, only_on: date | None, **shown: Any) -> HttpResponse:
    people = {str(user.pk): user for user in people_who_answer(centre(request))}
    now = shown_for(session, only_on=only_on)
    initial = {"first": now.held[DutySlot.FIRST], "second": now.held[DutySlot.SECOND], "was": now.mark}
    form = form_for(request, DutyForm, people=choices_of(list(people.values())), initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen: dict[DutySlot, User | None] = {slot: people.get(pk) for slot, pk in form.chosen().items()}
        done = attempt(
            request,
            form,
            lambda: set_duties(
                by=actor(request),
                centre=centre(request),
                session_id=session.pk,
                people=chosen,
                only_on=only_on,
                was=form.cleaned_data["was"],
                at=moment(request),
            ),
        )
        if done is not None:
            sent(request)
            say_gaps(request, first_on=only_on, last_on=only_on)
            return redirect("rota")
    if form.errors:
        held = {slot: people[pk].name if pk in people else "" for slot, pk in now.held.items()}
        shown["intro"] = f"Now it says: {duty_words(held)}. {shown['intro']}"
    return form_page(request, form, button="Save", back=reverse("rota"), **shown)


@guard(Permission.EDIT_ROTA)
@require_http_methods(["GET", "POST"])
def rota_week(request: HttpRequest, session: OpeningSession) -> HttpResponse:
    """Who is on duty in a session every week."""
    title = f"Every {times_words(session)}"
    return _duty_form(request, session, only_on=None, title=title, intro=WEEKLY)


@guard(Permission.EDIT_ROTA)
@require_http_methods(["GET", "POST"])
def rota_date(request: HttpRequest, session: OpeningSession, day: str) -> HttpResponse:
    """Who is on duty in a session on one date. There is no page of a date for which nothing can be said; a form of one is told why."""
    on = _day(day)
    today = moment(request).astimezone(LONDON).date()
    if request.method == "GET" and not can_change(on, weekday=session.weekday, today=today):
        raise Http404
    title = f"{times_words(session)}, on {date_words(on)}"
    return _duty_form(request, session, only_on=on, title=title, intro=DATED)


@guard(Permission.EDIT_ROTA)
@button("rota")
def rota_date_end(request: HttpRequest, session: OpeningSession, day: str) -> HttpResponse:
    """Follow the week again on one date."""
    on = _day(day)
    attempt(
        request,
        None,
        lambda: follow_the_week_again(by=actor(request), centre=centre(request), session_id=session.pk, only_on=on, at=moment(request)),
    )
    return redirect("rota")


@guard(Permission.EDIT_ROTA)
@require_http_methods(["GET", "POST"])
def leave_new(request: HttpRequest) -> HttpResponse:
    """Say that somebody is away."""
    people = {str(user.pk): user for user in people_who_answer(centre(request))}
    form = form_for(request, LeaveForm, people=choices_of(list(people.values())))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        days = {"first_on": data["first_on"], "last_on": data["last_on"]}
        user = people[data["user"]]
        if attempt(request, form, lambda: add_leave(by=actor(request), centre=centre(request), user=user, at=moment(request), **days)):
            sent(request)
            say_gaps(request, **days)
            return redirect("rota")
    return form_page(request, form, title="Somebody is away", button="Save", back=reverse("rota"))


@guard(Permission.EDIT_ROTA)
@button("rota")
def leave_end(request: HttpRequest, leave: Leave) -> HttpResponse:
    """Take a leave away."""
    attempt(request, None, lambda: end_leave(by=actor(request), centre=centre(request), leave_id=leave.pk, at=moment(request)))
    return redirect("rota")
