"""What a worker has typed and not yet sent, sealed on the server and never in the browser."""

import uuid

from django.db import models


class Draft(models.Model):
    """One unfinished record. Its id is the form's token: however often it is sent, it makes one concern."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey("concerns.Centre", models.PROTECT, related_name="drafts")
    owner = models.ForeignKey("concerns.User", models.PROTECT, related_name="drafts")
    data_key = models.OneToOneField("concerns.DataKey", models.SET_NULL, null=True, related_name="+")
    content = models.BinaryField()
    concern = models.OneToOneField("concerns.Concern", models.PROTECT, null=True, related_name="draft")
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    told_lead_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-touched_at", "id"]
        indexes = [models.Index(fields=["touched_at"], condition=models.Q(finished_at=None), name="unfinished_drafts")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def sealing_key_id(self) -> uuid.UUID | None:
        return self.data_key_id


class HeldPost(models.Model):
    """What somebody sent after their session had ended: kept sealed for an hour, for them alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("concerns.User", models.PROTECT, related_name="held_posts")
    data_key = models.OneToOneField("concerns.DataKey", models.SET_NULL, null=True, related_name="+")
    path = models.CharField(max_length=300)
    content = models.BinaryField()
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-held_at"]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def sealing_key_id(self) -> uuid.UUID | None:
        return self.data_key_id
