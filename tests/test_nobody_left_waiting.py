"""Whatever happens in whatever order: no open concern is without a step that moves, and with it a person or everybody. (S33, S34)

Hypothesis invents the order: worries, answers, silence, hand-overs, conflicts, leave, accounts that end, mail that is refused, and a clock
that jumps. `script/soak` lets it try much longer.
"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_concerns
from concerns.access.standing import vetoed_people
from concerns.actions.casework import acknowledge_concern, do_step, take_concern
from concerns.actions.closing import change_level, close_concern, decide_proposal
from concerns.actions.conflicts import declare_conflict
from concerns.actions.handover import answer_handover, hand_over
from concerns.actions.recording import add_addendum, disagree, do_own_step
from concerns.actions.restrictions import lift_restriction, restrict_concern
from concerns.choices import ClosingOutcome, Level, StepKind, StepState, StepWho
from concerns.exceptions import SafeguardingError
from concerns.models import Concern, Leave, Message, Proposal, Step, User
from concerns.worker import look_after_steps
from tests.factories import AT, Cast, make_cast
from tests.makers import CALM, DANGER, URGENT, about, make_concern

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "25"))
STEPS = int(os.environ.get("SOAK_STEPS", "25"))
LONGEST = timedelta(minutes=180)
"""Nobody waits longer than this for the next person to be asked: the longest rung of a shipped plan, and its repeats."""
PEOPLE = st.sampled_from(["lead", "deputy", "case_manager"])
ANYBODY = st.sampled_from(["lead", "deputy", "case_manager", "reporter"])


class Centre(RuleBasedStateMachine):
    """One centre with few concerns, in one transaction that is rolled back at the end."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now, self.looked = AT, AT

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def someone(self, name: str) -> User:
        return User.objects.get(pk=getattr(self.cast, name).pk)  # afresh: roles are remembered in the object

    def concern(self, data: st.DataObject) -> Concern:
        return data.draw(st.sampled_from(list(Concern.objects.order_by("logged_at"))))

    def attempt(self, do: Callable[[], Any]) -> None:
        """Do what a page could ask for; a refusal changes nothing."""
        try:
            with transaction.atomic():
                do()
        except SafeguardingError:
            pass

    @initialize(answers=st.sampled_from([CALM, URGENT, DANGER]))
    def begin(self, answers: Any) -> None:
        make_concern(self.cast, answers=answers, at=self.now)

    @precondition(lambda self: Concern.objects.count() < 3)
    @rule(who=ANYBODY, kind=st.sampled_from(["calm", "urgent", "danger", "adult"]), data=st.data())
    def somebody_worries(self, who: str, kind: str, data: st.DataObject) -> None:
        answers = {"calm": CALM, "urgent": URGENT, "danger": DANGER}.get(kind) or about(self.someone(data.draw(PEOPLE)))
        self.attempt(lambda: make_concern(self.cast, by=self.someone(who), answers=answers, at=self.now))

    @rule(minutes=st.sampled_from([1, 9, 10, 11, 30, 31, 60, 61, 120, 300, 1440, 4320]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        look_after_steps(at=self.now)
        self.looked = self.now

    @rule(minutes=st.integers(1, 90))
    def clock_is_put_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)
        look_after_steps(at=self.now)

    @rule(who=PEOPLE, data=st.data())
    def somebody_answers(self, who: str, data: st.DataObject) -> None:
        concern = self.concern(data)
        self.attempt(lambda: acknowledge_concern(by=self.someone(who), concern_id=concern.pk, at=self.now))

    @rule(who=ANYBODY, done=st.booleans(), data=st.data())
    def somebody_does_a_step(self, who: str, done: bool, data: st.DataObject) -> None:
        concern, user = self.concern(data), self.someone(who)
        step = data.draw(st.sampled_from(list(concern.steps.filter(state=StepState.WAITING)) or [None]))
        do = do_own_step if who == "reporter" else do_step
        if step is not None:
            self.attempt(lambda: do(by=user, concern_id=concern.pk, step_id=step.pk, done=done, outcome="x", at=self.now))

    @rule(who=PEOPLE, data=st.data())
    def somebody_takes_it(self, who: str, data: st.DataObject) -> None:
        concern = self.concern(data)
        self.attempt(lambda: take_concern(by=self.someone(who), concern_id=concern.pk, version=concern.version, at=self.now))

    @rule(who=PEOPLE, to=PEOPLE, data=st.data())
    def somebody_hands_it_over(self, who: str, to: str, data: st.DataObject) -> None:
        concern, by, heir = self.concern(data), self.someone(who), self.someone(to)
        self.attempt(lambda: hand_over(by=by, concern_id=concern.pk, version=concern.version, to=heir, note="x", at=self.now))

    @rule(accept=st.booleans(), data=st.data())
    def somebody_answers_that(self, accept: bool, data: st.DataObject) -> None:
        step = Step.objects.filter(kind=StepKind.ACCEPT_HANDOVER, state=StepState.WAITING).first()
        if step is not None and step.person is not None:
            by = User.objects.get(pk=step.person_id)
            self.attempt(
                lambda: answer_handover(by=by, concern_id=step.concern_id, step_id=step.pk, accept=accept, reason="x", at=self.now)
            )

    @rule(who=PEOPLE, data=st.data())
    def somebody_is_too_close(self, who: str, data: st.DataObject) -> None:
        concern = self.concern(data)
        self.attempt(lambda: declare_conflict(by=self.someone(who), concern_id=concern.pk, reason="x", at=self.now))

    @rule(worse=st.booleans(), data=st.data())
    def more_is_remembered(self, worse: bool, data: st.DataObject) -> None:
        concern = self.concern(data)
        self.attempt(lambda: add_addendum(by=concern.logged_by, concern_id=concern.pk, text="x", worse=worse, at=self.now))

    @rule(data=st.data())
    def reporter_does_not_agree(self, data: st.DataObject) -> None:
        concern = self.concern(data)
        self.attempt(lambda: disagree(by=concern.logged_by, concern_id=concern.pk, text="x", at=self.now))

    @rule(who=PEOPLE, to=st.sampled_from(list(Level)), data=st.data())
    def level_changes(self, who: str, to: Level, data: st.DataObject) -> None:
        concern, by = self.concern(data), self.someone(who)
        self.attempt(lambda: change_level(by=by, concern_id=concern.pk, version=concern.version, to=to, reason="x", at=self.now))

    @rule(who=PEOPLE, data=st.data())
    def somebody_closes_it(self, who: str, data: st.DataObject) -> None:
        concern, by = self.concern(data), self.someone(who)
        how = {"outcome": ClosingOutcome.SUPPORT_HERE, "reason": "x"}
        self.attempt(lambda: close_concern(by=by, concern_id=concern.pk, version=concern.version, at=self.now, **how))

    @rule(who=PEOPLE, agree=st.booleans())
    def second_person_decides(self, who: str, agree: bool) -> None:
        waits = Proposal.objects.filter(decided_at=None).first()
        if waits is not None:
            by, how = self.someone(who), {"agree": agree, "reason": "x", "at": self.now}
            self.attempt(lambda: decide_proposal(by=by, concern_id=waits.concern_id, proposal_id=waits.pk, **how))

    @rule(who=PEOPLE, to=PEOPLE, data=st.data())
    def somebody_restricts_it(self, who: str, to: str, data: st.DataObject) -> None:
        concern, by, named = self.concern(data), self.someone(who), getattr(self.cast, to).pk
        how = {"version": concern.version, "reason": "x", "at": self.now}
        self.attempt(lambda: restrict_concern(by=by, concern_id=concern.pk, people=[named], **how))

    @rule(who=PEOPLE, data=st.data())
    def somebody_ends_that(self, who: str, data: st.DataObject) -> None:
        concern, by = self.concern(data), self.someone(who)
        self.attempt(lambda: lift_restriction(by=by, concern_id=concern.pk, version=concern.version, reason="x", at=self.now))

    @rule(who=PEOPLE, days=st.integers(0, 3))
    def somebody_goes_away(self, who: str, days: int) -> None:
        day = self.now.date()
        user = getattr(self.cast, who)
        Leave.objects.create(
            centre=self.cast.centre, user=user, first_on=day, last_on=day + timedelta(days=days), made_by=user, made_at=self.now
        )

    @rule(who=PEOPLE, is_active=st.booleans())
    def account_ends_or_comes_back(self, who: str, is_active: bool) -> None:
        """Without any hand-over, as when a database is changed by hand: the worst case."""
        User.objects.filter(pk=getattr(self.cast, who).pk).update(is_active=is_active)

    @rule(who=PEOPLE)
    def mail_is_refused(self, who: str) -> None:
        Message.objects.filter(recipient=getattr(self.cast, who), sent_at=None).update(refused_at=self.now)

    @invariant()
    def every_open_concern_has_a_step_that_moves(self) -> None:
        moving = Step.objects.filter(state=StepState.WAITING, moves_at__isnull=False)
        stuck = Concern.objects.open().exclude(pk__in=moving.values("concern"))
        assert list(stuck) == []

    @invariant()
    def every_due_step_moves_and_has_a_person_or_everybody(self) -> None:
        due = Step.objects.filter(state=StepState.WAITING, due_at__isnull=False)
        assert not due.filter(moves_at=None).exists()
        assert not due.filter(person=None).exclude(who=StepWho.EVERYBODY).exists()

    @invariant()
    def next_due_time_is_that_of_the_earliest_step(self) -> None:
        for concern in Concern.objects.open():
            due = concern.steps.filter(state=StepState.WAITING, due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True)
            assert concern.next_due_at == due[0]

    @invariant()
    def somebody_is_being_asked_until_there_is_an_answer(self) -> None:
        for concern in Concern.objects.open().filter(acknowledged_at=None):
            step = concern.steps.get(kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)
            assert step.moves_at is not None and step.moves_at <= self.latest() + LONGEST

    @invariant()
    def nothing_that_is_due_stands_still_after_a_look(self) -> None:
        if self.now == self.looked:
            open_ones = Concern.objects.open().values("pk")
            assert (
                not Step.objects.filter(state=StepState.WAITING, moves_at__lte=self.now, concern__in=open_ones)
                .exclude(created_at=self.now)
                .exists()
            )

    @invariant()
    def nobody_learns_of_a_concern_that_is_hidden_from_them(self) -> None:
        for concern in Concern.objects.all():
            hidden = vetoed_people(concern)
            assert not concern.steps.filter(state=StepState.WAITING, person__in=hidden).exists()
            assert not Message.objects.filter(concern=concern, recipient__in=hidden, sent_at=None).exists()

    @invariant()
    def who_has_a_step_of_a_lead_may_see_the_concern(self) -> None:
        waiting = Step.objects.filter(state=StepState.WAITING, person__is_active=True).exclude(who=StepWho.REPORTER)
        for step in waiting.select_related("person", "concern"):
            person = User.objects.get(pk=step.person_id)
            own = can(person, Permission.SEE_OWN, step.concern)
            assert own or visible_concerns(person).filter(pk=step.concern_id).exists()

    @invariant()
    def closed_concerns_ask_for_nothing(self) -> None:
        assert not Step.objects.filter(state=StepState.WAITING, concern__status="closed").exists()

    def latest(self) -> datetime:
        """The latest time that the clock showed: a step set before it was put back waits from there."""
        return max(self.now, self.looked)


@pytest.mark.django_db
def test_nobody_is_left_waiting_whatever_happens() -> None:
    class Here(Centre):
        cast = make_cast()

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
        ),
    )
