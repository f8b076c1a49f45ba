"""Which closed concerns may be disposed of, which must be kept, and the tombstone that a page shows in place of a record."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from concerns.access.keyring import Keyring
from concerns.access.scopes import visible_concerns
from concerns.choices import Answer, LinkRole, Question, Status, Vault, Worry
from concerns.exceptions import Refused
from concerns.models import Concern, Disposal, Hold, Link, Person, User
from concerns.queries.triage import answers_so_far
from concerns.rules.deadlines import LONDON
from concerns.rules.retention import SHIPPED, WORDS, EarlyGround, Facts, Rule, Terms, applying, due_on, terms_from
from concerns.rules.triage import Answers
from concerns.rules.words import date_words, day_words

SEXUAL = (Question.SEXUAL_DISCLOSURE, Question.RECENT_ASSAULT, Question.UNDER_13_SEXUAL)


def terms_now() -> Terms:
    """Return the centre's own terms where it has set them, else the shipped ones. Raises Refused where the file is wrong."""
    path = Path(settings.RETENTION_FILE)
    if not path.exists():
        return SHIPPED
    try:
        return terms_from(tomllib.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise Refused(f"{path}: {error}") from None


def facts_of_keeping(concern: Concern) -> Facts:
    """Return what decides how long a concern is kept (five queries). Raises KeyTrouble where it cannot be read."""
    harmed = Link.objects.filter(concern=concern, person__isnull=False).exclude(role=LinkRole.MAY_HAVE_HARMED).select_related("person")
    people = [link.person for link in harmed if link.person]
    keyring = Keyring.of(*people)
    return Facts(
        logged_on=concern.logged_at.astimezone(LONDON).date(),
        about_adult=concern.vault == Vault.ADULT,
        sexual=_is_sexual(answers_so_far(concern)),
        born_on=tuple(_born_on(person, keyring) for person in people),
    )


def _is_sexual(answers: Answers) -> bool:
    """Whether it may be a record of sexual abuse: "not sure" is not "no"."""
    told = any(answers.details.get(question, Answer.NO) != Answer.NO for question in SEXUAL)
    return told or Worry.SEXUAL_ABUSE in answers.worries


def _born_on(person: Person, keyring: Keyring) -> date | None:
    text = keyring.open(person, "details").get("born_on")
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True, kw_only=True)
class Due:
    """One closed concern, the rules it falls under, the day on which they let go of it, and how many holds keep it."""

    concern: Concern
    rules: tuple[Rule, ...]
    on: date
    holds: int

    def is_over(self, *, at: datetime) -> bool:
        """Whether the day has come here, on which the rules let go of it."""
        return self.on <= at.astimezone(LONDON).date()


def due_of(concern: Concern) -> Due:
    """Return when a concern may be disposed of. Raises KeyTrouble where it cannot be read, Refused where the terms are wrong."""
    facts = facts_of_keeping(concern)
    holds = Hold.objects.filter(concern=concern, lifted_at=None).count()
    return Due(concern=concern, rules=applying(facts), on=due_on(facts, terms_now()), holds=holds)


def due_for(user: User, *, at: datetime) -> list[Due]:
    """Return the closed concerns that the person sees and whose time is over, the longest overdue first."""
    closed = visible_concerns(user).filter(status=Status.CLOSED, data_key__isnull=False)
    found = [due_of(concern) for concern in closed]
    return sorted((due for due in found if due.is_over(at=at)), key=lambda due: (due.on, due.concern.reference))


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """What stands in place of a record that was disposed of, in sentences."""

    summary: str
    backups: str

    @property
    def words(self) -> str:
        """Both, as paragraphs."""
        return f"{self.summary}\n\n{self.backups}"


def tombstone_of(concern: Concern, *, at: datetime, in_full: bool) -> Tombstone | None:
    """Return what to show in place of a record, or None where it was not disposed of. `in_full` adds how much there was."""
    if not concern.is_disposed:
        return None
    row = Disposal.objects.filter(concern=concern).select_related("proposed_by", "approved_by").first()
    if row is None:  # the key is gone, the tombstone is not there yet: the worker writes it within a minute
        return Tombstone(summary="The content of this record was disposed of.", backups="")
    early = f", early because {WORDS[EarlyGround(row.early_ground)]}" if row.early_ground else ""
    size = f" It held {row.entries} entries." if in_full else ""
    people = f" {_name(row.proposed_by)} proposed it and {_name(row.approved_by)} agreed." if in_full else ""
    what = f"The content of this record was disposed of {_on(row.approved_at, at)}{early}. Rule: {row.get_rule_display()}."
    return Tombstone(summary=f"{what}{size}{people}", backups=_backups(row.unrecoverable_on, at=at))


def _name(user: User | None) -> str:
    return user.name if user else "Somebody whose account is not in this database"


def _on(moment: datetime, at: datetime) -> str:
    day = day_words(moment, at=at)
    return day if day in ("today", "yesterday") else f"on {day}"


def _backups(day: date, *, at: datetime) -> str:
    words = date_words(day)
    if day > at.astimezone(LONDON).date():
        return f"Until {words} it may still be readable from a backup. After that nobody can bring it back."
    return f"Since {words} no backup holds it. Nobody can bring it back."
