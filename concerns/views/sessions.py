"""When the centre is open: adding, changing and removing weekly sessions. For administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.permissions import Permission
from concerns.actions.sessions import add_session, change_session, remove_session
from concerns.forms.rota import SeenForm, SessionForm
from concerns.models import OpeningSession
from concerns.queries.rota import times_words
from concerns.queries.sessions import is_the_last
from concerns.views.actor import actor, attempt, centre, form_page, moment
from concerns.views.guard import guard
from concerns.views.held import form_for, sent
from concerns.views.rota import say_gaps

CHANGES = (
    "Deadlines that are set stay as they are. New ones follow the new times. If you move it to another day of the week, what the rota"
    " says for single dates is removed."
)
GOES = "Whoever is on duty in it is no longer asked first at that time: alerts go to the list under Plans. Deadlines that are set stay."
LAST_GOES = (
    "This is the last session. Without any, the app cannot know when the centre is open: nobody is on duty, alerts go to the list"
    " under Plans, and what is counted in open minutes is due within two hours by the clock."
)


@guard(Permission.EDIT_SESSIONS)
@require_http_methods(["GET", "POST"])
def session_new(request: HttpRequest) -> HttpResponse:
    """Add a weekly session."""
    form = form_for(request, SessionForm)
    if request.method == "POST" and form.is_valid():
        times = form.times()
        if attempt(request, form, lambda: add_session(by=actor(request), centre=centre(request), times=times, at=moment(request))):
            sent(request)
            say_gaps(request)
            return redirect("rota")
    return form_page(request, form, title="Add a session", button="Add it", back=reverse("rota"))


@guard(Permission.EDIT_SESSIONS)
@require_http_methods(["GET", "POST"])
def session_edit(request: HttpRequest, session: OpeningSession) -> HttpResponse:
    """Change the times of a weekly session."""
    now = {"weekday": session.weekday, "starts": session.starts, "ends": session.ends, "was": times_words(session)}
    form = form_for(request, SessionForm, initial=now)
    if request.method == "POST" and form.is_valid():
        was, times = form.cleaned_data["was"], form.times()
        if attempt(request, form, lambda: change_session(by=actor(request), session=session, was=was, times=times, at=moment(request))):
            sent(request)
            say_gaps(request)
            return redirect("rota")
    title = f"Change {times_words(session)}"
    return form_page(request, form, title=title, intro=CHANGES, button="Save", back=reverse("rota"))


@guard(Permission.EDIT_SESSIONS)
@require_http_methods(["GET", "POST"])
def session_remove(request: HttpRequest, session: OpeningSession) -> HttpResponse:
    """Remove a weekly session, once it is said what that means."""
    form = form_for(request, SeenForm, initial={"was": times_words(session)})
    if request.method == "POST" and form.is_valid():
        was = form.cleaned_data["was"]
        attempt(request, form, lambda: remove_session(by=actor(request), session=session, was=was, at=moment(request)))
        if form.is_valid():
            sent(request)
            messages.success(request, f"Removed: {times_words(session)}.")
            return redirect("rota")
    title = f"Remove {times_words(session)}"
    return form_page(
        request, form, title=title, intro=LAST_GOES if is_the_last(session) else GOES, button="Remove it", back=reverse("rota")
    )
