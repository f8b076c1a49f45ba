"""Gives a new concern its reference: random, so that a gap betrays nothing."""

import os

from django.db import IntegrityError, transaction

from concerns.models import Concern
from concerns.rules.references import reference


def save_with_reference(concern: Concern) -> Concern:
    """Save a new concern under a random reference; a longer one where the short ones of the year are taken."""
    for length in (4, 4, 4, 5, 6, 7, 8):
        concern.reference = reference(year=concern.logged_at.year, random_bytes=os.urandom, length=length)
        try:
            with transaction.atomic():
                concern.save(force_insert=True)
        except IntegrityError:
            if Concern.objects.filter(draft_token=concern.draft_token).exists():
                raise
        else:
            return concern
    raise IntegrityError("No free reference was found.")
