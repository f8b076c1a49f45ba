"""The written record of the person who noticed something: the first account, and what they remember later."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit
from concerns.actions.drafts import finish_draft, lock_draft
from concerns.actions.entries import write_entry
from concerns.actions.escalation import add_step, end_step, set_next_due, start_following
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.opening import answers_of, open_concern, restart_clock
from concerns.actions.outbox import queue_message
from concerns.choices import EntryKind, HomeArea, LinkRole, MessageKind, Status, StepKind, StepState, StepWho
from concerns.exceptions import Refused
from concerns.models import Concern, Draft, Entry, Link, Person, Step, User
from concerns.queries.ladder import free_people

READ_WITHIN = timedelta(minutes=60)
ANSWER_WITHIN = timedelta(minutes=60)
SENT_ALREADY = "This record was sent already. Add what is new to the concern itself."


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom the concern is about. Everything may be unknown; `age` is in the worker's words."""

    name: str = ""
    age: str = ""
    born_on: date | None = None
    home_area: HomeArea = HomeArea.UNKNOWN
    role: LinkRole = LinkRole.HARMED


@dataclass(frozen=True, kw_only=True)
class Account:
    """The first account: fact, own words and opinion kept apart. `happened_at` is aware; `leaves_at` too."""

    seen: str = ""
    said: str = ""
    think: str = ""
    seemed: str = ""
    done: str = ""
    where: str = ""
    present: str = ""
    adult: str = ""
    told: str = ""
    parents: str = ""
    happened_at: datetime | None = None
    happened_about: bool = False
    happened_words: str = ""
    leaves_at: datetime | None = None
    still_here: str = ""
    subjects: tuple[Subject, ...] = ()

    def body(self) -> dict[str, Any]:
        """Return the headed texts that the entry seals; empty ones are left out."""
        texts = {name: getattr(self, name) for name in ("seen", "said", "think", "seemed", "done", "where", "present", "adult")}
        more = {name: getattr(self, name) for name in ("happened_words", "still_here", "told", "parents")}
        return {name: text for name, text in {**texts, **more}.items() if text}


@transaction.atomic
def submit_record(*, by: User, draft_id: UUID, account: Account, at: datetime) -> Concern:
    """Send the written record of a draft; a concern that is not yet there is opened now.

    Sent twice, the second returns the concern that the first made. Raises NotVisible for somebody else's draft, Refused
    where triage was not finished.
    """
    draft = lock_draft(by=by, draft_id=draft_id)
    if draft.finished_at is not None and draft.concern is not None:
        return draft.concern
    concern = _concern_of(draft, by=by, account=account, at=at)
    keyring = Keyring.of(concern)
    concern.happened_at, concern.happened_about = account.happened_at, account.happened_about
    concern.recorded_at = at
    save_concern(concern, "happened_at", "happened_about", "recorded_at")
    write_entry(
        by=by, concern=concern, kind=EntryKind.ACCOUNT, body=account.body(), at=at, keyring=keyring, happened_at=account.happened_at
    )
    for subject in account.subjects:
        link_person(by=by, concern=concern, subject=subject, at=at)
    finish_draft(draft, at=at)
    audit(by=by, verb="sent the record", subject=concern, at=at)
    return concern


def _concern_of(draft: Draft, *, by: User, account: Account, at: datetime) -> Concern:
    """Return the draft's concern, locked; a prompt one is opened now. An earlier leaving time moves its deadlines."""
    if draft.concern_id is None:
        answers = answers_of(draft, Keyring.of(draft))
        if answers is None:
            raise Refused("Answer the first questions before you send the record.")
        return open_concern(by=by, draft=draft, answers=answers, at=at, leaves_at=account.leaves_at)
    concern = lock_concern(by=by, permission=Permission.ADD_TO_OWN, concern_id=draft.concern_id)
    if account.leaves_at is not None and account.leaves_at != concern.leaves_at:
        concern.leaves_at = account.leaves_at
        concern.save(update_fields=["leaves_at"])
    return concern


def link_person(*, by: User, concern: Concern, subject: Subject, at: datetime) -> Person:
    """Add a person, sealed with a key of their own, and link them to a locked concern."""
    keyring = Keyring()
    person = Person(centre=concern.centre, data_key=keyring.new_key(at=at), home_area=subject.home_area, created_at=at)
    born_on = subject.born_on.isoformat() if subject.born_on else ""
    keyring.seal(person, "details", {"name": subject.name, "age": subject.age, "born_on": born_on})
    person.save(force_insert=True)
    Link.objects.create(concern=concern, person=person, role=subject.role, made_at=at, made_by=by)
    audit(by=by, verb="linked a person", subject=concern, at=at, role=subject.role)
    return person


@transaction.atomic
def add_addendum(*, by: User, concern_id: UUID, text: str, worse: bool, at: datetime) -> Entry:
    """Add what the reporter remembered later. A lead must read it; a closed concern opens again; worse starts the clock again.

    Source: an addendum asks "is it worse now?", also on a closed concern, which reopens.
    """
    concern = lock_concern(by=by, permission=Permission.ADD_TO_OWN, concern_id=concern_id)
    keyring = Keyring.of(concern)
    entry = write_entry(
        by=by, concern=concern, kind=EntryKind.ADDENDUM, body={"text": text, "worse": "yes" if worse else "no"}, at=at, keyring=keyring
    )
    reopened = reopen(concern, by=by, at=at, keyring=keyring)
    _step_for_lead(concern, kind=StepKind.READ_ADDENDUM, text="Read what was added", due_at=at + READ_WITHIN, at=at)
    if worse or reopened:
        restart_clock(concern, at=at)
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="added to a concern", subject=concern, at=at, worse=worse)
    return entry


def reopen(concern: Concern, *, by: User, at: datetime, keyring: Keyring) -> bool:
    """Open a locked concern again if it is closed; whether it was."""
    if concern.is_open:
        return False
    concern.status, concern.closed_at, concern.next_due_at = Status.REOPENED, None, at
    concern.save(update_fields=["status", "closed_at", "next_due_at"])
    write_entry(by=by, concern=concern, kind=EntryKind.REOPENED, body={}, at=at, keyring=keyring)
    return True


def _step_for_lead(concern: Concern, *, kind: StepKind, text: str, due_at: datetime, at: datetime, avoid: User | None = None) -> None:
    """Ask the lead who has a locked concern, or the next free person, to do something; and mail them."""
    holder = [concern.lead] if concern.lead else []
    people = [user for user in [*holder, *free_people(concern)] if user != avoid]
    person = people[0] if people else None
    who = StepWho.HOLDER if person else StepWho.EVERYBODY
    step = add_step(concern, kind=kind, text=text, at=at, who=who, person=person, due_at=due_at)
    if person is not None:
        queue_message(recipient=person, kind=MessageKind.ADDENDUM, key=f"{step.pk}:{person.pk}", at=at, concern=concern)


@transaction.atomic
def disagree(*, by: User, concern_id: UUID, text: str, at: datetime) -> Entry:
    """Record “I do not agree”; another lead than the one who decided, or the case manager, must answer it.

    Source: the reporter may say "I do not agree": the other lead or the case manager is told.
    """
    concern = lock_concern(by=by, permission=Permission.DISAGREE, concern_id=concern_id)
    keyring = Keyring.of(concern)
    entry = write_entry(by=by, concern=concern, kind=EntryKind.DISAGREEMENT, body={"text": text}, at=at, keyring=keyring)
    reopen(concern, by=by, at=at, keyring=keyring)
    words = "The person who recorded this does not agree. Look at it again with them"
    _step_for_lead(concern, kind=StepKind.READ_DISAGREEMENT, text=words, due_at=at + ANSWER_WITHIN, at=at, avoid=concern.lead)
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="does not agree", subject=concern, at=at)
    return entry


@transaction.atomic
def do_own_step(*, by: User, concern_id: UUID, step_id: UUID, done: bool, outcome: str, at: datetime, reference: str = "") -> Entry:
    """Record the outcome of a step that the reporter was asked to do, such as ringing the duty desk.

    Raises Refused where the step is not theirs or was ended already.
    """
    concern = lock_concern(by=by, permission=Permission.ADD_TO_OWN, concern_id=concern_id)
    step = Step.objects.filter(pk=step_id, concern=concern, person=by, who=StepWho.REPORTER).first()
    if step is None or step.state != StepState.WAITING:
        raise Refused("This step was done already, or is not yours to do.")
    return write_outcome(concern, step, by=by, done=done, outcome=outcome, reference=reference, at=at)


def write_outcome(concern: Concern, step: Step, *, by: User, done: bool, outcome: str, reference: str, at: datetime) -> Entry:
    """End a waiting step of a locked concern with its outcome; what follows it starts, or a lead decides what else to do."""
    body = {"step": step.text, "done": "yes" if done else "no", "outcome": outcome, "reference": reference}
    entry = write_entry(by=by, concern=concern, kind=EntryKind.STEP_OUTCOME, body=body, at=at, keyring=Keyring.of(concern))
    end_step(step, state=StepState.DONE if done else StepState.FAILED, by=by, at=at, entry=entry)
    holder = concern.lead or next(iter(free_people(concern)), None) or by
    if done:
        start_following(concern, done=step.key, holder=holder, at=at)
    else:
        _step_for_lead(
            concern, kind=StepKind.DECIDE, text=f"Not possible: {step.text}. Decide what to do instead", due_at=at + READ_WITHIN, at=at
        )
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="ended a step", subject=concern, at=at, kind=step.kind, done=done)
    return entry
