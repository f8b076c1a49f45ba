"""Plan templates: those that ship, and what is refused with words an admin understands."""

import json

import pytest

from concerns.choices import Clock, ContactKey, OutOfHours, StepKind, StepWho
from concerns.rules.desks import Desk
from concerns.rules.plans import Plan, PlanError, PlanStep, check_plan, load_plans, plan_from_data, plan_to_data

SHIPPED = load_plans()
DUTY_DESK, LADO = Desk.DUTY_DESK, Desk.LADO


def make_ladder(**changes):
    fields = {
        "key": "acknowledge",
        "kind": StepKind.ACKNOWLEDGE,
        "text": "Answer",
        "who": StepWho.LADDER,
        "contact": DUTY_DESK,
        "clock": Clock.MINUTES,
        "amount": 10,
        "rungs": (10, 20),
        "repeats_minutes": 10,
    }
    return PlanStep(**{**fields, **changes})


def make_step(key="decide", **changes):
    fields = {"kind": StepKind.DECIDE, "text": "Decide", "who": StepWho.HOLDER, "clock": Clock.WORKING_DAYS, "amount": 1}
    return PlanStep(key=key, **{**fields, **changes})


def make_plan(*steps, **changes):
    return Plan(**{"key": "prompt", "title": "Today", "version": 1, "steps": steps, **changes})


def times(plan):
    """Key, who, amount, clock and predecessor of each step."""
    return [(step.key, step.who.value, step.amount, step.clock.value, step.after) for step in SHIPPED[plan].steps]


AFTER_THE_CALL = [
    ("ring_duty_desk", "reporter", 10, "minutes", ""),
    ("acknowledge", "ladder", 10, "minutes", ""),
    ("speak", "holder", 30, "minutes", "acknowledge"),
    ("follow_up", "holder", 24 * 60, "minutes", ""),
    ("council_decision", "holder", 1, "working_days", "follow_up"),
    ("chase", "holder", 3, "working_days", "follow_up"),
    ("disagree", "holder", 1, "working_days", "chase"),
]


def test_shipped_plans_are_the_three_levels_and_adult():
    assert list(SHIPPED) == ["emergency", "urgent", "prompt", "adult"]


def test_emergency_plan_rings_999_and_then_goes_on_as_urgent():
    assert times("emergency") == [("ring_999", "reporter", 0, "minutes", ""), *AFTER_THE_CALL]
    assert SHIPPED["emergency"].steps[0].contact == ContactKey.POLICE_EMERGENCY


def test_urgent_plan_rings_the_duty_desk_first():
    assert times("urgent") == AFTER_THE_CALL
    assert SHIPPED["urgent"].steps[0].contact == DUTY_DESK


def test_prompt_plan_tells_somebody_before_leaving_and_decides_within_a_working_day():
    assert times("prompt") == [
        ("tell", "reporter", 60, "open_minutes", ""),
        ("acknowledge", "ladder", 60, "open_minutes", ""),
        ("speak", "holder", 30, "minutes", "acknowledge"),
        ("decide", "holder", 1, "working_days", ""),
        ("review", "holder", 10, "working_days", "decide"),
    ]
    assert {step.ceiling_minutes for step in SHIPPED["prompt"].steps[:2]} == {120}


def test_adult_plan_tells_the_lado_within_a_working_day():
    assert times("adult") == [
        ("acknowledge", "ladder", 30, "minutes", ""),
        ("lado", "holder", 1, "working_days", ""),
        ("outcome", "holder", 10, "working_days", "lado"),
    ]
    assert SHIPPED["adult"].steps[1].contact == LADO


@pytest.mark.parametrize(
    ("plan", "rungs", "repeats"),
    [("emergency", (10, 20, 30), 10), ("urgent", (10, 20, 30), 10), ("prompt", (60, 120, 180), 60), ("adult", (30, 60, 90), 30)],
)
def test_shipped_ladder_has_its_times(plan, rungs, repeats):
    ladder = next(step for step in SHIPPED[plan].steps if step.kind == StepKind.ACKNOWLEDGE)

    assert (ladder.rungs, ladder.repeats_minutes) == (rungs, repeats)


@pytest.mark.parametrize("plan", SHIPPED.values(), ids=SHIPPED)
def test_plan_comes_back_from_plain_data_as_it_was(plan):
    kept = json.loads(json.dumps(plan_to_data(plan)))

    assert plan_from_data(plan.key, kept) == plan


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        (make_plan(), "has no steps"),
        (make_plan(make_step()), "exactly one step in which the alert is answered"),
        (make_plan(make_ladder(key="answer")), "exactly one step in which the alert is answered"),
        (make_plan(make_ladder(kind=StepKind.DECIDE)), "exactly one step in which the alert is answered"),
        (make_plan(make_ladder(), make_ladder(key="again")), "exactly one step in which the alert is answered"),
        (make_plan(make_ladder(), make_step("a"), make_step("a")), "two steps with one name"),
        (make_plan(make_ladder(), make_step("Not a key")), "small letters"),
        (make_plan(make_ladder(), make_step(after="nowhere")), "comes after a step that is not there"),
        (make_plan(make_ladder(), make_step("a", after="a")), "would wait for itself"),
        (make_plan(make_ladder(), make_step("a", after="b"), make_step("b", after="a")), "would wait for itself"),
        (make_plan(make_ladder(after="decide"), make_step()), "must leave at once"),
        (make_plan(make_ladder(contact=None)), "a contact outside the centre"),
        (make_plan(make_ladder(contact=ContactKey.CENTRE_TEAM)), "a contact outside the centre"),
        (make_plan(make_ladder(rungs=())), "each later than the one before"),
        (make_plan(make_ladder(rungs=(10, 10))), "each later than the one before"),
        (make_plan(make_ladder(rungs=(20, 10))), "each later than the one before"),
        (make_plan(make_ladder(rungs=(0, 10))), "each later than the one before"),
        (make_plan(make_ladder(amount=5)), "that of the first person"),
        (make_plan(make_ladder(clock=Clock.WORKING_DAYS)), "that of the first person"),
        (make_plan(make_ladder(repeats_minutes=0)), "asked again"),
        (make_plan(make_ladder(), make_step(amount=-1)), "below zero"),
        (make_plan(make_ladder(), make_step(ceiling_minutes=0)), "below zero"),
    ],
)
def test_plan_that_cannot_work_is_refused_in_plain_words(plan, complaint):
    with pytest.raises(PlanError, match=complaint):
        check_plan(plan)


def test_words_name_the_plan_and_the_step_as_an_administrator_knows_them():
    chase = make_step("chase", text="Chase the council", after="chase")

    with pytest.raises(PlanError) as wrong:
        check_plan(make_plan(make_ladder(), chase, key="urgent", title="Urgent"))

    assert str(wrong.value) == "The step “Chase the council” of “Urgent” would wait for itself. Let it count from another step."


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kind": "dance"}, "“decide” of “prompt” cannot be used"),
        ({"who": "anybody"}, "“decide” of “prompt” cannot be used"),
        ({"clock": "moons"}, "“decide” of “prompt” cannot be used"),
        ({"contact": "the pub"}, "“decide” of “prompt” cannot be used"),
        ({"amount": "soon"}, "“decide” of “prompt” cannot be used"),
        ({"colour": "red"}, "something unknown: colour"),
    ],
)
def test_data_with_something_unknown_is_refused(change, complaint):
    data = plan_to_data(make_plan(make_ladder(), make_step()))
    data["steps"][1] |= change

    with pytest.raises(PlanError, match=complaint):
        plan_from_data("prompt", data)


def test_plan_says_whom_alerts_go_to_out_of_hours_and_the_list_where_it_does_not():
    data = plan_to_data(make_plan(make_ladder(), out_of_hours=OutOfHours.NEXT))
    unsaid = {name: value for name, value in data.items() if name != "out_of_hours"}

    assert plan_from_data("prompt", data).out_of_hours == OutOfHours.NEXT
    assert plan_from_data("prompt", unsaid).out_of_hours == OutOfHours.LIST
    with pytest.raises(PlanError, match="out of hours"):
        plan_from_data("prompt", data | {"out_of_hours": "whenever"})


@pytest.mark.parametrize("missing", ["title", "version"])
def test_plan_without_a_heading_is_refused(missing):
    data = plan_to_data(make_plan(make_ladder()))
    del data[missing]

    with pytest.raises(PlanError, match=f"has no {missing}"):
        plan_from_data("prompt", data)


@pytest.mark.parametrize("missing", ["key", "kind", "text", "who", "clock", "amount"])
def test_step_without_what_it_needs_is_refused(missing):
    data = plan_to_data(make_plan(make_ladder()))
    del data["steps"][0][missing]

    with pytest.raises(PlanError, match=f"has no {missing}"):
        plan_from_data("prompt", data)


def test_file_that_is_not_toml_is_refused(tmp_path):
    path = tmp_path / "plans.toml"
    path.write_text("[emergency")

    with pytest.raises(PlanError, match="cannot be read"):
        load_plans(path)


def test_file_of_plans_is_read(tmp_path):
    path = tmp_path / "plans.toml"
    path.write_text(
        '[short]\ntitle = "Short"\nversion = 3\n[[short.steps]]\nkey = "acknowledge"\nkind = "acknowledge"\ntext = "Answer"\n'
        'who = "ladder"\ncontact = "101"\nclock = "minutes"\namount = 5\nrungs = [5]\nrepeats_minutes = 5\n'
    )

    ladder = make_ladder(contact=ContactKey.POLICE, amount=5, rungs=(5,), repeats_minutes=5)

    assert load_plans(path) == {"short": make_plan(ladder, key="short", title="Short", version=3)}
