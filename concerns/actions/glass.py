"""Breaking the glass: in an emergency somebody opens a concern that they do not see otherwise. The entry is the permission.

Source: the security bar's rule for break-glass: a reason, an end, an alert, and every other check still runs.
"""

from datetime import datetime, timedelta

from concerns.access.decisions import can, require
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.access.scopes import breakable_concerns
from concerns.actions.audit import audit, recorded
from concerns.actions.entries import write_entry
from concerns.actions.limits import bucket_of, take
from concerns.actions.locking import lock_concern
from concerns.actions.outbox import queue_message
from concerns.choices import EntryKind, MessageKind
from concerns.exceptions import Refused
from concerns.models import Concern, User
from concerns.queries.glass import whom_to_alert
from concerns.rules.signin import Limit

TRIES = Limit(tries=20, within=timedelta(hours=1))
TOO_MANY = "You have tried too often. Ring a colleague who works with it. If a child is in danger, ring 999."
NO_SUCH = "There is no concern that you can open with this reference. Check the letters and numbers. If a child is in danger, ring 999."


def may_try(user: User, *, at: datetime) -> bool:
    """Count one try at breaking the glass; False where there were too many within an hour: nobody may guess references."""
    return take(bucket_of("glass", str(user.pk)), TRIES, at=at) is not None


@recorded
def break_glass(*, by: User, reference: str, reason: str, at: datetime) -> Concern:
    """Let `by` read a concern of their centre, and add to it, for GLASS_HOLDS; with a sealed entry, and a mail to who watches.

    Raises Refused, in the same words and after the same work, for a reference that is unknown, of another centre, or hidden from
    `by`. A concern that they see anyway is returned as it is.
    """
    require(by, Permission.BREAK_GLASS)
    found = breakable_concerns(by).filter(reference=reference).first()
    if found is None:
        raise Refused(NO_SUCH)
    concern = lock_concern(by=None, permission=None, concern_id=found.pk)
    if can(by, Permission.SEE_CONCERN, concern):
        return concern
    if not breakable_concerns(by).filter(pk=concern.pk).exists():  # hidden from them since we looked
        raise Refused(NO_SUCH)
    watching = whom_to_alert(concern, but=by)
    entry = write_entry(by=by, concern=concern, kind=EntryKind.BROKE_GLASS, body={"reason": reason}, at=at, keyring=Keyring.of(concern))
    for user in watching:
        queue_message(recipient=user, kind=MessageKind.GLASS, key=f"{entry.pk}:{user.pk}", at=at, concern=concern)
    audit(by=by, verb="broke the glass", subject=concern, at=at, told=len(watching))
    return concern
