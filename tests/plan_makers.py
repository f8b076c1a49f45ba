"""Makes versions of a centre's plans for tests: those that ship, with something changed."""

from dataclasses import replace
from typing import Any

from concerns.models import Centre, PlanVersion
from concerns.queries.plans import shipped_plans
from concerns.rules.plans import ACKNOWLEDGE, Plan, PlanStep, plan_to_data
from tests.factories import AT


def changed_plan(key: str = "prompt", *, version: int = 2, steps: tuple[PlanStep, ...] | None = None, **ladder: Any) -> Plan:
    """The plan that ships under `key`, with other steps or another ladder."""
    plan = shipped_plans()[key]
    kept = plan.steps if steps is None else steps
    return replace(plan, version=version, steps=tuple(replace(step, **ladder) if step.key == ACKNOWLEDGE else step for step in kept))


def keep_version(centre: Centre, plan: Plan) -> PlanVersion:
    """Put a version of a plan straight into the database."""
    return PlanVersion.objects.create(centre=centre, key=plan.key, version=plan.version, content=plan_to_data(plan), made_at=AT)
