"""What people do in the stories: each verb of an event is one call of an action, at the time of the event."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from concerns.actions.casework import acknowledge_concern, add_entry, correct_entry, do_step, move_status, note_opened, take_concern
from concerns.actions.closing import change_level, close_concern, decide_proposal
from concerns.actions.glass import break_glass
from concerns.actions.opening import triage_again
from concerns.actions.recording import add_addendum, disagree, do_own_step
from concerns.actions.referrals import record_council_answer, record_referral
from concerns.actions.restrictions import lift_restriction, restrict_concern
from concerns.choices import (
    AboutStaff,
    Answer,
    ClosingOutcome,
    ContactKey,
    EntryKind,
    Level,
    Question,
    Status,
    StepKind,
    StepState,
    StepWho,
)
from concerns.demo.stories import Event
from concerns.models import Concern, Entry, Proposal, Step, User
from concerns.queries.referrals import unanswered
from concerns.queries.triage import answers_so_far
from concerns.rules.referrals import BY_PHONE, IN_WRITING, CouncilDecision

LOOKS_FIRST, JUST_BEFORE = timedelta(seconds=40), timedelta(minutes=5)
KINDS = {
    "note": EntryKind.NOTE,
    "talk": EntryKind.CONVERSATION,
    "agency": EntryKind.AGENCY_CONTACT,
    "reply": EntryKind.REPLY,
    "decision": EntryKind.DECISION,
}


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One event that is about to happen. `people` are the accounts by short name, `references` those of the concerns so far."""

    event: Event
    concern: Concern
    at: datetime
    people: dict[str, User]
    references: dict[str, str]

    @property
    def by(self) -> User:
        return self.people[self.event.who]

    def text(self, place: int = 0) -> str:
        return self.event.texts[place] if place < len(self.event.texts) else ""


def happen(deed: Deed) -> None:
    """Do what the event says. Raises KeyError on an unknown verb, and what the actions raise."""
    deed.concern.refresh_from_db()
    VERBS[deed.event.verb](deed)


def _opened(deed: Deed) -> None:
    note_opened(by=deed.by, concern=deed.concern, at=deed.at)


def _ack(deed: Deed) -> None:
    note_opened(by=deed.by, concern=deed.concern, at=deed.at - LOOKS_FIRST)
    acknowledge_concern(by=deed.by, concern_id=deed.concern.pk, at=deed.at)


def _take(deed: Deed) -> None:
    take_concern(by=deed.by, concern_id=deed.concern.pk, version=deed.concern.version, at=deed.at)


def _entry(deed: Deed) -> None:
    _add(deed, KINDS[deed.event.verb])


def _add(deed: Deed, kind: EntryKind) -> None:
    add_entry(by=deed.by, concern_id=deed.concern.pk, kind=kind, text=deed.text(), reason=deed.text(1), at=deed.at)


def _step(deed: Deed) -> None:
    """End the waiting step of this key: a reporter's own through their own action. A decision with its reason is an entry first."""
    step = Step.objects.filter(concern=deed.concern, key=deed.event.arg, state=StepState.WAITING).exclude(due_at=None).first()
    if step is None:
        raise ValueError(f"There is no step to do: {deed.event}")
    if deed.event.arg == StepKind.DECIDE and deed.text(1):
        _add(deed, EntryKind.DECISION)
    end = do_own_step if step.who == StepWho.REPORTER and step.person_id == deed.by.pk else do_step
    end(
        by=deed.by,
        concern_id=deed.concern.pk,
        step_id=step.pk,
        done=deed.event.verb == "did",
        outcome=deed.text(),
        reference="" if step.kind == StepKind.DECIDE else deed.text(1),
        at=deed.at,
    )


def _status(deed: Deed) -> None:
    to = Status(deed.event.arg)
    move_status(by=deed.by, concern_id=deed.concern.pk, version=deed.concern.version, to=to, reason=deed.text(), at=deed.at)


def _level(deed: Deed) -> None:
    to = Level(deed.event.arg)
    change_level(by=deed.by, concern_id=deed.concern.pk, version=deed.concern.version, to=to, reason=deed.text(), at=deed.at)


def _close(deed: Deed) -> None:
    close_concern(
        by=deed.by,
        concern_id=deed.concern.pk,
        version=deed.concern.version,
        outcome=ClosingOutcome(deed.event.arg),
        reason=deed.text(),
        duplicate_of=deed.references[deed.text(1)] if deed.text(1) else "",
        at=deed.at,
    )


def _second(deed: Deed) -> None:
    proposal = Proposal.objects.get(concern=deed.concern, kind=deed.event.arg, decided_at=None)
    agree = deed.event.verb == "agrees"
    decide_proposal(by=deed.by, concern_id=deed.concern.pk, proposal_id=proposal.pk, agree=agree, reason=deed.text(), at=deed.at)


def _correct(deed: Deed) -> None:
    wrong = Entry.objects.filter(concern=deed.concern, kind=deed.event.arg).order_by("-number")[0]
    correct_entry(by=deed.by, concern_id=deed.concern.pk, entry_id=wrong.pk, text=deed.text(), at=deed.at)


def _addendum(deed: Deed) -> None:
    add_addendum(by=deed.by, concern_id=deed.concern.pk, text=deed.text(), worse=deed.event.verb == "worse", at=deed.at)


def _again(deed: Deed) -> None:
    """Answer triage again, with these questions turned to yes."""
    before = answers_so_far(deed.concern)
    details = {**before.details, **{Question(name): Answer.YES for name in deed.event.arg.split()}}
    triage_again(by=deed.by, concern_id=deed.concern.pk, answers=replace(before, details=details), at=deed.at)


def _names(deed: Deed) -> None:
    """Answer triage again: it is about this member of staff, and what is asked because of that is no."""
    before, adult = answers_so_far(deed.concern), frozenset({deed.people[deed.event.arg].pk})
    details = {Question.HARM_SOON: Answer.NO, **before.details}
    answers = replace(before, about_staff=AboutStaff.LISTED, adults=adult, details=details)
    triage_again(by=deed.by, concern_id=deed.concern.pk, answers=answers, at=deed.at)


def _disagree(deed: Deed) -> None:
    disagree(by=deed.by, concern_id=deed.concern.pk, text=deed.text(), at=deed.at)


def _restrict(deed: Deed) -> None:
    """Restrict it to these people, by their short names."""
    named = [deed.people[name].pk for name in deed.event.arg.split()]
    restrict_concern(by=deed.by, concern_id=deed.concern.pk, version=deed.concern.version, people=named, reason=deed.text(), at=deed.at)


def _lift(deed: Deed) -> None:
    lift_restriction(by=deed.by, concern_id=deed.concern.pk, version=deed.concern.version, reason=deed.text(), at=deed.at)


def _glass(deed: Deed) -> None:
    break_glass(by=deed.by, reference=deed.concern.reference, reason=deed.text(), at=deed.at)


def _refer(deed: Deed) -> None:
    """A referral to the contact of this key: to whom, what was said, what was agreed, and their reference."""
    how = BY_PHONE if deed.event.verb == "refers" else IN_WRITING
    said = {name: deed.text(place) for place, name in enumerate(("spoken_to", "was_said", "agreed_actions", "reference"))}
    record_referral(
        by=deed.by,
        concern_id=deed.concern.pk,
        version=deed.concern.version,
        to=ContactKey(deed.event.arg),
        made_at=deed.at - JUST_BEFORE,
        details={"how": how, "referred_by": deed.by.name, **said},
        at=deed.at,
    )


def _heard(deed: Deed) -> None:
    referral = unanswered(deed.concern)[0]
    record_council_answer(
        by=deed.by,
        concern_id=deed.concern.pk,
        referral_id=referral.pk,
        what=deed.text(),
        decision=CouncilDecision[deed.event.arg],
        answered_at=deed.at - JUST_BEFORE,
        at=deed.at,
    )


VERBS: dict[str, Callable[[Deed], None]] = {
    **dict.fromkeys(KINDS, _entry),
    **dict.fromkeys(("did", "failed"), _step),
    **dict.fromkeys(("adds", "worse"), _addendum),
    **dict.fromkeys(("agrees", "refuses"), _second),
    **dict.fromkeys(("refers", "writes"), _refer),
    "heard": _heard,
    "opened": _opened,
    "ack": _ack,
    "take": _take,
    "status": _status,
    "level": _level,
    "close": _close,
    "corrects": _correct,
    "again": _again,
    "names": _names,
    "disagrees": _disagree,
    "restricts": _restrict,
    "lifts": _lift,
    "breaks": _glass,
}
