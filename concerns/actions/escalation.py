"""The steps of a concern: who is asked to answer, what follows, and who is asked next when nobody does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from concerns.access.standing import kept_to, vetoed_people
from concerns.actions.audit import audit
from concerns.actions.next_due import set_next_due
from concerns.actions.outbox import queue_message
from concerns.actions.steps import add_step, same_again
from concerns.choices import TAKE_IT, MessageKind, Status, StepKind, StepState, StepWho, Vault
from concerns.models import Concern, Entry, Message, Step, User
from concerns.queries.escalation import (
    able_to_do,
    adult_readers,
    author_who_may_know,
    by_turn,
    holder_of,
    in_order,
    others_who_answer,
    waiting_step,
)
from concerns.queries.ladder import Askable, askable, trustees_to_tell
from concerns.queries.plans import acknowledgement, planned_steps, versions_to_follow
from concerns.queries.referrals import run_by_a_referral
from concerns.rules.deadlines import Session
from concerns.rules.escalation import LadderSpec, PlannedStep, rung_due
from concerns.rules.moving import LEAD_HAS, rung_deadline

TAKE_IT_TEXT = "Nobody has this concern now: take it, and look at what is still to do"
READ_WITHIN = timedelta(minutes=60)


def start_plan(concern: Concern, *, at: datetime) -> None:
    """Give a locked concern the steps of its plans and ask the first person to answer. Its plans' waiting steps are replaced."""
    end_steps(concern, state=StepState.CANCELLED, at=at, plan__gt="")
    pass_on_from_hidden(concern, at=at)
    _pass_on_to_vault(concern, at=at)
    concern.clock_started_at, concern.plan_versions = at, versions_to_follow(concern)
    concern.save(update_fields=["clock_started_at", "plan_versions"])
    people, author, runs = askable(concern, at=at), author_who_may_know(concern), run_by_a_referral(concern)
    for planned in planned_steps(concern, people.sessions, at=at):
        if planned.kind == StepKind.ACKNOWLEDGE:
            ask_next(concern, people=people, at=at)
        elif planned.kind not in runs:
            add_planned(concern, planned, free=people.in_order, author=author, at=at)
    keep_lane(concern)
    set_next_due(concern, at=at)


def keep_lane(concern: Concern) -> None:
    """Put the waiting steps of a locked concern, whose level may have changed, into its lane."""
    Step.objects.filter(concern=concern, state=StepState.WAITING).exclude(lane=concern.lane).update(lane=concern.lane)


def pass_on_from_hidden(concern: Concern, *, at: datetime) -> None:
    """Take a locked concern, and its waiting steps, from people from whom it is hidden; the next who is able gets them, and a mail."""
    hidden, kept = vetoed_people(concern), kept_to(concern)
    away = Q(person__in=hidden) if kept is None else Q(person__in=hidden) | ~Q(who=StepWho.REPORTER) & ~Q(person__in=kept)
    if concern.lead_id in hidden or (kept is not None and concern.lead_id not in kept):
        let_go(concern, at=at)
    for step in Step.objects.filter(away, concern=concern, state=StepState.WAITING, person__isnull=False):
        step.concern = concern
        give_step(step, able_to_do(step, at=at), at=at)
    _drop_unsent(concern, hidden, kept)


def _drop_unsent(concern: Concern, hidden: frozenset[UUID], kept: frozenset[UUID] | None) -> None:
    """Take back the mails of a concern that have not left, to people who may not know of it by now; its author may, unless it is hidden."""
    unsent = Message.objects.filter(concern=concern, sent_at=None)
    away = Q(recipient__in=hidden) if kept is None else Q(recipient__in=hidden) | ~Q(recipient__in=kept | {concern.logged_by_id})
    unsent.filter(away).delete()


def _pass_on_to_vault(concern: Concern, *, at: datetime) -> None:
    """Take a locked concern about an adult here from those who had it, or steps of it, as if it were about a young person."""
    if concern.vault != Vault.ADULT:
        return
    readers = adult_readers(concern)
    if concern.lead_id is not None and concern.lead_id not in readers:
        let_go(concern, at=at)
    waiting = Step.objects.filter(concern=concern, state=StepState.WAITING, person__isnull=False)
    for step in waiting.exclude(person__in=readers).exclude(who=StepWho.REPORTER):
        step.concern = concern
        give_step(step, able_to_do(step, at=at), at=at)


def let_go(concern: Concern, *, at: datetime) -> None:
    """Take a locked concern from who has it and may have it no longer; once it was answered, the next who is free is asked to take it."""
    concern.lead = None
    concern.save(update_fields=["lead"])
    if concern.is_open and concern.acknowledged_at is not None:
        step_for_lead(concern, kind=StepKind.DECIDE, key=TAKE_IT, text=TAKE_IT_TEXT, due_at=at + LEAD_HAS[concern.is_pressing], at=at)


def give_step(step: Step, people: list[User], *, at: datetime) -> None:
    """Give a waiting step to the first of these people, and mail them; to everybody who can answer where there is nobody."""
    if step.kind == StepKind.ACCEPT_HANDOVER:  # it was asked of one person: nobody else takes a concern over in their place
        return_handover(step, at=at)
        return
    step.person = people[0] if people else None
    if not people:
        step.who = StepWho.EVERYBODY
    elif step.who in (StepWho.REPORTER, StepWho.EVERYBODY):
        step.who = StepWho.HOLDER
    step.save(update_fields=["person", "who"])
    if people and step.due_at is not None:
        kind = MessageKind.ALERT if step.kind == StepKind.ACKNOWLEDGE else MessageKind.ASKED
        key = f"{step.pk}:{people[0].pk}:{at.isoformat()}"  # with the time: it may come back to somebody who had it before
        queue_message(recipient=people[0], kind=kind, key=key, at=at, concern=step.concern)


def return_handover(step: Step, *, at: datetime) -> None:
    """Let the step lapse in which a colleague was asked to take a concern over: it stays with who has it, who is told."""
    end_step(step, state=StepState.LAPSED, by=None, at=at)
    tell_holder(step, at=at)


def tell_holder(step: Step, *, at: datetime) -> None:
    """Mail who has the concern that it was not taken over by the person who was asked to in this step."""
    holder = holder_of(step.concern)
    if holder is not None:
        queue_message(recipient=holder, kind=MessageKind.RETURNED, key=f"{step.pk}:returned", at=at, concern=step.concern)


def who_does(concern: Concern, who: StepWho, *, free: list[User], author: User | None) -> tuple[User | None, StepWho]:
    """Return to whom a planned step of a locked concern is given, and as whom: the author may have left, or not know of it by now."""
    holder = holder_of(concern) or next(iter(free), None)
    person = author or holder if who == StepWho.REPORTER else holder or author
    asked = StepWho.HOLDER if who == StepWho.REPORTER and author is None else who
    return person, asked if person else StepWho.EVERYBODY


def add_planned(concern: Concern, planned: PlannedStep, *, free: list[User], author: User | None, at: datetime) -> Step:
    """Give a locked concern a step of its plan, which counts from `at`."""
    person, who = who_does(concern, planned.who, free=free, author=author)
    return add_step(
        concern,
        kind=planned.kind,
        text=planned.text,
        at=at,
        key=planned.key,
        plan=planned.plan,
        who=who,
        person=person if planned.due_at else None,
        contact_key=planned.contact or "",
        after=planned.after,
        clock=planned.clock,
        amount=planned.amount,
        ceiling_minutes=planned.ceiling_minutes,
        due_at=planned.due_at,
    )


def end_steps(concern: Concern, *, state: StepState, at: datetime, by: User | None = None, **only: object) -> int:
    """End the waiting steps of a locked concern, or those that `only` names, and return how many."""
    waiting = Step.objects.filter(concern=concern, state=StepState.WAITING, **only)
    return waiting.update(state=state, ended_at=at, ended_by=by)


def ask_next(concern: Concern, *, at: datetime, people: Askable | None = None) -> Step:
    """Ask the next person to answer a locked concern, and mail them. `people`: who can be asked, where that was looked up already.

    First those of the concern's ladder who have not been asked since its clock started, on duty before the others; then everybody
    who is free and the reporter, again and again. Source: the ladder of the safeguarding partnership's procedures.
    """
    people = people or askable(concern, at=at)
    planned, ladder = acknowledgement(concern, people.sessions)
    person, rung = people.next_one(), len(people.asked)
    step = add_step(
        concern,
        kind=StepKind.ACKNOWLEDGE,
        text="Answer the alert" if concern.is_drill else planned.text,
        at=at,
        key=planned.key,
        plan=planned.plan,
        who=StepWho.LADDER if person else StepWho.EVERYBODY,
        person=person,
        rung=rung,
        due_at=rung_over(concern, ladder, rung, sessions=people.sessions, at=at),
    )
    _mail_those_asked(concern, step, [person] if person else people.at_last(concern), at=at)
    return step


def forget_answer(concern: Concern, *, at: datetime) -> None:
    """Let the ladder of a locked concern start again, without who answered: whoever answers next has their own time for what follows."""
    for step in Step.objects.filter(concern=concern, kind=StepKind.SPEAK_TO_REPORTER, state=StepState.WAITING).exclude(due_at=None):
        step.concern = concern
        end_step(step, state=StepState.LAPSED, by=None, at=at)
        same_again(step, at=at)
    concern.clock_started_at = at
    concern.save(update_fields=["clock_started_at"])
    unanswer(concern)


def unanswer(concern: Concern) -> None:
    """Note that a locked concern waits for an answer again: what is “Answered” is new again, every other state stays."""
    concern.acknowledged_at = concern.acknowledged_by = None
    if concern.status == Status.ACKNOWLEDGED:
        concern.status = Status.NEW
    concern.save(update_fields=["acknowledged_at", "acknowledged_by", "status"])


def rung_over(concern: Concern, ladder: LadderSpec, rung: int, *, sessions: Sequence[Session], at: datetime) -> datetime:
    """When the time of the person asked at `at` is over."""
    opened = concern.clock_started_at
    before, due = (
        rung_due(ladder, number, opened_at=opened, sessions=sessions, leaves_at=concern.leaves_at) if number >= 0 else opened
        for number in (rung - 1, rung)
    )
    return rung_deadline(due=due, before=before, at=at)


def _mail_those_asked(concern: Concern, step: Step, people: list[User], *, at: datetime) -> None:
    kind = MessageKind.ALERT if step.rung == 0 else MessageKind.NUDGE
    for user in people:
        queue_message(recipient=user, kind=kind, key=f"{step.pk}:{user.pk}", at=at, concern=concern)
    if concern.is_drill:  # nobody waits for it, and nobody else learns of it
        return
    author = author_who_may_know(concern) if step.who == StepWho.EVERYBODY else None
    if author is not None:
        queue_message(recipient=author, kind=MessageKind.REPORTER_WAITING, key=f"{step.pk}:{author.pk}", at=at, concern=concern)
    for trustee in trustees_to_tell(concern) if not people else ():
        once = f"{concern.pk}:{concern.clock_started_at:%Y%m%d%H%M%S}:{trustee.pk}"
        queue_message(recipient=trustee, kind=MessageKind.NOBODY_HERE, key=once, at=at, centre=concern.centre, lane=concern.lane)


def end_step(step: Step, *, state: StepState, by: User | None, at: datetime, entry: Entry | None = None) -> bool:
    """End one waiting step; False when somebody else ended it first."""
    rows = Step.objects.filter(pk=step.pk, state=StepState.WAITING).update(state=state, ended_at=at, ended_by=by, entry=entry)
    return rows == 1


def pass_on(*, by: None, concern: Concern, step: Step, at: datetime) -> Step | None:
    """Move an unanswered step of a locked concern to the next person, and return their step; None if it was answered meanwhile."""
    if concern.acknowledged_at is not None or not end_step(step, state=StepState.LAPSED, by=by, at=at):
        return None
    following = ask_next(concern, at=at)
    set_next_due(concern, at=at)
    audit(by=by, verb="asked the next person", subject=concern, at=at, rung=following.rung)
    return following


def step_for_lead(concern: Concern, *, kind: StepKind, text: str, due_at: datetime, at: datetime, key: str = "") -> None:
    """Ask the lead who has a locked concern to do something, or who is asked to answer it, or the next; mail them.

    To answer the reporter, somebody else is asked.
    """
    person = _answers_reporter(concern, at=at) if kind == StepKind.READ_DISAGREEMENT else _decides(concern, at=at)
    who = StepWho.HOLDER if person else StepWho.EVERYBODY
    step = add_step(concern, kind=kind, text=text, at=at, key=key or kind, who=who, person=person, due_at=due_at)
    if person is not None:
        mail = MessageKind.ADDENDUM if kind == StepKind.READ_ADDENDUM else MessageKind.ASKED
        queue_message(recipient=person, kind=mail, key=f"{step.pk}:{person.pk}", at=at, concern=concern)


def _answers_reporter(concern: Concern, *, at: datetime) -> User | None:
    return next(iter(by_turn(others_who_answer(concern), concern, at=at)), None)


def _decides(concern: Concern, *, at: datetime) -> User | None:
    """Who has a concern, or who is asked to answer it and will have it, or the next; never who recorded it."""
    asked = waiting_step(concern, kind=StepKind.ACKNOWLEDGE)
    for user in (holder_of(concern), asked.person if asked else None):
        if user is not None and user != concern.logged_by:
            return user
    return next((user for user in in_order(concern, at=at) if user != concern.logged_by), None)
