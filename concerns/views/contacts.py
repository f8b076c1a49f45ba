"""The pages of the contacts: everybody who has signed in reads them, an administrator keeps them right."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.actions.contacts import FACTS, add_contact, change_contact, retire_contact, verify_contact
from concerns.exceptions import Refused, Stale
from concerns.forms.contacts import ContactForm, RetireForm, VerifyForm
from concerns.forms.kept import let_send_again
from concerns.models import Contact
from concerns.queries.contacts import contact_list, contact_page
from concerns.views.actor import actor, attempt, centre, moment
from concerns.views.guard import button, guard, step_up
from concerns.views.held import form_for, sent


@guard(Permission.SEE_CONTACTS)
@require_safe
def contact_list_page(request: HttpRequest) -> HttpResponse:
    """Every contact in use; for those who keep them also what must be checked, and the retired ones."""
    groups = contact_list(actor(request), at=moment(request))
    may_edit = can(actor(request), Permission.EDIT_CONTACTS)
    to_check = sum(1 for group in groups for row in group.rows if row.stale)
    return render(request, "concerns/contacts/list.html", {"groups": groups, "may_edit": may_edit, "to_check": to_check})


@guard(Permission.SEE_CONTACTS)
@require_safe
def contact_detail(request: HttpRequest, contact: Contact) -> HttpResponse:
    """One contact, and everything that was done to it."""
    page = contact_page(actor(request), contact.pk, at=moment(request))
    if page is None:
        raise Http404
    may_edit = can(actor(request), Permission.EDIT_CONTACTS, contact) and not page.row.is_retired
    rows = [{"key": label, "value": value} for label, value in page.facts]
    return render(request, "concerns/contacts/detail.html", {"page": page, "rows": rows, "may_edit": may_edit, "version": contact.version})


@guard(Permission.EDIT_CONTACTS)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: HttpRequest) -> HttpResponse:
    """A form for a new contact."""
    user, here = actor(request), centre(request)
    form = form_for(request, ContactForm, centre=here)
    if request.method == "POST" and form.is_valid():
        added = attempt(request, form, lambda: add_contact(by=user, centre=here, facts=form.facts(), at=moment(request)))
        if added:
            sent(request)
            messages.success(request, f"{added.name} is added. Now ring the number, or open the page, and say that it is right.")
            return redirect("contact", contact_id=added.pk)
    return _form_page(request, form, title="Add a contact", back=reverse("contacts"))


@guard(Permission.EDIT_CONTACTS)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: HttpRequest, contact: Contact) -> HttpResponse:
    """A form with what the contact says now. Somebody else's change in between is shown beside what was typed."""
    if contact.retired_at:
        raise Http404
    initial = {name: getattr(contact, name) for name in (*FACTS, "version")}
    form = form_for(request, ContactForm, centre=contact.centre, initial=initial)
    now_says: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            changed = change_contact(by=actor(request), contact=contact, version=version, facts=form.facts(), at=moment(request))
        except Stale as stale:
            now_says = _now_says(form, contact)
            form.add_error(None, f"{stale} What you typed is still here: save it again if it is right.")
            let_send_again(form, version=contact.version)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            sent(request)
            messages.success(request, f"{changed.name} is saved.")
            return redirect("contact", contact_id=changed.pk)
    return _form_page(
        request, form, title=f"Change {contact.name}", back=reverse("contact", kwargs={"contact_id": contact.pk}), now_says=now_says
    )


def _now_says(form: ContactForm, contact: Contact) -> list[dict[str, str]]:
    """Return what the contact says now, where that is not what was typed."""
    typed = form.facts()
    return [
        {"key": str(form.fields[name].label), "value": _in_words(form, name, getattr(contact, name))}
        for name in FACTS
        if getattr(typed, name) != getattr(contact, name)
    ]


def _in_words(form: ContactForm, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    choices = dict(getattr(form.fields[name], "choices", ())) if isinstance(value, str) else {}
    return str(choices.get(value, value) or "Nothing")


def _form_page(request: HttpRequest, form: ContactForm, *, title: str, back: str, now_says: Any = ()) -> HttpResponse:
    context = {"form": form, "title": title, "back_href": back, "now_says": now_says, "error_prefix": "Error: " if form.errors else ""}
    return render(request, "concerns/contacts/form.html", context)


@guard(Permission.EDIT_CONTACTS)
@step_up
@button("contact")
def contact_verify(request: HttpRequest, contact: Contact) -> HttpResponse:
    """ "I rang it, it is right"."""
    form = VerifyForm(request.POST)
    try:
        version = form.cleaned_data["version"] if form.is_valid() else 0
        verify_contact(by=actor(request), contact=contact, version=version, at=moment(request))
    except (Stale, Refused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Noted: {contact.name} is right today.")
    return redirect("contact", contact_id=contact.pk)


@guard(Permission.EDIT_CONTACTS)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def contact_retire(request: HttpRequest, contact: Contact) -> HttpResponse:
    """Take a contact out of use, and say what replaces it."""
    if contact.retired_at:
        raise Http404
    form = form_for(request, RetireForm, contact=contact, initial={"version": contact.version})
    if request.method == "POST" and form.is_valid():
        version, successor = form.cleaned_data["version"], form.cleaned_data["successor"]
        user, at = actor(request), moment(request)
        if attempt(request, form, lambda: retire_contact(by=user, contact=contact, version=version, successor=successor, at=at)):
            sent(request)
            messages.success(request, f"{contact.name} is no longer in use.")
            return redirect("contact", contact_id=contact.pk)
        let_send_again(form, version=contact.version)
    context = {"form": form, "contact": contact, "error_prefix": "Error: " if form.errors else ""}
    return render(request, "concerns/contacts/retire.html", context)
