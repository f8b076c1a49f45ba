"""What a centre may not change about a plan: times go down only, and what the procedures insist on stays."""

from dataclasses import replace

import pytest

from concerns.choices import Clock, ContactKey, StepKind, StepWho
from concerns.rules.plan_limits import MUSTS, RUNG_LIMITS, check_change, limits_broken
from concerns.rules.plans import PlanError, load_plans

SHIPPED = load_plans()


def with_ladder(key, **changes):
    plan = SHIPPED[key]
    return replace(plan, steps=tuple(replace(step, **changes) if step.key == "acknowledge" else step for step in plan.steps))


def with_step(plan_key, name, **changes):
    plan = SHIPPED[plan_key]
    return replace(plan, steps=tuple(replace(step, **changes) if step.key == name else step for step in plan.steps))


def without(key, name):
    return replace(SHIPPED[key], steps=tuple(step for step in SHIPPED[key].steps if step.key != name))


@pytest.mark.parametrize("plan", SHIPPED.values(), ids=SHIPPED)
def test_plan_that_ships_may_be_used(plan):
    assert list(limits_broken(plan)) == []


def test_every_plan_has_its_limits():
    assert set(RUNG_LIMITS) == set(MUSTS) == set(SHIPPED)


@pytest.mark.parametrize(
    "plan",
    [
        with_ladder("emergency", amount=5, rungs=(5, 10), repeats_minutes=5),
        with_ladder("urgent", amount=1, rungs=(1,), repeats_minutes=1),
        with_ladder("prompt", amount=30, rungs=(30, 60), repeats_minutes=30, ceiling_minutes=60),
        with_ladder("adult", amount=15, rungs=(15, 45, 60), repeats_minutes=10),
        with_step("urgent", "speak", amount=10),
        without("prompt", "review"),
    ],
)
def test_faster_plan_is_allowed(plan):
    check_change(plan)


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        (with_ladder("emergency", amount=11, rungs=(11, 20)), "more than 10 minutes"),
        (with_ladder("urgent", rungs=(10, 21)), "more than 10 minutes"),
        (with_ladder("urgent", repeats_minutes=11), "at least every 10 minutes"),
        (with_ladder("prompt", amount=61, rungs=(61,)), "more than 60 minutes while"),
        (with_ladder("prompt", clock=Clock.MINUTES, ceiling_minutes=None), "counted in minutes while the centre is open"),
        (with_ladder("prompt", ceiling_minutes=121), "120 minutes by the wall clock"),
        (with_ladder("prompt", ceiling_minutes=None), "120 minutes by the wall clock"),
        (with_ladder("adult", rungs=(30, 60, 91)), "more than 30 minutes"),
        (with_ladder("adult", clock=Clock.OPEN_MINUTES), "counted in minutes"),
        (with_ladder("adult", who=StepWho.HOLDER), "must go to the people on the list"),
        (with_ladder("urgent", rungs=tuple(range(10, 120, 10))), "10 times at most"),
        (with_ladder("urgent", text=" "), "Say what is to be done"),
        (without("emergency", "ring_999"), "rings 999 at once"),
        (with_step("emergency", "ring_999", amount=1), "rings 999 at once"),
        (without("urgent", "ring_duty_desk"), "rings the duty desk within 10 minutes"),
        (with_step("urgent", "follow_up", amount=24 * 60 + 1), "writes to the duty desk within 24 hours"),
        (with_step("emergency", "council_decision", amount=2), "hears what the council decided"),
        (with_step("urgent", "council_decision", after="chase"), "hears what the council decided"),
        (with_step("urgent", "chase", amount=4), "chases the council within 3 working days"),
        (without("emergency", "disagree"), "goes up the disagreement ladder"),
        (with_ladder("urgent", contact=ContactKey.CHILDLINE), "999, the duty desk or the LADO"),
        (without("prompt", "speak"), "speaks to the person who recorded it"),
        (with_step("prompt", "speak", amount=31), "speaks to the person who recorded it"),
        (with_step("adult", "lado", amount=2), "LADO is told within 1 working day"),
        (without("emergency", "ring_duty_desk"), "rings the duty desk within 10 minutes"),
        (with_step("urgent", "ring_duty_desk", contact=ContactKey.CENTRE_TEAM), "rings the duty desk within 10 minutes"),
        (with_step("adult", "lado", contact=None), "LADO is told within 1 working day"),
        (with_step("prompt", "decide", kind=StepKind.ACCEPT_HANDOVER), "no plan can ask for"),
        (with_step("prompt", "decide", who=StepWho.EVERYBODY), "no plan can ask for"),
        (with_step("prompt", "decide", amount=61), "too far away"),
        (with_step("prompt", "review", key="a" * 26), "is too long"),
        (with_step("prompt", "decide", text="x" * 301), "300 characters"),
        (
            replace(
                SHIPPED["prompt"],
                steps=SHIPPED["prompt"].steps + tuple(replace(SHIPPED["prompt"].steps[3], key=f"s{n}") for n in range(26)),
            ),
            "30 steps",
        ),
    ],
)
def test_plan_that_is_slower_or_leaves_something_out_is_refused(plan, complaint):
    with pytest.raises(PlanError, match=complaint):
        check_change(plan)


def test_plan_that_cannot_work_is_refused_first():
    with pytest.raises(PlanError, match="each later than the one before"):
        check_change(with_ladder("urgent", rungs=()))
