"""Referrals to the council or to another agency, whose answer is waited for."""

import uuid

from django.db import models
from django.db.models import Q

from concerns.choices import ContactKey


class Referral(models.Model):
    """One referral, made by phone or in writing. What was said stands sealed in `entry`, what was answered in `answer`.

    `follows` is the call that this one writes down: both have one answer, which is kept with the call.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, related_name="referrals")
    to = models.CharField(max_length=30, choices=ContactKey.choices, blank=True, help_text="empty: somebody else, named in the entry")
    entry = models.OneToOneField("concerns.Entry", models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    follows = models.OneToOneField("self", models.PROTECT, null=True, related_name="written_down")
    answer = models.OneToOneField("concerns.Entry", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer=None) | Q(answered_at__isnull=False, answer__isnull=False),
                name="answered_referral_has_an_answer",
            ),
            models.CheckConstraint(condition=Q(follows=None) | Q(answered_at=None), name="answer_is_kept_with_the_call"),
        ]

    def __str__(self) -> str:
        return str(self.id)
