"""Who can be asked about a concern: the people of its ladder who are free of conflict and still work here."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from concerns.access.standing import ANSWERING, grants_in_force, kept_to, vetoed_people
from concerns.choices import AboutStaff, Ladder, LinkRole, OutOfHours, Role, StepKind, StepState, Vault
from concerns.models import Centre, Concern, Link, Message, Rung, Step, User
from concerns.queries.contacts import numbers_of
from concerns.queries.plans import out_of_hours
from concerns.queries.rota import away, first_on_duty
from concerns.queries.triage import answers_so_far
from concerns.rules import asking
from concerns.rules.routing import Responder

REFUSED_FOR = timedelta(days=1)


def strongest_roles(centre: Centre) -> dict[str, Role]:
    """Return user id → the strongest answering role that the person holds at the centre."""
    held: dict[str, Role] = {}
    grants = grants_in_force().filter(centre=centre, role__in=ANSWERING).values_list("user_id", "role")
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


def free_people(concern: Concern) -> list[User]:
    """Return the people of the concern's ladder who can be asked now, first to ask first; vetoed people leave no gap.

    After them those who came onto the centre's ladder since: or nobody would be asked once all the others have left. Where the
    concern is restricted, those named, and nobody else.
    """
    hidden = vetoed_people(concern) | {concern.logged_by_id}
    able, kept = strongest_roles(concern.centre), kept_to(concern)
    if kept is not None:
        able = {user_id: role for user_id, role in able.items() if UUID(user_id) in kept}
    ladder = [*concern.ladder, *_joined_since(concern, able), *(able if kept is not None else ())]
    ids = [user_id for user_id in dict.fromkeys(ladder) if user_id in able and user_id not in {str(pk) for pk in hidden}]
    people = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
    return [people[user_id] for user_id in ids if user_id in people] or _leads_at_last(concern, but=hidden)


@dataclass(frozen=True, kw_only=True)
class Askable:
    """Who can be asked about a concern. `first`: one after the other, on duty before the others. `free`: also who is away."""

    first: list[User]
    free: list[User]

    def next_one(self, asked: Collection[UUID | None]) -> User | None:
        """The first who was not asked yet; None once each was."""
        chosen = asking.next_to_ask([user.pk for user in self.first], asked=asked)
        return next((user for user in self.first if user.pk == chosen), None)

    def at_last(self, concern: Concern) -> list[User]:
        """Everybody who is asked once each of them was: for an emergency or urgent one also those who are away."""
        return self.free if concern.is_pressing else self.first


def askable(concern: Concern, *, at: datetime) -> Askable:
    """Return who can be asked now, first to ask first: free of veto, on duty before the others, neither away nor beyond the reach of mail.

    Where all are away or cannot be reached, they are asked all the same. About an adult here the list keeps its own order, and so it
    does outside sessions, unless the plan says that the next people on duty come first. Source: next free, on-duty, unvetoed,
    reachable person.
    """
    free = free_people(concern)
    first = in_turn(
        concern.centre,
        Vault(concern.vault),
        free,
        at=at,
        silent=silent_people(concern),
        follows_next=lambda: out_of_hours(concern) == OutOfHours.NEXT,
    )
    return Askable(first=first, free=free)


def in_turn(
    centre: Centre,
    vault: Vault,
    free: list[User],
    *,
    at: datetime,
    silent: frozenset[UUID] = frozenset(),
    absent: frozenset[UUID] = frozenset(),
    follows_next: Callable[[], bool],
) -> list[User]:
    """Return the free people of a list in the order in which they are asked at `at`; see `askable`. `absent` people count as away.

    `follows_next` is asked only outside sessions: whether those on duty in the next one come first.
    """
    gone = away(centre, at=at) | unreachable(free, at=at) | absent
    duty = () if vault == Vault.ADULT else [user.pk for user in first_on_duty(centre, at=at, follows_next=follows_next)]
    people = {user.pk: user for user in free}
    return [people[pk] for pk in asking.in_turn(list(people), gone=gone, duty=duty, silent=silent)]


def silent_people(concern: Concern) -> frozenset[UUID]:
    """Return who answered and was silent after that: they are asked again after the others."""
    silent = Step.objects.filter(concern=concern, kind=StepKind.SPEAK_TO_REPORTER, state=StepState.LAPSED, person__isnull=False)
    return frozenset(person for person in silent.values_list("person_id", flat=True) if person is not None)


def unreachable(people: Iterable[User], *, at: datetime) -> frozenset[UUID]:
    """Return the ids of those whose address the mail server refused in the last day, and took nothing for since (one query)."""
    recent = Message.objects.filter(recipient__in=list(people), refused_at__gt=at - REFUSED_FOR)
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
    rungs = Rung.objects.filter(centre=concern.centre_id, ladder=ladder).exclude(user__in=concern.ladder).values_list("user_id", flat=True)
    return [str(pk) for pk in rungs if concern.vault == Vault.ORDINARY or roles.get(str(pk)) == Role.CASE_MANAGER]


def staff_it_is_about(concern: Concern) -> list[User]:
    """Return the members of staff linked as may have harmed."""
    links = Link.objects.filter(concern=concern, role=LinkRole.MAY_HAVE_HARMED, ended_at=None, user__isnull=False)
    return [link.user for link in links.select_related("user") if link.user]
