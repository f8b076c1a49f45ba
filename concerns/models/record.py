"""The record of one concern: its header, which is also the projection that the queue reads, and its append-only entries."""

import uuid

from django.db import models
from django.db.models import Q

from concerns.choices import EntryKind, HomeArea, Lane, Level, Role, Status, Vault
from concerns.rules.levels import PRESSING

from .appendonly import AppendOnly


class ConcernQuerySet(models.QuerySet["Concern"]):
    def open(self) -> "ConcernQuerySet":
        return self.exclude(status=Status.CLOSED)

    def unacknowledged(self) -> "ConcernQuerySet":
        return self.open().filter(acknowledged_at=None)


class Concern(models.Model):
    """One worry. `next_due_at` is the earliest due time of its waiting steps and orders the queue; `version` refuses stale forms."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="concerns")
    data_key = models.OneToOneField("concerns.DataKey", models.SET_NULL, null=True, related_name="+")
    draft_token = models.UUIDField(unique=True)
    reference = models.CharField(max_length=16)
    level = models.CharField(max_length=10, choices=Level.choices)
    vault = models.CharField(max_length=10, choices=Vault.choices)
    status = models.CharField(max_length=15, choices=Status.choices, default=Status.NEW)
    plans = models.JSONField(default=list)
    plan_versions = models.JSONField(default=dict, help_text="plan key → the version that this concern follows")
    is_drill = models.BooleanField(default=False)
    ladder = models.JSONField(default=list, help_text="ids of the people to ask, first to ask first")
    uploads_allowed = models.BooleanField(default=True)
    home_area = models.CharField(max_length=20, choices=HomeArea.choices, default=HomeArea.UNKNOWN)
    lead = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    logged_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="logged_concerns")
    logged_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True, help_text="when the first written account was sent")
    happened_at = models.DateTimeField(null=True)
    happened_about = models.BooleanField(default=False)
    leaves_at = models.DateTimeField(null=True, help_text="when the young person leaves, if they are still here")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    clock_started_at = models.DateTimeField(help_text="the opening, or the last time it was said to be worse")
    next_due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-logged_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["centre", "reference"], name="one_concern_for_a_reference"),
            models.CheckConstraint(condition=Q(acknowledged_at=None) | ~Q(status="new"), name="acknowledged_is_not_new"),
            models.CheckConstraint(condition=Q(status="closed") | Q(next_due_at__isnull=False), name="open_concern_has_a_next_step"),
        ]
        indexes = [
            models.Index(fields=["centre", "next_due_at", "id"], condition=~Q(status="closed"), name="queue_order"),
            models.Index(fields=["centre", "-closed_at", "id"], condition=Q(status="closed"), name="closed_order"),
            models.Index(fields=["logged_by", "-logged_at"], name="my_concerns"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def sealing_key_id(self) -> uuid.UUID | None:
        return self.data_key_id

    @property
    def is_open(self) -> bool:
        return self.status != Status.CLOSED

    @property
    def is_disposed(self) -> bool:
        """Whether its key was destroyed: nobody can read its content again."""
        return self.data_key_id is None

    @property
    def is_pressing(self) -> bool:
        """Whether it goes in the fast lane and needs a second person to close."""
        return self.level in PRESSING

    @property
    def lane(self) -> Lane:
        """Which mails and steps go before which."""
        if self.is_drill:
            return Lane.DRILL
        return Lane.FAST if self.is_pressing else Lane.NORMAL


class Entry(AppendOnly):
    """One signed, dated, unchangeable piece of the record. `body` seals a JSON object of headed texts.

    `digest` covers the version, the header, the ciphertext and the digest of the entry before it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey(Concern, models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    author = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="entries")
    author_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    written_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True)
    body = models.BinaryField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    previous_digest = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        ordering = ["concern", "number"]
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["concern", "number"], name="one_entry_for_a_number")]
        indexes = [models.Index(fields=["author", "concern"], name="entries_of_an_author")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def sealing_key_id(self) -> uuid.UUID | None:
        return self.concern.data_key_id
