"""Triage: the answers a worker gives, which follow-up questions they are asked, and the danger words of free text.

Pure: answers are values. What they lead to is decided in `routing`.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from concerns.choices import AboutStaff, AgeBand, Answer, HomeArea, Question, Worry

YOUNGEST = frozenset({AgeBand.UNDER_13, AgeBand.UNKNOWN})
ALWAYS_ASKED = frozenset({Question.SERIOUS_INJURY, Question.HOME_TO_HARM, Question.SIGNIFICANT_HARM, Question.PARENT_SUSPECTED})

_SUICIDE = frozenset({Question.SUICIDAL_ACT_OR_PLAN, Question.SUICIDAL_THOUGHTS})
_ONLINE = _SUICIDE | {Question.IMAGE_THREATS, Question.ADULT_ONLINE, Question.MEETING_PLANNED, Question.UNDER_13_SEXUAL}

ASKED_FOR: Mapping[Worry, frozenset[Question]] = {
    Worry.INJURY: frozenset({Question.WEAPON}),
    Worry.SEXUAL_ABUSE: frozenset(
        {Question.SEXUAL_DISCLOSURE, Question.RECENT_ASSAULT, Question.UNDER_13_SEXUAL, Question.IMAGES_EXIST},
    ),
    Worry.ONLINE: _ONLINE | {Question.IMAGES_EXIST},
    Worry.IMAGES: _ONLINE,
    Worry.SELF_HARM: frozenset({Question.SUICIDAL_ACT_OR_PLAN}),
    Worry.MISSING: frozenset({Question.MISSING_AT_RISK}),
    Worry.EXPLOITATION: frozenset(
        {Question.WEAPON, Question.HARM_SOON, Question.RECENT_ASSAULT, Question.UNDER_13_SEXUAL, Question.IMAGES_EXIST},
    ),
    Worry.DOMESTIC_ABUSE: frozenset({Question.WEAPON, Question.HARM_SOON}),
    Worry.HONOUR: frozenset({Question.WEAPON}),
    Worry.FGM: frozenset({Question.FGM_SOON}),
    Worry.RADICALISATION: frozenset({Question.WEAPON, Question.HARM_SOON}),
    Worry.NEGLECT: frozenset(),
    Worry.OTHER: frozenset({Question.WEAPON, Question.SUICIDAL_THOUGHTS, Question.SUICIDAL_ACT_OR_PLAN}),
}

# What a ticked worry, or the age with it, says already: asking again would only slow the worker down.
_SELF_HARM_SAYS = frozenset({Question.SUICIDAL_THOUGHTS})
_IMAGES_SAY = frozenset({Question.IMAGES_EXIST})
_SEXUAL = frozenset({Worry.SEXUAL_ABUSE, Worry.IMAGES})


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a worker answered in triage.

    `about_staff` has no default: no alert leaves before it is answered (Leicester Safeguarding Children Partnership
    procedures, allegations against people who work with children). `adults` are the user ids of the staff it is about;
    LISTED needs at least one, NO allows none, otherwise ValueError. `details` holds the follow-up questions that were
    answered; a relevant one that is missing counts as NOT_SURE.
    """

    danger_now: Answer
    about_staff: AboutStaff
    adults: frozenset[UUID] = frozenset()
    worries: frozenset[Worry] = frozenset()
    details: Mapping[Question, Answer] = field(default_factory=dict)
    home_area: HomeArea = HomeArea.UNKNOWN
    age_band: AgeBand = AgeBand.UNKNOWN

    def __post_init__(self) -> None:
        if self.about_staff == AboutStaff.LISTED and not self.adults:
            raise ValueError("Choose the name of the adult it is about.")
        if self.about_staff == AboutStaff.NO and self.adults:
            raise ValueError("An adult was chosen, but the answer was that it is not about someone who works here.")

    @property
    def was_asked(self) -> bool:
        """Whether the pages of questions were shown: somebody in danger is sent to the telephone instead."""
        return self.danger_now == Answer.NO or bool(self.worries) or bool(self.details)

    def says(self, question: Question) -> bool:
        """Whether the answer to `question` must be taken as a yes: YES, NOT_SURE, implied, or relevant but unanswered."""
        if question in implied_by(self.worries, self.age_band):
            return True
        given = self.details.get(question)
        if given is None:
            return self.was_asked and question in questions_for(self.worries, self.about_staff, self.age_band)
        return given != Answer.NO


def implied_by(worries: Collection[Worry], age_band: AgeBand) -> frozenset[Question]:
    """The follow-up questions that the worries and the age already answer with yes.

    An unknown age counts as under 13 wherever that matters (Sexual Offences Act: a child under 13 cannot consent).
    """
    implied: frozenset[Question] = frozenset()
    if Worry.SELF_HARM in worries:
        implied |= _SELF_HARM_SAYS
    if Worry.IMAGES in worries:
        implied |= _IMAGES_SAY
    if age_band in YOUNGEST and not _SEXUAL.isdisjoint(worries):
        implied |= {Question.UNDER_13_SEXUAL}
    return implied


def questions_for(worries: Collection[Worry], about_staff: AboutStaff, age_band: AgeBand) -> tuple[Question, ...]:
    """The follow-up questions of page two: the relevant ones only, the most dangerous first.

    `about_staff` takes no question away: an adult who works here can be the danger in every one of them. It adds
    whether somebody may be hurt soon, because that adult may be with children tonight (Leicester Safeguarding Children
    Partnership procedures).
    """
    asked = ALWAYS_ASKED.union(*(ASKED_FOR[worry] for worry in worries))
    if about_staff != AboutStaff.NO:
        asked |= {Question.HARM_SOON}
    asked -= implied_by(worries, age_band)
    return tuple(question for question in Question if question in asked)


def answers_to_json(answers: Answers) -> dict[str, Any]:
    """`answers` as plain, JSON-ready values in a stable order, for sealing."""
    return {
        "danger_now": answers.danger_now.value,
        "about_staff": answers.about_staff.value,
        "adults": sorted(str(adult) for adult in answers.adults),
        "worries": sorted(worry.value for worry in answers.worries),
        "details": {question.value: answer.value for question, answer in sorted(answers.details.items())},
        "home_area": answers.home_area.value,
        "age_band": answers.age_band.value,
    }


def answers_from_json(data: Mapping[str, Any]) -> Answers:
    """The inverse of `answers_to_json`. Raises ValueError on a missing or unknown key, or on an unknown value."""
    wanted = set(Answers.__dataclass_fields__)
    if set(data) != wanted:
        raise ValueError(f"Triage answers have the wrong keys: {', '.join(sorted(set(data) ^ wanted))}.")
    try:
        return Answers(
            danger_now=Answer(data["danger_now"]),
            about_staff=AboutStaff(data["about_staff"]),
            adults=frozenset(UUID(adult) for adult in data["adults"]),
            worries=frozenset(Worry(worry) for worry in data["worries"]),
            details={Question(question): Answer(answer) for question, answer in data["details"].items()},
            home_area=HomeArea(data["home_area"]),
            age_band=AgeBand(data["age_band"]),
        )
    except (AttributeError, TypeError) as error:
        raise ValueError("Triage answers have the wrong shape.") from error


_DANGER_PHRASES = (
    # suicide and self-harm
    "suicide|suicidal|sucide|sucidal|selfharm|self harm|self harmed|self harming|overdose|overdosed|overdosing|take an overdose|noose|"
    "hang myself|hanged|hanging himself|hanging herself|hang himself|hang herself|hang themself|kill myself|"
    "killing myself|kill himself|kill herself|kill themself|kill themselves|killing himself|killing herself|"
    "end my life|end his life|end her life|end their life|ending it all|end it all|want to die|wants to die|"
    "wanted to die|wish i was dead|wishes he was dead|wishes she was dead|better off dead|not want to live|"
    "don't want to live|dont want to live|doesn't want to live|does not want to live|cut myself|cut himself|cut herself|cutting myself|"
    "cutting himself|cutting herself|cut their wrists|cut her wrists|cut his wrists|goodbye note|suicide note",
    # weapons and violence
    "knife|knives|blade|machete|gun|guns|firearm|weapon|weapons|acid attack|stab|stabbed|stabbing|been shot|"
    "was shot|strangle|strangled|strangling|choke|choked|choking|kill him|kill her|kill them|kill me|kill you|"
    "killed|murder|murdered|death threat|death threats|beaten|beaten up|beats him|beats her|beats me|beats them|"
    "punched|kicked|burned him|burned her|burnt him|burnt her|set fire|threatened",
    # injury
    "bleeding|covered in blood|unconscious|passed out|can't breathe|cant breathe|cannot breathe|not breathing|broken arm|"
    "broken bone|head injury|in hospital|to hospital|ambulance",
    # sexual harm and images
    "rape|raped|raping|rapist|sexual assault|sexually assaulted|sexual abuse|sexually abused|abused me|molested|"
    "touched me|touched her|touched him|sextortion|blackmail|blackmailed|blackmailing|nude|nudes|naked|groomed|"
    "grooming|pregnant|sex for money|leak my pictures|post my pictures|meet up|meeting up",
    # being taken, kept or lost
    "gone missing|went missing|is missing|been missing|reported missing|run away|ran away|running away|runaway|"
    "kidnap|kidnapped|abducted|locked in|locked up|held against|trafficked|trafficking|county lines|forced marriage|"
    "forced to marry|made to marry|fgm|cutting ceremony|flying out|taken abroad|honour killing|honor killing",
    # fear of home
    "scared to go home|scared of going home|afraid to go home|afraid of going home|frightened to go home|"
    "frightened of going home|terrified|does not feel safe|doesn't feel safe|don't feel safe|not safe at home|"
    "unsafe at home",
    # extremism
    "bomb|bombs|explosive|explosives|terrorist|terrorism",
)
# Longest first, so that "suicide note" is reported whole. Literals only: the time taken grows with the text alone.
_LONGEST_FIRST = sorted("|".join(_DANGER_PHRASES).split("|"), key=len, reverse=True)
_DANGER = re.compile(rf"\b(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})\b")
# Typographic apostrophes become plain ones; hyphens and dashes become spaces.
_MARKS = str.maketrans({**dict.fromkeys("\u2018\u2019\u02bc`", "'"), **dict.fromkeys("-\u2010\u2011\u2013\u2014", " ")})


def danger_words(text: str) -> tuple[str, ...]:
    """The words and phrases of `text` that suggest danger, each once, in the order of the text, in lower case.

    Whole words only, whatever their case, hyphens, apostrophes or line breaks. They are for asking "does this change
    your answer?", never for blocking or lowering anything; an empty result says nothing about safety.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().translate(_MARKS).split())
    return tuple(dict.fromkeys(_DANGER.findall(plain)))
