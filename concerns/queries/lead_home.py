"""What those who answer alerts see on their first page, in one glance: what waits, who is on duty, what is missing. No drill counts."""

from dataclasses import dataclass
from datetime import datetime

from concerns.models import Centre, Concern, User
from concerns.queries.digest import MyStep, my_steps
from concerns.queries.drills import running_drill
from concerns.queries.notes import NoteLine, notes_for
from concerns.queries.queue import QueueRow, most_pressing, unfinished_records
from concerns.queries.rota import NO_SESSIONS, SessionLine, coming_sessions, gaps_in, gaps_words
from concerns.rules.words import when_words

SHOWN_STEPS = 5


@dataclass(frozen=True, kw_only=True)
class UnfinishedLine:
    """Who has an unfinished record, and when it was last changed: nothing of its content."""

    name: str
    since: str


@dataclass(frozen=True, kw_only=True)
class LeadHome:
    """`mine`: the first of what is late or due today, `more` how many others there are. `following`: open concerns that somebody has
    answered, by what is due next; those of `mine` apart. `duty` is a sentence.
    """

    unanswered: tuple[QueueRow, ...]
    mine: list[MyStep]
    more: int
    following: tuple[QueueRow, ...]
    duty: str
    is_missing: bool
    gaps: int
    unfinished: list[UnfinishedLine]
    note: NoteLine | None
    drill: Concern | None

    @property
    def gaps_words(self) -> str:
        """Where somebody is missing in the coming sessions, in words; empty where nobody is."""
        return gaps_words(self.gaps) if self.gaps else ""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits: nobody is unanswered or unfinished, and nothing is late or this person's to do today."""
        return not (self.unanswered or self.unfinished or self.mine or any(row.is_late for row in self.following))


def lead_home(user: User, centre: Centre, *, at: datetime) -> LeadHome:
    """Return the first page of somebody who answers alerts at the centre; the same number of queries however much waits."""
    pressing, steps, coming = most_pressing(user, at=at), my_steps(user, centre, at=at), coming_sessions(centre, at=at)
    mine = steps[:SHOWN_STEPS]
    told = {step.concern_id for step in mine}
    drafts = unfinished_records(user)
    duty, is_missing = _duty(coming)
    return LeadHome(
        unanswered=tuple(row for row in pressing if not row.is_answered),
        mine=mine,
        more=len(steps) - len(mine),
        following=tuple(row for row in pressing if row.is_answered and row.id not in told),
        duty=duty,
        is_missing=is_missing,
        gaps=gaps_in(coming),
        unfinished=[UnfinishedLine(name=draft.owner.name, since=when_words(draft.touched_at, at=at)) for draft in drafts],
        note=next(iter(notes_for(user, centre, at=at, limit=1)), None),
        drill=running_drill(user),
    )


def _duty(coming: tuple[SessionLine, ...]) -> tuple[str, bool]:
    """Who is on duty in the session that is on, or in the next one; and whether somebody is missing in it."""
    if not coming:
        return NO_SESSIONS, True
    first = coming[0]
    return (f"{first.said}." if first.is_on else f"No session is on. Next, {first.when}: {first.said}."), bool(first.missing)
