"""What one person proposes and a second one decides: the columns that every such table has."""

from django.db import models


class TakesTwoPeople(models.Model):
    """Proposed by one person; open until somebody decides it. Each table's own constraint says who may not be that second one."""

    proposed_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(null=True)

    class Meta:
        abstract = True
