"""A plan in words, as an administrator or a lead reads it. Pure."""

from dataclasses import dataclass

from concerns.choices import Clock, ContactKey, StepKind, StepWho
from concerns.rules.desks import Desk
from concerns.rules.plans import Plan, PlanStep

DESK_WORDS = {Desk.DUTY_DESK: "the duty desk for where the young person lives", Desk.LADO: "the LADO for where the young person lives"}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
WHO_WORDS = {StepWho.REPORTER: "The person who recorded it", StepWho.HOLDER: "The lead who has the concern"}
ON_THE_LIST = "The people on the list, one after the other"
EARLIER = "the end of the session, or when the young person leaves"


@dataclass(frozen=True, kw_only=True)
class StepWords:
    """One step of a plan in words. `contact` may be empty."""

    text: str
    who: str
    when: str
    contact: str


def plan_words(plan: Plan) -> list[StepWords]:
    """Return the steps of a plan in words, in their order."""
    texts = {step.key: step.text for step in plan.steps}
    return [
        StepWords(
            text=step.text,
            who=WHO_WORDS.get(step.who, ON_THE_LIST),
            when=ladder_words(step) if step.kind == StepKind.ACKNOWLEDGE else when_words_of(step, after=texts.get(step.after, "")),
            contact=contact_words(step.contact),
        )
        for step in plan.steps
    ]


def contact_words(contact: ContactKey | Desk | None) -> str:
    """Return whom a step turns to: "the duty desk for where the young person lives", or the name of a contact."""
    if contact is None:
        return ""
    return DESK_WORDS[contact] if isinstance(contact, Desk) else str(contact.label)


def count_words(amount: int, clock: Clock) -> str:
    """Return an amount of time on its clock: "24 hours", "1 working day", "60 minutes while the centre is open"."""
    if clock == Clock.WORKING_DAYS:
        return f"{amount} working day{'' if amount == 1 else 's'}"
    whole = clock == Clock.MINUTES and amount >= 60 and amount % 60 == 0
    number, unit = (amount // 60, "hour") if whole else (amount, "minute")
    open_only = " while the centre is open" if clock == Clock.OPEN_MINUTES else ""
    return f"{number} {unit}{'' if number == 1 else 's'}{open_only}"


def when_words_of(step: PlanStep, *, after: str) -> str:
    """Return by when a step has to be done; `after` is the text of the step before it, empty where it counts from the opening."""
    follows = f" after “{after}”" if after else ""
    if step.amount == 0:
        return f"At once{follows}"
    most = _ceiling(step)
    return f"Within {count_words(step.amount, step.clock)}{follows}{f'; never later than {most}' if most else ''}"


def ladder_words(step: PlanStep) -> str:
    """Return who is asked when, until somebody answers."""
    later = [f"the {ORDINALS[place]} after {rung}" for place, rung in enumerate(step.rungs[:-1], start=1)]
    people = ", ".join(["The first person is asked at once", *later])
    open_only = " while the centre is open" if step.clock == Clock.OPEN_MINUTES else ""
    most = _ceiling(step)
    unit = f" minutes{open_only}" if later else ""
    return (
        f"{people}{unit}. After {step.rungs[-1]} minutes{open_only} everybody is asked, with the person who recorded it, "
        f"and again {every_words(step.repeats_minutes)} until somebody answers."
        f"{f' The first person never has longer than {most}.' if most else ''}"
    )


def every_words(minutes: int) -> str:
    """Return how often: "every minute", "every 10 minutes"."""
    return "every minute" if minutes == 1 else f"every {minutes} minutes"


def _ceiling(step: PlanStep) -> str:
    if step.clock != Clock.OPEN_MINUTES:
        return ""
    clock = f"{count_words(step.ceiling_minutes, Clock.MINUTES)} by the clock, " if step.ceiling_minutes else ""
    return f"{clock}{EARLIER}"
