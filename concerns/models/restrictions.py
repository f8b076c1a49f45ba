"""To whom a concern is restricted."""

import uuid

from django.db import models
from django.db.models import Q


class Named(models.Model):
    """One person to whom a concern is restricted, until `ended_at`. The reason stands in the record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, related_name="named")
    user = models.ForeignKey("concerns.User", models.PROTECT, related_name="named_for")
    named_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["named_at", "id"]
        constraints = [models.UniqueConstraint(fields=["concern", "user"], condition=Q(ended_at=None), name="named_once_for_a_concern")]
        indexes = [models.Index(fields=["user", "concern"], condition=Q(ended_at=None), name="named_for_concerns")]

    def __str__(self) -> str:
        return f"named {self.concern_id}"
