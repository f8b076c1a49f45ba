"""The duty rota: who is on duty in each session, who deputises, who is away, and what one session tells the next."""

import uuid

from django.db import models
from django.db.models import F, Q

from concerns.choices import DutySlot


class Duty(models.Model):
    """Who is on duty, or deputises, in a weekly session. With `only_on`, on that date alone, instead of the weekly one.

    Without a `user` there is nobody on that date.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey("concerns.OpeningSession", models.CASCADE, related_name="duties")
    slot = models.CharField(max_length=10, choices=DutySlot.choices)
    user = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="duties")
    only_on = models.DateField(null=True)

    class Meta:
        ordering = ["session", "slot", "only_on"]
        constraints = [
            models.UniqueConstraint(fields=["session", "slot"], condition=Q(only_on=None), name="one_person_on_weekly_duty"),
            models.UniqueConstraint(fields=["session", "slot", "only_on"], name="one_person_on_duty_on_a_date"),
            models.CheckConstraint(condition=Q(user__isnull=False) | Q(only_on__isnull=False), name="weekly_duty_has_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.session_id}"


class Leave(models.Model):
    """Days on which somebody cannot be asked, from the first to the last, both included; dates in Europe/London."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="leave")
    user = models.ForeignKey("concerns.User", models.PROTECT, related_name="leave")
    first_on = models.DateField()
    last_on = models.DateField()
    made_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["first_on", "id"]
        constraints = [models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="leave_ends_after_it_begins")]

    def __str__(self) -> str:
        return f"{self.first_on}–{self.last_on}"


class HandoverNote(models.Model):
    """What those on duty in one session tell those in the next; sealed with a key of its own, and removed after four weeks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="handover_notes")
    author = models.ForeignKey("concerns.User", models.PROTECT, related_name="handover_notes")
    data_key = models.OneToOneField("concerns.DataKey", models.SET_NULL, null=True, related_name="+")
    body = models.BinaryField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-written_at", "id"]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def sealing_key_id(self) -> uuid.UUID | None:
        return self.data_key_id
