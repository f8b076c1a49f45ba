"""The data keys: one for each concern, person, draft and held post, wrapped by a master key that is kept outside the database."""

import uuid

from django.db import models


class DataKey(models.Model):
    """A wrapped AES-256 key. Deleting the row makes everything sealed with it unreadable for ever (disposal)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wrapped = models.BinaryField()
    master_key = models.CharField(max_length=16)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)
