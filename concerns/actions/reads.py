"""Reads that are noted by themselves: the audit log, a referral to copy out."""

from datetime import datetime

from concerns.actions.audit import audit, recorded
from concerns.models import Centre, Concern, Referral, User


@recorded
def note_audit_read(*, by: User, centre: Centre, kind: str, person: str, concern: Concern | None, at: datetime) -> None:
    """Note that somebody read a page of the audit log, and what it was narrowed to: a kind, an id, a concern."""
    audit(by=by, verb="read the audit log", subject=concern or centre, at=at, centre=centre, kind=kind, person=person)


@recorded
def note_referral_read(*, by: User, concern: Concern, referral: Referral, at: datetime) -> None:
    """Note that somebody read a referral of this concern to copy it out or print it."""
    audit(by=by, verb="read a referral", subject=concern, at=at, referral=str(referral.pk))
