"""Declaring a conflict: somebody is too close to a concern to work on it. From then on it does not exist for them."""

from datetime import datetime
from uuid import UUID

from concerns.access.decisions import A_DRILL
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.access.standing import grants_in_force, kept_to, vetoed_people
from concerns.actions.audit import audit, recorded
from concerns.actions.escalation import ask_next, end_steps, forget_answer, pass_on_from_hidden
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.next_due import set_next_due
from concerns.actions.outbox import queue_message
from concerns.actions.steps import add_step, in_working_days
from concerns.choices import MessageKind, Role, StepKind, StepState
from concerns.exceptions import Refused
from concerns.models import Concern, Conflict, User

CHECK = "A colleague is too close to this concern. Check that somebody who is free has it"


@recorded
def declare_conflict(*, by: User, concern_id: UUID, reason: str, at: datetime) -> Conflict:
    """Hide the concern from the person who says that they are too close to it, with the reason sealed.

    What they had to do passes to the next free person; a case manager is told. Where they had answered, somebody else must.
    Source: declaring a conflict takes a reason, and the case manager is told.
    Raises NotVisible where they could not see it, Refused for a drill.
    """
    concern = lock_concern(by=by, permission=Permission.SEE_CONCERN, concern_id=concern_id)
    if concern.is_drill:
        raise Refused(A_DRILL.reason)
    conflict = Conflict(concern=concern, user=by, declared_by=by, declared_at=at)
    Keyring.of(concern).seal(conflict, "reason", {"text": reason})
    conflict.save(force_insert=True)
    audit(by=by, verb="declared a conflict", subject=concern, at=at)
    asked = end_steps(concern, state=StepState.LAPSED, at=at, kind=StepKind.ACKNOWLEDGE, person=by)
    is_asked_again = concern.is_open and (asked or concern.acknowledged_by_id == by.pk)
    if is_asked_again:
        forget_answer(concern, at=at)
    pass_on_from_hidden(concern, at=at)
    if is_asked_again:
        ask_next(concern, at=at)
    _tell_case_managers(concern, conflict, at=at)
    set_next_due(concern, at=at)
    save_concern(concern)
    return conflict


def _tell_case_managers(concern: Concern, conflict: Conflict, *, at: datetime) -> None:
    """Give each case manager who is free, and named where names hold, a step, which lets them see the concern, and mail them."""
    hidden, kept = vetoed_people(concern) | {concern.logged_by_id}, kept_to(concern)
    grants = grants_in_force().filter(centre=concern.centre, role=Role.CASE_MANAGER).exclude(user__in=hidden)
    if kept is not None:
        grants = grants.filter(user__in=kept)
    for grant in grants.select_related("user") if concern.is_open else ():
        add_step(concern, kind=StepKind.CHECK_HOLDER, text=CHECK, at=at, person=grant.user, **in_working_days(1, at=at))
        queue_message(recipient=grant.user, kind=MessageKind.ASKED, key=f"{conflict.pk}:{grant.user_id}", at=at, concern=concern)
