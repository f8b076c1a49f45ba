"""Makes a fictional centre's two months: every story is told through the actions, all of them together in the order of time.

So records, chains, steps, audit and mail are what they would have been. No randomness: the same moment and the same stories
make the same centre, apart from ids and references.
"""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from concerns.actions.drafts import save_draft, start_draft
from concerns.actions.escalation import pass_on
from concerns.actions.locking import lock_concern
from concerns.actions.opening import finish_triage
from concerns.actions.outbox import mark_sent
from concerns.actions.recording import Account, submit_record
from concerns.actions.reminders import remind_authors, show_leads
from concerns.choices import Answer, Level, StepKind, StepState
from concerns.demo.events import Deed, happen
from concerns.demo.moments import Moments
from concerns.demo.stories import Event, Story, Unfinished, stories, unfinished
from concerns.models import Centre, Concern, Message, Step, User
from concerns.queries.sessions import sessions_of
from concerns.rules.routing import level_of

Do = Callable[[datetime], object]
TRIAGE_TAKES = timedelta(minutes=4)
AT_LEAST = timedelta(minutes=1)
WORKER_LATE = timedelta(seconds=1)
REMINDED = timedelta(minutes=31)
TOLD_LEADS = timedelta(minutes=121)


@dataclass
class Plot:
    """Everything that will happen, by time. `concerns` and `references` fill up while it happens."""

    centre: Centre
    people: dict[str, User]
    moments: Moments
    happenings: list[tuple[datetime, int, Do]] = field(default_factory=list)
    concerns: dict[str, Concern] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)

    def add(self, at: datetime, do: Do) -> None:
        insort(self.happenings, (at, len(self.happenings), do), key=lambda happening: happening[:2])


@transaction.atomic
def build_two_months(centre: Centre, people: dict[str, User], *, at: datetime) -> None:
    """Make every concern and unfinished record of the stories at a centre that has people, ladders and sessions.

    `people` are the practice accounts by short name; `at` (aware) is the moment up to which the two months go. Nothing is
    mailed: the mails are marked as sent before the transaction is committed, and a sent mail is not sent again.
    """
    plot = Plot(centre=centre, people=people, moments=Moments(at, sessions_of(centre)))
    for story in stories():
        _plan_story(plot, story)
    for draft in unfinished():
        _plan_unfinished(plot, draft)
    for moment, _, do in plot.happenings:
        _ask_the_next(centre, until=moment)
        do(moment)
    _ask_the_next(centre, until=at)
    _mark_all_sent(centre, at=at)


def _plan_story(plot: Plot, story: Story) -> None:
    """Plan a story: triage and record, which are sent together where it is not pressing, then its events in their order."""
    opened = plot.moments.read(story.opens, opened=plot.moments.at)
    pressing = level_of(story.answers(plot.people)) != Level.PROMPT
    token = uuid4()
    plot.add(opened if pressing else opened - TRIAGE_TAKES, partial(_triage, plot, story, token))
    plot.add(opened + timedelta(minutes=story.wrote) if pressing else opened, partial(_record, plot, story, token))
    last = opened
    for event in story.events:
        last = max(plot.moments.read(event.when, opened=opened), last + AT_LEAST)
        plot.add(last, partial(_event, plot, story.key, event))


def _triage(plot: Plot, story: Story, token: UUID, at: datetime) -> None:
    by = plot.people[story.by]
    start_draft(by=by, centre=plot.centre, draft_id=token, at=at)
    draft = finish_triage(by=by, draft_id=token, answers=story.answers(plot.people), rang=story.rang, at=at)
    if draft.concern is not None:
        _know(plot, story, draft.concern)


def _record(plot: Plot, story: Story, token: UUID, at: datetime) -> None:
    account = Account(
        **story.texts,
        happened_at=at - timedelta(minutes=story.ago + story.wrote),
        happened_about=story.guess,
        leaves_at=at + timedelta(minutes=story.leaves) if story.leaves else None,
        still_here=Answer.YES.label if story.leaves else Answer.NO.label,
        subjects=story.subjects(),
    )
    _know(plot, story, submit_record(by=plot.people[story.by], draft_id=token, account=account, at=at))


def _know(plot: Plot, story: Story, concern: Concern) -> None:
    plot.concerns[story.key], plot.references[story.key] = concern, concern.reference


def _event(plot: Plot, key: str, event: Event, at: datetime) -> None:
    happen(Deed(event=event, concern=plot.concerns[key], at=at, people=plot.people, references=plot.references))


def _plan_unfinished(plot: Plot, draft: Unfinished) -> None:
    """Plan a record that is never sent; what the worker does about it is due only where it was left for long enough."""
    began = plot.moments.read(draft.began, opened=plot.moments.at)
    touched = plot.moments.read(draft.touched, opened=plot.moments.at)
    token = uuid4()
    plot.add(began, partial(_begin, plot, draft, token))
    plot.add(touched, partial(_type, plot, draft, token))
    for after, do in ((REMINDED, remind_authors), (TOLD_LEADS, show_leads)):
        if touched + after <= plot.moments.at:
            plot.add(touched + after, partial(_remind, do))


def _begin(plot: Plot, draft: Unfinished, token: UUID, at: datetime) -> None:
    by = plot.people[draft.by]
    start_draft(by=by, centre=plot.centre, draft_id=token, at=at)
    save_draft(by=by, draft_id=token, part="triage", content=draft.triage, at=at)


def _type(plot: Plot, draft: Unfinished, token: UUID, at: datetime) -> None:
    by = plot.people[draft.by]
    finish_triage(by=by, draft_id=token, answers=draft.story.answers(plot.people), at=at)
    save_draft(by=by, draft_id=token, part="record", content=draft.record, at=at)


def _remind(do: Callable[..., int], at: datetime) -> None:
    do(by=None, at=at)


def _ask_the_next(centre: Centre, *, until: datetime) -> None:
    """Do what the worker would have done: pass every alert that nobody answered in time to the next person, oldest first."""
    waiting = Step.objects.filter(concern__centre=centre, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)
    while step := waiting.filter(due_at__lt=until - WORKER_LATE).order_by("due_at").first():
        assert step.due_at is not None  # noqa: S101 - the filter says so
        concern = lock_concern(by=None, permission=None, concern_id=step.concern_id)
        pass_on(by=None, concern=concern, step=step, at=step.due_at + WORKER_LATE)


def _mark_all_sent(centre: Centre, *, at: datetime) -> None:
    """Mark every mail as sent a few seconds after it was put in the outbox, and never later than now."""
    for place, message in enumerate(Message.objects.filter(centre=centre, sent_at=None).order_by("queued_at", "recipient__email")):
        mark_sent(message, at=min(message.queued_at + timedelta(seconds=2 + place % 5), at))
