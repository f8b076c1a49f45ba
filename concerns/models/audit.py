"""Who did what, when: one row for every action, without any case text."""

import uuid

from django.db import models

from .appendonly import AppendOnly


class AuditEvent(AppendOnly):
    """One thing that somebody did. `subject` names the row it was done to; `detail` holds ids and closed words only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["centre", "-at"], name="audit_by_time")]

    def __str__(self) -> str:
        return self.verb
