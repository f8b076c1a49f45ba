"""Silence moves every step on: a reminder, then the next person, then everybody who can do it; and silence after an answer is silence.

Source: the acknowledgement rules of the safeguarding procedures: after the answer the lead speaks to the reporter within 30 minutes;
"silence after one tap is silence again".
"""

import logging
from datetime import datetime

from concerns.access.keyring import Keyring
from concerns.actions.audit import audit
from concerns.actions.drills import move_drill_on
from concerns.actions.entries import write_entry
from concerns.actions.escalation import ask_next, end_step, forget_answer, pass_on, return_handover
from concerns.actions.locking import save_concern
from concerns.actions.next_due import set_next_due
from concerns.actions.outbox import queue_message
from concerns.actions.steps import same_again
from concerns.choices import TAKE_IT, Clock, EntryKind, MessageKind, StepKind, StepState, StepWho
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, Heartbeat, Step, User
from concerns.queries.escalation import able_to_do, author_who_may_know, holder_of
from concerns.queries.health import STUCK_BEAT
from concerns.rules.moving import next_look

log = logging.getLogger(__name__)
UNDONE = "Nobody has said that this was done: {text}"


def move_on(*, by: None, concern: Concern, step: Step, at: datetime) -> bool:
    """Do what silence asks for on a step of a locked concern that nobody ended in time; False where there was nothing to do any more."""
    if step.state != StepState.WAITING or step.moves_at is None or step.moves_at > at or not concern.is_open:
        return False
    step.concern = concern
    if concern.is_drill:
        return move_drill_on(by=by, concern=concern, step=step, at=at)
    if step.kind == StepKind.ACKNOWLEDGE:
        return pass_on(by=by, concern=concern, step=step, at=at) is not None
    if step.kind == StepKind.ACCEPT_HANDOVER:
        return _give_back(step, at=at)
    if step.kind == StepKind.SPEAK_TO_REPORTER and concern.acknowledged_at is not None:
        return _ask_again(step, at=at)
    if step.kind == StepKind.TELL_IN_PERSON and concern.acknowledged_at is not None:
        return _drop(step, at=at)
    if step.who == StepWho.REPORTER and step.rung == 0 and author_who_may_know(concern) == step.person:
        return _remind(step, [step.person], at=at)
    return _pass_overdue(step, at=at)


def _drop(step: Step, *, at: datetime) -> bool:
    """Somebody has answered, so there is nobody left to tell."""
    end_step(step, state=StepState.CANCELLED, by=None, at=at)
    set_next_due(step.concern, at=at)
    audit(by=None, verb="dropped a step", subject=step.concern, at=at, kind=step.kind)
    return True


def _ask_again(step: Step, *, at: datetime) -> bool:
    """Nobody has spoken to the reporter: the answer counts no longer, and the ladder starts again with the others."""
    concern, silent = step.concern, step.person
    answered = concern.acknowledged_by or silent
    forget_answer(concern, at=at)
    if concern.lead_id is not None and concern.lead == silent:
        concern.lead = None
    save_concern(concern, "lead")
    _write_silence(concern, step, answered, at=at)
    ask_next(concern, at=at)
    _tell_author(concern, step, at=at)
    set_next_due(concern, at=at)
    audit(by=None, verb="asked again after silence", subject=concern, at=at)
    return True


def _write_silence(concern: Concern, step: Step, answered: User | None, *, at: datetime) -> None:
    """Write down who was silent. Where the record cannot be sealed, the others are asked all the same, and an alarm is raised."""
    body = {"step": step.text, "person": answered.name if answered else ""}
    try:
        write_entry(by=None, concern=concern, kind=EntryKind.SILENCE, body=body, at=at, keyring=Keyring.of(concern))
    except KeyTrouble:
        log.error("the silence about concern %s could not be written into its record", concern.pk)
        raise_alarm(at=at)


def raise_alarm(*, at: datetime) -> None:
    """Let leads, administrators and monitors know that something that was due could not be passed on, or not be written down."""
    Heartbeat.objects.update_or_create(name=STUCK_BEAT, defaults={"at": at})


def _tell_author(concern: Concern, step: Step, *, at: datetime) -> None:
    author = author_who_may_know(concern)
    if author is not None:
        queue_message(recipient=author, kind=MessageKind.SILENCE, key=f"{step.pk}:silence", at=at, concern=concern)


def _give_back(step: Step, *, at: datetime) -> bool:
    return_handover(step, at=at)
    set_next_due(step.concern, at=at)
    audit(by=None, verb="gave a concern back", subject=step.concern, at=at)
    return True


def _remind(step: Step, people: list[User | None], *, at: datetime) -> bool:
    """Mail these people that the step was due, and look again later."""
    step.rung += 1
    step.moves_at = next_look(clock=Clock(step.clock), is_pressing=step.concern.is_pressing, at=at)
    step.save(update_fields=["rung", "moves_at"])
    in_digest = step.clock == Clock.WORKING_DAYS and step.who != StepWho.REPORTER and not step.concern.is_pressing
    for user in () if in_digest else people:
        if user is not None:
            queue_message(recipient=user, kind=MessageKind.OVERDUE, key=f"{step.pk}:{step.rung}:{user.pk}", at=at, concern=step.concern)
    return True


def _pass_overdue(step: Step, *, at: datetime) -> bool:
    """Remind who has an overdue step; the next time give it to somebody who was not asked; once all were, remind them all, on and on.

    Who was asked to take a concern that nobody has is not reminded first.
    """
    concern = step.concern
    able = able_to_do(step, at=at)
    if step.rung == 0 and step.key != TAKE_IT and step.person is not None and step.person in (holder_of(concern), *able):
        return _remind(step, [step.person], at=at)
    asked = set(Step.objects.filter(concern=concern, key=step.key, kind=step.kind).values_list("person_id", flat=True))
    following = next((user for user in able if user.pk not in asked), None)
    if following is None:
        return _remind(step, [*able], at=at)
    _give_to(step, following, at=at)
    audit(by=None, verb="passed an overdue step on", subject=concern, at=at, kind=step.kind)
    return True


def _give_to(step: Step, person: User, *, at: datetime) -> None:
    """Let the step lapse, and give it to somebody else: who had it before stays in the record."""
    concern, text = step.concern, step.text
    end_step(step, state=StepState.LAPSED, by=None, at=at)
    if step.who == StepWho.REPORTER:
        text = UNDONE.format(text=text[:1].lower() + text[1:])
    following = same_again(
        step,
        at=at,
        text=text[:300],
        person=person,
        rung=step.rung + 1,
        due_at=step.due_at,
        moves_at=next_look(clock=Clock(step.clock), is_pressing=concern.is_pressing, at=at),
    )
    queue_message(recipient=person, kind=MessageKind.OVERDUE, key=f"{following.pk}:{person.pk}", at=at, concern=concern)
