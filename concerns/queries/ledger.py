"""What became of each alert, by name, in a reporter’s words: queued, sent to the provider, failed and why, opened, answered."""

from datetime import datetime

from concerns.choices import ASKING
from concerns.models import Concern, Message
from concerns.rules.delivery import failure_words
from concerns.rules.words import clock_words, when_words


def alerts_of(concern: Concern, *, at: datetime) -> list[str]:
    """Return a line for each person who was asked to answer, the first asked first (one query); their newest alert says how it stands."""
    messages = Message.objects.filter(concern=concern, kind__in=ASKING).select_related("recipient").order_by("queued_at", "pk")
    newest = {message.recipient_id: message for message in messages}
    return [_line(message, concern, at=at) for message in newest.values()]


def _line(message: Message, concern: Concern, *, at: datetime) -> str:
    stages = [_sent(message, at=at)]
    if message.opened_at:
        stages.append(f"opened it {when_words(message.opened_at, at=at)}")
    if concern.acknowledged_by_id == message.recipient_id and concern.acknowledged_at:
        stages.append(f"answered {when_words(concern.acknowledged_at, at=at)}")
    return f"{message.recipient.name}: {'; '.join(stages)}"


def _sent(message: Message, *, at: datetime) -> str:
    why = f", because {failure_words(message.failure)}" if message.failure else ""
    if message.sent_at:
        return f"sent to their mail provider {when_words(message.sent_at, at=at)}"
    if message.withdrawn_at:
        return f"not sent{why}, and no longer needed"
    if message.dead_at:
        return f"could not be sent{why}. Ring them"
    if message.failed_at:
        return f"not sent at {clock_words(message.failed_at)}{why}. We keep trying"
    return f"queued {when_words(message.queued_at, at=at)}, not sent yet"
