"""The rule of decisions.py as querysets: what a person's lists, counts and look-ups may contain."""

from django.db.models import Q, QuerySet

from concerns.choices import Role, Vault
from concerns.models import AuditEvent, Concern, Contact, Draft, User
from concerns.rules.audit import REFUSAL, UNSENT

from .permissions import Permission
from .standing import (
    ANSWERING,
    centres_where,
    centres_with,
    glass_broken_by,
    kept_from,
    mails_that_tell,
    named_for,
    steps_that_tell,
    vetoed_concerns,
)


def visible_concerns(user: User) -> "QuerySet[Concern]":
    """Return the concerns that the person works with: need to know, less every veto.

    Leads: all of their centre. Deputies: those about young people, and any that has asked them for something. Case managers:
    those about adults who work here, and any that has asked them for something. A concern that is restricted: those named, and
    nobody else. And what they opened in an emergency, while that holds. Nothing of it without a role that answers alerts.
    """
    if not centres_where(user, *ANSWERING):
        return Concern.objects.none()
    leads = Q(centre__in=centres_where(user, Role.LEAD))
    deputies = Q(centre__in=centres_where(user, Role.DEPUTY), vault=Vault.ORDINARY)
    managers = Q(centre__in=centres_where(user, Role.CASE_MANAGER), vault=Vault.ADULT)
    answers = Q(centre__in=centres_where(user, *ANSWERING))
    reasons = Q(pk__in=steps_that_tell(user).values("concern")) | Q(pk__in=mails_that_tell(user).values("concern"))
    asked = answers & reasons
    by_role = (leads | deputies | managers | asked) & ~kept_from(user)
    by_name = answers & (named_for(user) | glass_broken_by(user))
    return Concern.objects.filter(by_role | by_name).exclude(vetoed_concerns(user))


def breakable_concerns(user: User) -> "QuerySet[Concern]":
    """Return the concerns that the person may open in an emergency: all of the centres where they answer alerts, less every veto."""
    return Concern.objects.filter(centre__in=centres_where(user, *ANSWERING)).exclude(vetoed_concerns(user))


def own_concerns(user: User) -> "QuerySet[Concern]":
    """Return the concerns that the person recorded and may follow: their own, less every veto."""
    return Concern.objects.filter(logged_by=user, centre__in=centres_with(user, Permission.SEE_OWN)).exclude(vetoed_concerns(user))


def frozen_concerns(user: User) -> "QuerySet[Concern]":
    """Return the concerns that the person recorded before a veto: they keep only the words that they wrote themselves."""
    return Concern.objects.filter(vetoed_concerns(user), logged_by=user, centre__in=centres_with(user, Permission.SEE_OWN))


def visible_drafts(user: User) -> "QuerySet[Draft]":
    """Return the person's own unfinished records."""
    return Draft.objects.filter(owner=user, finished_at=None)


def visible_contacts(user: User) -> "QuerySet[Contact]":
    """Return the contacts of the person's centres: all for those who keep them, else those in use."""
    keepers = Q(centre__in=centres_with(user, Permission.EDIT_CONTACTS))
    readers = Q(centre__in=centres_with(user, Permission.SEE_CONTACTS), retired_at=None)
    return Contact.objects.filter(keepers | readers)


def visible_audit(user: User) -> "QuerySet[AuditEvent]":
    """Return the rows of the audit log that the person may read.

    Leads, deputies and case managers: those about concerns that they may see, and what is about no concern at their centre.
    Auditors: every row of their centre, and those of the server. Whatever is hidden from the reader has no row for them, nor
    has an unfinished record while no concern shows it, nor has their own refusal: it would tell them that the thing exists.
    Of a hand-over note only its author and auditors have a row: it may be hidden from the others.
    """
    known, auditing = visible_concerns(user), centres_where(user, Role.AUDITOR)
    audited = Concern.objects.none()
    if auditing:
        audited = Concern.objects.filter(centre__in=auditing).exclude(vetoed_concerns(user) | kept_from(user))
    about_concerns = Q(concern__in=known.values("pk")) | Q(concern__in=audited.values("pk"))
    drafts = Draft.objects.filter(Q(concern__in=known.values("pk")) | Q(concern__in=audited.values("pk"))).values("pk")
    others = Q(concern=None) & ~Q(subject_type="draft") & ~Q(verb__in=UNSENT)
    others &= ~Q(subject_type="handovernote") | Q(by=user) | Q(centre__in=auditing)
    here = Q(centre__in=centres_with(user, Permission.READ_AUDIT)) | (Q(centre=None) if auditing else Q(pk__in=[]))
    rows = about_concerns | Q(concern=None, subject_type="draft", subject_id__in=drafts) | (others & here)
    return AuditEvent.objects.filter(rows).exclude(verb=REFUSAL, by=user)
