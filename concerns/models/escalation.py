"""What has to happen next on a concern, by whom and by when; and what waits for a second person."""

import uuid

from django.db import models
from django.db.models import Q

from concerns.choices import Clock, ClosingOutcome, ContactKey, Lane, Level, StepKind, StepState, StepWho

from .twopeople import TakesTwoPeople


class Step(models.Model):
    """One step of a concern's plan. A WAITING step with a due time has a person, unless it is for everybody.

    `due_at` is empty until the step named in `after` is done. `rung` counts the people asked to acknowledge, from 0; on every other
    step, how often it has moved on. `moves_at` is when the worker looks at it next, because nobody has ended it; empty: never.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, related_name="steps")
    key = models.CharField(max_length=40)
    plan = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=StepKind.choices)
    text = models.CharField(max_length=300)
    who = models.CharField(max_length=10, choices=StepWho.choices)
    person = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="steps")
    contact_key = models.CharField(max_length=30, choices=ContactKey.choices, blank=True)
    after = models.CharField(max_length=40, blank=True)
    clock = models.CharField(max_length=15, choices=Clock.choices, default=Clock.MINUTES)
    amount = models.PositiveIntegerField(default=0, help_text="how long the step has, counted on its clock")
    ceiling_minutes = models.PositiveIntegerField(null=True, help_text="never more by the wall clock, where it counts open minutes")
    rung = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    moves_at = models.DateTimeField(null=True)
    lane = models.CharField(max_length=10, choices=Lane.choices, default=Lane.NORMAL)
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.WAITING)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    entry = models.ForeignKey("concerns.Entry", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["due_at", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(due_at=None) | Q(person__isnull=False) | Q(who="everybody"), name="due_step_has_a_person"
            ),
            models.UniqueConstraint(
                fields=["concern"], condition=Q(state="waiting", kind="acknowledge"), name="one_person_asked_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["concern"], condition=Q(state="waiting", kind="accept_handover"), name="handed_over_to_one_person_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["lane", "moves_at"], condition=Q(state="waiting", moves_at__isnull=False), name="steps_to_move"),
            models.Index(fields=["concern", "state"], name="steps_of_a_concern"),
            models.Index(fields=["person", "concern"], name="steps_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Proposal(TakesTwoPeople):
    """Closing, or a lower level, that waits for a second person. The reason stands in `entry`."""

    class Kind(models.TextChoices):
        CLOSE = "close", "Close"
        LOWER = "lower", "Lower the level"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    to_level = models.CharField(max_length=10, choices=Level.choices, blank=True)
    outcome = models.CharField(max_length=20, choices=ClosingOutcome.choices, blank=True)
    entry = models.ForeignKey("concerns.Entry", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(fields=["concern", "kind"], condition=Q(decided_at=None), name="one_open_proposal_of_a_kind"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(agreed=False) | ~Q(decided_by=models.F("proposed_by")),
                name="second_person_is_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.concern_id}"
