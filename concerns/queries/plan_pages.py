"""The plans of a centre as their pages show them: in words, with their history and what is wrong with them. Reads no concern."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from concerns.access.standing import ANSWERING, grants_in_force
from concerns.choices import Ladder, PlanKey, Role
from concerns.models import Centre, PlanVersion, Rung, User
from concerns.queries.plan_faults import UNREADABLE, faults_in_use
from concerns.queries.plans import newest_rows, plans_in_use, read_version, shipped_plans
from concerns.rules.plan_words import StepWords, plan_words
from concerns.rules.plans import Plan, PlanError
from concerns.rules.words import when_words

SHIPPED = "as it ships"


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """One plan in the list. `made` says who made its newest version, and when."""

    key: str
    title: str
    version: int
    made: str
    faults: list[str]


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    """One version in the history of a plan."""

    version: int
    made: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PlanPage:
    """One version of a plan in words. `is_newest`: new concerns follow it. `unreadable` is a sentence, or empty."""

    key: str
    title: str
    version: int
    is_newest: bool
    made: str
    reason: str
    out_of_hours: str
    steps: list[StepWords]
    unreadable: str
    faults: list[str]
    history: list[VersionLine]


@dataclass(frozen=True, kw_only=True)
class ListedPerson:
    """Somebody whom alerts go to, or could go to. `fault` is a sentence, or empty."""

    id: UUID
    name: str
    email: str
    role: str
    fault: str


def plan_list(centre: Centre, *, at: datetime) -> list[PlanLine]:
    """Return the plans of a centre in the order of urgency (eight queries)."""
    rows = {row.key: row for row in newest_rows(centre).select_related("made_by")}
    plans = plans_in_use(centre)
    faults = faults_in_use(centre, plans.values())
    return [
        PlanLine(
            key=key,
            title=plans[key].title,
            version=plans[key].version,
            made=_made(rows.get(key), at=at),
            faults=faults[key],
        )
        for key in PlanKey.values
    ]


def plan_page(centre: Centre, key: str, *, at: datetime, version: int | None = None) -> PlanPage | None:
    """Return one version of a plan, the newest where none is named, with all of its history; None where there is none such."""
    rows = list(PlanVersion.objects.filter(centre=centre, key=key).select_related("made_by").order_by("-version"))
    row = next((row for row in rows if version in (None, row.version)), None)
    if row is None and (rows or version not in (None, shipped_plans()[key].version)):
        return None
    plan, unreadable = _read(row) if row else (shipped_plans()[key], "")
    is_newest = not rows or row == rows[0]
    return PlanPage(
        key=key,
        title=plan.title,
        version=row.version if row else plan.version,
        is_newest=is_newest,
        made=_made(row, at=at),
        reason=row.reason if row else "",
        out_of_hours=plan.out_of_hours.label,
        steps=plan_words(plan),
        unreadable=unreadable,
        faults=faults_in_use(centre, [plan])[key] if is_newest else [],
        history=[VersionLine(version=old.version, made=_made(old, at=at), reason=old.reason) for old in rows],
    )


def _read(row: PlanVersion) -> tuple[Plan, str]:
    try:
        return read_version(row), ""
    except PlanError:
        return shipped_plans()[row.key], UNREADABLE


def _made(row: PlanVersion | None, *, at: datetime) -> str:
    if row is None or row.made_by is None:
        return SHIPPED
    return f"by {row.made_by.name}, {when_words(row.made_at, at=at)}"


def people_on(centre: Centre, ladder: Ladder) -> list[ListedPerson]:
    """Return who is on a list, first to ask first (two queries)."""
    roles = _answering(centre)
    rungs = Rung.objects.filter(centre=centre, ladder=ladder).select_related("user").order_by("position")
    return [_listed(rung.user, roles) for rung in rungs]


def people_to_add(centre: Centre, ladder: Ladder) -> list[ListedPerson]:
    """Return who could be put on a list: they answer alerts, and are not on it (two queries)."""
    roles = _answering(centre)
    there = Rung.objects.filter(centre=centre, ladder=ladder).values("user")
    return [_listed(user, roles) for user in User.objects.filter(pk__in=roles).exclude(pk__in=there)]


def _answering(centre: Centre) -> dict[UUID, list[Role]]:
    held: dict[UUID, list[Role]] = {}
    for user_id, role in grants_in_force().filter(centre=centre, role__in=ANSWERING).values_list("user_id", "role"):
        held.setdefault(user_id, []).append(Role(role))
    return held


def _listed(user: User, roles: dict[UUID, list[Role]]) -> ListedPerson:
    held = sorted(roles.get(user.pk, ()), key=ANSWERING.index)
    fault = "" if held and user.email else "No e-mail address" if held else "Has left, or has no role in which they answer"
    return ListedPerson(id=user.pk, name=user.name, email=user.email, role=", ".join(role.label for role in held), fault=fault)
