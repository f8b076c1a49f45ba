"""Whether somebody who was asked to take a concern over has still to answer."""

from uuid import UUID

from concerns.choices import StepKind, StepState
from concerns.models import Concern, Step, User


def has_to_answer(user: User, concern: Concern, step_id: UUID) -> bool:
    """Whether this step asks this person to take the concern over, and waits (one query)."""
    asked = Step.objects.filter(pk=step_id, concern=concern, kind=StepKind.ACCEPT_HANDOVER, person=user)
    return asked.filter(state=StepState.WAITING).exists()
