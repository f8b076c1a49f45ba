"""The daily digest: one mail on the morning of a working day, to leads and administrators who have something to read in it."""

from datetime import datetime, time

from concerns.access.standing import ANSWERING, grants_in_force
from concerns.actions.apart import apart
from concerns.actions.audit import audit
from concerns.actions.outbox import queue_message
from concerns.choices import MessageKind, Role
from concerns.models import Centre, Heartbeat, Message, RoleGrant, User
from concerns.queries.digest import digest_lines
from concerns.rules.deadlines import LONDON, is_working_day

LOOKED_BEAT = "digest"
"""When everybody was last looked at: once a day, however often the worker comes round."""
FROM, UNTIL = time(8), time(17)
"""When the digest is written, in Europe/London; later in the day where nothing ran at eight."""


def queue_digests(*, by: None, at: datetime) -> int:
    """Write today's digests, once a day, and return how many. What they say is put together when they are sent."""
    local = at.astimezone(LONDON)
    if not is_working_day(local.date()) or not FROM <= local.time() < UNTIL:
        return 0
    looked = Heartbeat.objects.filter(name=LOOKED_BEAT).values_list("at", flat=True).first()
    if looked is not None and looked.astimezone(LONDON).date() == local.date():
        return 0
    grants = (
        grants_in_force().filter(role__in=(*ANSWERING, Role.ADMIN)).select_related("user", "centre").order_by("centre", "user").distinct()
    )
    people = {(grant.centre_id, grant.user_id): grant for grant in grants}
    keys = {pair: f"digest:{local.date()}:{pair[0]}:{pair[1]}" for pair in people}
    written = set(Message.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    count = sum(_see_to(grant, keys[pair], at=at) for pair, grant in people.items() if keys[pair] not in written)
    Heartbeat.objects.update_or_create(name=LOOKED_BEAT, defaults={"at": at})
    return count


def _see_to(grant: RoleGrant, key: str, *, at: datetime) -> bool:
    return bool(apart(f"the digest of user {grant.user_id}", lambda: _write_digest(grant.user, grant.centre, key, at=at)))


def _write_digest(user: User, centre: Centre, key: str, *, at: datetime) -> bool:
    """Write the digest of one person; whether they have something to read."""
    if not digest_lines(user, centre, at=at):
        return False
    queue_message(recipient=user, kind=MessageKind.DIGEST, key=key, at=at, centre=centre)
    audit(by=None, verb="wrote a digest", subject=user, at=at, centre=centre)
    return True
