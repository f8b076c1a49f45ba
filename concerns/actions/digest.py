"""The daily digest: one mail on the morning of a working day, to leads and administrators who have something to read in it."""

from datetime import datetime, time

from django.db import transaction

from concerns.access.standing import ANSWERING, grants_in_force
from concerns.actions.audit import audit
from concerns.actions.outbox import queue_message
from concerns.choices import MessageKind, Role
from concerns.models import Message
from concerns.queries.digest import digest_lines
from concerns.rules.deadlines import LONDON, is_working_day

FROM, UNTIL = time(8), time(17)
"""When the digest is written, in Europe/London; later in the day where nothing ran at eight."""


def queue_digests(*, by: None, at: datetime) -> int:
    """Write today's digests that are not written yet, and return how many. What they say is put together when they are sent."""
    local = at.astimezone(LONDON)
    if not is_working_day(local.date()) or not FROM <= local.time() < UNTIL:
        return 0
    grants = (
        grants_in_force().filter(role__in=(*ANSWERING, Role.ADMIN)).select_related("user", "centre").order_by("centre", "user").distinct()
    )
    people = {(grant.centre_id, grant.user_id): grant for grant in grants}
    keys = {pair: f"digest:{local.date()}:{pair[0]}:{pair[1]}" for pair in people}
    written = set(Message.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    count = 0
    for pair, grant in people.items():
        if keys[pair] not in written and digest_lines(grant.user, grant.centre, at=at):
            with transaction.atomic():
                queue_message(recipient=grant.user, kind=MessageKind.DIGEST, key=keys[pair], at=at, centre=grant.centre)
                audit(by=by, verb="wrote a digest", subject=grant.user, at=at, centre=grant.centre)
            count += 1
    return count
