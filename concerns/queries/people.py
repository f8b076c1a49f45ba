"""The people of a centre: colleagues to choose from, and for administrators who holds which role."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from concerns.access.standing import ANSWERING, grants_in_force
from concerns.choices import Role
from concerns.models import Centre, RoleGrant, User
from concerns.rules.names import told_apart


def colleagues(centre: Centre) -> list[User]:
    """Return everybody who holds a role at the centre, by name (one query)."""
    return list(User.objects.filter(pk__in=grants_in_force().filter(centre=centre).values("user")))


def choices_of(people: Sequence[User]) -> list[tuple[str, str]]:
    """Return people as a list shows them to choose from: pairs of id and name, those of one name told apart."""
    names = told_apart([(user.name, user.email) for user in people])
    return [(str(user.pk), name) for user, name in zip(people, names, strict=True)]


def choices_with_roles(centre: Centre, *, but: User) -> list[tuple[str, str]]:
    """Return everybody who holds a role at the centre, without `but`, by name, as pairs of id and label (one query).

    Beside each person who answers alerts stands the strongest role in which they do: so that nobody is taken for them by their name
    alone, nor by letters that look like others.
    """
    held: dict[User, set[str]] = {}
    for grant in grants_in_force().filter(centre=centre).exclude(user=but).select_related("user").order_by("user__name", "user"):
        held.setdefault(grant.user, set()).add(grant.role)
    labels = told_apart([(_with_role(user.name, roles), user.email) for user, roles in held.items()])
    return [(str(user.pk), label) for user, label in zip(held, labels, strict=True)]


def _with_role(name: str, roles: set[str]) -> str:
    strongest = next((role for role in ANSWERING if role in roles), None)
    return f"{name}, {strongest.label}" if strongest else name


@dataclass(frozen=True, kw_only=True)
class RoleLine:
    """One role of a person. `waits` says that a second person must confirm it."""

    grant_id: UUID
    role: str
    waits: bool
    proposed_by: str


@dataclass(frozen=True, kw_only=True)
class PersonRoles:
    """One member of staff or volunteer, with their roles. `was_invited`: they have not chosen a password yet."""

    id: UUID
    name: str
    email: str
    is_active: bool
    was_invited: bool
    roles: tuple[RoleLine, ...]


def people_of(centre: Centre) -> list[PersonRoles]:
    """Return everybody who has, or had, a role at the centre, by name (two queries)."""
    grants: dict[UUID, list[RoleLine]] = {}
    for grant in RoleGrant.objects.filter(centre=centre, ended_at=None).select_related("proposed_by"):
        grants.setdefault(grant.user_id, []).append(_line(grant))
    people = User.objects.filter(pk__in=RoleGrant.objects.filter(centre=centre).values("user"))
    return [
        PersonRoles(
            id=user.pk,
            name=user.name,
            email=user.email,
            is_active=user.is_active,
            was_invited=not user.has_usable_password(),
            roles=tuple(grants.get(user.pk, ())),
        )
        for user in people
    ]


def waiting_grants(centre: Centre) -> list[RoleGrant]:
    """Return the powerful roles that wait for a second person."""
    waiting = RoleGrant.objects.filter(centre=centre, confirmed_at=None, ended_at=None)
    return list(waiting.select_related("user", "proposed_by").order_by("proposed_at"))


def _line(grant: RoleGrant) -> RoleLine:
    return RoleLine(
        grant_id=grant.pk,
        role=Role(grant.role).label,
        waits=grant.confirmed_at is None,
        proposed_by=grant.proposed_by.name if grant.proposed_by else "",
    )
