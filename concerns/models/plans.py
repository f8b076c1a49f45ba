"""The plans of a centre, version by version. A change is a new row; a concern follows the versions that it began with."""

import uuid

from django.db import models

from concerns.choices import PlanKey

from .appendonly import AppendOnly


class PlanVersion(AppendOnly):
    """One version of one plan. `content` is what `rules.plans.plan_from_data` reads. `made_by` is empty for what was shipped."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="plan_versions")
    key = models.CharField(max_length=20, choices=PlanKey.choices)
    version = models.PositiveIntegerField()
    content = models.JSONField()
    reason = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["centre", "key", "-version"]
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["centre", "key", "version"], name="one_plan_for_a_version")]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"
