"""The written record: saved as a sealed draft while it is typed, sent once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.drafts import discard_draft, save_draft
from concerns.actions.held import hold_post
from concerns.actions.recording import SENT_ALREADY, submit_record
from concerns.exceptions import KeyTrouble
from concerns.forms.kept import shown_again, typed_fields
from concerns.forms.record import RecordForm
from concerns.models import Draft
from concerns.queries.timeline import first_account
from concerns.queries.triage import answers_of
from concerns.rules.triage import danger_words
from concerns.rules.words import clock_words
from concerns.views.actor import actor, attempt, head_of, moment
from concerns.views.guard import guard
from concerns.views.held import form_for, sent


@guard(Permission.USE_DRAFT)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show the record as it was last saved; save it, or send it."""
    if draft.finished_at is not None:
        return _too_late(request, draft)
    try:
        kept = Keyring.of(draft).open(draft, "content")
    except KeyTrouble:
        draft.refresh_from_db()
        if draft.finished_at is None:
            raise
        return _too_late(request, draft)  # sent by a second tap since this request looked
    if "triage_done" not in kept:
        return redirect("triage_worry", token=draft.pk)
    if request.method == "POST":
        return _sent(request, draft)
    form = form_for(request, RecordForm, at=moment(request), initial=_known(draft))
    if not form.is_bound and kept.get("record"):
        form = shown_again(RecordForm, kept["record"], at=moment(request))
    return _page(request, draft, form)


def _too_late(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The record was sent already, by a second tap or from another tab. What is new in this one goes to the form for adding to it."""
    user, at = actor(request), moment(request)
    typed = form_for(request, RecordForm, at=at)
    if draft.concern is None or not typed.is_bound:
        return redirect("mine", concern_id=draft.concern_id) if draft.concern_id else redirect("home")
    new = typed.not_in(first_account(user, draft.concern))
    sent(request)
    if not new:
        return redirect("mine", concern_id=draft.concern_id)
    add_page = reverse("mine_add", args=[draft.concern_id])
    hold_post(by=user, path=add_page, fields={"text": [new]}, at=at)
    messages.warning(request, SENT_ALREADY)
    return redirect(add_page)


def _known(draft: Draft) -> dict[str, str]:
    """What triage has asked already is not asked again."""
    answers = answers_of(draft, Keyring.of(draft))
    return {"home_area": answers.home_area.value} if answers else {}


def _sent(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Keep what was typed before anything else; then send it, unless there are mistakes or words of danger to ask about."""
    typed, user, at = typed_fields(request.POST), actor(request), moment(request)
    save_draft(by=user, draft_id=draft.pk, part="record", content=typed, at=at)
    sent(request)
    what = request.POST.get("what")
    if what == "later":
        return redirect("home")
    if what == "danger":
        return redirect(reverse("triage_now", args=[draft.pk]))
    form = RecordForm(request.POST, at=at)
    if not form.is_valid():
        return _page(request, draft, form, status=422)
    words = danger_words(form.free_text()) if draft.concern_id is None and what != "same" else ()
    if words:
        return _page(request, draft, form, words=words)
    concern = attempt(request, form, lambda: submit_record(by=user, draft_id=draft.pk, account=form.account(), at=at))
    return redirect("mine", concern_id=concern.pk) if concern else _page(request, draft, form, status=422)


def _page(request: HttpRequest, draft: Draft, form: RecordForm, *, words: tuple[str, ...] = (), status: int = 200) -> HttpResponse:
    said = ", ".join(f"“{word}”" for word in words[:5])
    context = {"form": form, "draft": draft, "words": said, **head_of(request, draft)}
    return render(request, "concerns/record.html", context, status=status)


@guard(Permission.USE_DRAFT)
@require_POST
def record_autosave(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Keep what is typed so far, for the page's own script. Answers with the time at which it was kept."""
    save_draft(by=actor(request), draft_id=draft.pk, part="record", content=typed_fields(request.POST), at=moment(request))
    sent(request)
    return JsonResponse({"saved": clock_words(moment(request))})


@guard(Permission.USE_DRAFT)
@require_http_methods(["GET", "POST"])
def draft_discard(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Throw an unfinished record away, after asking. One whose concern exists cannot be thrown away."""
    if draft.concern_id is not None or draft.finished_at is not None:
        return redirect("record", draft_id=draft.pk)
    if request.method == "POST":
        attempt(request, None, lambda: discard_draft(by=actor(request), draft_id=draft.pk, at=moment(request)))
        return redirect("home")
    return render(request, "concerns/draft_discard.html", {"draft": draft})
