"""The written record of the person who noticed something: the first account, and what they remember later."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.drafts import finish_draft, lock_draft
from concerns.actions.entries import write_entry
from concerns.actions.escalation import READ_WITHIN, step_for_lead
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.next_due import set_next_due
from concerns.actions.opening import open_concern, restart_clock
from concerns.actions.outcomes import write_outcome
from concerns.actions.referrals import wait_again
from concerns.choices import EntryKind, HomeArea, LinkRole, Status, StepKind, StepState, StepWho
from concerns.exceptions import Refused
from concerns.models import Concern, Draft, Entry, Link, Person, Step, User
from concerns.queries.triage import answers_of
from concerns.rules.desks import Desk, resolve

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
    others: str = ""
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
        texts = {name: getattr(self, name) for name in ("seen", "said", "think", "seemed", "done", "where", "present", "others")}
        more = {name: getattr(self, name) for name in ("happened_words", "still_here", "told", "parents")}
        return {name: text for name, text in {**texts, **more}.items() if text}


@recorded
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
    _learn_home_area(concern, account)
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
    """Return the draft's concern, locked; a prompt one is opened now. The leaving time is kept with it."""
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


def _learn_home_area(concern: Concern, account: Account) -> None:
    """Ring the right desk once it is known where the young person lives; the steps that wait point at it from now on."""
    known = next((subject.home_area for subject in account.subjects if subject.home_area != HomeArea.UNKNOWN), None)
    if known is None or concern.home_area == known:
        return
    for desk in Desk:
        keys, first = resolve(desk, HomeArea(concern.home_area)), resolve(desk, known)[0]
        Step.objects.filter(concern=concern, state=StepState.WAITING, contact_key__in=keys).update(contact_key=first)
    concern.home_area = known
    concern.save(update_fields=["home_area"])


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


@recorded
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
    step_for_lead(concern, kind=StepKind.READ_ADDENDUM, text="Read what was added", due_at=at + READ_WITHIN, at=at)
    if worse or reopened:
        restart_clock(concern, at=at)
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="added to a concern", subject=concern, at=at, worse=worse)
    return entry


def reopen(concern: Concern, *, by: User, at: datetime, keyring: Keyring, reason: str = "") -> bool:
    """Open a locked concern again if it is closed, with what was waited for; whether it was closed."""
    if concern.is_open:
        return False
    concern.status, concern.closed_at, concern.next_due_at = Status.REOPENED, None, at
    concern.save(update_fields=["status", "closed_at", "next_due_at"])
    write_entry(by=by, concern=concern, kind=EntryKind.REOPENED, body={"reason": reason} if reason else {}, at=at, keyring=keyring)
    wait_again(concern, at=at)
    return True


@recorded
def disagree(*, by: User, concern_id: UUID, text: str, at: datetime) -> Entry:
    """Record “I do not agree”; another lead than the one who decided, or the case manager, must answer it.

    Source: the reporter may say "I do not agree": the other lead or the case manager is told.
    """
    concern = lock_concern(by=by, permission=Permission.DISAGREE, concern_id=concern_id)
    keyring = Keyring.of(concern)
    entry = write_entry(by=by, concern=concern, kind=EntryKind.DISAGREEMENT, body={"text": text}, at=at, keyring=keyring)
    reopen(concern, by=by, at=at, keyring=keyring)
    words = "The person who recorded this does not agree. Look at it again with them"
    step_for_lead(concern, kind=StepKind.READ_DISAGREEMENT, text=words, due_at=at + ANSWER_WITHIN, at=at)
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="does not agree", subject=concern, at=at)
    return entry


@recorded
def do_own_step(*, by: User, concern_id: UUID, step_id: UUID, done: bool, outcome: str, at: datetime, reference: str = "") -> Entry:
    """Record the outcome of a step that the reporter was asked to do, such as ringing the duty desk.

    Raises Refused where the step is not theirs or was ended already.
    """
    concern = lock_concern(by=by, permission=Permission.ADD_TO_OWN, concern_id=concern_id)
    step = Step.objects.filter(pk=step_id, concern=concern, person=by, who=StepWho.REPORTER).first()
    if step is None or step.state != StepState.WAITING:
        raise Refused("This step was done already, or is not yours to do.")
    return write_outcome(concern, step, by=by, done=done, outcome=outcome, reference=reference, at=at)
