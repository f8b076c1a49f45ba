"""Routing: from the answers of triage to a level, a vault, and the people to ring in order.

Level (how fast, whom first) and vault (who may see it) are independent and compose. The rules themselves are the table
in `routing_table`; this module walks it. Nothing here makes anybody's approval a condition for ringing anyone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from concerns.choices import AboutStaff, AgeBand, ContactKey, HomeArea, Ladder, Level, Role, Vault
from concerns.rules.desks import Desk, resolve
from concerns.rules.levels import SEVERITY, plans_of
from concerns.rules.routing_table import RULES
from concerns.rules.routing_terms import Call, Group, Parallel, Rule, has_images
from concerns.rules.triage import Answers

__all__ = ["Parallel", "Reason", "Responder", "Ring", "Route", "alert_ladder", "in_order", "level_of", "route", "vault_of"]

T = TypeVar("T")
LEADS = frozenset({Role.LEAD, Role.DEPUTY})

NOBODY_FREE = "Nobody here can take this without a conflict. Ring the LADO, or the duty desk at any hour."
LEADS_NOT_TOLD = "You are not sure if it is about someone here, so no lead or deputy is asked."
OVER_18 = "They are 18 or over: ask the desk for adult safeguarding. Ask for their consent to share, unless someone is in danger."
AREA_WARNINGS: Mapping[HomeArea, str] = {
    HomeArea.UNKNOWN: "We do not know where they live. Ring the Leicester city desk, and say so.",
    HomeArea.ELSEWHERE: "They live outside Leicestershire and Rutland. 101 answers at any hour if their council does not.",
}
DESK_HOURS: Mapping[ContactKey, str] = {
    ContactKey.DUTY_RUTLAND_DAY: ", in office hours",
    ContactKey.DUTY_RUTLAND_NIGHT: ", outside office hours",
    ContactKey.POLICE: ", if their council does not answer",
}


@dataclass(frozen=True, kw_only=True)
class Responder:
    """A named person on one of the two ladders; `position` 1 is asked first. `number` is their telephone number."""

    user_id: UUID
    name: str
    role: Role
    number: str
    position: int
    ladder: Ladder


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why the route is what it is, in words for the worker, and the organisation whose guidance says so."""

    text: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Ring:
    """One line of "whom to ring": exactly one of `contact` and `responder`, otherwise ValueError."""

    contact: ContactKey | None = None
    responder: Responder | None = None
    why: str
    when: str

    def __post_init__(self) -> None:
        if (self.contact is None) == (self.responder is None):
            raise ValueError("A line to ring names one contact or one person.")


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where triage leads. `contacts` are in the order to ring; `plans` are keys of the plan templates to compose.

    `alert_withheld`: the leads and deputies get no alert, because the worker is not sure whether it is about one of
    them or another adult here.
    """

    level: Level
    vault: Vault
    reasons: tuple[Reason, ...]
    contacts: tuple[Ring, ...]
    parallel: tuple[Parallel, ...]
    warnings: tuple[str, ...]
    plans: tuple[str, ...]
    uploads_allowed: bool
    alert_withheld: bool


def in_order(people: Iterable[Responder]) -> tuple[Responder, ...]:
    """`people` by their position, each person once."""
    return tuple(_first_of_each(sorted(people, key=lambda person: person.position), lambda person: person.user_id))


def level_of(answers: Answers) -> Level:
    """The most serious level that any rule asks for."""
    return _most_serious(_rules_for(answers))


def vault_of(answers: Answers) -> Vault:
    """ADULT unless the worker said that it is not about an adult here: "not sure" is kept as close as "yes"."""
    return Vault.ORDINARY if answers.about_staff == AboutStaff.NO else Vault.ADULT


def alert_ladder(answers: Answers, responders: Iterable[Responder]) -> tuple[Responder, ...]:
    """The people to alert, first to ask first: never an adult it is about; without leads and deputies when unsure.

    Only the ladder of the route's vault counts. Empty means that nobody is free of conflict: the worker rings the LADO
    and the duty desk. Source: Leicester Safeguarding Children Partnership procedures, allegations against people who
    work with children.
    """
    ladder = Ladder.ORDINARY if vault_of(answers) == Vault.ORDINARY else Ladder.ADULT
    withheld = LEADS if answers.about_staff == AboutStaff.NOT_SURE else frozenset[Role]()
    free = [
        person for person in responders if person.ladder == ladder and person.user_id not in answers.adults and person.role not in withheld
    ]
    return in_order(free)


def route(answers: Answers, *, responders: Sequence[Responder] = ()) -> Route:
    """The level, the vault, and whom to ring, for `answers`.

    `responders` are the people of both ladders who can be asked at this moment, in any order; leave the reporter out.
    Without anybody free on the ordinary ladder the centre's own team is named; on the adult ladder the LADO and the
    duty desk are, because the centre's number may be answered by the adult it is about.
    """
    rules = _rules_for(answers)
    level, vault = _most_serious(rules), vault_of(answers)
    people = alert_ladder(answers, responders)
    return Route(
        level=level,
        vault=vault,
        reasons=tuple(Reason(text=rule.reason, source=rule.source) for rule in _told(rules)),
        contacts=_rings(rules, answers, people),
        parallel=tuple(dict.fromkeys(report for rule in rules for report in rule.parallel)),
        warnings=_warnings(rules, answers, people),
        plans=plans_of(level, vault),
        uploads_allowed=not has_images(answers),
        alert_withheld=answers.about_staff == AboutStaff.NOT_SURE,
    )


def _first_of_each(items: Iterable[T], key: Callable[[T], object]) -> list[T]:
    """The first of the `items` that share a key, in their order."""
    found: dict[object, T] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())


def _rules_for(answers: Answers) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.applies(answers))


def _most_serious(rules: Iterable[Rule]) -> Level:
    return min((rule.level for rule in rules), key=SEVERITY.index)


def _told(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The catch-all is a reason only where no other rule applies."""
    return rules[:-1] or rules


def _rings(rules: Iterable[Rule], answers: Answers, people: tuple[Responder, ...]) -> tuple[Ring, ...]:
    """The calls of all rules by turn, each target once, with desks and people filled in, each contact once."""
    calls = _first_of_each(sorted((call for rule in rules for call in rule.calls), key=lambda call: call.turn), lambda call: call.target)
    has_999 = any(call.target == ContactKey.POLICE_EMERGENCY for call in calls)
    needed = [call for call in calls if not (has_999 and call.target == ContactKey.POLICE)]
    rings = [ring for call in needed for ring in _expand(call, answers, people)]
    return tuple(_first_of_each(rings, lambda ring: ring.contact or ring.responder))


def _expand(call: Call, answers: Answers, people: tuple[Responder, ...]) -> list[Ring]:
    """The lines that one call stands for."""
    if isinstance(call.target, Group):
        return _people_rings(call, answers, people)
    if isinstance(call.target, Desk):
        return [_desk_ring(call, contact) for contact in resolve(call.target, answers.home_area)]
    return [Ring(contact=call.target, why=call.why, when=call.when)]


def _desk_ring(call: Call, contact: ContactKey) -> Ring:
    return Ring(contact=contact, why=call.why, when=call.when + DESK_HOURS.get(contact, ""))


def _people_rings(call: Call, answers: Answers, people: tuple[Responder, ...]) -> list[Ring]:
    if not people and vault_of(answers) == Vault.ORDINARY:
        return [Ring(contact=ContactKey.CENTRE_TEAM, why=call.why, when=call.when)]
    first = [Ring(responder=person, why=call.why, when=call.when) for person in people[:1]]
    return first + [Ring(responder=person, why=call.why, when="If nobody above is free") for person in people[1:]]


def _warnings(rules: Iterable[Rule], answers: Answers, people: tuple[Responder, ...]) -> tuple[str, ...]:
    """What to mind: the rules' own warnings, then those that follow from who is free, the home area and the age."""
    warnings = [warning for rule in rules for warning in rule.warnings]
    if vault_of(answers) == Vault.ADULT and not people:
        warnings.append(NOBODY_FREE)
    if answers.about_staff == AboutStaff.NOT_SURE:
        warnings.append(LEADS_NOT_TOLD)
    if answers.home_area in AREA_WARNINGS:
        warnings.append(AREA_WARNINGS[answers.home_area])
    if answers.age_band == AgeBand.ADULT:
        warnings.append(OVER_18)
    return tuple(dict.fromkeys(warnings))
