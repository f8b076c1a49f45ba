"""What the page says would happen is what the engine then does."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.choices import HomeArea, Level, StepKind, StepWho, Vault
from concerns.models import Concern, Rung, Step
from concerns.queries.what_if import NOBODY, WhatIf, would_happen
from concerns.rules.triage import Answers
from concerns.rules.words import moment_words
from concerns.worker import move_on_due
from tests.factories import AT, Cast
from tests.makers import CALM, DANGER, URGENT, about, make_concern
from tests.plan_makers import changed_plan, keep_version

MINUTE = timedelta(minutes=1)
CASE = WhatIf(level=Level.URGENT, vault=Vault.ORDINARY, home_area=HomeArea.CITY, at=AT)


def after(minutes: int) -> str:
    return moment_words(AT + minutes * MINUTE)


def said(cast: Cast, case: WhatIf = CASE) -> list[tuple[str, str]]:
    return [(line.when, line.what) for line in would_happen(cast.centre, case).alerts]


def asked_by_the_engine(concern: Concern, *, until: int) -> list[tuple[str, str]]:
    """When the worker asked whom, looking once a minute; the first time that it is everybody is the last line."""
    for minute in range(1, until + 1):
        move_on_due(at=AT + minute * MINUTE)
    steps = Step.objects.filter(concern=concern, kind=StepKind.ACKNOWLEDGE).select_related("person").order_by("rung")
    found = [(moment_words(step.created_at), step.person.name if step.who == StepWho.LADDER and step.person else "") for step in steps]
    return found[: [name for _, name in found].index("") + 1]


def test_urgent_concern_asks_one_after_the_other_and_then_everybody(cast: Cast) -> None:
    assert said(cast, replace(CASE, reporter=cast.reporter)) == [
        (after(0), "Priya Shah is asked to answer"),
        (after(10), "Tom Ellis is asked to answer"),
        (after(20), "Grace Mensah is asked to answer"),
        (after(30), "Priya Shah, Tom Ellis, Grace Mensah and Sam Okoro are asked, and again every 10 minutes, until somebody answers"),
    ]


@pytest.mark.parametrize(
    ("level", "vault", "answers"),
    [
        (Level.EMERGENCY, Vault.ORDINARY, DANGER),
        (Level.URGENT, Vault.ORDINARY, URGENT),
        (Level.PROMPT, Vault.ORDINARY, CALM),
        (Level.PROMPT, Vault.ADULT, CALM),
        (Level.URGENT, Vault.ADULT, URGENT),
    ],
)
def test_what_is_said_is_what_the_engine_does(cast: Cast, level: Level, vault: Vault, answers: Answers) -> None:
    given = about(cast.lead, answers=answers) if vault == Vault.ADULT else answers
    case = WhatIf(level=level, vault=vault, home_area=HomeArea.CITY, at=AT, reporter=cast.reporter)
    case = replace(case, about=frozenset({cast.lead.pk})) if vault == Vault.ADULT else case
    told = [
        (when, what.removesuffix(" is asked to answer") if what.endswith("is asked to answer") else "") for when, what in said(cast, case)
    ]

    concern = make_concern(cast, answers=given)

    assert (concern.level, concern.vault) == (level, vault)
    assert asked_by_the_engine(concern, until=200) == told


def test_steps_and_their_times_are_those_that_a_concern_gets(cast: Cast) -> None:
    told = would_happen(cast.centre, replace(CASE, level=Level.PROMPT, reporter=cast.reporter))

    concern = make_concern(cast, answers=CALM)

    steps = concern.steps.exclude(kind=StepKind.ACKNOWLEDGE).exclude(due_at=None).order_by("due_at")
    assert [line.when for line in told.steps] == [moment_words(step.due_at) for step in steps if step.due_at]
    assert told.steps[0].what.startswith("Sam Okoro: Tell the first person to ring")
    assert [line.what for line in told.later] == [
        "Whoever has the concern: Speak to the person who recorded it",
        "Whoever has the concern: Look at it again if it is still open",
    ]


def test_steps_name_the_contact_for_where_the_child_lives_and_for_the_hour(cast: Cast) -> None:
    by_day = datetime.fromisoformat("2026-11-17T12:00:00+00:00")

    evening = would_happen(cast.centre, replace(CASE, home_area=HomeArea.RUTLAND)).steps[0].what
    day = would_happen(cast.centre, replace(CASE, home_area=HomeArea.RUTLAND, at=by_day)).steps[0].what

    assert ("0116 305 0005" in evening, "01572 758 407" in day) == (True, True)


def test_who_is_away_is_asked_with_everybody_only(cast: Cast) -> None:
    lines = said(cast, replace(CASE, absent=frozenset({cast.lead.pk}), reporter=cast.reporter))

    assert [what for _, what in lines][:2] == ["Tom Ellis is asked to answer", "Grace Mensah is asked to answer"]
    assert lines[-1][1].startswith("Priya Shah, Tom Ellis, Grace Mensah and Sam Okoro are asked")


def test_who_recorded_it_and_whom_it_is_about_are_never_asked(cast: Cast) -> None:
    by_the_deputy = said(cast, replace(CASE, reporter=cast.deputy))
    about_the_lead = said(cast, replace(CASE, vault=Vault.ADULT, about=frozenset({cast.lead.pk})))

    assert "Tom Ellis is asked to answer" not in [what for _, what in by_the_deputy]
    assert about_the_lead[0][1] == "Grace Mensah is asked to answer"
    assert "Priya Shah" not in str(about_the_lead)


def test_nobody_on_the_list_is_said_plainly(cast: Cast) -> None:
    Rung.objects.all().delete()

    assert said(cast) == [(after(0), NOBODY)]


def test_newest_plan_holds_and_the_young_person_who_leaves_makes_it_sooner(cast: Cast) -> None:
    keep_version(cast.centre, changed_plan("urgent", amount=5, rungs=(5, 10), repeats_minutes=5))
    leaves = replace(CASE, level=Level.PROMPT, leaves_at=AT + 15 * MINUTE)

    assert [when for when, _ in said(cast)] == [after(0), after(5), after(10), after(15)]
    assert said(cast, leaves)[1][0] == after(15)


def test_times_are_those_of_london(cast: Cast) -> None:
    summer = replace(CASE, at=datetime.fromisoformat("2026-07-14T18:00:00+00:00"))

    assert said(cast, summer)[1][0] == "Tuesday 14 July 2026, 7:10pm"


def test_no_concern_is_read(cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    make_concern(cast, answers=URGENT)

    with django_assert_max_num_queries(40) as asked:
        would_happen(cast.centre, CASE)

    assert not any("concerns_concern" in query["sql"] for query in asked.captured_queries)


@pytest.mark.parametrize(("role", "may"), [("admin", True), ("lead", True), ("deputy", True), ("case_manager", True), ("reporter", False)])
def test_plans_are_seen_by_those_who_work_with_them(cast: Cast, role: str, may: bool) -> None:
    assert can(getattr(cast, role), Permission.SEE_PLANS, cast.centre) == may
