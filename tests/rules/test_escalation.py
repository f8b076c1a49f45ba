"""Escalation: a new concern's steps, and the ladder's times."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.choices import Clock, ContactKey, HomeArea, StepKind
from concerns.rules.deadlines import Session
from concerns.rules.escalation import LadderSpec, compose, due_after, rung_due
from concerns.rules.plans import load_plans

PLANS = load_plans()
K = ContactKey
OPENED = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)  # a Tuesday, half an hour into the session
CLUB = (Session(weekday=1, starts=time(18), ends=time(21)), Session(weekday=3, starts=time(18), ends=time(21)))
FAST = LadderSpec(clock=Clock.MINUTES, rungs=(10, 20, 30), repeats_minutes=10)
CALM = LadderSpec(clock=Clock.OPEN_MINUTES, rungs=(60, 120, 180), repeats_minutes=60, ceiling_minutes=120)
ROUTES = [(level, *more) for level in ("emergency", "urgent", "prompt") for more in ((), ("adult",))]


def planned(*keys, opened_at=OPENED, leaves_at=None, home_area=HomeArea.CITY, plans=PLANS):
    steps = compose(keys, plans, opened_at=opened_at, sessions=CLUB, leaves_at=leaves_at, home_area=home_area)
    return {step.key: step for step in steps}


def minutes_after(count):
    return OPENED + timedelta(minutes=count)


def ends(ladder, count, **given_times):
    """Minutes from the opening to the end of each of the first `count` rungs."""
    dues = [rung_due(ladder, rung, opened_at=OPENED, **given_times) for rung in range(count)]
    return [(due - OPENED) / timedelta(minutes=1) for due in dues]


def test_emergency_has_its_steps_in_order():
    steps = planned("emergency")

    assert list(steps) == ["ring_999", "ring_duty_desk", "acknowledge", "speak", "follow_up", "council_decision", "chase", "disagree"]
    assert [steps[key].due_at for key in ("ring_999", "ring_duty_desk", "acknowledge", "follow_up")] == [
        OPENED,
        minutes_after(10),
        minutes_after(10),
        minutes_after(24 * 60),
    ]


def test_step_that_comes_after_another_has_no_time_yet():
    steps = planned("urgent")

    assert {key for key, step in steps.items() if step.due_at is None} == {"speak", "council_decision", "chase", "disagree"}
    assert steps["speak"].after == "acknowledge"


def test_step_gets_its_time_when_the_one_before_is_done():
    steps = planned("urgent")

    assert due_after(steps["speak"], done_at=minutes_after(7), sessions=CLUB) == minutes_after(37)
    assert due_after(steps["chase"], done_at=OPENED, sessions=CLUB) == OPENED + timedelta(days=3)


def test_prompt_is_told_and_answered_before_the_session_ends():
    late = OPENED.replace(hour=20, minute=40)

    steps = planned("prompt", opened_at=late)

    assert steps["tell"].due_at == steps["acknowledge"].due_at == OPENED.replace(hour=21, minute=0)


def test_prompt_is_told_before_the_young_person_leaves():
    steps = planned("prompt", leaves_at=minutes_after(15))

    assert steps["tell"].due_at == steps["acknowledge"].due_at == minutes_after(15)


@pytest.mark.parametrize("keys", ROUTES, ids="+".join)
def test_every_concern_has_exactly_one_ladder(keys):
    steps = compose(keys, PLANS, opened_at=OPENED, sessions=CLUB, leaves_at=None, home_area=HomeArea.CITY)

    assert [(step.key, step.ladder is not None) for step in steps if step.kind == StepKind.ACKNOWLEDGE or step.ladder] == [
        ("acknowledge", True)
    ]


@pytest.mark.parametrize("keys", ROUTES, ids="+".join)
def test_every_step_has_its_own_key_and_follows_a_step_that_is_there(keys):
    steps = compose(keys, PLANS, opened_at=OPENED, sessions=CLUB, leaves_at=None, home_area=HomeArea.CITY)

    names = [step.key for step in steps]
    assert len(set(names)) == len(names)
    assert {step.after for step in steps} <= {"", *names}
    assert all((step.due_at is None) == bool(step.after) for step in steps)


@pytest.mark.parametrize(("level", "rungs"), [("emergency", (10, 20, 30)), ("urgent", (10, 20, 30)), ("prompt", (30, 60, 90))])
def test_adult_ladder_replaces_the_prompt_one_and_leaves_the_faster_ones(level, rungs):
    steps = planned(level, "adult")

    assert steps["acknowledge"].ladder.rungs == rungs
    assert steps["acknowledge"].due_at == minutes_after(rungs[0])


def test_adult_adds_the_lado_and_the_outcome_to_the_level():
    steps = planned("prompt", "adult")

    assert list(steps) == ["tell", "speak", "decide", "review", "acknowledge", "lado", "outcome"]
    assert steps["lado"].due_at == OPENED + timedelta(days=1)


def test_step_of_the_same_name_in_a_second_plan_is_told_apart():
    adult = PLANS["adult"]
    renamed = {"lado": "decide", "outcome": "review", "acknowledge": "acknowledge", "": ""}
    steps = tuple(replace(step, key=renamed[step.key], after=renamed[step.after]) for step in adult.steps)

    found = planned("prompt", "adult", plans={**PLANS, "adult": replace(adult, steps=steps)})

    assert list(found) == ["tell", "speak", "decide", "review", "acknowledge", "adult.decide", "adult.review"]
    assert found["adult.review"].after == "adult.decide"


@pytest.mark.parametrize(
    ("area", "desk", "lado"),
    [
        (HomeArea.CITY, K.DUTY_CITY, K.LADO_CITY),
        (HomeArea.COUNTY, K.DUTY_COUNTY, K.LADO_COUNTY),
        (HomeArea.RUTLAND, K.DUTY_RUTLAND_NIGHT, K.LADO_RUTLAND),
        (HomeArea.ELSEWHERE, K.POLICE, K.LADO_CITY),
        (HomeArea.UNKNOWN, K.DUTY_CITY, K.LADO_CITY),
    ],
)
def test_contacts_of_an_evening_follow_the_home_area_and_answer(area, desk, lado):
    steps = planned("urgent", "adult", home_area=area)

    assert (steps["ring_duty_desk"].contact, steps["lado"].contact) == (desk, lado)


@pytest.mark.parametrize(("area", "desk"), [(HomeArea.RUTLAND, K.DUTY_RUTLAND_DAY), (HomeArea.ELSEWHERE, K.COUNCIL_FINDER)])
def test_contacts_of_office_hours_are_the_councils_own(area, desk):
    steps = planned("urgent", opened_at=OPENED.replace(hour=11), home_area=area)

    assert steps["ring_duty_desk"].contact == desk


def test_step_keeps_a_contact_that_depends_on_no_area():
    assert planned("emergency", home_area=HomeArea.RUTLAND)["ring_999"].contact == K.POLICE_EMERGENCY


def test_fast_ladder_ends_every_ten_minutes_for_ever():
    assert ends(FAST, 8) == [10, 20, 30, 40, 50, 60, 70, 80]


def test_adult_ladder_ends_every_thirty_minutes():
    assert ends(planned("prompt", "adult")["acknowledge"].ladder, 5) == [30, 60, 90, 120, 150]


def test_calm_ladder_takes_an_hour_for_each_rung():
    assert ends(CALM, 5, sessions=CLUB) == [60, 120, 180, 240, 300]


def test_calm_ladder_takes_as_long_again_as_the_first_rung_and_then_an_hour():
    assert ends(CALM, 5, sessions=CLUB, leaves_at=minutes_after(25)) == [25, 50, 75, 135, 195]


def test_calm_ladder_outside_sessions_never_takes_more_than_an_hour_for_a_further_rung():
    assert ends(CALM, 4) == [120, 180, 240, 300]


def test_calm_ladder_gives_nobody_less_than_ten_minutes_after_the_first():
    assert ends(CALM, 4, sessions=CLUB, leaves_at=minutes_after(-5)) == [0, 10, 20, 80]


def test_rung_below_the_first_is_refused():
    with pytest.raises(ValueError, match="count from 0"):
        rung_due(FAST, -1, opened_at=OPENED)


@given(st.sampled_from([FAST, CALM]), st.integers(0, 40), st.one_of(st.none(), st.integers(-30, 300)))
def test_ladder_never_ends_and_every_rung_is_later(ladder, rung, leaves_after):
    leaves_at = None if leaves_after is None else minutes_after(leaves_after)

    first, second = (rung_due(ladder, number, opened_at=OPENED, sessions=CLUB, leaves_at=leaves_at) for number in (rung, rung + 1))

    assert timedelta(minutes=10) <= second - first <= timedelta(minutes=60)
