"""Writing and removing notes for the next session."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from concerns.access.permissions import Permission
from concerns.actions.notes import remove_note, write_note
from concerns.forms.notes import NoteForm
from concerns.models import HandoverNote
from concerns.views.actor import actor, attempt, centre, form_page, moment
from concerns.views.guard import button, guard
from concerns.views.held import form_for, sent

INTRO = "Everybody who answers alerts here can read it, on the rota and on their home page. It is deleted after four weeks."


@guard(Permission.SESSION_NOTES)
@require_http_methods(["GET", "POST"])
def rota_note(request: HttpRequest) -> HttpResponse:
    """Write a note for the next session."""
    form = form_for(request, NoteForm)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if attempt(request, form, lambda: write_note(by=actor(request), centre=centre(request), text=text, at=moment(request))):
            sent(request)
            messages.success(request, "The note is there for the next session.")
            return redirect("rota")
    return form_page(request, form, title="A note for the next session", intro=INTRO, button="Leave the note", back=reverse("rota"))


@guard(Permission.SESSION_NOTES)
@button("rota")
def rota_note_remove(request: HttpRequest, note: HandoverNote) -> HttpResponse:
    """Remove one's own note."""
    attempt(request, None, lambda: remove_note(by=actor(request), note=note, at=moment(request)))
    return redirect("rota")
