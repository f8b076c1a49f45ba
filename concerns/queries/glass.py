"""Who has broken the glass of a concern, until when and why; and who is told of it."""

from datetime import datetime

from concerns.access.decisions import can
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.access.standing import GLASS_HOLDS, grants_in_force, vetoed_people
from concerns.choices import EntryKind, Role
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, Entry, User
from concerns.rules.words import clock_words, when_words


def whom_to_alert(concern: Concern, *, but: User) -> list[User]:
    """Return who is told that the glass was broken: the leads who see the concern, else the case managers, else the deputies."""
    grants = grants_in_force().filter(centre=concern.centre_id).exclude(user=but).exclude(user__in=vetoed_people(concern))
    for role in (Role.LEAD, Role.CASE_MANAGER, Role.DEPUTY):
        people = [grant.user for grant in grants.filter(role=role).select_related("user")]
        if seeing := [user for user in people if can(user, Permission.SEE_CONCERN, concern)]:
            return seeing
    return []


def glass_lines(concern: Concern, *, at: datetime) -> list[str]:
    """Return who can read a concern at this moment because they broke the glass, until when, and their reason."""
    broken = Entry.objects.filter(concern=concern, kind=EntryKind.BROKE_GLASS, written_at__gt=at - GLASS_HOLDS).select_related("author")
    keyring = Keyring()
    return [_line(entry, concern, keyring, at=at) for entry in broken.order_by("number")]


def _line(entry: Entry, concern: Concern, keyring: Keyring, *, at: datetime) -> str:
    entry.concern = concern
    try:
        reason = keyring.open(entry, "body").get("reason", "")
    except KeyTrouble as trouble:
        reason = str(trouble)
    name = entry.author.name if entry.author else ""
    until = clock_words(entry.written_at + GLASS_HOLDS)
    return f"{name} broke the glass {when_words(entry.written_at, at=at)}, and can read this until {until}, because: {reason}"
