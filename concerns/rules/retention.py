"""How long a record is kept, and when it may be disposed of. Pure: dates in, a date out; nothing here destroys anything.

Sources: a child's file until the 25th birthday (Information and Records Management Society); an allegation about an adult until
pension age or ten years, whichever is longer (Keeping Children Safe in Education); sexual abuse up to 75 years (the Independent
Inquiry into Child Sexual Abuse). The figures are data: a centre may change them, and must say why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any


class Rule(StrEnum):
    """What a disposal is done under."""

    CHILD = "child"
    ADULT = "adult"
    SEXUAL_ABUSE = "sexual_abuse"


class EarlyGround(StrEnum):
    """Why a record may be disposed of before its time."""

    COURT_ORDER = "court_order"
    WRONG_PERSON = "wrong_person"
    ERASURE_UPHELD = "erasure_upheld"
    PRACTICE = "practice"


class HoldGround(StrEnum):
    """Why a record must be kept, whatever its time."""

    COURT = "court"
    POLICE = "police"
    INQUIRY = "inquiry"
    COMPLAINT = "complaint"
    CLAIM = "claim"


WORDS: dict[StrEnum, str] = {
    Rule.CHILD: "a child’s file, kept until the 25th birthday",
    Rule.ADULT: "an allegation about an adult, kept until pension age or for ten years, whichever is longer",
    Rule.SEXUAL_ABUSE: "a record of sexual abuse, kept for up to 75 years",
    EarlyGround.COURT_ORDER: "a court ordered it",
    EarlyGround.WRONG_PERSON: "it was recorded by mistake about the wrong person",
    EarlyGround.ERASURE_UPHELD: "a request to erase it was upheld",
    EarlyGround.PRACTICE: "it was written for practice and is about nobody",
    HoldGround.COURT: "a court case",
    HoldGround.POLICE: "a police investigation",
    HoldGround.INQUIRY: "an inquiry or a review",
    HoldGround.COMPLAINT: "a complaint",
    HoldGround.CLAIM: "a claim or the insurer",
}
YOUNGEST_ADULT = 18


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The figures: whole years. `reason` says why a centre's own differ from the shipped ones."""

    child_birthday: int = 25
    adult_years: int = 10
    pension_age: int = 68
    sexual_abuse_years: int = 75
    reason: str = ""


SHIPPED = Terms()


def terms_from(data: Mapping[str, Any]) -> Terms:
    """Return a centre's own figures.

    Raises ValueError, with a sentence, for an unknown name, a figure that is no whole number of years, or no reason.
    """
    names = {field.name for field in fields(Terms)}
    if unknown := sorted(set(data) - names):
        raise ValueError(f"{unknown[0]} is not a term of retention. The terms are: {', '.join(sorted(names))}.")
    figures = {name: value for name, value in data.items() if name != "reason"}
    for name, value in figures.items():
        if type(value) is not int or not 1 <= value <= 120:
            raise ValueError(f"{name} must be a whole number of years, from 1 to 120.")
    if figures and not str(data.get("reason", "")).strip():
        raise ValueError("Say with `reason` why these terms differ from the shipped ones.")
    return Terms(**data)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What decides how long one concern is kept. `born_on` holds a date or None for each person harmed; nobody known: empty."""

    logged_on: date
    about_adult: bool
    sexual: bool
    born_on: tuple[date | None, ...] = ()


def years_after(day: date, years: int) -> date:
    """Return the same day so many years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def applying(facts: Facts) -> tuple[Rule, ...]:
    """Return the rules that a concern falls under. Each asks for its own time, and the longest counts."""
    first = Rule.ADULT if facts.about_adult else Rule.CHILD
    return (first, Rule.SEXUAL_ABUSE) if facts.sexual else (first,)


def until(rule: Rule, facts: Facts, terms: Terms) -> date:
    """Return the day on which a rule lets go of a concern. What is not known counts as what keeps it longest."""
    if rule == Rule.SEXUAL_ABUSE:
        return years_after(facts.logged_on, terms.sexual_abuse_years)
    if rule == Rule.ADULT:  # the adult's birthday is not kept here: they count as 18 on the day
        return years_after(facts.logged_on, max(terms.adult_years, terms.pension_age - YOUNGEST_ADULT))
    births = [min(born, facts.logged_on) if born else facts.logged_on for born in facts.born_on] or [facts.logged_on]
    return max(years_after(born, terms.child_birthday) for born in births)


def due_on(facts: Facts, terms: Terms) -> date:
    """Return the first day on which the concern may be disposed of."""
    return max(until(rule, facts, terms) for rule in applying(facts))
