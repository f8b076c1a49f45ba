"""What somebody sent after their session had ended, or with a refused form token: kept sealed for an hour, for them alone."""

from datetime import datetime, timedelta

from concerns.access.keyring import Keyring
from concerns.actions.audit import audit, recorded
from concerns.exceptions import KeyTrouble
from concerns.models import HeldPost, User

KEPT = timedelta(hours=1)
MOST_AT_ONCE = 10


@recorded
def hold_post(*, by: User, path: str, fields: dict[str, list[str]], at: datetime) -> HeldPost:
    """Seal the fields of a refused form, in place of what was kept for that page before. An eleventh page pushes out the oldest."""
    keyring = Keyring()
    for before in HeldPost.objects.filter(owner=by, path=path[:300]):
        _destroy(before)
    held = HeldPost(owner=by, data_key=keyring.new_key(at=at), path=path[:300], held_at=at, expires_at=at + KEPT)
    keyring.seal(held, "content", fields)
    held.save(force_insert=True)
    for old in HeldPost.objects.filter(owner=by)[MOST_AT_ONCE:]:
        _destroy(old)
    audit(by=by, verb="kept a refused form", subject=held, at=at)
    return held


def open_held_post(*, by: User, path: str, at: datetime) -> dict[str, list[str]]:
    """Return the fields that were kept for this person and this page, newest first, or nothing. They stay until `drop_held_posts`."""
    held = HeldPost.objects.filter(owner=by, path=path, expires_at__gt=at).first()
    try:
        return Keyring.of(held).open(held, "content") if held else {}
    except KeyTrouble:  # the log names the row; the form is shown empty
        return {}


@recorded
def drop_held_posts(*, by: User, path: str, at: datetime) -> int:
    """Destroy what was kept for a page once it has been sent, and return how many there were."""
    rows = list(HeldPost.objects.filter(owner=by, path=path))
    for held in rows:
        _destroy(held)
    if rows:
        audit(by=by, verb="dropped a kept form", subject=None, at=at, count=len(rows))
    return len(rows)


@recorded
def purge_held_posts(*, by: None, at: datetime) -> int:
    """Destroy everything whose hour is over, with its key, and return how many there were."""
    rows = list(HeldPost.objects.filter(expires_at__lte=at)[:100])
    for held in rows:
        _destroy(held)
    if rows:
        audit(by=by, verb="purged kept forms", subject=None, at=at, count=len(rows))
    return len(rows)


def _destroy(held: HeldPost) -> None:
    key = held.data_key
    held.delete()
    if key is not None:
        key.delete()
