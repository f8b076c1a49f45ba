"""A youth centre: its opening sessions, and the named lists of people whom alerts go to."""

import calendar
import uuid

from django.db import models
from django.db.models import F, Q

from concerns.choices import HomeArea, Ladder


class Centre(models.Model):
    """One youth centre; everything else belongs to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    home_area = models.CharField(max_length=20, choices=HomeArea.choices, default=HomeArea.CITY)
    reporters_need_second_factor = models.BooleanField(default=False, help_text="all other roles always do")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OpeningSession(models.Model):
    """One weekly time in which the centre is open: local time, Europe/London."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey(Centre, models.CASCADE, related_name="sessions")
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday")
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekday_is_a_weekday"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="session_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}–{self.ends}"

    @property
    def weekday_name(self) -> str:
        """The day of the week in English: "Tuesday"."""
        return calendar.day_name[self.weekday]


class Rung(models.Model):
    """One person's place on a ladder. Position 1 is alerted first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey(Centre, models.CASCADE, related_name="rungs")
    ladder = models.CharField(max_length=10, choices=Ladder.choices)
    position = models.PositiveSmallIntegerField()
    user = models.ForeignKey("concerns.User", models.PROTECT, related_name="rungs")

    class Meta:
        ordering = ["ladder", "position"]
        constraints = [
            models.UniqueConstraint(fields=["centre", "ladder", "position"], name="one_person_on_a_rung"),
            models.UniqueConstraint(fields=["centre", "ladder", "user"], name="one_rung_for_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.ladder} {self.position}"
