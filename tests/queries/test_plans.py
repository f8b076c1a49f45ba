"""The plans of a centre by version, and which version a concern follows."""

import importlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.apps import apps

from concerns.actions.opening import triage_again
from concerns.choices import OutOfHours, StepState
from concerns.models import Concern, PlanVersion
from concerns.queries.plans import out_of_hours, plan_at, plans_followed, plans_in_use, shipped_plans
from tests.factories import AT, Cast
from tests.makers import CALM, DANGER, URGENT, make_concern
from tests.plan_makers import changed_plan, keep_version

LATER = AT + timedelta(minutes=5)
FASTER: dict[str, Any] = {"amount": 30, "rungs": (30, 60, 90)}


def test_centre_without_plans_of_its_own_uses_those_that_ship(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        plans = plans_in_use(cast.centre)

    assert plans == shipped_plans()


def test_newest_version_is_in_use_and_old_ones_are_still_there(cast: Cast) -> None:
    for version in (1, 3, 2):
        keep_version(cast.centre, changed_plan(version=version, repeats_minutes=10 + version))

    assert plans_in_use(cast.centre) == shipped_plans() | {"prompt": changed_plan(version=3, repeats_minutes=13)}
    assert plan_at(cast.centre, "prompt", 2) == changed_plan(version=2, repeats_minutes=12)


def test_plans_of_another_centre_are_not_used(cast: Cast) -> None:
    elsewhere = cast.outsider.grants.first().centre  # type: ignore[union-attr]
    keep_version(elsewhere, changed_plan(**FASTER))

    assert plans_in_use(cast.centre) == shipped_plans()


def test_row_that_cannot_be_read_stops_no_alert(cast: Cast) -> None:
    PlanVersion.objects.create(centre=cast.centre, key="emergency", version=2, content={"steps": "broken"}, made_at=AT)

    concern = make_concern(cast, answers=DANGER)

    assert plans_followed(concern) == {"emergency": replace(shipped_plans()["emergency"], version=2)}


def test_concern_follows_the_version_that_it_began_with(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    keep_version(cast.centre, changed_plan(**FASTER))

    newer = make_concern(cast, answers=CALM)

    assert (concern.plan_versions, newer.plan_versions) == ({"prompt": 1}, {"prompt": 2})
    assert plans_followed(concern)["prompt"] == shipped_plans()["prompt"]
    assert newer.steps.get(key="acknowledge").due_at == AT + timedelta(minutes=30)


def test_triage_again_keeps_the_version_begun_and_takes_the_newest_of_a_new_plan(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    keep_version(cast.centre, changed_plan("urgent", repeats_minutes=5))
    keep_version(cast.centre, changed_plan("emergency", repeats_minutes=5))

    worse = triage_again(by=cast.reporter, concern_id=concern.pk, answers=DANGER, at=LATER)
    again = triage_again(by=cast.reporter, concern_id=concern.pk, answers=DANGER, at=LATER)

    assert worse.plan_versions == again.plan_versions == {"urgent": 1, "emergency": 2}


def test_missing_version_means_the_first(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    keep_version(cast.centre, changed_plan(version=1, **FASTER))
    concern.plan_versions = {}

    assert plans_followed(concern) == {"prompt": changed_plan(version=1, **FASTER)}


def test_out_of_hours_is_what_the_plan_says_whose_ladder_holds(cast: Cast) -> None:
    keep_version(cast.centre, replace(changed_plan("prompt"), out_of_hours=OutOfHours.NEXT))

    assert out_of_hours(make_concern(cast, answers=CALM)) == OutOfHours.NEXT
    assert out_of_hours(make_concern(cast, answers=DANGER)) == OutOfHours.LIST


def test_centres_that_are_there_keep_what_they_followed_so_far(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    Concern.objects.update(plan_versions={})
    migration = importlib.import_module("concerns.migrations.0011_plans_of_existing_centres")

    migration.give_plans(apps, None)

    concern.refresh_from_db()
    assert plans_in_use(cast.centre) == shipped_plans()
    assert (PlanVersion.objects.filter(centre=cast.centre).count(), concern.plan_versions) == (4, {"prompt": 1})


def test_waiting_steps_come_from_the_version_followed(cast: Cast) -> None:
    kept = tuple(step for step in shipped_plans()["prompt"].steps if step.key != "tell")
    keep_version(cast.centre, changed_plan(steps=kept))

    concern = make_concern(cast, answers=CALM)

    assert set(concern.steps.filter(state=StepState.WAITING).values_list("key", flat=True)) == {"acknowledge", "speak", "decide", "review"}
