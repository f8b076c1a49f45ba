"""Trying a mail again that nothing tries any more: once the address is right, or the mail server takes mail again."""

from datetime import datetime
from uuid import UUID

from concerns.actions.audit import audit, recorded
from concerns.exceptions import NotVisible
from concerns.models import Message, User
from concerns.queries.unsent import unsent_messages


@recorded
def send_again(*, by: User, message_id: UUID, at: datetime) -> Message:
    """Let a mail that failed be tried now, and as often as a new one. Raises NotVisible where it is hidden from `by`."""
    message = unsent_messages(by).select_related("concern", "centre").filter(pk=message_id).first()
    if message is None:
        raise NotVisible("Not found.")
    Message.objects.filter(pk=message.pk, sent_at=None).update(run_at=at, dead_at=None, attempts=0)
    audit(by=by, verb="tried a mail again", subject=message.concern or message.centre, at=at, centre=message.centre, kind=message.kind)
    return message
