"""Contacts as pages show them: the list, one contact with its history, and whom a member of staff rings.

Every function makes the same number of queries however many contacts there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from concerns.access.scopes import visible_contacts
from concerns.choices import ContactKey
from concerns.models import Centre, Contact, ContactChange, User
from concerns.rules.contacts import is_number, is_stale, tel_href

NEVER_FLAGGED = frozenset(
    {
        ContactKey.POLICE,
        ContactKey.DUTY_CITY,
        ContactKey.DUTY_COUNTY,
        ContactKey.DUTY_RUTLAND_DAY,
        ContactKey.DUTY_RUTLAND_NIGHT,
    }
)
NOT_CHECKED = "Not checked yet"
LABELS = {
    "job": "Job or service",
    "user": "Number of",
    "url": "Web address",
    "email": "E-mail address",
    "area": "For children who live in",
    "audience": "For whom",
    "purpose": "What it is for",
    "source": "Where this comes from",
    "is_public": "On pages that need no sign-in",
    "key": "Stands for",
    "group": "Where in the list",
    "position": "Place within its part of the list",
    "successor": "Replaced by",
}
"""What a contact's page and its history call a field where its own name will not do."""


@dataclass(frozen=True, kw_only=True)
class ContactRow:
    """One contact in words. `href` starts with "tel:" or "sms:", empty where there is no number. `stale` is a sentence or empty."""

    id: UUID
    key: str
    name: str
    job: str
    number: str
    href: str
    url: str
    email: str
    purpose: str
    hours: str
    stale: str
    is_public: bool
    is_retired: bool
    is_emergency: bool
    successor: str


@dataclass(frozen=True, kw_only=True)
class ContactGroup:
    """A heading and its contacts. `slug` is unique on a page."""

    slug: str
    title: str
    rows: tuple[ContactRow, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of a contact's history, in words. `by` is empty where the server did it."""

    what: str
    by: str
    at: datetime
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ContactPage:
    """One contact with everything that was ever done to it. `facts` are label and value, in order."""

    row: ContactRow
    facts: tuple[tuple[str, str], ...]
    history: tuple[Change, ...]


def day(at: date) -> str:
    """Return a date as people read it: "23 November 2026"."""
    return date_format(at, "j F Y")


def contact_href(number: str) -> str:
    """Return the link behind a number, or nothing where a telephone cannot follow it."""
    return tel_href(number) if is_number(number) else ""


def is_never_flagged(contact: Contact) -> bool:
    """Whether no warning stands beside the contact: nobody may be kept from ringing it, or be sent to ring 999 as a test."""
    return contact.group == Contact.Group.EMERGENCY or contact.key in NEVER_FLAGGED


def stale_words(contact: Contact, *, on: date) -> str:
    """Return a warning where a contact must be rung again, else nothing. Every way to 999, 101 and the duty desks carry none."""
    if contact.retired_at or is_never_flagged(contact) or not is_stale(contact.verified_on, on=on):
        return ""
    return f"Last checked {day(contact.verified_on)}" if contact.verified_on else NOT_CHECKED


def contact_row(contact: Contact, *, on: date) -> ContactRow:
    """Return one contact as words; reads nothing but the row (and its successor's name where it is retired)."""
    return ContactRow(
        id=contact.pk,
        key=contact.key,
        name=contact.name,
        job=contact.job,
        number=contact.number,
        href=contact_href(contact.number),
        url=contact.url,
        email=contact.email,
        purpose=contact.purpose,
        hours=contact.hours,
        stale=stale_words(contact, on=on),
        is_public=contact.is_public,
        is_retired=contact.retired_at is not None,
        is_emergency=contact.group == Contact.Group.EMERGENCY,
        successor=contact.successor.name if contact.successor else "",
    )


def contact_list(user: User, *, at: datetime) -> tuple[ContactGroup, ...]:
    """Return the contacts that the person may see, by group, those in use first. One query, and one for their roles."""
    contacts = visible_contacts(user).select_related("successor").order_by("group", "position", "name")
    on = timezone.localdate(at)
    return grouped((contact for contact in contacts if contact.retired_at is None), on=on) + _retired(contacts, on=on)


def slug_of(group: str) -> str:
    """Return the short name of a group: "8_adults" is "adults"."""
    return group.split("_", 1)[1]


def grouped(contacts: Iterable[Contact], *, on: date) -> tuple[ContactGroup, ...]:
    """Return contacts that are sorted by group as groups of rows."""
    return tuple(
        ContactGroup(slug=slug_of(group), title=Contact.Group(group).label, rows=tuple(contact_row(contact, on=on) for contact in members))
        for group, members in groupby(contacts, key=lambda contact: contact.group)
    )


def _retired(contacts: Iterable[Contact], *, on: date) -> tuple[ContactGroup, ...]:
    rows = tuple(contact_row(contact, on=on) for contact in contacts if contact.retired_at)
    return (ContactGroup(slug="retired", title="No longer in use", rows=rows),) if rows else ()


def contact_page(user: User, contact_id: UUID, *, at: datetime) -> ContactPage | None:
    """Return one contact with its history, newest first, or None where it does not exist for this person."""
    contact = visible_contacts(user).select_related("successor", "verified_by", "user").filter(pk=contact_id).first()
    if contact is None:
        return None
    changes = ContactChange.objects.filter(contact=contact).select_related("by")
    return ContactPage(
        row=contact_row(contact, on=timezone.localdate(at)),
        facts=_facts(contact),
        history=tuple(_change(change) for change in changes),
    )


def _facts(contact: Contact) -> tuple[tuple[str, str], ...]:
    checked = f"{day(contact.verified_on)}, by {contact.verified_by or 'the centre'}" if contact.verified_on else "Not yet"
    facts = {
        "job": contact.job,
        "number": contact.number,
        "url": contact.url,
        "email": contact.email,
        "purpose": contact.purpose,
        "hours": contact.hours,
        "area": contact.get_area_display(),
        "audience": contact.get_audience_display(),
        "user": contact.user.name if contact.user else "",
        "key": contact.get_key_display(),
        "is_public": "Yes" if contact.is_public else "No",
        "source": contact.source,
        "checked": checked,
        "successor": contact.successor.name if contact.successor else "",
    }
    return tuple((_label(name), value) for name, value in facts.items() if value)


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _change(change: ContactChange) -> Change:
    return Change(
        what=change.get_kind_display() if change.by else f"{change.get_kind_display()} when the centre was set up",
        by=change.by.name if change.by else "",
        at=change.at,
        lines=tuple(_change_line(field, was, now) for field, (was, now) in change.detail.items() if was or now),
    )


def _change_line(field: str, was: Any, now: Any) -> str:
    return f"{_label(field)}: {_said(was)} → {_said(now)}" if was not in ("", None) else f"{_label(field)}: {_said(now)}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in ("", None) else "nothing"


def _with_number(centre: Centre) -> QuerySet[Contact]:
    return Contact.objects.filter(centre=centre, retired_at=None).exclude(number="").order_by("position", "name")


def numbers_of(centre: Centre, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return user id → telephone number, for those who have a number of their own; the first in the list's order. One query."""
    numbers: dict[UUID, str] = {}
    for contact in _with_number(centre).filter(user__in=list(user_ids)):
        if contact.user_id is not None:
            numbers.setdefault(contact.user_id, contact.number)
    return numbers


def number_for(centre: Centre, user: User) -> Contact | None:
    """Return whom to ring to reach a member of staff: their own contact with a number, else the centre's team. One query."""
    found = _with_number(centre).filter(Q(user=user) | Q(key=ContactKey.CENTRE_TEAM))
    return min(found, key=lambda contact: contact.user_id != user.pk, default=None)
