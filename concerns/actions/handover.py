"""Handing a concern over: with a note, to one colleague, who accepts or gives it back; silence gives it back.

Source: a lead can hand over with a note; the other must accept; unanswered hand-overs return.
"""

from datetime import datetime
from uuid import UUID

from concerns.access.decisions import require
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.casework import answer_alert, move_holding
from concerns.actions.entries import write_entry
from concerns.actions.escalation import end_step, tell_holder
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.next_due import set_next_due
from concerns.actions.outbox import queue_message
from concerns.actions.steps import add_step
from concerns.choices import EntryKind, MessageKind, StepKind, StepState
from concerns.exceptions import Refused
from concerns.models import Entry, User
from concerns.queries.escalation import asked_to_take, heirs, waiting_step
from concerns.rules.moving import LEAD_HAS

NOT_YOURS = "Only who has a concern can hand it over. Take it first."
NOT_THEM = "Choose one of the people shown: the others may not work with this concern."
WAITS = "You have asked somebody already. Wait for their answer, or until it comes back."
OVER = "This was answered, or came back to who handed it over. Look at the concern as it is now."


@recorded
def hand_over(*, by: User, concern_id: UUID, version: int, to: User, note: str, at: datetime) -> Entry:
    """Ask a colleague to take a concern over. It stays with `by` until they accept; after 10 minutes (pressing) or 60 it stays for good.

    Raises Stale; Refused where `by` does not have it, where somebody was asked already, or `to` may not work with it.
    """
    concern = lock_concern(by=by, permission=Permission.HAND_OVER, concern_id=concern_id, version=version)
    if concern.lead != by:
        raise Refused(NOT_YOURS)
    if waiting_step(concern, kind=StepKind.ACCEPT_HANDOVER) is not None:
        raise Refused(WAITS)
    if to not in heirs(concern):
        raise Refused(NOT_THEM)
    body = {"to": to.name, "note": note}
    entry = write_entry(by=by, concern=concern, kind=EntryKind.HANDED_OVER, body=body, at=at, keyring=Keyring.of(concern))
    due = at + LEAD_HAS[concern.is_pressing]
    step = add_step(concern, kind=StepKind.ACCEPT_HANDOVER, text="Take this concern over, or give it back", at=at, person=to, due_at=due)
    queue_message(recipient=to, kind=MessageKind.HANDOVER, key=f"{step.pk}:{to.pk}", at=at, concern=concern)
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="asked to hand over", subject=concern, at=at)
    return entry


@recorded
def answer_handover(*, by: User, concern_id: UUID, step_id: UUID, accept: bool, reason: str, at: datetime) -> Entry:
    """Take a concern over, or give it back with a reason. Raises Refused where it is over, or where somebody else was asked."""
    concern = lock_concern(by=by, permission=Permission.DO_STEP, concern_id=concern_id)
    require(by, Permission.TAKE, concern)
    step = asked_to_take(by, concern, step_id)
    if step is None:
        raise Refused(OVER)
    step.concern = concern
    body = {"accepted": "yes" if accept else "no", "reason": reason}
    entry = write_entry(by=by, concern=concern, kind=EntryKind.HANDOVER_ANSWERED, body=body, at=at, keyring=Keyring.of(concern))
    end_step(step, state=StepState.DONE if accept else StepState.FAILED, by=by, at=at, entry=entry)
    if accept:
        giver = concern.lead
        move_holding(concern, to=by, at=at)
        if concern.acknowledged_at is None:  # who takes it over need not say so twice
            answer_alert(concern, by=by, at=at)
        if giver is not None:
            queue_message(recipient=giver, kind=MessageKind.TAKEN_OVER, key=f"{entry.pk}:{giver.pk}", at=at, concern=concern)
    else:
        tell_holder(step, at=at)
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="took over" if accept else "gave a hand-over back", subject=concern, at=at)
    return entry
