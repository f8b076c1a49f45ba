"""Who can be asked about a concern: the people of its ladder who are free of conflict and still work here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from concerns.access.standing import ANSWERING, grants_in_force, kept_to, vetoed_people
from concerns.choices import AboutStaff, Ladder, LinkRole, OutOfHours, Role, StepKind, StepState, Vault
from concerns.models import Centre, Concern, Link, Message, RoleGrant, Rung, Step, User
from concerns.queries.contacts import numbers_of
from concerns.queries.plans import out_of_hours
from concerns.queries.rota import Presence, presence
from concerns.queries.triage import answers_so_far
from concerns.rules import asking
from concerns.rules.deadlines import Session
from concerns.rules.routing import Responder

REFUSED_FOR = timedelta(days=1)


def strongest_roles(centre: Centre) -> dict[str, Role]:
    """Return user id → the strongest answering role that the person holds at the centre."""
    return _strongest(_answering(centre).values_list("user_id", "role"))


def _answering(centre: Centre) -> "QuerySet[RoleGrant]":
    return grants_in_force().filter(centre=centre, role__in=ANSWERING)


def _strongest(grants: Iterable[tuple[UUID, str]]) -> dict[str, Role]:
    held: dict[str, Role] = {}
    for user_id, role in grants:
        current = held.get(str(user_id))
        if current is None or ANSWERING.index(Role(role)) < ANSWERING.index(current):
            held[str(user_id)] = Role(role)
    return held


def responders_for(centre: Centre, *, reporter: User | None) -> list[Responder]:
    """Return everybody on both ladders who can be asked now: enabled, still in an answering role, not the reporter."""
    roles = strongest_roles(centre)
    rungs = [rung for rung in Rung.objects.filter(centre=centre).select_related("user") if str(rung.user_id) in roles]
    rungs = [rung for rung in rungs if reporter is None or rung.user_id != reporter.pk]
    numbers = numbers_of(centre, [rung.user_id for rung in rungs])
    return [
        Responder(
            user_id=rung.user_id,
            name=rung.user.name,
            role=roles[str(rung.user_id)],
            number=numbers.get(rung.user_id, ""),
            position=rung.position,
            ladder=Ladder(rung.ladder),
        )
        for rung in rungs
    ]


def responders_now(centre: Centre, *, reporter: User | None, at: datetime) -> list[Responder]:
    """Return whom to ring at `at` of both ladders, in turn: on duty before the others, and who is away only where all are."""
    listed, people = responders_for(centre, reporter=reporter), []
    present = presence(centre, at=at, follows_next=lambda: False)
    for ladder in Ladder:
        on = {person.user_id: person for person in sorted(listed, key=lambda person: person.position) if person.ladder == ladder}
        order = asking.in_turn(list(on), gone=present.away, duty=present.first if ladder == Ladder.ORDINARY else ())
        people += [replace(on[user_id], position=place) for place, user_id in enumerate(order, start=1)]
    return people


def free_people(concern: Concern) -> list[User]:
    """Return the people of the concern's ladder who can be asked now, first to ask first; vetoed people leave no gap.

    After them those who came onto the centre's ladder since: or nobody would be asked once all the others have left. Where the
    concern is restricted, those named, and nobody else.
    """
    hidden = vetoed_people(concern) | {concern.logged_by_id}
    grants, kept = list(_answering(concern.centre).select_related("user")), kept_to(concern)
    able, people = _strongest((grant.user_id, grant.role) for grant in grants), {str(grant.user_id): grant.user for grant in grants}
    if kept is not None:
        able = {user_id: role for user_id, role in able.items() if UUID(user_id) in kept}
    ladder = [*concern.ladder, *_joined_since(concern, able), *(able if kept is not None else ())]
    ids = [user_id for user_id in dict.fromkeys(ladder) if user_id in able and user_id not in {str(pk) for pk in hidden}]
    return [people[user_id] for user_id in ids] or _leads_at_last(concern, but=hidden)


@dataclass(frozen=True, kw_only=True)
class Askable:
    """Who can be asked about a concern. `first`: one after the other, on duty before the others. `free`: also who is away.

    `asked`: who was asked since its clock started, in any order, with None for everybody together. `sessions`: those of its centre.
    """

    first: list[User]
    free: list[User]
    asked: Sequence[UUID | None]
    sessions: Sequence[Session]

    def next_one(self) -> User | None:
        """The first who was not asked yet; None once each was."""
        return next_one(self.first, asked=self.asked)

    @property
    def in_order(self) -> list[User]:
        """Everybody who is free: those who are away, or beyond the reach of mail, after the others."""
        return [*self.first, *(user for user in self.free if user not in self.first)]

    def at_last(self, concern: Concern) -> list[User]:
        """Everybody who is asked once each of them was: for an emergency or urgent one also those who are away."""
        return self.free if concern.is_pressing else self.first


def askable(concern: Concern, *, at: datetime) -> Askable:
    """Return who can be asked now, first to ask first: free of veto, on duty before the others, neither away nor beyond the reach of mail.

    Where all are away or cannot be reached, they are asked all the same. About an adult here the list keeps its own order, and so it
    does outside sessions, unless the plan says that the next people on duty come first. Source: next free, on-duty, unvetoed,
    reachable person.
    """
    free, (asked, silent) = free_people(concern), _asked_so_far(concern)
    present = presence(concern.centre, at=at, follows_next=lambda: out_of_hours(concern) == OutOfHours.NEXT)
    first = in_turn(Vault(concern.vault), free, present, at=at, silent=silent)
    return Askable(first=first, free=free, asked=asked, sessions=present.sessions)


def in_turn(
    vault: Vault,
    free: list[User],
    present: Presence,
    *,
    at: datetime,
    silent: frozenset[UUID] = frozenset(),
    absent: frozenset[UUID] = frozenset(),
) -> list[User]:
    """Return the free people of a list in the order in which they are asked at `at`; see `askable`. `absent` people count as away."""
    gone, duty = present.away | unreachable(free, at=at) | absent, () if vault == Vault.ADULT else present.first
    people = {user.pk: user for user in free}
    return [people[pk] for pk in asking.in_turn(list(people), gone=gone, duty=duty, silent=silent)]


def next_one(first: Sequence[User], *, asked: Collection[UUID | None]) -> User | None:
    """Return the first who was not asked yet; None once each was."""
    chosen = asking.next_to_ask([user.pk for user in first], asked=asked)
    return next((user for user in first if user.pk == chosen), None)


def _asked_so_far(concern: Concern) -> tuple[list[UUID | None], frozenset[UUID]]:
    """Who was asked since the clock started; and who answered and was silent after that, who are asked again after the others."""
    asked: list[UUID | None] = []
    silent = set[UUID]()
    kinds = (StepKind.ACKNOWLEDGE, StepKind.SPEAK_TO_REPORTER)
    rows = Step.objects.filter(concern=concern, kind__in=kinds).order_by().values_list("kind", "state", "person_id", "created_at")
    for kind, state, person, created_at in rows:
        if kind == StepKind.ACKNOWLEDGE and state != StepState.CANCELLED and created_at >= concern.clock_started_at:
            asked.append(person)
        elif kind == StepKind.SPEAK_TO_REPORTER and state == StepState.LAPSED and person is not None:
            silent.add(person)
    return asked, frozenset(silent)


def unreachable(people: Iterable[User], *, at: datetime, known: Q | None = None) -> frozenset[UUID]:
    """Return the ids of those whose address the mail server refused in the last day, and took nothing for since (one query, or two).

    With `known`, a condition on Message, only mails that it finds are looked at for refusals.
    """
    recent = Message.objects.filter(known or Q(), recipient__in=list(people), refused_at__gt=at - REFUSED_FOR)
    if not recent.exists():  # the usual case, and a cheap question
        return frozenset()
    since = Message.objects.filter(recipient=OuterRef("recipient"), sent_at__gt=OuterRef("refused_at"))
    return frozenset(recent.exclude(Exists(since)).values_list("recipient_id", flat=True))


def _leads_at_last(concern: Concern, *, but: frozenset[UUID]) -> list[User]:
    """The leads who are free, once everybody on the ladder of a concern about an adult here has left; none where it may be about them.

    Source: the adult ladder: case manager, unconflicted lead, trustee, then the reporter rings the LADO or the duty desk.
    """
    if concern.vault != Vault.ADULT or answers_so_far(concern).about_staff == AboutStaff.NOT_SURE:
        return []
    leads = grants_in_force().filter(centre=concern.centre, role=Role.LEAD).exclude(user__in=but)
    return [grant.user for grant in leads.select_related("user").order_by("proposed_at")]


def trustees_to_tell(concern: Concern) -> list[User]:
    """Return the trustees who are told, without a reference, that nobody can answer; never one whom the concern may be hidden from."""
    trustees = grants_in_force().filter(centre=concern.centre, role=Role.TRUSTEE).exclude(user__in=vetoed_people(concern))
    return [grant.user for grant in trustees.select_related("user")]


def _joined_since(concern: Concern, roles: Mapping[str, Role]) -> list[str]:
    """Who is on the centre's ladder and not on the concern's. About an adult here only case managers: leads may have been kept out."""
    ladder = Ladder.ADULT if concern.vault == Vault.ADULT else Ladder.ORDINARY
    rungs = (
        str(pk)
        for pk in Rung.objects.filter(centre=concern.centre_id, ladder=ladder).order_by("position").values_list("user_id", flat=True)
    )
    joined = [user_id for user_id in rungs if user_id not in concern.ladder]
    return [user_id for user_id in joined if concern.vault == Vault.ORDINARY or roles.get(user_id) == Role.CASE_MANAGER]


def staff_it_is_about(concern: Concern) -> list[User]:
    """Return the members of staff linked as may have harmed."""
    links = Link.objects.filter(concern=concern, role=LinkRole.MAY_HAVE_HARMED, ended_at=None, user__isnull=False)
    return [link.user for link in links.select_related("user") if link.user]
