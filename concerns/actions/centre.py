"""Sets up a youth centre: itself, its contacts and its opening times. People and ladders come afterwards."""

from datetime import datetime, time

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.card import rewrite_card_on_commit
from concerns.actions.plans import add_shipped_plans
from concerns.models import Centre, Contact, ContactChange, OpeningSession, User
from concerns.queries.shipped import shipped_contacts

# Starting data, to be changed by the centre: Tuesday and Thursday evenings, Saturday mornings.
SESSIONS = ((1, time(17), time(21)), (3, time(17), time(21)), (5, time(10), time(13)))


@recorded
def set_up_centre(*, by: User | None = None, name: str, at: datetime) -> Centre:
    """Return the centre of this name, made with its contacts, plans and opening times where there was none.

    Run again it adds what is missing and changes nothing: a centre that has a contact keeps its own, one that has an opening
    time, or a plan, keeps those. `by` is None on the server's command line; a person needs Permission.EDIT_CONTACTS at the centre.
    """
    centre, is_new = Centre.objects.select_for_update(no_key=True).get_or_create(name=name)
    if by is not None:
        require(by, Permission.EDIT_CONTACTS, centre)

    if not centre.contacts.exists():
        _add_shipped_contacts(centre, by=by, at=at)
    add_shipped_plans(centre, at=at)
    if not centre.sessions.exists():
        OpeningSession.objects.bulk_create(
            OpeningSession(centre=centre, weekday=weekday, starts=starts, ends=ends) for weekday, starts, ends in SESSIONS
        )
    if is_new:
        audit(by=by, verb="centre set up", subject=centre, at=at, centre=centre)
    rewrite_card_on_commit(at=at)
    return centre


def _add_shipped_contacts(centre: Centre, *, by: User | None, at: datetime) -> None:
    """Add every shipped contact, not checked, with the first line of its history. Retired ones come with their successors."""
    by_name: dict[str, Contact] = {}
    for shipped in sorted(shipped_contacts(), key=lambda row: row.is_retired):
        contact = shipped.unsaved()
        contact.centre = centre
        if shipped.is_retired:
            contact.retired_at, contact.successor = at, by_name[shipped.successor]
        by_name[contact.name] = contact
    Contact.objects.bulk_create(by_name.values())
    ContactChange.objects.bulk_create(
        ContactChange(contact=contact, kind=ContactChange.Kind.RETIRED if contact.retired_at else ContactChange.Kind.ADDED, at=at, by=by)
        for contact in by_name.values()
    )


@recorded
def set_reporters_need_second_factor(*, by: User, centre: Centre, need: bool, at: datetime) -> Centre:
    """Decide whether staff and volunteers, too, need a second factor to sign in; it counts from their next page."""
    require(by, Permission.MANAGE_PEOPLE, centre)
    centre.reporters_need_second_factor = need
    centre.save(update_fields=["reporters_need_second_factor"])
    audit(by=by, verb="changed the centre's settings", subject=centre, at=at, centre=centre, reporters_need_second_factor=need)
    return centre
