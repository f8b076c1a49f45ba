"""Referrals: what is asked, in the order in which the duty desk asks it, and the clocks that start when one was made. Pure.

Source: the procedures of the Leicester Safeguarding Children Partnership: phone first, write within 24 hours; the council decides
within one working day; chase it after three; then its disagreement ladder, each rung dated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from concerns.choices import Clock, ContactKey, HomeArea, StepKind
from concerns.rules.deadlines import due_at
from concerns.rules.desks import DUTY_DESKS, LADOS, Desk, resolve

SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "child": "The child’s details",
        "ethnicity": "Ethnicity",
        "religion": "Religion",
        "parents_details": "Parents’ details",
        "address": "Home address",
        "agencies": "Other agencies",
        "events": "What happened",
        "parents_know": "Do the parents know?",
    }
)
"""What the duty desk asks, in its order."""
CALL: Mapping[str, str] = MappingProxyType(
    {
        "desk": "Referred to",
        "spoken_to": "Spoken to",
        "referred_by": "Referred by",
        "how": "How",
        "reference": "Reference",
        "was_said": "What was said",
        "agreed_actions": "What was agreed",
    }
)
DUTY: Mapping[str, str] = MappingProxyType(
    {
        "duty_by": "Whose own duty to report child sexual abuse this met",
        "duty_at": "When they reported it",
        "duty_reference": "Reference of that report",
    }
)
HEADINGS: Mapping[str, str] = MappingProxyType({**CALL, **SECTIONS, **DUTY})
BY_PHONE, IN_WRITING = "phone", "writing"
HOW: Mapping[str, str] = MappingProxyType({BY_PHONE: "By phone", IN_WRITING: "In writing"})
EARLIER = timedelta(hours=24)
"""How long before a concern was recorded a referral may have been made: people ring first and write after."""
SOMEBODY_ELSE = "Somebody else, named below"
OFFERED: tuple[ContactKey, ...] = (*dict.fromkeys(key for keys in DUTY_DESKS.values() for key in keys), *dict.fromkeys(LADOS.values()))


class CouncilDecision(StrEnum):
    """What the council said that it will do."""

    ENQUIRY = "They will look into it: an assessment or an enquiry"
    EARLY_HELP = "Early help"
    NO_ACTION = "They will not do anything more"
    OTHER = "Something else"


@dataclass(frozen=True, kw_only=True)
class ClockedStep:
    """One step that runs from a referral, due at `due_at`."""

    key: str
    kind: StepKind
    text: str
    clock: Clock
    amount: int
    due_at: datetime


LADDER: tuple[str, ...] = (
    "If you do not agree, or hear nothing: speak to the worker and their manager",
    "Still no agreement: the safeguarding leads of both sides speak",
    "Still no agreement: ask for a meeting of the managers",
)
"""The disagreement ladder, rung by rung."""
FOLLOW_UP = "Write to them about what was said on the phone"
DECISION, CHASE = "Hear what was decided, or ask", "Chase them if you have not heard"
CHASE_DAYS = 3
RUN_BY_REFERRALS = (StepKind.WRITE_FOLLOW_UP, StepKind.COUNCIL_DECISION, StepKind.CHASE, StepKind.DISAGREE)
"""The steps whose times follow from a referral, once there is one."""


def written_follow_up(made_at: datetime) -> ClockedStep:
    """Return the step to write within 24 hours of a call."""
    minutes = 24 * 60
    return _clocked("follow_up", StepKind.WRITE_FOLLOW_UP, FOLLOW_UP, Clock.MINUTES, minutes, start=made_at)


def answer_clock(made_at: datetime) -> tuple[ClockedStep, ...]:
    """Return the steps that wait for the answer to a referral: the decision, the chase, and the ladder after it."""
    return (
        _clocked("council_decision", StepKind.COUNCIL_DECISION, DECISION, Clock.WORKING_DAYS, 1, start=made_at),
        _clocked("chase", StepKind.CHASE, CHASE, Clock.WORKING_DAYS, CHASE_DAYS, start=made_at),
        *disagreement_ladder(made_at, after_days=CHASE_DAYS),
    )


def disagreement_ladder(start: datetime, *, after_days: int = 0) -> tuple[ClockedStep, ...]:
    """Return the three rungs, the first one working day after `after_days` working days, each one working day after the one before."""
    return tuple(
        _clocked(f"disagree_{number}", StepKind.DISAGREE, text, Clock.WORKING_DAYS, after_days + number, start=start)
        for number, text in enumerate(LADDER, start=1)
    )


def _clocked(key: str, kind: StepKind, text: str, clock: Clock, amount: int, *, start: datetime) -> ClockedStep:
    due = due_at(start=start, clock=clock, amount=amount)
    return ClockedStep(key=key, kind=kind, text=text, clock=clock, amount=amount, due_at=due)


def same_desk(to: ContactKey | str, area: HomeArea) -> frozenset[str]:
    """Return the contacts that a step may name and that a referral to `to` reaches: a desk by day is the same as by night."""
    desks = [resolve(desk, home) for desk in Desk for home in (area, *HomeArea)]
    found = {key for keys in desks if to in keys and ContactKey.COUNCIL_FINDER not in keys for key in keys}
    return frozenset({str(to), *found}) if to else frozenset()
