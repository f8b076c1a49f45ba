"""Which unfinished records of others a person may know of: that there is one, and nothing of its content."""

from django.db.models import Q, QuerySet

from concerns.choices import AboutStaff
from concerns.exceptions import KeyTrouble
from concerns.models import Draft, User
from concerns.rules.routing import LEADS

from .keyring import Keyring
from .permissions import Permission
from .roles import ADULT_READERS
from .scopes import visible_concerns
from .standing import centres_where, centres_with


def unfinished_of_others(user: User) -> "QuerySet[Draft]":
    """Return the unfinished records of others that leads are shown; those with a concern only where the person may see it."""
    told = Draft.objects.filter(centre__in=centres_with(user, Permission.SEE_QUEUE), finished_at=None, told_lead_at__isnull=False)
    return told.filter(Q(concern=None) | Q(concern__in=visible_concerns(user).values("pk"))).exclude(owner=user)


def may_be_told(user: User, draft: Draft, keyring: Keyring) -> bool:
    """Whether the person is one who would be alerted, by what was answered so far about the adults here: never that adult."""
    try:
        typed = keyring.open(draft, "content") if draft.data_key_id else {}
    except KeyTrouble:  # whom it is about cannot be known: told as the answer "not sure" is
        typed = {"triage_done": {"about_staff": AboutStaff.NOT_SURE}}
    first, done = typed.get("triage", {}), typed.get("triage_done", {})
    about = done.get("about_staff") or next(iter(first.get("about_staff", [])), AboutStaff.NO)
    adults = [*done.get("adults", []), *first.get("adult", [])]
    if about == AboutStaff.NO or str(user.pk) in adults:
        return about == AboutStaff.NO
    readers = ADULT_READERS - LEADS if about == AboutStaff.NOT_SURE else ADULT_READERS
    return draft.centre_id in centres_where(user, *readers)
