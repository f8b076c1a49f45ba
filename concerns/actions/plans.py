"""The only writers of plans: what ships, and each change as a new version. Running concerns stay on the versions that they follow."""

from dataclasses import replace
from datetime import datetime

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.exceptions import Refused, Stale
from concerns.models import Centre, PlanVersion, User
from concerns.queries.plan_faults import around, can_be_read, faults
from concerns.queries.plans import plans_in_use, shipped_plans
from concerns.rules.plan_limits import check_change
from concerns.rules.plans import Plan, PlanError, plan_to_data

STALE = "Somebody else changed this plan after you opened it. Nothing was saved. Look at what it says now."
NOTHING_CHANGED = "Nothing is different from the plan in use."
NO_REASON = "Say why you change the plan."
LONGEST_REASON = 300


def add_shipped_plans(centre: Centre, *, at: datetime) -> None:
    """Write version 1 of every plan that the centre does not have yet: as it ships, made by nobody. Part of the action that calls it."""
    there = set(PlanVersion.objects.filter(centre=centre).values_list("key", flat=True))
    PlanVersion.objects.bulk_create(
        PlanVersion(centre=centre, key=key, version=plan.version, content=plan_to_data(plan), made_at=at)
        for key, plan in shipped_plans().items()
        if key not in there
    )


@recorded
def change_plan(*, by: User, centre: Centre, plan: Plan, version: int, reason: str, at: datetime) -> PlanVersion:
    """Bring `plan` into use as a new version, and return it; new concerns follow it from now on.

    `version` is the one that the person was looking at; that of `plan` does not matter. Raises NotVisible or NotAllowed; Stale where
    it is not the newest; Refused with a sentence where nothing changed, unless the newest cannot be read, no reason is given, the plan
    may not be like this, or somebody or something that it names cannot be reached here.
    """
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    require(by, Permission.EDIT_PLANS, centre)
    now = plans_in_use(centre)[plan.key]
    if now.version != version:
        raise Stale(STALE)
    _validate(centre, plan, now=now, reason=reason)

    add_shipped_plans(centre, at=at)
    kept = plan_to_data(replace(plan, version=now.version + 1))
    row = PlanVersion.objects.create(
        centre=centre, key=plan.key, version=now.version + 1, content=kept, reason=reason.strip(), made_by=by, made_at=at
    )
    audit(by=by, verb="changed a plan", subject=row, at=at, key=row.key, version=row.version)
    return row


def _validate(centre: Centre, plan: Plan, *, now: Plan, reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Refused(NO_REASON)
    if replace(plan, version=now.version) == now and can_be_read(centre, plan.key):
        raise Refused(NOTHING_CHANGED)
    try:
        check_change(plan)
    except PlanError as wrong:
        raise Refused(str(wrong)) from wrong
    if found := faults(plan, around(centre)):
        raise Refused(" ".join(found))
