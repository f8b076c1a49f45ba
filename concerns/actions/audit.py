"""Writes the audit row of an action, in the action's own transaction."""

from datetime import datetime
from typing import Any

from django.db import models

from concerns.models import AuditEvent, Centre, Concern, User


def audit(
    *,
    by: User | None,
    verb: str,
    subject: models.Model | None,
    at: datetime,
    centre: Centre | None = None,
    **detail: str | int | bool | None,
) -> AuditEvent:
    """Add one audit row. `verb` is a few plain words; `detail` holds ids, closed words and counts, never anything typed or named."""
    concern: Any = subject if isinstance(subject, Concern) else getattr(subject, "concern", None)
    return AuditEvent.objects.create(
        centre_id=centre.pk if centre else getattr(subject, "centre_id", None) or getattr(concern, "centre_id", None),
        at=at,
        by=by,
        verb=verb,
        subject_type=subject._meta.model_name or "" if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        concern=concern,
        detail=detail,
    )
