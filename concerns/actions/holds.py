"""Holds: a concern that must be kept, whatever its time. A lead or a case manager sets and lifts them."""

from datetime import datetime
from uuid import UUID

from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.disposal_list import read_lines
from concerns.actions.locking import lock_concern
from concerns.exceptions import Refused
from concerns.models import DisposalProposal, Hold, User
from concerns.rules.retention import HoldGround

BEGUN = "This concern is being disposed of: it can no longer be held."


@recorded
def set_hold(*, by: User, concern_id: UUID, ground: HoldGround, at: datetime) -> Hold:
    """Say that a concern must be kept, open or closed. A disposal that waits is declined.

    Raises Refused where it is held on this ground already, or its disposal has begun.
    """
    concern = lock_concern(by=by, permission=Permission.HOLD, concern_id=concern_id)
    if any(line.concern == str(concern.pk) for line in read_lines()):
        raise Refused(BEGUN)
    if Hold.objects.filter(concern=concern, ground=ground, lifted_at=None).exists():
        raise Refused("This concern is held on this ground already.")
    hold = Hold.objects.create(concern=concern, ground=ground, set_by=by, set_at=at)
    DisposalProposal.objects.filter(concern=concern, decided_at=None).update(decided_at=at, decided_by=by, agreed=False)
    audit(by=by, verb="set a hold", subject=concern, at=at, ground=ground)
    return hold


@recorded
def lift_hold(*, by: User, concern_id: UUID, ground: HoldGround, at: datetime) -> None:
    """Say that a hold is over. Raises Refused where there is none."""
    concern = lock_concern(by=by, permission=Permission.HOLD, concern_id=concern_id)
    if not Hold.objects.filter(concern=concern, ground=ground, lifted_at=None).update(lifted_at=at, lifted_by=by):
        raise Refused("No hold on this ground is on this concern.")
    audit(by=by, verb="lifted a hold", subject=concern, at=at, ground=ground)
