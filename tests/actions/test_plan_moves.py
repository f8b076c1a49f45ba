"""A lead moves a running concern to the newest plan: what waits is changed, what is done stays, and nobody is left waiting. (S34)"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from concerns.access.keyring import Keyring
from concerns.actions.casework import do_step
from concerns.actions.closing import change_level, decide_proposal
from concerns.actions.plan_moves import ALREADY, move_to_newest_plan
from concerns.choices import Clock, ContactKey, EntryKind, Level, StepKind, StepState, StepWho
from concerns.exceptions import NotVisible, Refused, Stale
from concerns.models import AuditEvent, Concern, Step, User
from concerns.queries.plans import newer_plans, older_plans, plans_followed, shipped_plans
from concerns.rules.plans import PlanStep
from concerns.worker import move_on_due
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, URGENT, about, answered, closed, make_concern
from tests.plan_makers import changed_plan, keep_version

MINUTE = timedelta(minutes=1)
NOW = AT + 60 * MINUTE
SCHOOL = PlanStep(key="school", kind=StepKind.DECIDE, text="Ring the school", who=StepWho.HOLDER, clock=Clock.MINUTES, amount=120)


def steps(key: str = "urgent", *, without: str = "", also: tuple[PlanStep, ...] = (), **changes: dict[str, Any]) -> tuple[PlanStep, ...]:
    """The steps of a plan that ships: without one, with others, and some with changes."""
    kept = [step for step in shipped_plans()[key].steps if step.key != without]
    return (*(replace(step, **changes.get(step.key, {})) for step in kept), *also)


def move(concern: Concern, by: User, **options: Any) -> Concern:
    concern.refresh_from_db()
    move_to_newest_plan(**{"by": by, "concern_id": concern.pk, "version": concern.version, "at": NOW, **options})
    concern.refresh_from_db()
    return concern


def waiting(concern: Concern, key: str) -> Step:
    return Step.objects.get(concern=concern, key=key, state=StepState.WAITING)


def ended(concern: Concern, key: str, *, by: User, at: Any, done: bool = True) -> None:
    do_step(by=by, concern_id=concern.pk, step_id=waiting(concern, key).pk, done=done, outcome="Done.", at=at)


@pytest.fixture
def concern(cast: Cast) -> Concern:
    """An urgent concern that the lead answered two minutes after it was recorded."""
    return answered(make_concern(cast, answers=URGENT), by=cast.lead)


def test_concern_stays_on_its_plan_until_a_lead_moves_it(cast: Cast, concern: Concern) -> None:
    keep_version(cast.centre, changed_plan("urgent", steps=steps(follow_up={"text": "Write tonight", "amount": 300})))
    assert (plans_followed(concern)["urgent"].version, older_plans(concern)) == (1, "“Urgent”, version 1 of 2")

    moved = move(concern, cast.lead)

    step = waiting(moved, "follow_up")
    assert (moved.plan_versions, newer_plans(moved)) == ({"urgent": 2}, [])
    assert (step.text, step.due_at, step.moves_at, step.person) == ("Write tonight", AT + 300 * MINUTE, AT + 300 * MINUTE, cast.lead)


def test_move_is_written_down_and_audited(cast: Cast, concern: Concern) -> None:
    keep_version(cast.centre, changed_plan("urgent", repeats_minutes=5))

    moved = move(concern, cast.deputy)

    entry = moved.entries.get(kind=EntryKind.PLAN_CHANGED)
    assert (entry.author, Keyring.of(entry).open(entry, "body")) == (cast.deputy, {"text": "Urgent: from version 1 to version 2"})
    assert AuditEvent.objects.get(verb="moved to the newest plan").detail["plans"] == "urgent 2"


def test_new_step_is_added_and_one_that_is_gone_is_cancelled(cast: Cast, concern: Concern) -> None:
    keep_version(cast.centre, changed_plan("urgent", steps=steps(without="disagree", also=(SCHOOL,))))

    moved = move(concern, cast.lead)

    school = waiting(moved, "school")
    assert (school.due_at, school.person, school.lane) == (AT + 120 * MINUTE, cast.lead, moved.lane)
    assert moved.steps.get(key="disagree").state == StepState.CANCELLED


def test_new_step_whose_time_is_over_is_looked_at_soon_but_not_at_once(cast: Cast, concern: Concern) -> None:
    keep_version(cast.centre, changed_plan("urgent", steps=steps(also=(replace(SCHOOL, amount=30),))))

    moved = move(concern, cast.lead)

    assert (waiting(moved, "school").due_at, waiting(moved, "school").moves_at) == (AT + 30 * MINUTE, NOW + 10 * MINUTE)
    assert moved.next_due_at == min(step.due_at for step in moved.steps.filter(state="waiting") if step.due_at)


def test_what_is_done_stays_done_and_what_follows_counts_from_when_it_was(cast: Cast, concern: Concern) -> None:
    ended(concern, "follow_up", by=cast.lead, at=AT + 20 * MINUTE)
    after = {"after": "follow_up", "clock": Clock.MINUTES, "amount": 90}
    keep_version(
        cast.centre, changed_plan("urgent", steps=steps(follow_up={"text": "Write at once"}, chase=after, also=(replace(SCHOOL, **after),)))
    )

    moved = move(concern, cast.lead)

    assert (moved.steps.get(key="follow_up").text, moved.steps.get(key="follow_up").state) == (shipped_text("follow_up"), StepState.DONE)
    assert waiting(moved, "chase").due_at == waiting(moved, "school").due_at == AT + 110 * MINUTE
    assert waiting(moved, "school").person == cast.lead


def shipped_text(key: str) -> str:
    return next(step.text for step in shipped_plans()["urgent"].steps if step.key == key)


def test_step_after_one_that_is_not_done_waits_without_a_time(cast: Cast, concern: Concern) -> None:
    keep_version(cast.centre, changed_plan("urgent", steps=steps(also=(replace(SCHOOL, after="follow_up"),), speak={"after": "follow_up"})))

    moved = move(concern, cast.lead)

    for key in ("school", "speak"):
        assert (waiting(moved, key).due_at, waiting(moved, key).person, waiting(moved, key).moves_at) == (None, None, None)


def test_step_for_somebody_else_is_given_to_them(cast: Cast, concern: Concern) -> None:
    keep_version(cast.centre, changed_plan("urgent", steps=steps(follow_up={"who": StepWho.REPORTER, "contact": ContactKey.CEOP})))

    moved = move(concern, cast.lead)

    step = waiting(moved, "follow_up")
    assert (step.person, step.who, step.contact_key) == (cast.reporter, StepWho.REPORTER, ContactKey.CEOP)


def test_step_that_has_moved_on_keeps_who_has_it(cast: Cast, concern: Concern) -> None:
    for minute in range(3, 50):
        move_on_due(at=AT + minute * MINUTE)
    passed = waiting(concern, "ring_duty_desk")
    assert passed.rung > 0
    keep_version(cast.centre, changed_plan("urgent", steps=steps(ring_duty_desk={"text": "Ring the desk"})))

    moved = move(concern, cast.lead)

    step = waiting(moved, "ring_duty_desk")
    assert (step.person, step.rung, step.moves_at) == (passed.person, passed.rung, passed.moves_at)
    assert step.text == "Nobody has said that this was done: ring the desk"


def test_alert_that_waits_follows_the_new_times(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    keep_version(cast.centre, changed_plan("urgent", amount=5, rungs=(5, 10), repeats_minutes=5))

    moved = move(concern, cast.lead, at=AT + 2 * MINUTE)

    assert waiting(moved, "acknowledge").due_at == AT + 5 * MINUTE
    move_on_due(at=AT + 5 * MINUTE)
    assert (waiting(moved, "acknowledge").person, waiting(moved, "acknowledge").due_at) == (cast.deputy, AT + 10 * MINUTE)


def test_alert_whose_new_time_is_over_moves_on_in_a_minute(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    keep_version(cast.centre, changed_plan("urgent", amount=5, rungs=(5,), repeats_minutes=5))

    moved = move(concern, cast.lead, at=AT + 9 * MINUTE)

    assert waiting(moved, "acknowledge").moves_at == AT + 10 * MINUTE


def test_time_counts_from_the_beginning_even_where_nobody_spoke_to_the_reporter(cast: Cast, concern: Concern) -> None:
    move_on_due(at=AT + 32 * MINUTE)
    concern.refresh_from_db()
    assert concern.clock_started_at == AT + 32 * MINUTE
    keep_version(cast.centre, changed_plan("urgent", steps=steps(follow_up={"amount": 300}, also=(SCHOOL,))))

    moved = move(concern, cast.deputy)

    assert (waiting(moved, "follow_up").due_at, waiting(moved, "school").due_at) == (AT + 300 * MINUTE, AT + 120 * MINUTE)


def test_two_plans_move_together_whatever_their_steps_are_called(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=about(cast.reporter2)), by=cast.case_manager)
    keep_version(cast.centre, changed_plan("prompt", steps=steps("prompt", without="review")))
    keep_version(cast.centre, changed_plan("adult", steps=steps("adult", also=(replace(SCHOOL, key="decide"),))))

    moved = move(concern, cast.case_manager)

    assert moved.plan_versions == {"prompt": 2, "adult": 2}
    assert (waiting(moved, "decide").plan, waiting(moved, "adult.decide").text) == ("prompt", "Ring the school")


def test_concern_is_never_left_without_a_next_step(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)
    ended(concern, "speak", by=cast.lead, at=AT + 5 * MINUTE)
    kept = tuple(step for step in shipped_plans()["prompt"].steps if step.key in ("acknowledge", "speak"))
    keep_version(cast.centre, changed_plan("prompt", steps=kept))

    moved = move(concern, cast.lead)

    step = moved.steps.get(state=StepState.WAITING)
    assert (step.kind, step.person, step.plan, moved.next_due_at) == (StepKind.REVIEW, cast.lead, "", step.due_at)


def test_what_a_more_serious_level_asked_for_stays_once_it_was_lowered(cast: Cast, concern: Concern) -> None:
    change_level(by=cast.lead, concern_id=concern.pk, version=concern.version, to=Level.PROMPT, reason="Calmer.", at=NOW)
    decide_proposal(by=cast.deputy, concern_id=concern.pk, proposal_id=concern.proposals.get().pk, agree=True, reason="Yes.", at=NOW)
    concern.refresh_from_db()
    assert concern.plan_versions == {"urgent": 1, "prompt": 1}
    keep_version(cast.centre, changed_plan("prompt", steps=(*steps("prompt", without="review"), SCHOOL)))

    moved = move(concern, cast.lead)

    assert (waiting(moved, "follow_up").plan, waiting(moved, "school").plan) == ("urgent", "prompt")


def test_move_back_and_forth_ends_where_it_began(cast: Cast, concern: Concern) -> None:
    before = list(concern.steps.filter(state="waiting").order_by("key").values_list("key", "text", "due_at", "person"))
    keep_version(cast.centre, changed_plan("urgent", steps=steps(without="follow_up", chase={"after": ""}, council_decision={"after": ""})))
    move(concern, cast.lead)
    keep_version(cast.centre, changed_plan("urgent", version=3))

    moved = move(concern, cast.lead)

    assert list(moved.steps.filter(state="waiting").order_by("key").values_list("key", "text", "due_at", "person")) == before


def test_move_is_refused_where_there_is_nothing_newer_or_the_form_is_stale(cast: Cast, concern: Concern) -> None:
    with pytest.raises(Refused, match=ALREADY):
        move(concern, cast.lead)
    keep_version(cast.centre, changed_plan("urgent", repeats_minutes=5))

    with pytest.raises(Stale):
        move(concern, cast.lead, version=concern.version - 1)
    for who in (cast.reporter, cast.outsider, cast.admin, cast.case_manager):
        with pytest.raises(NotVisible):
            move(concern, who)


def test_page_offers_the_move_only_where_there_is_something_newer(cast: Cast, concern: Concern) -> None:
    client, offer = signed_in(cast.lead), "This concern follows an older plan"
    assert offer not in client.get(f"/concerns/{concern.pk}/").content.decode()
    keep_version(cast.centre, changed_plan("urgent", repeats_minutes=5))
    assert offer in client.get(f"/concerns/{concern.pk}/").content.decode()
    assert "from version 1 to version 2" in client.get(f"/concerns/{concern.pk}/plan/").content.decode()

    page = client.post(f"/concerns/{concern.pk}/plan/", {"version": concern.version}, follow=True).content.decode()

    assert (offer in page, "Moved to the newest plan" in page) == (False, True)


def test_closed_concern_offers_no_move(cast: Cast) -> None:
    concern = closed(make_concern(cast, answers=CALM), by=cast.lead)
    keep_version(cast.centre, changed_plan("prompt", repeats_minutes=5))

    assert "follows an older plan" not in signed_in(cast.lead).get(f"/concerns/{concern.pk}/").content.decode()
