"""The people who sign in, and what each may do at which centre."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from concerns.choices import Role

POWERFUL_ROLES = frozenset({Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER, Role.AUDITOR})


class Accounts(BaseUserManager["User"]):
    """Finds accounts by e-mail, in any case of letters."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """One member of staff or volunteer. `name` is shown to colleagues, so it is not sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = Accounts()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role that a person holds at a centre. A powerful one waits for another holder's confirmation.

    In force while `confirmed_at` is set and `ended_at` is not.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="grants")
    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["role", "proposed_at"]
        constraints = [
            models.UniqueConstraint(fields=["centre", "user", "role"], condition=Q(ended_at=None), name="one_open_grant_of_a_role"),
            models.CheckConstraint(
                condition=Q(proposed_by=None)
                | Q(confirmed_by=None)
                | ~Q(confirmed_by=models.F("proposed_by"))
                | ~Q(role__in=sorted(POWERFUL_ROLES)),
                name="powerful_role_needs_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} ({self.user_id})"
