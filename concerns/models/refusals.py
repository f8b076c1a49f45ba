"""How many refusals were counted without a row of their own in the audit log."""

import uuid

from django.db import models
from django.db.models import Q


class RefusalCount(models.Model):
    """One day's count: of one person whose refusals came too fast, or, without a person, of strangers and unknown addresses."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    on = models.DateField()
    user = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["on", "user"], condition=Q(user__isnull=False), name="one_count_of_a_person"),
            models.UniqueConstraint(fields=["on"], condition=Q(user=None), name="one_count_of_strangers"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.count}"
