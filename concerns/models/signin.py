"""Who is signed in where, and what guards signing in. Codes and links are never stored: counters, hashes and times are."""

import uuid

from django.db import models
from django.db.models import Q

from concerns.choices import AccountChangeKind, LinkKind, SignInEnd

from .twopeople import TakesTwoPeople


class SignIn(models.Model):
    """One sign-in of one person in one browser. The session points at it; once it has ended, the session counts for nothing.

    `proved_at` is when this very session proved a second factor: owning one is not enough.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("concerns.User", models.PROTECT, related_name="sign_ins")
    browser = models.CharField(max_length=60)
    is_shared = models.BooleanField(default=False, help_text="a device that several people use")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="the last time that the person did something, to the minute")
    proved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    why_ended = models.CharField(max_length=12, choices=SignInEnd.choices, blank=True)

    class Meta:
        ordering = ["-seen_at"]
        indexes = [models.Index(fields=["user"], condition=Q(ended_at=None), name="sign_ins_that_last")]

    def __str__(self) -> str:
        return str(self.id)


class LastCode(models.Model):
    """The counter of the last code from an app that was accepted: only a higher one is accepted after it."""

    user = models.OneToOneField("concerns.User", models.CASCADE, primary_key=True, related_name="+")
    counter = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.user_id)


class Attempt(models.Model):
    """One try at a password or a code. `bucket` is a keyed hash of what is limited, so that no address stands here."""

    bucket = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["bucket", "at"], name="attempts_of_a_bucket"), models.Index(fields=["at"], name="old_attempts")]

    def __str__(self) -> str:
        return self.bucket


class SignInLink(models.Model):
    """A one-time link by which a person sets their password. Its secret is worked out from the id, and stands nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("concerns.User", models.PROTECT, related_name="sign_in_links")
    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    made_by = models.ForeignKey("concerns.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return str(self.id)


class AccountChange(TakesTwoPeople):
    """A change of somebody's e-mail address, or of how they prove who they are, that waits for a second person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="account_changes")
    user = models.ForeignKey("concerns.User", models.PROTECT, related_name="account_changes")
    kind = models.CharField(max_length=12, choices=AccountChangeKind.choices)
    new_email = models.EmailField(blank=True)
    old_email = models.EmailField(blank=True, help_text="where the owner is told that it was changed")

    class Meta:
        ordering = ["proposed_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], condition=Q(decided_at=None), name="one_open_account_change_of_a_kind"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(agreed=False) | (~Q(decided_by=models.F("proposed_by")) & ~Q(decided_by=models.F("user"))),
                name="account_change_needs_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"
