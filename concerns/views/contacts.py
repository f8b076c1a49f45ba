"""The pages of the contacts: everybody who has signed in reads them, an administrator keeps them right."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.standing import centres_with
from concerns.actions.contacts import ContactFacts, add_contact, change_contact, retire_contact, verify_contact
from concerns.exceptions import Refused, SafeguardingError, Stale
from concerns.forms.contacts import ContactForm, RetireForm, VerifyForm
from concerns.forms.kept import with_version
from concerns.models import Centre, Contact
from concerns.queries.contacts import contact_list, contact_page
from concerns.views.guard import button, guard
from concerns.views.held import form_for, sent

FACTS = tuple(field.name for field in fields(ContactFacts))


@guard(Permission.SEE_CONTACTS)
@require_safe
def contact_list_page(request: HttpRequest) -> HttpResponse:
    """Every contact in use; for those who keep them also what must be checked, and the retired ones."""
    groups = contact_list(request.user, at=timezone.now())  # type: ignore[arg-type]
    may_edit = can(request.user, Permission.EDIT_CONTACTS)  # type: ignore[arg-type]
    to_check = sum(1 for group in groups for row in group.rows if row.stale)
    return render(request, "concerns/contacts/list.html", {"groups": groups, "may_edit": may_edit, "to_check": to_check})


@guard(Permission.SEE_CONTACTS)
@require_safe
def contact_detail(request: HttpRequest, contact: Contact) -> HttpResponse:
    """One contact, and everything that was done to it."""
    return _detail(request, contact)


def _detail(request: HttpRequest, contact: Contact) -> HttpResponse:
    page = contact_page(request.user, contact.pk, at=timezone.now())  # type: ignore[arg-type]
    if page is None:
        raise Http404
    may_edit = can(request.user, Permission.EDIT_CONTACTS, contact) and not page.row.is_retired  # type: ignore[arg-type]
    rows = [{"key": label, "value": value} for label, value in page.facts]
    return render(request, "concerns/contacts/detail.html", {"page": page, "rows": rows, "may_edit": may_edit, "version": contact.version})


@guard(Permission.EDIT_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: HttpRequest) -> HttpResponse:
    """A form for a new contact."""
    centre = Centre.objects.filter(pk__in=centres_with(request.user, Permission.EDIT_CONTACTS)).first()  # type: ignore[arg-type]
    if centre is None:
        raise Http404
    form = form_for(request, ContactForm, centre=centre)
    if request.method == "POST" and form.is_valid():
        added = _try(form, lambda: add_contact(by=request.user, centre=centre, facts=form.facts(), at=timezone.now()))  # type: ignore[arg-type]
        if added:
            sent(request)
            messages.success(request, f"{added.name} is added. Now ring the number, or open the page, and say that it is right.")
            return redirect("contact", contact_id=added.pk)
    return _form_page(request, form, title="Add a contact", back=reverse("contacts"))


@guard(Permission.EDIT_CONTACTS)
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
            changed = _try(
                form,
                lambda: change_contact(by=request.user, contact=contact, version=version, facts=form.facts(), at=timezone.now()),  # type: ignore[arg-type]
            )
        except Stale as stale:
            changed, now_says = None, _now_says(form, contact)
            form.add_error(None, f"{stale} What you typed is still here: save it again if it is right.")
            with_version(form, contact.version)
        if changed:
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


def _try(form: Any, act: Callable[[], Contact]) -> Contact | None:
    """Do it, or put the sentence of the refusal at the top of the form."""
    try:
        return act()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None


def _form_page(request: HttpRequest, form: ContactForm, *, title: str, back: str, now_says: Any = ()) -> HttpResponse:
    context = {"form": form, "title": title, "back_href": back, "now_says": now_says, "error_prefix": "Error: " if form.errors else ""}
    return render(request, "concerns/contacts/form.html", context)


@guard(Permission.EDIT_CONTACTS)
@button("contact")
def contact_verify(request: HttpRequest, contact: Contact) -> HttpResponse:
    """ "I rang it, it is right"."""
    form = VerifyForm(request.POST)
    try:
        version = form.cleaned_data["version"] if form.is_valid() else 0
        verify_contact(by=request.user, contact=contact, version=version, at=timezone.now())  # type: ignore[arg-type]
    except (Stale, Refused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Noted: {contact.name} is right today.")
    return redirect("contact", contact_id=contact.pk)


@guard(Permission.EDIT_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_retire(request: HttpRequest, contact: Contact) -> HttpResponse:
    """Take a contact out of use, and say what replaces it."""
    if contact.retired_at:
        raise Http404
    form = form_for(request, RetireForm, contact=contact, initial={"version": contact.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            retire_contact(by=request.user, contact=contact, version=given["version"], successor=given["successor"], at=timezone.now())  # type: ignore[arg-type]
        except SafeguardingError as refusal:
            form.add_error(None, str(refusal))
            with_version(form, contact.version)
        else:
            sent(request)
            messages.success(request, f"{contact.name} is no longer in use.")
            return redirect("contact", contact_id=contact.pk)
    context = {"form": form, "contact": contact, "error_prefix": "Error: " if form.errors else ""}
    return render(request, "concerns/contacts/retire.html", context)
