"""What leads do with a concern: answer it, take it, add entries, do steps, move its state."""

from datetime import datetime
from uuid import UUID

from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.drills import end_answered_drill
from concerns.actions.entries import write_entry
from concerns.actions.escalation import end_steps
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.next_due import set_next_due, start_following
from concerns.actions.outbox import OVER_ONCE_ANSWERED, queue_message, withdraw
from concerns.actions.outcomes import write_outcome
from concerns.choices import ADDABLE_ENTRIES, TAKE_IT, EntryKind, MessageKind, Status, StepKind, StepState, StepWho
from concerns.exceptions import Refused
from concerns.models import Concern, Entry, Message, Step, User
from concerns.queries.escalation import author_who_may_know, holder_of, must_leave_answer
from concerns.queries.ladder import free_people
from concerns.queries.plans import acknowledgement
from concerns.queries.sessions import sessions_of
from concerns.queries.timeline import NOT_A_FORM, OPENED
from concerns.rules.moves import may_move

# Given to somebody because they are not the one who decided: taking the concern does not bring them along.
FOR_ANOTHER = (StepKind.SECOND_PERSON, StepKind.READ_DISAGREEMENT, StepKind.ACCEPT_HANDOVER, StepKind.CHECK_HOLDER)
NOT_BY_YOU = "The person who recorded this does not agree with you. {person} was asked to answer them."
STEP_IS_OVER = "This step was done, or is no longer needed. Look at the concern as it is now."


@recorded
def acknowledge_concern(*, by: User, concern_id: UUID, at: datetime) -> Entry:
    """Answer the alert. The first answer wins; the others who were asked, and the reporter, are told that it is taken.

    Who answers has the concern, and what its lead has to do, unless a lead has it already.

    Raises Refused, with the name of who was first, where it was answered already; NotAllowed for who recorded it.
    """
    concern = lock_concern(by=by, permission=Permission.ACKNOWLEDGE, concern_id=concern_id)
    if concern.acknowledged_at is not None:
        raise Refused(f"{concern.acknowledged_by} has answered already.")
    return answer_alert(concern, by=by, at=at)


def answer_alert(concern: Concern, *, by: User, at: datetime) -> Entry:
    """Let a locked concern be answered by somebody."""
    concern.acknowledged_at, concern.acknowledged_by = at, by
    if may_move(Status(concern.status), Status.ACKNOWLEDGED):
        concern.status = Status.ACKNOWLEDGED
    save_concern(concern, "acknowledged_at", "acknowledged_by", "status")
    move_holding(concern, to=holder_of(concern) or by, at=at)
    entry = write_entry(by=by, concern=concern, kind=EntryKind.ACKNOWLEDGEMENT, body={}, at=at, keyring=Keyring.of(concern))
    end_steps(concern, state=StepState.DONE, at=at, by=by, kind=StepKind.ACKNOWLEDGE)
    withdraw(at=at, concern=concern, kind__in=OVER_ONCE_ANSWERED)
    if concern.is_drill:
        end_answered_drill(concern, at=at)
    else:
        start_following(concern, done=acknowledgement(concern, sessions_of(concern.centre))[0].key, holder=by, at=at)
        set_next_due(concern, at=at)
        _tell_that_it_is_taken(concern, by=by, entry=entry, at=at)
    audit(by=by, verb="answered", subject=concern, at=at)
    return entry


def _tell_that_it_is_taken(concern: Concern, *, by: User, entry: Entry, at: datetime) -> None:
    asked = Message.objects.filter(concern=concern, kind__in=OVER_ONCE_ANSWERED).values("recipient")
    people = {user.pk: user for user in [concern.logged_by, *User.objects.filter(pk__in=asked, is_active=True)]}
    author = author_who_may_know(concern)
    may_know = {*([author.pk] if author else []), *(user.pk for user in free_people(concern))}
    for user in people.values():
        if user.pk != by.pk and user.pk in may_know:
            queue_message(recipient=user, kind=MessageKind.TAKEN, key=f"{entry.pk}:{user.pk}", at=at, concern=concern)


@recorded
def take_concern(*, by: User, concern_id: UUID, version: int, at: datetime) -> Entry:
    """Become the lead who has the concern; what the holder has to do passes to them. Raises Stale, Refused."""
    concern = lock_concern(by=by, permission=Permission.TAKE, concern_id=concern_id, version=version)
    if concern.acknowledged_at is None:
        raise Refused("Answer the alert first.")
    if may_move(Status(concern.status), Status.IN_PROGRESS):
        concern.status = Status.IN_PROGRESS
    move_holding(concern, to=by, at=at)
    end_steps(concern, state=StepState.CANCELLED, at=at, by=by, kind=StepKind.ACCEPT_HANDOVER)
    set_next_due(concern, at=at)
    save_concern(concern, "status")
    entry = write_entry(by=by, concern=concern, kind=EntryKind.TAKEN, body={}, at=at, keyring=Keyring.of(concern))
    audit(by=by, verb="took", subject=concern, at=at)
    return entry


def move_holding(concern: Concern, *, to: User, at: datetime) -> None:
    """Let somebody have a locked concern, and what whoever has it has to do."""
    concern.lead = to
    concern.save(update_fields=["lead"])
    held = Step.objects.filter(concern=concern, state=StepState.WAITING, who=StepWho.HOLDER).exclude(due_at=None)
    held.exclude(kind__in=FOR_ANOTHER).update(person=to)
    end_steps(concern, state=StepState.DONE, at=at, by=to, key=TAKE_IT)


@recorded
def add_entry(
    *, by: User, concern_id: UUID, kind: EntryKind, text: str, at: datetime, happened_at: datetime | None = None, reason: str = ""
) -> Entry:
    """Add a note, a conversation, a contact with an agency, a decision with its reason, or a reply to the reporter."""
    concern = lock_concern(by=by, permission=Permission.ADD_ENTRY, concern_id=concern_id)
    if kind not in ADDABLE_ENTRIES:
        raise Refused("Choose one of the kinds shown.")
    body = {"text": text, "reason": reason} if reason else {"text": text}
    entry = write_entry(by=by, concern=concern, kind=kind, body=body, at=at, keyring=Keyring.of(concern), happened_at=happened_at)
    author = author_who_may_know(concern)
    if kind == EntryKind.REPLY and author is not None:
        queue_message(recipient=author, kind=MessageKind.REPLY, key=f"{entry.pk}:reply", at=at, concern=concern)
    save_concern(concern)
    audit(by=by, verb="added an entry", subject=concern, at=at, kind=kind)
    return entry


@recorded
def correct_entry(*, by: User, concern_id: UUID, entry_id: UUID, text: str, at: datetime) -> Entry:
    """Add a correction that points at an entry of the same concern; both stay visible."""
    concern = lock_concern(by=by, permission=Permission.ADD_ENTRY, concern_id=concern_id)
    wrong = Entry.objects.filter(concern=concern, pk=entry_id).first()
    if wrong is None:
        raise Refused("There is no such entry in this concern.")
    entry = write_entry(
        by=by, concern=concern, kind=EntryKind.CORRECTION, body={"text": text}, at=at, keyring=Keyring.of(concern), corrects=wrong
    )
    save_concern(concern)
    audit(by=by, verb="corrected an entry", subject=concern, at=at, number=wrong.number)
    return entry


@recorded
def do_step(*, by: User, concern_id: UUID, step_id: UUID, done: bool, outcome: str, at: datetime, reference: str = "") -> Entry:
    """Record that a step was done, or was not possible, with its outcome and a reference. Raises Refused where it is over."""
    concern = lock_concern(by=by, permission=Permission.DO_STEP, concern_id=concern_id)
    step = Step.objects.filter(pk=step_id, concern=concern).first()
    if step is None or step.state != StepState.WAITING or step.due_at is None or step.kind in NOT_A_FORM:
        raise Refused(STEP_IS_OVER)
    step.concern = concern
    if step.kind == StepKind.READ_DISAGREEMENT and must_leave_answer(by, step):
        raise Refused(NOT_BY_YOU.format(person=step.person or "Somebody else"))
    return write_outcome(concern, step, by=by, done=done, outcome=outcome, reference=reference, at=at)


@recorded
def move_status(*, by: User, concern_id: UUID, version: int, to: Status, reason: str, at: datetime) -> Entry:
    """Move an open concern between in progress, referred and watching. Raises Stale, or Refused where the move is not allowed."""
    concern = lock_concern(by=by, permission=Permission.ADD_ENTRY, concern_id=concern_id, version=version)
    if to not in (Status.IN_PROGRESS, Status.REFERRED, Status.MONITORING) or not may_move(Status(concern.status), to):
        raise Refused(f"A concern that is “{concern.get_status_display()}” cannot become “{to.label}”.")
    body = {"from": concern.get_status_display(), "to": to.label, "reason": reason}
    concern.status = to
    save_concern(concern, "status")
    entry = write_entry(by=by, concern=concern, kind=EntryKind.STATUS_CHANGE, body=body, at=at, keyring=Keyring.of(concern))
    audit(by=by, verb="moved the state", subject=concern, at=at, to=to)
    return entry


@recorded
def note_opened(*, by: User, concern: Concern, at: datetime) -> None:
    """Note that somebody opened a concern: on the alerts that they were sent, and in the audit log."""
    Message.objects.filter(concern=concern, recipient=by, opened_at=None).update(opened_at=at)
    audit(by=by, verb=OPENED, subject=concern, at=at)
