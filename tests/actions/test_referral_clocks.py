"""A clock that a referral has started is lost to nothing: no plan that starts again or changes, no letter, no step that is dropped."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from concerns.actions.closing import change_level
from concerns.actions.opening import triage_again
from concerns.actions.recording import add_addendum, disagree
from concerns.choices import Clock, Level, StepKind, StepState, StepWho
from concerns.models import Concern, Referral, Step
from concerns.queries.plans import shipped_plans
from concerns.queries.referrals import referrals_of
from concerns.rules.plans import PlanStep
from concerns.rules.referrals import FOLLOW_UP, IN_WRITING, LADDER
from concerns.worker import move_on_due
from tests.actions.test_plan_moves import ended, move, steps
from tests.actions.test_plan_moves import waiting as step_called
from tests.actions.test_referrals import CALLED, COUNCIL, LATER, clocks, refer, reply, waiting, working_days
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, URGENT, answered, closed, make_concern
from tests.plan_makers import changed_plan, keep_version
from tests.views.pages import plain

MINUTE = timedelta(minutes=1)
NEXT_DAY = AT + timedelta(days=1)
TWO_DAYS = AT + timedelta(days=2)
SCHOOL = PlanStep(
    key="school",
    kind=StepKind.DECIDE,
    text="Tell the school",
    who=StepWho.HOLDER,
    clock=Clock.MINUTES,
    amount=120,
    after="council_decision",
)


@pytest.fixture
def concern(cast: Cast) -> Concern:
    return answered(make_concern(cast, answers=URGENT), by=cast.lead)


def with_a_school_to_tell(cast: Cast) -> Concern:
    """A concern whose plan asks for something once the council has decided."""
    keep_version(cast.centre, changed_plan("urgent", steps=steps(also=(SCHOOL,))))
    return answered(make_concern(cast, answers=URGENT), by=cast.lead)


def has_no_time(concern: Concern) -> list[str]:
    """The steps of the council's clock that wait for another one."""
    rows = Step.objects.filter(concern=concern, state=StepState.WAITING, kind__in=COUNCIL, due_at=None)
    return sorted(rows.values_list("kind", flat=True))


@pytest.mark.parametrize("event", ["worse", "level", "triage"])
def test_plan_that_starts_again_leaves_the_councils_clock_alone(cast: Cast, concern: Concern, event: str) -> None:
    refer(cast, concern)
    concern.refresh_from_db()

    if event == "worse":
        add_addendum(by=cast.reporter, concern_id=concern.pk, text="She rang.", worse=True, at=LATER)
    elif event == "level":
        change_level(by=cast.lead, concern_id=concern.pk, version=concern.version, to=Level.EMERGENCY, reason="A knife.", at=LATER)
    else:
        triage_again(by=cast.reporter, concern_id=concern.pk, answers=DANGER, at=LATER)

    assert waiting(concern) == clocks(CALLED)
    assert has_no_time(concern) == []


def test_once_it_is_written_down_something_worse_is_rung_about_again(cast: Cast, concern: Concern) -> None:
    refer(cast, concern, how=IN_WRITING)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="She rang.", worse=True, at=NEXT_DAY)

    follow_up = Step.objects.get(concern=concern, kind=StepKind.WRITE_FOLLOW_UP, state=StepState.WAITING)
    timed = Step.objects.filter(concern=concern, state=StepState.WAITING, kind__in=COUNCIL[1:], due_at__isnull=False)
    assert follow_up.due_at == NEXT_DAY + timedelta(hours=24)
    assert {step.due_at for step in timed if step.kind == StepKind.COUNCIL_DECISION} == {working_days(CALLED, 1)}
    assert has_no_time(concern) == [StepKind.CHASE, StepKind.COUNCIL_DECISION, StepKind.DISAGREE]


@pytest.mark.parametrize("event", ["not worse", "worse", "disagrees"])
def test_what_a_closing_ended_counts_from_the_opening_again(cast: Cast, event: str) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)
    refer(cast, concern)
    concern.refresh_from_db()
    closed(concern, by=cast.lead)
    none = waiting(concern)

    if event == "disagrees":
        disagree(by=cast.reporter, concern_id=concern.pk, text="Nobody rang me.", at=TWO_DAYS)
    else:
        add_addendum(by=cast.reporter, concern_id=concern.pk, text="She rang.", worse=event == "worse", at=TWO_DAYS)

    assert (none, waiting(concern)) == ({}, clocks(TWO_DAYS))
    assert set(Step.objects.filter(concern=concern, state=StepState.WAITING, kind__in=COUNCIL).values_list("person", flat=True)) == {
        cast.lead.pk
    }


def test_whoever_closes_is_told_that_the_council_has_not_answered(cast: Cast, concern: Concern) -> None:
    page, words = reverse("concern_close", args=[concern.pk]), "The council has not answered your referral yet."
    client, before = signed_in(cast.lead), plain(signed_in(cast.lead).get(page))
    referral = refer(cast, concern)

    waits = plain(client.get(page))
    reply(cast, referral)

    assert [words in text for text in (before, waits, plain(client.get(page)))] == [False, True, False]


@pytest.mark.parametrize("how", ["answered", "written down"])
def test_opening_again_waits_for_nothing_that_is_over(cast: Cast, how: str) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)
    referral = refer(cast, concern)
    if how == "answered":
        reply(cast, referral)
    else:
        refer(cast, concern, how=IN_WRITING)
    concern.refresh_from_db()
    closed(concern, by=cast.lead)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="She rang.", worse=False, at=TWO_DAYS)

    assert set(waiting(concern)) == (set() if how == "answered" else {*COUNCIL} - {StepKind.WRITE_FOLLOW_UP})


def test_second_call_counts_from_the_first_on_every_database(cast: Cast, concern: Concern) -> None:
    refer(cast, concern, how=IN_WRITING)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="She rang.", worse=True, at=NEXT_DAY)

    refer(cast, concern, made_at=NEXT_DAY, at=NEXT_DAY)

    found = Step.objects.filter(concern=concern, state=StepState.WAITING, kind=StepKind.DISAGREE, due_at__isnull=False)
    assert [(step.due_at, step.text) for step in found] == [
        (working_days(CALLED, days), words) for days, words in zip((4, 5, 6), LADDER, strict=True)
    ]


def test_plan_that_changes_leaves_the_councils_clock_alone(cast: Cast, concern: Concern) -> None:
    refer(cast, concern)
    keep_version(cast.centre, changed_plan("urgent", steps=steps(chase={"amount": 2}, disagree={"text": "Disagree"}, speak={"amount": 20})))

    moved = move(concern, cast.lead)

    rungs = Step.objects.filter(concern=moved, kind=StepKind.DISAGREE, state=StepState.WAITING)
    assert waiting(moved) == clocks(CALLED)
    assert [step.text for step in rungs] == list(LADDER)
    assert step_called(moved, "speak").amount == 20


def test_new_step_of_a_plan_counts_from_what_a_referral_runs(cast: Cast, concern: Concern) -> None:
    refer(cast, concern)
    ended(concern, "council_decision", by=cast.lead, at=AT + 80 * MINUTE)
    keep_version(cast.centre, changed_plan("urgent", steps=steps(also=(SCHOOL,))))

    moved = move(concern, cast.lead, at=AT + 90 * MINUTE)

    assert step_called(moved, "school").due_at == AT + 200 * MINUTE


@pytest.mark.parametrize("agrees", [True, False])
def test_what_follows_the_councils_decision_starts_with_the_answer(cast: Cast, agrees: bool) -> None:
    concern = with_a_school_to_tell(cast)

    entry = reply(cast, refer(cast, concern), agrees=agrees)

    school = step_called(concern, "school")
    assert (school.due_at, school.moves_at, school.person) == (entry.written_at + 120 * MINUTE, school.due_at, cast.lead)


def test_what_follows_the_letter_starts_with_it(cast: Cast) -> None:
    keep_version(cast.centre, changed_plan("urgent", steps=steps(also=(replace(SCHOOL, after="follow_up"),))))
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    refer(cast, concern, how=IN_WRITING)

    assert step_called(concern, "school").due_at == LATER + 120 * MINUTE


def test_what_follows_a_step_that_was_not_possible_starts_all_the_same(cast: Cast) -> None:
    concern = with_a_school_to_tell(cast)

    ended(concern, "follow_up", by=cast.lead, at=AT + 10 * MINUTE, done=False)
    ended(concern, "council_decision", by=cast.lead, at=AT + 20 * MINUTE, done=False)

    assert step_called(concern, "school").due_at == AT + 140 * MINUTE
    assert Step.objects.filter(concern=concern, kind=StepKind.DECIDE, state=StepState.WAITING, text__startswith="Not possible").count() == 2


def test_no_step_waits_for_one_that_is_no_longer_needed(cast: Cast) -> None:
    """Telling somebody in person is dropped once there is an answer: what an administrator put after it is not."""
    told = replace(SCHOOL, after="tell", clock=Clock.OPEN_MINUTES, amount=180, ceiling_minutes=45)
    keep_version(cast.centre, changed_plan("prompt", steps=(*shipped_plans()["prompt"].steps, told)))
    concern = answered(make_concern(cast), by=cast.lead)
    ended(concern, "speak", by=cast.lead, at=AT + 10 * MINUTE)

    move_on_due(at=AT + 80 * MINUTE)

    assert step_called(concern, "school").due_at == AT + (80 + 45) * MINUTE


def test_call_and_the_letter_after_it_are_one_referral(cast: Cast, concern: Concern) -> None:
    call = refer(cast, concern)

    letter = refer(cast, concern, made_at=CALLED + 20 * MINUTE, at=LATER + MINUTE, how=IN_WRITING, to="duty_city")

    written = Step.objects.get(concern=concern, kind=StepKind.WRITE_FOLLOW_UP)
    assert (letter.follows, written.state, written.entry) == (call, StepState.DONE, letter.entry)
    assert waiting(concern) == {kind: times for kind, times in clocks(CALLED).items() if kind != StepKind.WRITE_FOLLOW_UP}
    assert [line.waits for line in referrals_of(concern, at=LATER)] == [False, True]


@pytest.mark.parametrize("which", ["call", "letter"])
def test_one_answer_ends_the_call_and_the_letter(cast: Cast, concern: Concern, which: str) -> None:
    made = {"call": refer(cast, concern)}
    made["letter"] = refer(cast, concern, made_at=CALLED + 20 * MINUTE, at=LATER + MINUTE, how=IN_WRITING)

    entry = reply(cast, made[which])

    assert waiting(concern) == {}
    assert list(Referral.objects.filter(concern=concern).order_by("made_at").values_list("answer", flat=True)) == [entry.pk, None]
    assert [line.waits for line in referrals_of(concern, at=LATER)] == [False, False]


def test_letter_to_another_desk_leaves_what_is_still_to_be_written(cast: Cast, concern: Concern) -> None:
    refer(cast, concern)

    other = refer(cast, concern, to="lado_city", made_at=CALLED + 20 * MINUTE, at=LATER + MINUTE, how=IN_WRITING)
    assert (other.follows, StepKind.WRITE_FOLLOW_UP in waiting(concern)) == (None, True)

    refer(cast, concern, made_at=CALLED + 25 * MINUTE, at=LATER + 2 * MINUTE, how=IN_WRITING)
    assert StepKind.WRITE_FOLLOW_UP not in waiting(concern)


def test_second_letter_is_a_referral_of_its_own(cast: Cast, concern: Concern) -> None:
    refer(cast, concern)
    letters = [refer(cast, concern, made_at=CALLED + n * MINUTE, at=LATER + n * MINUTE, how=IN_WRITING) for n in (1, 2)]

    assert [letter.follows is None for letter in letters] == [False, True]
    assert [line.waits for line in referrals_of(concern, at=LATER)] == [True, False, True]
    assert FOLLOW_UP not in Step.objects.filter(concern=concern, state=StepState.WAITING).values_list("text", flat=True)
