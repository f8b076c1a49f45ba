"""The stories of the practice data, read from concerns/demo/data/*.toml. Every person in them is invented."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from concerns.actions.recording import Subject
from concerns.choices import AboutStaff, AgeBand, Answer, HomeArea, LinkRole, Worry
from concerns.models import User
from concerns.rules.triage import Answers, questions_for

FOLDER = Path(__file__).parent / "data"
TEXTS = ("seen", "said", "think", "seemed", "done", "where", "present", "others", "told", "parents")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that somebody did: `who` is the short name of an account, `verb` and `arg` name an action, `texts` is what they wrote.

    Written as "d2@10:15 lead did follow_up | what came of it | reference".
    """

    when: str
    who: str
    verb: str
    arg: str
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Story:
    """One concern. Times are words of `Moments`; `wrote`, `ago` and `leaves` are minutes; follow-up questions not named are no.

    `about` is an answer of AboutStaff, or "listed:deputy" with the short name of the account it is about. `people` are
    written "Name, age" or "Name, age, role". `lives` is where they turn out to live, where triage did not know.
    """

    key: str
    opens: str
    by: str = "reporter"
    about: str = "no"
    danger: str = "no"
    worries: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    area: str = "city"
    lives: str = ""
    age: str = "13_17"
    rang: tuple[str, ...] = ()
    wrote: int = 12
    ago: int = 30
    guess: bool = False
    leaves: int = 0
    people: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    def answers(self, people: dict[str, User]) -> Answers:
        """Return the triage answers that the story begins with."""
        about, _, short = self.about.partition(":")
        worries, age = frozenset(map(Worry, self.worries)), AgeBand(self.age)
        said = {**dict.fromkeys(self.yes, Answer.YES), **dict.fromkeys(self.unsure, Answer.NOT_SURE)}
        asked = questions_for(worries, AboutStaff(about), age)
        if unasked := set(said) - set(asked):
            raise ValueError(f"The story “{self.key}” answers what was not asked: {', '.join(sorted(unasked))}.")
        return Answers(
            danger_now=Answer(self.danger),
            about_staff=AboutStaff(about),
            adults=frozenset({people[short].pk} if short else ()),
            worries=worries,
            details={question: said.get(question, Answer.NO) for question in asked},
            home_area=HomeArea(self.area),
            age_band=age,
        )

    def subjects(self) -> tuple[Subject, ...]:
        """Return the people whom the written record names."""
        return tuple(self._subject(*person.split(", ")) for person in self.people)

    def _subject(self, name: str, age: str, role: str = LinkRole.HARMED) -> Subject:
        return Subject(name=name, age=age, home_area=HomeArea(self.lives or self.area), role=LinkRole(role))


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """A record that somebody began and did not send: what they typed, and when they touched it last.

    `story` holds the answers of triage.
    """

    by: str
    began: str
    touched: str
    triage: dict[str, list[str]]
    record: dict[str, list[str]]
    story: Story


@cache
def stories() -> tuple[Story, ...]:
    """Return every story, in the order of the files."""
    return tuple(_story(row) for data in _files() for row in data.get("story", ()))


@cache
def unfinished() -> tuple[Unfinished, ...]:
    """Return the records that nobody sent."""
    return tuple(_unfinished(row) for data in _files() for row in data.get("unfinished", ()))


def names() -> frozenset[str]:
    """Return the full name of everybody whom the stories invent."""
    in_records = {person.split(", ")[0] for story in stories() for person in story.people}
    return frozenset(in_records | {name for draft in unfinished() for name in draft.record["name"]})


def _files() -> list[dict[str, Any]]:
    return [tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))]


def _story(row: dict[str, Any]) -> Story:
    texts = {name: row[name] for name in TEXTS if name in row}
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name not in (*TEXTS, "then")
    }
    return Story(**fields, texts=texts, events=tuple(map(_event, row.get("then", ()))))


def _event(line: str) -> Event:
    head, *texts = (part.strip() for part in line.split(" | "))
    when, who, verb, *arg = head.split()
    return Event(when=when, who=who, verb=verb, arg=" ".join(arg), texts=tuple(texts))


def _unfinished(row: dict[str, Any]) -> Unfinished:
    """An unfinished record; what was typed on the first page of triage is what its answers follow from."""
    story = Story(key="unfinished", opens=row["began"], worries=tuple(row["worries"]), area=row["area"], age=row["age"])
    typed = {"worries": row["worries"], "about_staff": ["no"], "age_band": [row["age"]], "home_area": [row["area"]]}
    record = {name: [text] for name, text in row["record"].items()}
    return Unfinished(by=row["by"], began=row["began"], touched=row["touched"], triage=typed, record=record, story=story)
