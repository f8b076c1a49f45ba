"""Mails as rows: written with the business change, claimed by a lease, sent, marked. And the worker's heartbeat."""

import uuid

from django.db import models
from django.db.models import Q

from concerns.choices import Lane, MessageKind


class Message(models.Model):
    """One mail to one person. It holds no text: level, reference and link are put together when it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="messages")
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, null=True, related_name="messages")
    recipient = models.ForeignKey("concerns.User", models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=20, choices=MessageKind.choices)
    lane = models.CharField(max_length=10, choices=Lane.choices)
    key = models.CharField(max_length=120, unique=True, help_text="sending the same thing twice makes one row")
    queued_at = models.DateTimeField()
    run_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=80, blank=True, help_text="the kind of error, never its text")
    dead_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True, help_text="when the mail server said that it takes nothing for this address")
    withdrawn_at = models.DateTimeField(null=True, help_text="when it was taken back before it left, because nobody needs it any more")
    opened_at = models.DateTimeField(null=True, help_text="when the recipient opened the concern")

    class Meta:
        ordering = ["queued_at", "id"]
        indexes = [
            models.Index(fields=["lane", "run_at"], condition=Q(sent_at=None, dead_at=None, withdrawn_at=None), name="messages_to_send"),
            models.Index(
                fields=["centre"], condition=Q(sent_at=None, withdrawn_at=None, failed_at__isnull=False), name="messages_that_failed"
            ),
            models.Index(fields=["recipient"], condition=Q(refused_at__isnull=False), name="messages_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Heartbeat(models.Model):
    """When each background loop last came round."""

    name = models.CharField(primary_key=True, max_length=30)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
