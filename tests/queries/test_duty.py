"""Whom the rota puts first, now and outside sessions, and what asking it costs."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from concerns.choices import DutySlot, HomeArea, Level, OutOfHours, Vault
from concerns.models import Duty, Leave, User
from concerns.queries.ladder import askable
from concerns.queries.rota import gaps_ahead, next_on_duty, on_duty
from concerns.queries.what_if import WhatIf, would_happen
from tests.factories import AT, Cast
from tests.makers import CALM, about, make_concern
from tests.plan_makers import changed_plan, keep_version

BEFORE = AT - timedelta(hours=2)  # no session is on; one starts in 90 minutes
YEARS_AGO = date(2024, 11, 19)


def put_on_duty(cast: Cast, *people: User, weekday: int = 1, only_on: date | None = None) -> None:
    session = cast.centre.sessions.get(weekday=weekday)
    Duty.objects.bulk_create(
        Duty(session=session, slot=slot, user=user, only_on=only_on) for slot, user in zip(DutySlot, people, strict=False)
    )


@pytest.mark.parametrize(("choice", "first"), [(OutOfHours.LIST, "Priya Shah"), (OutOfHours.NEXT, "Grace Mensah")])
def test_outside_sessions_the_plan_says_who_is_asked_first(cast: Cast, choice: OutOfHours, first: str) -> None:
    put_on_duty(cast, cast.case_manager, cast.deputy)
    keep_version(cast.centre, replace(changed_plan("prompt"), out_of_hours=choice))
    case = WhatIf(level=Level.PROMPT, vault=Vault.ORDINARY, home_area=HomeArea.CITY, at=BEFORE)

    asked = askable(make_concern(cast, answers=CALM, at=BEFORE), at=BEFORE).first

    assert asked[0].name == first
    assert would_happen(cast.centre, case).alerts[0].what == f"{first} is asked to answer"


def test_during_a_session_whoever_is_on_duty_comes_first_whatever_the_plan_says_of_the_next(cast: Cast) -> None:
    put_on_duty(cast, cast.case_manager, weekday=3)
    keep_version(cast.centre, replace(changed_plan("prompt"), out_of_hours=OutOfHours.NEXT))

    assert askable(make_concern(cast, answers=CALM), at=AT).first[0] == cast.lead


def test_about_an_adult_here_the_list_keeps_its_order(cast: Cast) -> None:
    put_on_duty(cast, cast.lead)

    assert askable(make_concern(cast, answers=about(cast.reporter2, answers=CALM)), at=AT).first[0] == cast.case_manager


def test_rota_of_years_asks_the_database_no_more(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        assert on_duty(cast.centre, at=AT) == ()
    put_on_duty(cast, cast.deputy, cast.case_manager)
    put_on_duty(cast, cast.lead, weekday=3)
    for week in range(30):
        put_on_duty(cast, cast.lead, cast.deputy, only_on=YEARS_AGO + timedelta(weeks=week))
    Leave.objects.create(centre=cast.centre, user=cast.deputy, first_on=YEARS_AGO, last_on=YEARS_AGO, made_by=cast.lead, made_at=AT)

    with django_assert_num_queries(9):
        now, following, missing = on_duty(cast.centre, at=AT), next_on_duty(cast.centre, at=AT), gaps_ahead(cast.centre, at=AT, days=7)

    assert (now, following) == ((cast.deputy, cast.case_manager), (cast.lead,))
    assert [(line.on.isoformat(), line.missing) for line in missing] == [("2026-11-19", "Nobody deputises")]
