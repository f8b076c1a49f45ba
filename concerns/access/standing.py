"""What a person is to a centre and to one concern: the facts that decisions are made from."""

from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from concerns.choices import ASKING, EntryKind, LinkRole, MessageKind, Role, StepState
from concerns.models import Centre, Concern, Conflict, Entry, Link, Message, Named, RoleGrant, Step, User

from .permissions import Permission
from .roles import ROLES

ANSWERING = (Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER)
"""The roles that answer alerts, the strongest first."""
GLASS_HOLDS = timedelta(hours=3)


def grants_in_force() -> "QuerySet[RoleGrant]":
    """Return the grants that count: confirmed, not ended, of an account that is not disabled."""
    return RoleGrant.objects.filter(confirmed_at__isnull=False, ended_at=None, user__is_active=True)


def roles_of(user: User) -> dict[UUID, frozenset[Role]]:
    """Return the person's roles by centre id (one query in the life of this user object)."""
    held: dict[UUID, frozenset[Role]] | None = getattr(user, "_roles_held", None)
    if held is None:
        held = {}
        for centre_id, role in grants_in_force().filter(user=user).order_by("centre_id").values_list("centre_id", "role"):
            held[centre_id] = held.get(centre_id, frozenset()) | {Role(role)}
        user._roles_held = held  # type: ignore[attr-defined]
    return held


def centres_where(user: User, *roles: Role) -> list[UUID]:
    """Return the ids of the centres where the person holds any of these roles."""
    return [centre_id for centre_id, held in roles_of(user).items() if held & set(roles)]


def centres_with(user: User, permission: Permission) -> list[UUID]:
    """Return the ids of the centres where some role of the person gives this permission."""
    return [centre_id for centre_id, held in roles_of(user).items() if any(permission in ROLES[role] for role in held)]


def centre_of(user: User, permission: Permission | None = None) -> Centre | None:
    """Return the centre that the person works for: the first one where they hold a role, or one that gives the permission."""
    return Centre.objects.filter(pk__in=centres_with(user, permission) if permission else roles_of(user)).first()


def steps_that_tell(user: User) -> "QuerySet[Step]":
    """Return the steps that give the person a reason to know of a concern: those since its clock last started, and those that wait.

    Source: decision 4. What somebody did while a concern was about a young person tells them nothing once it is about an adult.
    """
    return Step.objects.filter(Q(created_at__gte=F("concern__clock_started_at")) | Q(state=StepState.WAITING), person=user)


def mails_that_tell(user: User) -> "QuerySet[Message]":
    """Return the mails that give the person a reason to know of a concern: they asked for something since its clock last started.

    Where everybody is asked at once, no step names them: without this, somebody who was asked by mail would find nothing.
    """
    return Message.objects.filter(recipient=user, kind__in=(*ASKING, MessageKind.OVERDUE), queued_at__gte=F("concern__clock_started_at"))


def _harmful_links(user: User) -> "QuerySet[Link]":
    return Link.objects.filter(user=user, role=LinkRole.MAY_HAVE_HARMED, ended_at=None)


def _names_of(user: User) -> "QuerySet[Named]":
    return Named.objects.filter(user=user, ended_at=None)


def _glass_of(user: User) -> "QuerySet[Entry]":
    return Entry.objects.filter(author=user, kind=EntryKind.BROKE_GLASS, written_at__gt=timezone.now() - GLASS_HOLDS)


def vetoed_concerns(user: User) -> Q:
    """Return the condition on Concern that finds those hidden from the person: linked as may have harmed, or conflicted."""
    conflicts = Conflict.objects.filter(user=user)
    return Q(pk__in=_harmful_links(user).values("concern")) | Q(pk__in=conflicts.values("concern"))


def holding_names() -> "QuerySet[Named]":
    """Return the names by which restrictions hold: of those who still answer, are free of veto, and did not record the concern.

    A concern without such a name is not restricted, from that moment on: a child's safety goes before secrecy.
    """
    theirs = {"user": OuterRef("user"), "concern": OuterRef("concern")}
    answers = grants_in_force().filter(role__in=ANSWERING, user=OuterRef("user"), centre=OuterRef("concern__centre"))
    harms = Link.objects.filter(role=LinkRole.MAY_HAVE_HARMED, ended_at=None, **theirs)
    free = Named.objects.filter(Exists(answers), ~Exists(harms), ~Exists(Conflict.objects.filter(**theirs)), ended_at=None)
    return free.exclude(user=F("concern__logged_by"))


def kept_from(user: User) -> Q:
    """Return the condition on Concern that finds those restricted to people of whom this one is none."""
    return Q(pk__in=holding_names().values("concern")) & ~named_for(user)


def named_for(user: User) -> Q:
    """Return the condition on Concern that finds those restricted to this person, among others."""
    return Q(pk__in=_names_of(user).values("concern"))


def glass_broken_by(user: User) -> Q:
    """Return the condition on Concern that finds those which the person opened in an emergency, less than `GLASS_HOLDS` ago."""
    return Q(pk__in=_glass_of(user).values("concern"))


class Standing:
    """What one person is to one concern. Each fact is looked up when it is asked for, once (one query; two for a veto or a restriction).

    They ask what the conditions above ask, for one concern: a test holds both equal.
    """

    def __init__(self, user: User, concern: Concern) -> None:
        self.user, self.concern = user, concern

    @property
    def roles(self) -> frozenset[Role]:
        """Their roles at the concern's centre."""
        return roles_of(self.user).get(self.concern.centre_id, frozenset())

    @property
    def answers(self) -> bool:
        """Whether they are one who answers alerts at the centre: only then does a name or a broken glass open anything."""
        return bool(self.roles & set(ANSWERING))

    @property
    def is_author(self) -> bool:
        """Whether they recorded it."""
        return self.concern.logged_by_id == self.user.pk

    @cached_property
    def is_vetoed(self) -> bool:
        """Whether it is hidden from them."""
        return self._has(_harmful_links(self.user)) or self._has(Conflict.objects.filter(user=self.user))

    @cached_property
    def was_asked(self) -> bool:
        """Whether it asks, or asked, them for something."""
        return self._has(steps_that_tell(self.user)) or self._has(mails_that_tell(self.user))

    @cached_property
    def is_kept_out(self) -> bool:
        """Whether it is restricted to others."""
        return kept_to(self.concern) is not None and not self.is_named

    @cached_property
    def is_named(self) -> bool:
        """Whether it is restricted to them, among others."""
        return self._has(_names_of(self.user))

    @cached_property
    def has_broken_glass(self) -> bool:
        """Whether they opened it in an emergency, less than `GLASS_HOLDS` ago."""
        return self._has(_glass_of(self.user))

    def _has(self, rows: "QuerySet[Any]") -> bool:
        return rows.filter(concern=self.concern).exists()


def vetoed_people(concern: Concern) -> frozenset[UUID]:
    """Return the ids of everybody from whom this concern is hidden (one query)."""
    linked = Link.objects.filter(concern=concern, role=LinkRole.MAY_HAVE_HARMED, ended_at=None, user__isnull=False)
    conflicted = Conflict.objects.filter(concern=concern)
    return frozenset(linked.values_list("user_id", flat=True).order_by().union(conflicted.values_list("user_id", flat=True).order_by()))


def kept_to(concern: Concern) -> frozenset[UUID] | None:
    """Return the ids of everybody to whom this concern is restricted, or None where it is not (one query, or two where it names people)."""
    named = frozenset(Named.objects.filter(concern=concern, ended_at=None).order_by().values_list("user_id", flat=True))
    return named if named and holding_names().filter(concern=concern).exists() else None
