"""The plans of a centre, version by version, and the planned steps of one concern, which follows the versions that it began with."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from concerns.choices import HomeArea, OutOfHours, StepKind
from concerns.models import Centre, Concern, PlanVersion
from concerns.queries.once import asked_once
from concerns.rules.deadlines import Session
from concerns.rules.escalation import LadderSpec, PlannedStep, compose, ladder_plan
from concerns.rules.plans import Plan, PlanError, load_plans, plan_from_data


@cache
def shipped_plans() -> dict[str, Plan]:
    """Return the plans that the product ships, by key."""
    return load_plans()


def newest_rows(centre: Centre) -> QuerySet[PlanVersion]:
    """Return the newest version of each plan of a centre."""
    newest = PlanVersion.objects.filter(centre=OuterRef("centre"), key=OuterRef("key")).order_by("-version").values("version")[:1]
    return PlanVersion.objects.filter(centre=centre, version=Subquery(newest))


def plans_in_use(centre: Centre) -> dict[str, Plan]:
    """Return the newest version of each plan, by key; as it ships where the centre has none of its own. One query."""
    return _over_shipped(newest_rows(centre))


def plan_at(centre: Centre, key: str, version: int) -> Plan:
    """Return one version of a plan; as it ships where the centre has no such version. One query."""
    return _over_shipped(PlanVersion.objects.filter(centre=centre, key=key, version=version))[key]


def plans_followed(concern: Concern) -> dict[str, Plan]:
    """Return the plans of a concern, by key, in the versions that it began with. One query."""
    return _in_versions(concern.centre_id, tuple((key, concern.plan_versions.get(key, 1)) for key in concern.plans))


@asked_once
def _in_versions(centre_id: UUID, versions: tuple[tuple[str, int], ...]) -> dict[str, Plan]:
    wanted = Q()
    for key, version in versions:
        wanted |= Q(key=key, version=version)
    plans = _over_shipped(PlanVersion.objects.filter(wanted, centre=centre_id).order_by())
    return {key: plans[key] for key, _version in versions}


def versions_to_follow(concern: Concern) -> dict[str, int]:
    """Return plan key → version for a concern whose plans start: a plan that it began keeps its version, another is the newest."""
    begun: dict[str, int] = concern.plan_versions
    if set(concern.plans) <= set(begun):
        return begun
    newest = plans_in_use(concern.centre)
    return {key: newest[key].version for key in concern.plans} | begun


def newer_plans(concern: Concern) -> list[tuple[Plan, int]]:
    """Return the newest version of each plan of which a concern follows an older one, with the version that it follows. One query."""
    newest = plans_in_use(concern.centre)
    followed = {key: concern.plan_versions.get(key, 1) for key in concern.plans}
    return [(newest[key], version) for key, version in followed.items() if newest[key].version > version]


def older_plans(concern: Concern) -> str:
    """Return which plans a concern follows in an older version, in words; empty where it follows the newest of each. One query."""
    return ", ".join(f"“{plan.title}”, version {version} of {plan.version}" for plan, version in newer_plans(concern))


def read_version(row: PlanVersion) -> Plan:
    """Return the plan that a row holds. Raises PlanError where it does not hold one by today's rules."""
    return replace(plan_from_data(row.key, row.content), version=row.version)


def _over_shipped(rows: Iterable[PlanVersion]) -> dict[str, Plan]:
    """The plans of these rows, over those that ship. A row that cannot be read stops no alert: the plan that ships stands in for it."""
    plans = dict(shipped_plans())
    for row in rows:
        try:
            plans[row.key] = read_version(row)
        except PlanError:
            plans[row.key] = replace(plans[row.key], version=row.version)
    return plans


def planned_steps(concern: Concern, sessions: Sequence[Session], *, at: datetime) -> tuple[PlannedStep, ...]:
    """Return the steps that the concern's plans ask for when it opens at `at`. `sessions`: those of its centre. One query."""
    return compose(
        concern.plans,
        plans_followed(concern),
        opened_at=at,
        sessions=sessions,
        leaves_at=concern.leaves_at,
        home_area=HomeArea(concern.home_area),
    )


def out_of_hours(concern: Concern) -> OutOfHours:
    """Return whom the alerts of a concern go to while no session is on: as the plan says whose ladder holds. One query."""
    return plans_followed(concern)[ladder_plan(concern.plans)].out_of_hours


def acknowledgement(concern: Concern, sessions: Sequence[Session]) -> tuple[PlannedStep, LadderSpec]:
    """Return the concern's step in which the alert is answered, and the times of its ladder. `sessions`: those of its centre."""
    for step in planned_steps(concern, sessions, at=concern.clock_started_at):
        if step.kind == StepKind.ACKNOWLEDGE and step.ladder is not None:
            return step, step.ladder
    raise LookupError("Every plan has a step in which the alert is answered.")
