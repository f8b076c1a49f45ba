"""Drills: practice concerns on the real chain, timed."""

import uuid

from django.db import models
from django.db.models import Q

from concerns.choices import DrillEnd


class Drill(models.Model):
    """One drill. Its concern holds nothing about anybody; the steps and mails of that concern are what the report counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="drills")
    concern = models.OneToOneField("concerns.Concern", models.PROTECT, related_name="drill")
    started_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=10, choices=DrillEnd.choices, blank=True)

    class Meta:
        ordering = ["-started_at", "id"]
        constraints = [models.UniqueConstraint(fields=["centre"], condition=Q(ended_at=None), name="one_drill_runs_at_a_time")]

    def __str__(self) -> str:
        return str(self.id)
