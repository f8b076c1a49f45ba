"""The rule of decisions.py as querysets: what a person's lists, counts and look-ups may contain."""

from django.db.models import Q, QuerySet

from concerns.choices import Role, Vault
from concerns.models import Concern, Contact, Draft, Entry, User

from .permissions import Permission
from .standing import centres_where, centres_with, steps_that_tell, vetoed_concerns


def visible_concerns(user: User) -> "QuerySet[Concern]":
    """Return the concerns that the person works with: need to know, less every veto.

    Leads: all of their centre. Deputies: those about young people, and any that has given them a step. Case managers: those
    about adults who work here, and any that has given them a step.
    """
    leads = Q(centre__in=centres_where(user, Role.LEAD))
    deputies = Q(centre__in=centres_where(user, Role.DEPUTY), vault=Vault.ORDINARY)
    managers = Q(centre__in=centres_where(user, Role.CASE_MANAGER), vault=Vault.ADULT)
    asked = Q(
        centre__in=centres_where(user, Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER),
        pk__in=steps_that_tell(user).values("concern"),
    )
    return Concern.objects.filter(leads | deputies | managers | asked).exclude(vetoed_concerns(user))


def own_concerns(user: User) -> "QuerySet[Concern]":
    """Return the concerns that the person recorded and may follow: their own, less every veto."""
    return Concern.objects.filter(logged_by=user, centre__in=centres_with(user, Permission.SEE_OWN)).exclude(vetoed_concerns(user))


def frozen_concerns(user: User) -> "QuerySet[Concern]":
    """Return the concerns that the person recorded before a veto: they keep only the words that they wrote themselves."""
    return Concern.objects.filter(vetoed_concerns(user), logged_by=user, centre__in=centres_with(user, Permission.SEE_OWN))


def visible_entries(user: User, concern: Concern) -> "QuerySet[Entry]":
    """Return the entries of one concern that the person may read: all for those who work with it, else their own."""
    if visible_concerns(user).filter(pk=concern.pk).exists():
        return Entry.objects.filter(concern=concern)
    return Entry.objects.filter(concern=concern, author=user)


def visible_drafts(user: User) -> "QuerySet[Draft]":
    """Return the person's own unfinished records."""
    return Draft.objects.filter(owner=user, finished_at=None)


def visible_contacts(user: User) -> "QuerySet[Contact]":
    """Return the contacts of the person's centres: all for those who keep them, else those in use."""
    keepers = Q(centre__in=centres_with(user, Permission.EDIT_CONTACTS))
    readers = Q(centre__in=centres_with(user, Permission.SEE_CONTACTS), retired_at=None)
    return Contact.objects.filter(keepers | readers)
