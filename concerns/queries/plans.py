"""The plans in use, and the planned steps of one concern."""

from datetime import datetime
from functools import cache

from concerns.choices import HomeArea, StepKind
from concerns.models import Concern
from concerns.queries.ladder import sessions_of
from concerns.rules.escalation import LadderSpec, PlannedStep, compose
from concerns.rules.plans import Plan, load_plans


@cache
def plans_in_use() -> dict[str, Plan]:
    """Return the plans that the product ships, by key."""
    return load_plans()


def planned_steps(concern: Concern, *, at: datetime) -> tuple[PlannedStep, ...]:
    """Return the steps that the concern's plans ask for when it opens at `at`."""
    return compose(
        concern.plans,
        plans_in_use(),
        opened_at=at,
        sessions=sessions_of(concern.centre),
        leaves_at=concern.leaves_at,
        home_area=HomeArea(concern.home_area),
    )


def acknowledgement(concern: Concern) -> tuple[PlannedStep, LadderSpec]:
    """Return the concern's step in which the alert is answered, and the times of its ladder."""
    for step in planned_steps(concern, at=concern.clock_started_at):
        if step.kind == StepKind.ACKNOWLEDGE and step.ladder is not None:
            return step, step.ladder
    raise LookupError("Every plan has a step in which the alert is answered.")
