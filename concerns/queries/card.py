"""What the emergency card says: from the database, or from the shipped contacts where there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from concerns.choices import ContactKey, HomeArea
from concerns.models import Contact
from concerns.rules.desks import DUTY_DESKS
from concerns.rules.routing import AREA_WARNINGS

from .contacts import ContactRow, contact_row
from .public_contacts import public_contacts
from .shipped import shipped_contacts


@dataclass(frozen=True, kw_only=True)
class DeskRow:
    """Where a child may live, what to mind there, and the contacts to ring, first to ring first."""

    area: str
    note: str
    rows: tuple[ContactRow, ...]


@dataclass(frozen=True, kw_only=True)
class TeamNumber:
    """One way to reach people of the centre, and everybody whom it reaches."""

    number: str
    href: str
    email: str
    people: tuple[ContactRow, ...]
    stale: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """The card. 999 itself and 18000 are words of the page: no edit of a contact can take them away.

    `written_on` is the day on which these numbers were read, None for the built-in card.
    """

    sign_language: ContactRow
    desks: tuple[DeskRow, ...]
    centre: tuple[TeamNumber, ...]
    police: ContactRow
    written_on: date | None


def card_now(*, at: datetime) -> Card:
    """Return the card from the database: public contacts only. A key that no public contact carries has its shipped number."""
    return _card(public_contacts(), on=timezone.localdate(at), written_on=timezone.localdate(at))


def card_built_in() -> Card:
    """Return the card of the shipped contacts. Asks no database."""
    return _card(_shipped(), on=date.min, written_on=None)


def _shipped() -> list[Contact]:
    return [row.unsaved() for row in shipped_contacts() if not row.is_retired and row.fields["is_public"]]


def _card(contacts: Iterable[Contact], *, on: date, written_on: date | None) -> Card:
    found = list(contacts)
    by_key = {c.key: c for c in [*_shipped(), *found] if c.key}
    return Card(
        sign_language=contact_row(by_key[ContactKey.POLICE_BSL], on=on),
        desks=tuple(_desk(area, by_key, on=on) for area in HomeArea),
        centre=_team(contact_row(c, on=on) for c in found if c.group == Contact.Group.CENTRE),
        police=contact_row(by_key[ContactKey.POLICE], on=on),
        written_on=written_on,
    )


def _team(rows: Iterable[ContactRow]) -> tuple[TeamNumber, ...]:
    """Return the centre's people by the number that reaches them, each number once; flagged where one of its rows is."""
    shared: dict[tuple[str, str], list[ContactRow]] = {}
    for row in rows:
        shared.setdefault((row.number, row.email), []).append(row)
    return tuple(
        TeamNumber(
            number=number, email=email, href=people[0].href, people=tuple(people), stale=next((p.stale for p in people if p.stale), "")
        )
        for (number, email), people in shared.items()
    )


def _desk(area: HomeArea, by_key: Mapping[str, Contact], *, on: date) -> DeskRow:
    rows = tuple(contact_row(by_key[key], on=on) for key in DUTY_DESKS[area])
    return DeskRow(area=area.label, note=AREA_WARNINGS.get(area, ""), rows=rows)
