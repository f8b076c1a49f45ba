"""The words that the routing table is written in: rules, calls, sources, and the conditions rules are built from.

A condition takes the answers as `Answers.says` does: "not sure" counts as yes, so it routes up and never down.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from concerns.choices import AboutStaff, Answer, ContactKey, Level, Question, Worry
from concerns.rules.desks import Desk
from concerns.rules.triage import YOUNGEST, Answers

LSCP = "Leicester Safeguarding Children Partnership procedures"
WORKING_TOGETHER = "Working Together to Safeguard Children"
NHS = "NHS mental health advice and Papyrus"
UKCIS = "UK Council for Internet Safety guidance on sharing nudes"
CEOP = "National Crime Agency, CEOP guidance"
FORCED_MARRIAGE = "Forced Marriage Unit statutory guidance"
FGM = "HM Government statutory guidance on FGM"
SARC = "NHS advice on sexual assault"
PREVENT = "Prevent duty guidance"


class Turn(IntEnum):
    """When a call comes. Within one turn the order of the table holds."""

    FIRST = 0
    NOW = 1
    PEOPLE = 2
    ADVICE = 3
    ANY_TIME = 4


class Group(StrEnum):
    """A place in the order of calls that stands for the people on the ladder."""

    PEOPLE = "people"


PEOPLE = Group.PEOPLE
Applies = Callable[[Answers], bool]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One place in the order of calls: a contact, a desk found by home area, or the people on the ladder."""

    turn: Turn
    target: ContactKey | Desk | Group
    why: str
    when: str


@dataclass(frozen=True, kw_only=True)
class Parallel:
    """A report to make beside the calls; `within` says by when, in words."""

    contact: ContactKey
    text: str
    within: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A row of the policy: when it applies, the level it asks for at least, and what the worker is told."""

    name: str
    applies: Applies
    level: Level
    reason: str
    source: str
    calls: tuple[Call, ...] = ()
    warnings: tuple[str, ...] = ()
    parallel: tuple[Parallel, ...] = ()


def says(*questions: Question) -> Applies:
    """Applies when any of `questions` must be taken as a yes."""
    return lambda answers: any(answers.says(question) for question in questions)


def worried(*worries: Worry) -> Applies:
    """Applies when any of `worries` was ticked."""
    return lambda answers: not answers.worries.isdisjoint(worries)


def either(*rules: Applies) -> Applies:
    """Applies when one of `rules` does."""
    return lambda answers: any(rule(answers) for rule in rules)


def both(*rules: Applies) -> Applies:
    """Applies when all of `rules` do."""
    return lambda answers: all(rule(answers) for rule in rules)


def in_danger(answers: Answers) -> bool:
    """Applies when danger now is not ruled out."""
    return answers.danger_now != Answer.NO


def young(answers: Answers) -> bool:
    """Applies when the young person is, or may be, under 13."""
    return answers.age_band in YOUNGEST


def about_adult_here(answers: Answers) -> bool:
    """Applies unless the worker said that it is not about somebody who works or volunteers here."""
    return answers.about_staff != AboutStaff.NO


def always(_: Answers) -> bool:
    """Applies to every concern."""
    return True


has_images = says(Question.IMAGES_EXIST)
image_or_contact = either(worried(Worry.ONLINE, Worry.IMAGES), has_images)

CALL_999 = Call(
    turn=Turn.FIRST,
    target=ContactKey.POLICE_EMERGENCY,
    why="Police and ambulance come fastest this way. If you cannot speak, ring from a mobile and press 55 when asked.",
    when="Now, before anything else",
)
CALL_DESK_NEXT = Call(
    turn=Turn.NOW,
    target=Desk.DUTY_DESK,
    why="The council can protect them at once. You need nobody’s permission.",
    when="Straight after 999",
)
CALL_999_TEXT = Call(
    turn=Turn.NOW,
    target=ContactKey.POLICE_TEXT,
    why="For when you cannot hear or speak on the phone.",
    when="Instead of a voice call to 999",
)
CALL_999_BSL = Call(
    turn=Turn.NOW, target=ContactKey.POLICE_BSL, why="For people who use British Sign Language.", when="Instead of a voice call to 999"
)
CALL_DESK_NOW = Call(
    turn=Turn.NOW, target=Desk.DUTY_DESK, why="The council can protect them. You need nobody’s permission to ring.", when="Now"
)
CALL_POLICE_NOW = Call(turn=Turn.NOW, target=ContactKey.POLICE, why="It may be a crime, and the police can stop it.", when="Now")
CALL_PEOPLE_NEXT = Call(turn=Turn.PEOPLE, target=PEOPLE, why="They help you with what comes next.", when="Straight after those calls")
CALL_PEOPLE_FIRST = Call(
    turn=Turn.PEOPLE, target=PEOPLE, why="They decide with you what happens next.", when="In person or by phone, before you leave"
)
CALL_DESK_ANY_TIME = Call(
    turn=Turn.ANY_TIME, target=Desk.DUTY_DESK, why="The council can advise you. You need nobody’s permission to ring.", when="At any time"
)
CALL_LADO = Call(
    turn=Turn.ADVICE,
    target=Desk.LADO,
    why="The LADO takes every concern about an adult who works with children.",
    when="Within one working day, before anyone speaks to the adult",
)

EMERGENCY_CALLS = (CALL_999, CALL_DESK_NEXT, CALL_999_TEXT, CALL_999_BSL, CALL_PEOPLE_NEXT)
URGENT_CALLS = (CALL_DESK_NOW, CALL_PEOPLE_NEXT)
PROMPT_CALLS = (CALL_PEOPLE_FIRST, CALL_DESK_ANY_TIME)
DESK_AND_POLICE = (CALL_DESK_NOW, CALL_POLICE_NOW, CALL_PEOPLE_NEXT)

ASSAULT_CALLS = (
    CALL_POLICE_NOW,
    Call(turn=Turn.NOW, target=ContactKey.SARC, why="They give medical care and keep evidence safe.", when="Now, before washing"),
    CALL_DESK_NOW,
    CALL_PEOPLE_NEXT,
)
SUICIDE_CALLS = (
    Call(
        turn=Turn.PEOPLE,
        target=PEOPLE,
        why="They decide with you how to keep the young person safe.",
        when="Now, before the young person leaves",
    ),
    Call(
        turn=Turn.ADVICE,
        target=ContactKey.HEALTH,
        why="Choose option 2 for a mental health crisis.",
        when="Now, if you need advice",
    ),
    Call(
        turn=Turn.ADVICE,
        target=ContactKey.PAPYRUS,
        why="They help young people who think of suicide, and you.",
        when="Now, if you need advice",
    ),
    CALL_DESK_ANY_TIME,
)
IMAGE_CALLS = (Call(turn=Turn.PEOPLE, target=PEOPLE, why="They know what the law allows with images.", when="At once"), CALL_DESK_ANY_TIME)
ADULT_CALLS = (
    Call(
        turn=Turn.PEOPLE,
        target=PEOPLE,
        why="They deal with concerns about adults here.",
        when="Now, in person or by phone, before you leave",
    ),
    CALL_LADO,
    CALL_DESK_ANY_TIME,
)

STAY = "Do not leave them alone."
NEVER_THE_FAMILY = "Never contact the family or the community about this. It can put them in great danger."
IMAGE_RULE = "Do not view, copy, print, forward, save or ask for the image. Nothing can be uploaded here."
PARENTS = "A parent or carer may be the source of the harm. Do not speak to them about it, and write down why they do not know."

TELL_CEOP = Parallel(
    contact=ContactKey.CEOP, text="Report online sexual abuse or grooming. A child protection advisor then makes contact.", within="Today"
)
TELL_IWF = Parallel(contact=ContactKey.IWF, text="Ask for the images to be taken down. You can do it without a name.", within="Today")
TELL_REPORT_REMOVE = Parallel(
    contact=ContactKey.REPORT_REMOVE, text="Help the young person to have their own image taken down.", within="Today"
)
