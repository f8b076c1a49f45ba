"""The first line of every action on a concern: lock it, look again whether the person may, refuse a stale form."""

from uuid import UUID

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.exceptions import NotVisible, Stale
from concerns.models import Concern, User

STALE = "Somebody else changed this concern while you were looking at it. Nothing was lost: look at it as it is now, then send yours again."


def lock_concern(*, by: User | None, permission: Permission | None, concern_id: UUID, version: int | None = None) -> Concern:
    """Return the concern, locked until the transaction ends.

    Raises NotVisible or NotAllowed where `by` may not do this, Stale where the form was made from an older version. Without
    a permission it is the worker that acts.
    """
    # Not the key: an audit row of somebody who only reads points at the concern, and is written while they hold the chain's lock.
    concern = (
        Concern.objects.select_for_update(of=("self",), no_key=True).select_related("centre", "logged_by").filter(pk=concern_id).first()
    )
    if concern is None:
        raise NotVisible("Not found.")
    if by is not None and permission is not None:
        require(by, permission, concern)
    if version is not None and version != concern.version:
        raise Stale(STALE)
    return concern


def save_concern(concern: Concern, *fields: str) -> None:
    """Save the named fields of a locked concern and raise its version, so that forms made before are refused."""
    concern.version += 1
    concern.save(update_fields=[*fields, "version"])
