"""The end of a record: what must be kept, what two people agree to destroy, and the tombstone that stays."""

import uuid

from django.db import models
from django.db.models import F, Q

from concerns.choices import Level
from concerns.rules.retention import WORDS, EarlyGround, HoldGround, Rule

from .appendonly import AppendOnly
from .twopeople import TakesTwoPeople

RULES = [(rule.value, WORDS[rule]) for rule in Rule]
EARLY_GROUNDS = [(ground.value, WORDS[ground]) for ground in EarlyGround]


class Hold(models.Model):
    """A reason why a concern must be kept, whatever its time. In force until it is lifted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, related_name="holds")
    ground = models.CharField(max_length=20, choices=[(ground.value, WORDS[ground]) for ground in HoldGround])
    set_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["set_at"]
        constraints = [
            models.UniqueConstraint(fields=["concern", "ground"], condition=Q(lifted_at=None), name="one_hold_of_a_ground"),
            models.CheckConstraint(condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_by__isnull=False), name="lifted_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.ground} {self.concern_id}"


class DisposalProposal(TakesTwoPeople):
    """A disposal that waits for a second person. `concern_version` is what the first one saw: a later change undoes it.

    From when the concern may be disposed of is worked out anew each time and kept nowhere, because it would tell a child's birthday.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, related_name="disposal_proposals")
    concern_version = models.PositiveIntegerField()
    rule = models.CharField(max_length=20, choices=RULES)
    early_ground = models.CharField(max_length=20, choices=EARLY_GROUNDS, blank=True)

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(fields=["concern"], condition=Q(decided_at=None), name="one_open_disposal"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(agreed=False) | ~Q(decided_by=F("proposed_by")), name="disposal_takes_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"dispose {self.concern_id}"


class Disposal(AppendOnly):
    """The tombstone: that a record was here, who ended it, under which rule, and from when no backup can bring it back.

    It repeats a line of the list outside the database (`line` is that line's hash). The people are empty where a database
    from an older backup does not know them; the list does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.OneToOneField("concerns.Concern", models.PROTECT, related_name="disposal")
    rule = models.CharField(max_length=20, choices=RULES)
    early_ground = models.CharField(max_length=20, choices=EARLY_GROUNDS, blank=True)
    level = models.CharField(max_length=10, choices=Level.choices)
    entries = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    proposed_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField()
    unrecoverable_on = models.DateField()
    line = models.CharField(max_length=64)

    class Meta:
        ordering = ["approved_at"]
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"disposal {self.concern_id}"
