"""Whom to ring, and what was checked about each number, by whom and when."""

import uuid

from django.db import models
from django.db.models import Q

from concerns.choices import Audience, ContactKey, HomeArea

from .appendonly import AppendOnly


class Contact(models.Model):
    """A service or a person to turn to. Rules and plans name some by `key`; `key` is unique among those in use.

    Public contacts may stand on pages that need no sign-in; others never do.
    """

    class Group(models.TextChoices):
        EMERGENCY = "1_emergency", "In an emergency"
        COUNCIL = "2_council", "The council"
        CENTRE = "3_centre", "Our safeguarding team"
        POLICE = "4_police", "Police"
        REPORT = "5_report", "Report something online"
        HEALTH = "6_health", "Health and feelings"
        YOUNG_PEOPLE = "7_young_people", "For young people"
        ADULTS = "8_adults", "For adults who are worried"
        PLATFORM = "9_platform", "Social media and games"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="contacts")
    key = models.CharField(max_length=30, choices=ContactKey.choices, blank=True)
    group = models.CharField(max_length=20, choices=Group.choices)
    name = models.CharField(max_length=120)
    job = models.CharField("job or service", max_length=120, blank=True)
    user = models.ForeignKey("concerns.User", models.PROTECT, null=True, blank=True, related_name="contacts")
    number = models.CharField(max_length=40, blank=True)
    url = models.URLField("web address", max_length=300, blank=True)
    email = models.EmailField("e-mail address", blank=True)
    area = models.CharField(max_length=20, choices=HomeArea.choices, blank=True)
    audience = models.CharField(max_length=20, choices=Audience.choices, default=Audience.EVERYONE)
    purpose = models.CharField("what it is for", max_length=300, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=200)
    is_public = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=100)
    verified_on = models.DateField(null=True, blank=True)
    verified_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaces")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["group", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["centre", "key"], condition=Q(retired_at=None) & ~Q(key=""), name="one_live_contact_for_a_key"),
            models.CheckConstraint(condition=~(Q(number="") & Q(url="") & Q(email="")), name="contact_can_be_reached"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactChange(AppendOnly):
    """What was done to a contact: added, changed (field, from, to), rung and found right, retired."""

    class Kind(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        VERIFIED = "verified", "Rang it, it is right"
        RETIRED = "retired", "Retired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.contact_id}"
