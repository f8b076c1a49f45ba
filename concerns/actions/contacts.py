"""The only writers of contacts: add, change, "I rang it, it is right", retire.

Each leaves a line in the contact's history and an audit row in the same transaction, and has the emergency card written
again once that is committed. A key is a contact that rules, plans or pages name: while its contact is in use the key is
never left without one that can be reached. That depends on the closed list of keys and on the versions of plans alone,
never on what is recorded about anybody, so a refusal betrays nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.utils import timezone

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.access.standing import grants_in_force
from concerns.actions.audit import audit, recorded
from concerns.actions.card import rewrite_card_on_commit
from concerns.choices import ContactKey
from concerns.exceptions import Refused, Stale
from concerns.models import Centre, Contact, ContactChange, User
from concerns.queries.plan_faults import plans_that_name
from concerns.rules.contacts import is_number

REACHED_BY = ("number", "url", "email")
STALE = "Somebody else changed this contact after you opened it. Nothing was saved. Look at what it says now."
UNREACHABLE = "Give at least one way to reach them: a number, a web address or an e-mail address."
NOT_A_NUMBER = "That is not a telephone number. Write it as people ring it, for example 0116 496 0000."
NOT_A_WEB_ADDRESS = "A web address begins with https:// or http://."
NOT_A_COLLEAGUE = "Choose somebody who works at this centre."


@dataclass(frozen=True, kw_only=True)
class ContactFacts:
    """Everything about a contact that a person types. `user` is the colleague whose number it is; empty text means none."""

    group: str
    name: str
    job: str = ""
    user: User | None = None
    number: str = ""
    url: str = ""
    email: str = ""
    area: str = ""
    audience: str
    purpose: str = ""
    hours: str = ""
    source: str
    is_public: bool = False
    key: str = ""
    position: int = 100


FACTS = tuple(field.name for field in fields(ContactFacts))


@recorded
def add_contact(*, by: User, centre: Centre, facts: ContactFacts, at: datetime) -> Contact:
    """Add a contact, not checked yet.

    Raises NotVisible or NotAllowed; Refused with a sentence where it cannot be reached, a number or address is wrong, the
    colleague does not work here, or its key already has a contact.
    """
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    require(by, Permission.EDIT_CONTACTS, centre)
    _validate(facts, centre=centre, other_than=None)

    contact = Contact.objects.create(centre=centre, **_columns(facts))
    _remember(contact, ContactChange.Kind.ADDED, by=by, at=at, detail=_differences({}, _said(contact)))
    return contact


@recorded
def change_contact(*, by: User, contact: Contact, version: int, facts: ContactFacts, at: datetime) -> Contact:
    """Write what has changed. A new number or address has to be checked again.

    `version` is the one the person was looking at. Raises Stale where it is not the current one or the contact was retired
    since; Refused as `add_contact` does, and where a key would be left without a contact or without its number.
    """
    found = _lock(by, contact, version)
    _validate(facts, centre=found.centre, other_than=found)
    if found.key and (facts.key != found.key or _lost_its_way(found, facts)):
        raise Refused(_needed(found) + " Change how to reach it, or retire it and choose what replaces it.")

    before = _said(found)
    for column, value in _columns(facts).items():
        setattr(found, column, value)
    detail = _differences(before, _said(found))
    if not detail:
        return found
    if detail.keys() & set(REACHED_BY):
        found.verified_on = found.verified_by = None
    _save(found)
    _remember(found, ContactChange.Kind.CHANGED, by=by, at=at, detail=detail)
    return found


@recorded
def verify_contact(*, by: User, contact: Contact, version: int, at: datetime) -> Contact:
    """Note that `by` has rung or opened it today and that it is right.

    Raises Stale where it was changed since `version`: then it is not known which number was rung.
    """
    found = _lock(by, contact, version)

    found.verified_on, found.verified_by = timezone.localdate(at), by
    _save(found)
    _remember(found, ContactChange.Kind.VERIFIED, by=by, at=at, detail={})
    return found


@recorded
def retire_contact(*, by: User, contact: Contact, version: int, successor: Contact | None, at: datetime) -> Contact:
    """Take a contact out of use. Its successor, where one is named, takes over its key; retired contacts are kept.

    Raises Stale; Refused where the contact has a key and no successor that is in use, can be rung if this one can, and has
    no key of its own.
    """
    found = _lock(by, contact, version)
    heir = _heir(found, successor)
    key, found.key = found.key, ""

    found.retired_at, found.successor = at, heir
    _save(found)
    if heir and key:
        heir.key = key
        _save(heir)
        _remember(heir, ContactChange.Kind.CHANGED, by=by, at=at, detail={"key": ["", ContactKey(key).label]})
    detail = _differences({}, {"successor": heir.name if heir else "", "key": ""})
    _remember(found, ContactChange.Kind.RETIRED, by=by, at=at, detail=detail | ({"key": [ContactKey(key).label, ""]} if key else {}))
    return found


def _lock(by: User, contact: Contact, version: int) -> Contact:
    """Return the contact as it is now, locked; one lock on its centre puts changes of contacts in a row."""
    Centre.objects.select_for_update(no_key=True).get(pk=contact.centre_id)
    found = Contact.objects.select_related("centre", "user").get(pk=contact.pk)
    require(by, Permission.EDIT_CONTACTS, found)
    if found.version != version or found.retired_at:
        raise Stale(STALE)
    return found


def _heir(contact: Contact, successor: Contact | None) -> Contact | None:
    """Return the successor as it is now, or raise Refused where it cannot take over."""
    if successor is None:
        if contact.key:
            raise Refused(_needed(contact) + " Choose the contact that replaces it.")
        return None
    heir = Contact.objects.filter(pk=successor.pk, centre=contact.centre_id, retired_at=None).exclude(pk=contact.pk).first()
    if heir is None:
        raise Refused("Choose a contact that is in use to replace this one.")
    if contact.key and heir.key:
        raise Refused(f"“{heir.name}” already stands for “{heir.get_key_display()}”, and can stand for one thing only. Choose another.")
    if contact.key and contact.number and not heir.number:
        raise Refused(f"“{contact.name}” can be rung, so what replaces it needs a number too. Choose another.")
    return heir


def _needed(contact: Contact) -> str:
    """Why there must be a contact for a key: the advice of the app names it, and so do plans, whichever version a concern follows."""
    plans = [f"“{title}”" for title in plans_that_name(contact.centre, contact.key)]
    names = (
        f"The plan{'s' if len(plans) > 1 else ''} {' and '.join(plans)} and the app’s advice name" if plans else "The app’s advice names"
    )
    return f"{names} “{contact.get_key_display()}”, so there must always be a contact for it."


def _lost_its_way(contact: Contact, facts: ContactFacts) -> bool:
    """Whether what can be rung could no longer be rung, or what has only a web address would lose it."""
    return bool(contact.number and not facts.number) or bool(not contact.number and contact.url and not facts.url)


def _validate(facts: ContactFacts, *, centre: Centre, other_than: Contact | None) -> None:
    if not (facts.number or facts.url or facts.email):
        raise Refused(UNREACHABLE)
    if facts.number and not is_number(facts.number):
        raise Refused(NOT_A_NUMBER)
    if facts.url and not facts.url.lower().startswith(("https://", "http://")):
        raise Refused(NOT_A_WEB_ADDRESS)
    if facts.user and not grants_in_force().filter(user=facts.user, centre=centre).exists():
        raise Refused(NOT_A_COLLEAGUE)
    holder = Contact.objects.filter(centre=centre, key=facts.key, retired_at=None).first() if facts.key else None
    if holder and holder != other_than:
        raise Refused(f"“{holder.name}” already stands for “{holder.get_key_display()}”. Retire it and name this one as what replaces it.")


def _columns(facts: ContactFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in FACTS}


def _said(contact: Contact) -> dict[str, Any]:
    """Return the facts as the history keeps them: closed words as their labels, a colleague as their name."""
    said: dict[str, Any] = {name: getattr(contact, name) for name in FACTS}
    for name in ("group", "area", "audience", "key"):
        said[name] = getattr(contact, f"get_{name}_display")()
    return said | {"user": contact.user.name if contact.user else ""}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return field → [from, to] where the two differ; nothing and empty text are the same."""
    return {name: [before.get(name, ""), value] for name, value in after.items() if before.get(name, "") != value}


def _save(contact: Contact) -> None:
    contact.version += 1
    contact.save()


def _remember(contact: Contact, kind: ContactChange.Kind, *, by: User, at: datetime, detail: dict[str, list[Any]]) -> None:
    ContactChange.objects.create(contact=contact, kind=kind, at=at, by=by, detail=detail)
    audit(by=by, verb=f"contact {kind.value}", subject=contact, at=at)
    rewrite_card_on_commit(at=at)
