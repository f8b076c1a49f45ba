"""Whom to ring, in words: the contacts behind a route, and the person who was asked to answer a concern."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from concerns.choices import TAKE_IT, ContactKey, HomeArea, StepKind, StepWho, Vault
from concerns.models import Centre, Concern, Contact, Step, User
from concerns.queries.contacts import contact_href, number_for
from concerns.queries.escalation import in_order, waiting_step
from concerns.queries.health import nobody_else_is_asked, nobody_was_reached
from concerns.queries.shipped import shipped_contacts
from concerns.rules.desks import ANY_HOUR, Desk, resolve
from concerns.rules.routing import Route

UNANSWERED = "Nobody has answered yet."
ASKED_EVERYBODY = "Nobody has answered yet. Everybody who is not away has been asked, and is asked again."
NOBODY_TO_ASK = "Nobody has answered yet, and nobody here can be asked. Ring the council yourself."
UNREACHED = "Nobody has answered yet. Our mail has reached nobody: ring now."
STOPPED = "Nobody has answered yet, and the app cannot ask anybody else at the moment: ring now."
NOBODY_HAS_IT = "Nobody has this concern at the moment. The next person was asked to take it."


@dataclass(frozen=True, kw_only=True)
class RingLine:
    """One line of "whom to ring". `href` starts with "tel:" or is a web address; `note` says why and when."""

    name: str
    number: str
    href: str
    tel: str
    note: str = ""


def contacts_by_key(centre: Centre, keys: Iterable[str]) -> dict[str, Contact]:
    """Return the contacts in use by key (one query). A service that the centre has lost is the one that the product ships.

    A worker must never meet an empty list of whom to ring. The centre's own people are nobody else's: they are not filled in.
    """
    wanted = set(keys)
    own = {row.key: row for row in Contact.objects.filter(centre=centre, key__in=wanted, retired_at=None)}
    shipped = (row.unsaved() for row in shipped_contacts() if not row.is_retired and row.fields.get("key") in wanted - own.keys())
    return own | {row.key: row for row in shipped if row.group != Contact.Group.CENTRE}


def line_of(contact: Contact, *, note: str = "") -> RingLine:
    """Return a contact as one line to ring, or to open where it has no number."""
    return _line(contact.name, contact.number, url=contact.url, note=note)


def _line(name: str, number: str, *, url: str = "", note: str) -> RingLine:
    href = contact_href(number) if number else url
    return RingLine(name=name, number=number, href=href, tel=href.removeprefix("tel:") if href.startswith("tel:") else "", note=note)


def route_lines(found: Route, centre: Centre) -> list[RingLine]:
    """Return the contacts of a route, first to ring first (two queries at most). A person without a number is rung at the centre."""
    keys = {ring.contact for ring in found.contacts if ring.contact} | {ContactKey.CENTRE_TEAM}
    contacts = contacts_by_key(centre, keys)
    lines = []
    for ring in found.contacts:
        note = f"{ring.why} {ring.when}.".replace("..", ".")
        if ring.contact is not None and ring.contact in contacts:
            lines.append(line_of(contacts[ring.contact], note=note))
        elif ring.responder is not None:
            team = contacts.get(ContactKey.CENTRE_TEAM)
            lines.append(_line(ring.responder.name, ring.responder.number or (team.number if team else ""), note=note))
    return lines


def parallel_lines(found: Route, centre: Centre) -> list[RingLine]:
    """Return the reports to make beside the calls, with their contacts."""
    contacts = contacts_by_key(centre, {report.contact for report in found.parallel})
    return [
        line_of(contacts[report.contact], note=f"{report.text} {report.within}.".replace("..", "."))
        for report in found.parallel
        if report.contact in contacts
    ]


def danger_lines(centre: Centre) -> list[RingLine]:
    """Return what is shown while somebody may be in danger, before anything is asked: 999, then the duty desk of each area."""
    desks = {
        ContactKey.POLICE_EMERGENCY: "Ring this first, if anyone is in danger.",
        ContactKey.DUTY_CITY: "Then ring this, if the young person lives in Leicester city, or you do not know where.",
        ContactKey.DUTY_COUNTY: "If they live in Leicestershire county.",
        ContactKey.DUTY_RUTLAND_DAY: "If they live in Rutland, by day.",
        ContactKey.DUTY_RUTLAND_NIGHT: "If they live in Rutland, in the evening or at night.",
        ContactKey.POLICE: "If they live somewhere else, and it is not an emergency.",
    }
    contacts = contacts_by_key(centre, desks)
    return [line_of(contacts[key], note=note) for key, note in desks.items() if key in contacts]


def ring_now(concern: Concern, *, at: datetime) -> RingLine | None:
    """Return whom to ring about a concern, no drill, that nobody has answered, or that is pressing and that nobody has any more.

    That is who was asked last, or who is next and not away; else the duty desk.
    """
    if not concern.is_open or concern.is_drill or _is_in_hand(concern):
        return None
    asked = waiting_step(concern, **({"kind": StepKind.ACKNOWLEDGE} if concern.acknowledged_at is None else {"key": TAKE_IT}))
    people: list[User] = [asked.person] if asked and asked.person else in_order(concern, at=at)[:1]
    note = _why(concern, asked, at=at)
    desk_key = _desk_at_any_hour(HomeArea(concern.home_area))
    desk = line_of(contacts_by_key(concern.centre, {desk_key})[desk_key], note=note)
    if not people:
        return replace(desk, note=f"{NOBODY_TO_ASK}{_or_the_lado(concern)}")
    reached_by = number_for(concern.centre, people[0])
    found = _line(people[0].name, reached_by.number if reached_by else "", note=note)
    can_wait = found.tel and note in (UNANSWERED, ASKED_EVERYBODY, NOBODY_HAS_IT)
    return found if can_wait else replace(found, note=f"{note} If you do not find them, ring {desk.name}, {desk.number}.")


def _is_in_hand(concern: Concern) -> bool:
    """Whether somebody has answered, and has it or need not be rung at once."""
    return concern.acknowledged_at is not None and (not concern.is_pressing or concern.lead_id is not None)


def _why(concern: Concern, asked: Step | None, *, at: datetime) -> str:
    """Why somebody is to be rung."""
    if concern.acknowledged_at is not None:
        return NOBODY_HAS_IT
    if nobody_was_reached(concern, at=at):
        return UNREACHED
    if nobody_else_is_asked(at=at):
        return STOPPED
    return ASKED_EVERYBODY if asked is not None and asked.who == StepWho.EVERYBODY else UNANSWERED


def _or_the_lado(concern: Concern) -> str:
    """The LADO in words, beside the duty desk, where a concern is about an adult who works here."""
    if concern.vault != Vault.ADULT:
        return ""
    key = resolve(Desk.LADO, HomeArea(concern.home_area))[0]
    lado = contacts_by_key(concern.centre, {key})[key]
    return f" You can also ring the {lado.name}, {lado.number}, in office hours."


def desk_line(concern: Concern) -> RingLine:
    """Return the duty desk for where the young person lives, one that answers day and night."""
    key = _desk_at_any_hour(HomeArea(concern.home_area))
    return line_of(contacts_by_key(concern.centre, {key})[key])


def _desk_at_any_hour(area: HomeArea) -> ContactKey:
    """The desk of a home area that has a number and answers day and night."""
    return next(key for key in resolve(Desk.DUTY_DESK, area) if key in ANY_HOUR)
