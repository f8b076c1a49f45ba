"""Who did what, when: one row for every action, without any case text."""

import uuid

from django.db import models

from .appendonly import AppendOnly


class AuditEvent(AppendOnly):
    """One thing that somebody did. `subject` names the row it was done to; `detail` holds ids and closed words only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveBigIntegerField(help_text="its place in the centre's chain, from 1")
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict)
    previous_digest = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        ordering = ["-at", "id"]
        constraints = [models.UniqueConstraint(fields=["centre", "number"], name="one_audit_row_for_a_number")]
        indexes = [models.Index(fields=["centre", "-at"], name="audit_by_time")]

    def __str__(self) -> str:
        return self.verb


class ChainHead(models.Model):
    """The end of one centre's audit chain; locking its row puts the writers in a line. `chain` is the centre's id, or empty."""

    chain = models.CharField(primary_key=True, max_length=36)
    number = models.PositiveBigIntegerField()
    digest = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"
