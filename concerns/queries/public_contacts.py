"""The contacts that anybody may see: who to talk to, the guides, and what the emergency card is made from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from concerns.choices import Audience
from concerns.models import Centre, Contact

from .contacts import NOT_CHECKED, ContactGroup, ContactRow, grouped, is_never_flagged, slug_of

CENTRES_SHOWN = 3
"""Public pages and the card name the people of this many centres at most; beyond that each centre's poster does."""

FIRST_FOR_YOUNG_PEOPLE = (
    Contact.Group.CENTRE,
    Contact.Group.YOUNG_PEOPLE,
    Contact.Group.HEALTH,
    Contact.Group.REPORT,
    Contact.Group.POLICE,
    Contact.Group.PLATFORM,
)
FIRST_FOR_WORKERS = (Contact.Group.COUNCIL, Contact.Group.ADULTS, Contact.Group.REPORT, Contact.Group.HEALTH)


@dataclass(frozen=True, kw_only=True)
class TalkPage:
    """The public contacts, those for young people first. `unchecked`: some of them were never rung by the centre.

    That is said once for the page, and not beside every name: a frightened person must not doubt each line.
    """

    young_people: tuple[ContactGroup, ...]
    workers: tuple[ContactGroup, ...]
    unchecked: bool


@dataclass(frozen=True, kw_only=True)
class GuideContacts:
    """The public contacts of a guide by the short name of their group, empty where there are none; `unchecked` as on the talk page."""

    groups: dict[str, tuple[ContactRow, ...]]
    unchecked: bool


def public_contacts() -> list[Contact]:
    """Return the contacts that anybody may see, each once. Two queries.

    With several centres the shared services stand once; people are named of the first few centres only.
    """
    centres = list(Centre.objects.order_by("name").values_list("pk", flat=True)[: CENTRES_SHOWN + 1])
    contacts = (
        Contact.objects.filter(centre__in=centres[:CENTRES_SHOWN], is_public=True, retired_at=None)
        .select_related("centre", "successor")
        .order_by("group", "position", "name", "centre__name")
    )
    too_many = len(centres) > CENTRES_SHOWN
    seen: dict[tuple[str, ...], Contact] = {}
    for contact in contacts:
        if not (too_many and contact.group == Contact.Group.CENTRE):
            seen.setdefault((contact.group, contact.name, contact.number, contact.url, contact.email), contact)
    return list(seen.values())


def talk_page(*, at: datetime) -> TalkPage:
    """Return what "who to talk to" shows: public contacts only, young people's part first."""
    on = timezone.localdate(at)
    contacts = public_contacts()
    return TalkPage(
        young_people=_ordered((c for c in contacts if c.audience != Audience.WORKERS), FIRST_FOR_YOUNG_PEOPLE, on=on),
        workers=_ordered((c for c in contacts if c.audience == Audience.WORKERS), FIRST_FOR_WORKERS, on=on),
        unchecked=_unchecked(contacts),
    )


def _unchecked(contacts: Iterable[Contact]) -> bool:
    return any(contact.verified_on is None and not is_never_flagged(contact) for contact in contacts)


def _ordered(contacts: Iterable[Contact], groups: Iterable[str], *, on: date) -> tuple[ContactGroup, ...]:
    found = {group.title: _said_once(group) for group in grouped(contacts, on=on)}
    titles = [Contact.Group(group).label for group in groups]
    return tuple(found[title] for title in titles if title in found)


def _said_once(group: ContactGroup) -> ContactGroup:
    """Return the group without "not checked yet", which its page says once for all."""
    return replace(group, rows=tuple(replace(row, stale="" if row.stale == NOT_CHECKED else row.stale) for row in group.rows))


def guide_contacts(*, at: datetime) -> GuideContacts:
    """Return the public contacts that a guide shows."""
    contacts = public_contacts()
    groups = map(_said_once, grouped(contacts, on=timezone.localdate(at)))
    empty: dict[str, tuple[ContactRow, ...]] = {slug_of(group): () for group in Contact.Group.values}
    return GuideContacts(groups=empty | {group.slug: group.rows for group in groups}, unchecked=_unchecked(contacts))
