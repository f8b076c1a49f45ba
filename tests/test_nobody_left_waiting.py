"""Whatever happens in whatever order: no open concern is without a step that moves, and with it a person or everybody. (S33, S34)

Hypothesis invents the order: worries, answers, silence, referrals, hand-overs, conflicts, leave, roles and accounts that end, plans that
change, drills, mail that is refused, and a clock that jumps; see `tests.waiting`. `script/soak` lets it try much longer.
"""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_concerns
from concerns.access.standing import vetoed_people
from concerns.choices import EntryKind, Role, StepKind, StepState, StepWho
from concerns.models import Concern, Drill, Message, Referral, Step, User
from tests.factories import grant, make_cast
from tests.waiting import Events

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "25"))
STEPS = int(os.environ.get("SOAK_STEPS", "25"))
LONGEST = timedelta(minutes=180)
"""Nobody waits longer than this for the next person to be asked: the longest rung of a shipped plan, and its repeats."""
ENDED = (StepState.DONE, StepState.FAILED)


class Centre(Events):
    """What holds at every moment."""

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
        for person in User.objects.filter(pk__in=waiting.values("person")):
            asked = Concern.objects.filter(pk__in=waiting.filter(person=person).values("concern"))
            unseen = asked.exclude(pk__in=visible_concerns(person).values("pk"))
            assert all(can(person, Permission.SEE_OWN, concern) for concern in unseen)

    @invariant()
    def closed_concerns_ask_for_nothing(self) -> None:
        assert not Step.objects.filter(state=StepState.WAITING, concern__status="closed").exists()

    @invariant()
    def step_without_a_time_comes_after_one_that_waits(self) -> None:
        for concern in Concern.objects.open():
            waiting = list(concern.steps.filter(state=StepState.WAITING))
            assert {step.after for step in waiting if step.due_at is None} <= {step.key for step in waiting}

    @invariant()
    def unanswered_referral_keeps_its_clock(self) -> None:
        """Each step of the council's clock waits with a time, unless somebody did it by hand."""
        for referral in Referral.objects.filter(answered_at=None, follows=None).select_related("concern"):
            steps = referral.concern.steps
            if not referral.concern.is_open:
                continue
            running = steps.filter(state=StepState.WAITING, due_at__isnull=False).values_list("kind", flat=True)
            by_hand = steps.filter(entry__kind=EntryKind.STEP_OUTCOME).values_list("kind", flat=True)
            assert {StepKind.COUNCIL_DECISION, StepKind.CHASE, StepKind.DISAGREE} <= {*running, *by_hand}

    @invariant()
    def after_the_answer_somebody_speaks_to_the_reporter(self) -> None:
        for concern in Concern.objects.open().filter(acknowledged_at__isnull=False).exclude(entries__kind=EntryKind.CLOSED):
            speak = concern.steps.filter(kind=StepKind.SPEAK_TO_REPORTER)
            assert speak.filter(state=StepState.WAITING, due_at__isnull=False).exists() or speak.filter(state__in=ENDED).exists()

    @invariant()
    def whoever_has_it_may_see_it(self) -> None:
        for concern in Concern.objects.open().filter(lead__is_active=True):
            assert can(User.objects.get(pk=concern.lead_id), Permission.SEE_CONCERN, concern)

    @invariant()
    def drill_is_over_with_its_concern_and_one_runs_at_a_time(self) -> None:
        running = Drill.objects.filter(ended_at=None)
        assert running.count() <= 1
        assert set(running.values_list("concern", flat=True)) == set(
            Concern.objects.open().filter(is_drill=True).values_list("pk", flat=True)
        )


@pytest.mark.django_db
def test_nobody_is_left_waiting_whatever_happens() -> None:
    class Here(Centre):
        cast = make_cast()

    grant(Here.cast.deputy, Here.cast.centre, Role.LEAD)  # or no role of a lead could ever end

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
        ),
    )
