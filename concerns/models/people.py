"""The people whom concerns are about, sealed; and how each is linked to a concern."""

import uuid

from django.db import models
from django.db.models import Q

from concerns.choices import HomeArea, LinkRole


class Person(models.Model):
    """A young person, or an adult without an account. Everything that names them is sealed with their own key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="people")
    data_key = models.OneToOneField("concerns.DataKey", models.SET_NULL, null=True, related_name="+")
    details = models.BinaryField()
    home_area = models.CharField(max_length=20, choices=HomeArea.choices, default=HomeArea.UNKNOWN)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)

    @property
    def sealing_key_id(self) -> uuid.UUID | None:
        return self.data_key_id


class Link(models.Model):
    """What a person, or a member of staff, is to a concern. A member of staff linked as MAY_HAVE_HARMED is vetoed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, related_name="links")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="links")
    user = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="links")
    role = models.CharField(max_length=20, choices=LinkRole.choices)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, user__isnull=False) | Q(person__isnull=False, user=None), name="link_names_one_person"
            ),
        ]
        indexes = [models.Index(fields=["user", "concern"], condition=Q(role="may_have_harmed", ended_at=None), name="veto_by_link")]

    def __str__(self) -> str:
        return f"{self.role} {self.concern_id}"


class Conflict(models.Model):
    """A member of staff who may not see a concern because they are too close to it. The reason is sealed with the concern's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey("concerns.Concern", models.PROTECT, related_name="conflicts")
    user = models.ForeignKey("concerns.User", models.PROTECT, related_name="conflicts")
    reason = models.BinaryField()
    declared_by = models.ForeignKey("concerns.User", models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["concern", "user"], name="one_conflict_for_a_person")]
        indexes = [models.Index(fields=["user", "concern"], name="veto_by_conflict")]

    def __str__(self) -> str:
        return f"conflict {self.concern_id}"

    @property
    def sealing_key_id(self) -> uuid.UUID | None:
        return self.concern.data_key_id
