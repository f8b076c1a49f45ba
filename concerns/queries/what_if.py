"""What would happen: who would be told when, and what would be due by when, by the rules that the engine follows. Reads no concern."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from concerns.choices import AboutStaff, Answer, ContactKey, HomeArea, Level, OutOfHours, StepWho, Vault
from concerns.models import Centre, User
from concerns.queries.ladder import in_turn, next_one, responders_for
from concerns.queries.plans import plans_in_use
from concerns.queries.rings import contacts_by_key, line_of
from concerns.queries.rota import presence
from concerns.queries.sessions import sessions_of
from concerns.rules.deadlines import Session
from concerns.rules.escalation import LadderSpec, PlannedStep, compose, ladder_plan, rung_due
from concerns.rules.levels import PRESSING, plans_of
from concerns.rules.moving import rung_deadline
from concerns.rules.plan_words import count_words, every_words
from concerns.rules.routing import alert_ladder
from concerns.rules.triage import Answers
from concerns.rules.words import moment_words

NOBODY = "Nobody on the list can be asked. The person who recorded it is told to ring, and the trustees are told."
THE_AUTHOR = "the person who recorded it"


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """The case that somebody thinks of. `absent` people are away; `about` is whom it is about, where they work here."""

    level: Level
    vault: Vault
    home_area: HomeArea
    at: datetime
    leaves_at: datetime | None = None
    reporter: User | None = None
    absent: frozenset[UUID] = frozenset()
    about: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line: when, and what happens."""

    when: str
    what: str


@dataclass(frozen=True, kw_only=True)
class WouldHappen:
    """What would happen until somebody answers; and the steps with a time, and those that follow another one."""

    alerts: list[Happening] = field(default_factory=list)
    steps: list[Happening] = field(default_factory=list)
    later: list[Happening] = field(default_factory=list)


def would_happen(centre: Centre, case: WhatIf) -> WouldHappen:
    """Return what would happen at a centre, with its plans, lists and rota of now."""
    sessions, keys, plans = sessions_of(centre), plans_of(case.level, case.vault), plans_in_use(centre)
    steps = compose(
        keys,
        plans,
        opened_at=case.at,
        sessions=sessions,
        leaves_at=case.leaves_at,
        home_area=case.home_area,
    )
    ladder = next(step.ladder for step in steps if step.ladder is not None)
    outside = plans[ladder_plan(keys)].out_of_hours
    others = [step for step in steps if step.ladder is None]
    names = _contact_names(centre, others)
    texts = {step.key: step.text for step in steps}
    timed = sorted((step for step in others if step.due_at), key=lambda step: step.due_at or case.at)
    return WouldHappen(
        alerts=_alerts(centre, case, ladder, sessions, outside),
        steps=[_step(step, moment_words(step.due_at), case, names) for step in timed if step.due_at],
        later=[
            _step(step, f"{count_words(step.amount, step.clock)} after “{texts[step.after]}”", case, names)
            for step in others
            if step.due_at is None
        ],
    )


def _alerts(centre: Centre, case: WhatIf, ladder: LadderSpec, sessions: list[Session], outside: OutOfHours) -> list[Happening]:
    """One person after the other, each in their time, then everybody without end: as `actions.escalation.ask_next` asks them."""
    free = _people(centre, case)
    if not free:
        return [Happening(when=moment_words(case.at), what=NOBODY)]
    lines: list[Happening] = []
    asked: list[UUID] = []
    moment, before = case.at, case.at
    while True:
        present = presence(centre, at=moment, follows_next=lambda: outside == OutOfHours.NEXT)
        first = in_turn(case.vault, free, present, at=moment, absent=case.absent)
        person = next_one(first, asked=asked)
        when = moment_words(moment)
        if person is None:
            everybody = free if case.level in PRESSING else first
            again = every_words(ladder.repeats_minutes)
            lines.append(Happening(when=when, what=f"{_all_of(everybody, case)} are asked, and again {again}, until somebody answers"))
            return lines
        lines.append(Happening(when=when, what=f"{person.name} is asked to answer"))
        due = rung_due(ladder, len(asked), opened_at=case.at, sessions=sessions, leaves_at=case.leaves_at)
        moment, before = rung_deadline(due=due, before=before, at=moment), due
        asked.append(person.pk)


def _people(centre: Centre, case: WhatIf) -> list[User]:
    """Everybody on the list of the case, first to ask first."""
    about = AboutStaff.NO if case.vault == Vault.ORDINARY else AboutStaff.LISTED if case.about else AboutStaff.NOT_LISTED
    adults = case.about if about == AboutStaff.LISTED else frozenset[UUID]()
    answers = Answers(danger_now=Answer.NO, about_staff=about, adults=adults)
    ladder = alert_ladder(answers, responders_for(centre, reporter=case.reporter))
    people = {user.pk: user for user in User.objects.filter(pk__in=[person.user_id for person in ladder])}
    return [people[person.user_id] for person in ladder]


def _all_of(people: list[User], case: WhatIf) -> str:
    names = [user.name for user in people]
    return f"{', '.join(names)} and {case.reporter.name if case.reporter else THE_AUTHOR}"


def _contact_names(centre: Centre, steps: list[PlannedStep]) -> dict[ContactKey, str]:
    contacts = contacts_by_key(centre, {step.contact for step in steps if step.contact})
    lines = {ContactKey(key): line_of(contact) for key, contact in contacts.items()}
    return {key: f"{line.name}, {line.number}" if line.number else line.name for key, line in lines.items()}


def _step(step: PlannedStep, when: str, case: WhatIf, names: dict[ContactKey, str]) -> Happening:
    author = case.reporter.name if case.reporter else "The person who recorded it"
    who = author if step.who == StepWho.REPORTER else "Whoever has the concern"
    contact = f" ({names[step.contact]})" if step.contact in names else ""
    return Happening(when=when, what=f"{who}: {step.text}{contact}")
