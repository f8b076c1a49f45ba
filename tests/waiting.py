"""What can happen at a centre, for a search that invents the order: see `test_nobody_left_waiting`. It makes no promise of its own."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from concerns.access.standing import ANSWERING
from concerns.actions.casework import acknowledge_concern, do_step, take_concern
from concerns.actions.closing import change_level, close_concern, decide_proposal, open_again
from concerns.actions.conflicts import declare_conflict
from concerns.actions.drills import end_drill, start_drill
from concerns.actions.handover import answer_handover, hand_over
from concerns.actions.opening import triage_again
from concerns.actions.plan_moves import move_to_newest_plan
from concerns.actions.recording import add_addendum, disagree, do_own_step
from concerns.actions.referrals import record_council_answer, record_referral
from concerns.actions.restrictions import lift_restriction, restrict_concern
from concerns.actions.roles import end_role
from concerns.choices import Clock, ClosingOutcome, Level, Role, StepKind, StepState, StepWho
from concerns.exceptions import SafeguardingError
from concerns.models import Concern, Drill, Leave, Message, Proposal, Referral, RoleGrant, Step, User
from concerns.queries.plans import plans_in_use, shipped_plans
from concerns.rules.plans import ACKNOWLEDGE, PlanStep
from concerns.rules.referrals import CouncilDecision
from concerns.rules.triage import Answers
from concerns.worker import look_after_steps
from tests.factories import AT, Cast, grant
from tests.makers import CALM, DANGER, URGENT, about, make_concern
from tests.plan_makers import changed_plan, keep_version

PEOPLE = st.sampled_from(["lead", "deputy", "case_manager"])
ANYBODY = st.sampled_from(["lead", "deputy", "case_manager", "reporter"])
SCHOOL = PlanStep(key="school", kind=StepKind.DECIDE, text="Tell the school", who=StepWho.HOLDER, clock=Clock.MINUTES, amount=120)
Steps = tuple[PlanStep, ...]
Row = TypeVar("Row", Concern, Proposal, Referral)


def _later(steps: Steps) -> Steps:
    """Each step a little later, and in other words; the alert and the first calls stay."""
    return tuple(replace(step, amount=step.amount + 1, text=f"{step.text}, please") if step.after else step for step in steps)


def _fewer(steps: Steps) -> Steps:
    """Without what nothing comes after, but for what every plan must keep."""
    needed = {ACKNOWLEDGE, "speak", "ring_999", "ring_duty_desk", *(step.after for step in steps)}
    return tuple(step for step in steps if step.key in needed)


def _more(steps: Steps) -> Steps:
    """A step after the last one, and one after the first that is not the alert."""
    return (*steps, replace(SCHOOL, after=steps[-1].key), replace(SCHOOL, key="friends", after=steps[0].key))


CHANGES: dict[str, Callable[[Steps], Steps]] = {"as it ships": lambda steps: steps, "later": _later, "fewer": _fewer, "more": _more}


class Events(RuleBasedStateMachine):
    """One centre with few concerns, in one transaction that is rolled back at the end."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now, self.looked, self.shown = AT, AT, AT
        self.numbers: dict[UUID, int] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def someone(self, name: str) -> User:
        return User.objects.get(pk=getattr(self.cast, name).pk)  # afresh: roles are remembered in the object

    def as_they_came(self, rows: Iterable[Row]) -> list[Row]:
        """The rows in the order in which they came to be, the same in every run: ids are random, and times can be equal."""
        found = list(rows)
        for row in found:
            self.numbers.setdefault(row.pk, len(self.numbers))
        return sorted(found, key=lambda row: self.numbers[row.pk])

    def steps(self, **only: object) -> list[Step]:
        """The waiting steps that `only` names, in an order that is the same in every run."""
        self.as_they_came(Concern.objects.all())

        def place(step: Step) -> tuple[object, ...]:
            return self.numbers[step.concern_id], step.kind, step.key, step.text, str(step.due_at), str(step.person)

        return sorted(Step.objects.filter(state=StepState.WAITING, **only).select_related("person"), key=place)

    def concern(self, data: st.DataObject) -> Concern:
        return data.draw(st.sampled_from(self.as_they_came(Concern.objects.all())))

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
        self.shown = max(self.shown, self.now)
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
        step = data.draw(st.sampled_from(self.steps(concern=concern) or [None]))
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
        step = next(iter(self.steps(kind=StepKind.ACCEPT_HANDOVER)), None)
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

    @rule(who=PEOPLE, data=st.data())
    def somebody_opens_it_again(self, who: str, data: st.DataObject) -> None:
        concern, by = self.concern(data), self.someone(who)
        self.attempt(lambda: open_again(by=by, concern_id=concern.pk, version=concern.version, reason="x", at=self.now))

    @rule(who=PEOPLE, agree=st.booleans())
    def second_person_decides(self, who: str, agree: bool) -> None:
        waits = next(iter(self.as_they_came(Proposal.objects.filter(decided_at=None))), None)
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

    @rule(who=PEOPLE, to=st.sampled_from(["duty_city", "lado_city", ""]), how=st.sampled_from(["phone", "writing"]), data=st.data())
    def somebody_refers(self, who: str, to: str, how: str, data: st.DataObject) -> None:
        concern, by = self.concern(data), self.someone(who)
        said = {"was_said": "x", "spoken_to": "x", "how": how}
        self.attempt(
            lambda: record_referral(
                by=by, concern_id=concern.pk, version=concern.version, to=to, made_at=self.now, details=said, at=self.now
            )
        )

    @rule(who=PEOPLE, agrees=st.booleans(), data=st.data())
    def council_answers(self, who: str, agrees: bool, data: st.DataObject) -> None:
        referral = data.draw(st.sampled_from(self.as_they_came(Referral.objects.all()) or [None]))
        if referral is not None:
            by, what = self.someone(who), {"what": "x", "decision": CouncilDecision.OTHER, "agrees": agrees}
            when = {"answered_at": self.now, "at": self.now}
            self.attempt(lambda: record_council_answer(by=by, concern_id=referral.concern_id, referral_id=referral.pk, **what, **when))

    @rule(answers=st.sampled_from([CALM, URGENT, DANGER]), data=st.data())
    def triage_is_answered_again(self, answers: Answers, data: st.DataObject) -> None:
        concern = self.concern(data)
        self.attempt(lambda: triage_again(by=concern.logged_by, concern_id=concern.pk, answers=answers, at=self.now))

    @rule(key=st.sampled_from(["emergency", "urgent", "prompt"]), change=st.sampled_from(list(CHANGES)))
    def plan_changes(self, key: str, change: str) -> None:
        """As an administrator may change it: another time, a step less, a step that comes after another one."""
        now = plans_in_use(self.cast.centre)[key]
        steps = CHANGES[change](shipped_plans()[key].steps)
        keep_version(self.cast.centre, changed_plan(key, version=now.version + 1, steps=steps))

    @rule(who=PEOPLE, data=st.data())
    def concern_moves_to_the_newest_plan(self, who: str, data: st.DataObject) -> None:
        concern, by = self.concern(data), self.someone(who)
        self.attempt(lambda: move_to_newest_plan(by=by, concern_id=concern.pk, version=concern.version, at=self.now))

    @rule(who=PEOPLE)
    def role_ends(self, who: str) -> None:
        held = RoleGrant.objects.filter(user=getattr(self.cast, who), role__in=ANSWERING, ended_at=None).order_by("role").first()
        if held is not None:
            self.attempt(lambda: end_role(by=self.someone("admin"), grant_id=held.pk, at=self.now))

    @rule(who=PEOPLE)
    def role_comes_back(self, who: str) -> None:
        user, role = self.someone(who), Role.LEAD if who == "lead" else Role(who)
        if not RoleGrant.objects.filter(user=user, role=role, ended_at=None).exists():
            grant(user, self.cast.centre, role, at=self.now)

    @rule(who=st.sampled_from(["lead", "deputy", "admin"]), level=st.sampled_from(list(Level)))
    def drill_starts(self, who: str, level: Level) -> None:
        self.attempt(lambda: start_drill(by=self.someone(who), centre=self.cast.centre, level=level, at=self.now))

    @rule(who=st.sampled_from(["lead", "deputy", "admin"]))
    def drill_is_ended(self, who: str) -> None:
        drill = Drill.objects.filter(ended_at=None).first()
        if drill is not None:
            self.attempt(lambda: end_drill(by=self.someone(who), drill_id=drill.pk, at=self.now))

    def latest(self) -> datetime:
        """The latest time that the clock showed: a step set before it was put back waits from there."""
        return self.shown
