"""What a batch of due steps looks up once, and what it looks up again for every step."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concerns.actions.roles import end_role
from concerns.choices import Role, StepKind
from concerns.models import Conflict, Leave, OpeningSession, RoleGrant, Step
from concerns.queries.once import asked_once, looking_up_once
from concerns.queries.rota import presence
from concerns.worker import move_on_due
from tests.factories import AT, Cast
from tests.makers import DANGER, URGENT, make_concern

LATER = AT + timedelta(minutes=10)
TABLES = ("openingsession", "leave", "planversion")


def times_asked(table: str, queries: CaptureQueriesContext) -> int:
    return sum(f'FROM "concerns_{table}"' in query["sql"] for query in queries)


def asked_last(concern_id: object) -> str:
    step = Step.objects.filter(concern=concern_id, kind=StepKind.ACKNOWLEDGE).order_by("rung").last()
    return step.person.name if step and step.person else ""


def test_answer_is_kept_until_the_block_ends_and_no_longer() -> None:
    asked: list[int] = []

    @asked_once
    def double(number: int, *, extra: int = 0) -> int:
        asked.append(number)
        return number * 2 + extra

    with looking_up_once():
        assert [double(1), double(1), double(2), double(1, extra=5)] == [2, 2, 4, 7]
        with looking_up_once():
            assert double(2) == 4
        assert double(2) == 4
    assert [double(1), double(1)] == [2, 2]

    assert asked == [1, 2, 1, 1, 1]


def test_block_that_fails_forgets_its_answers_too(cast: Cast) -> None:
    with suppress(LookupError), looking_up_once():
        presence(cast.centre, at=AT, follows_next=lambda: False)
        raise LookupError
    OpeningSession.objects.filter(centre=cast.centre).delete()

    assert presence(cast.centre, at=AT, follows_next=lambda: False).sessions == ()


@pytest.mark.parametrize("table", TABLES)
def test_batch_of_many_steps_asks_for_the_rota_and_the_plan_as_often_as_one_of_one(cast: Cast, table: str) -> None:
    make_concern(cast, answers=DANGER)
    with CaptureQueriesContext(connection) as one:
        few = move_on_due(at=LATER)
    for _ in range(5):
        make_concern(cast, answers=DANGER)

    with CaptureQueriesContext(connection) as many:
        assert move_on_due(at=LATER) == 5 * few

    assert times_asked(table, many) == times_asked(table, one) == 1


def test_who_lost_their_role_a_moment_ago_is_not_asked_in_the_same_batch(cast: Cast) -> None:
    first, second = make_concern(cast, answers=DANGER), make_concern(cast, answers=DANGER)

    with looking_up_once():
        move_on_due(at=LATER, limit=1)
        end_role(by=cast.admin, grant_id=RoleGrant.objects.get(user=cast.deputy, role=Role.DEPUTY).pk, at=LATER)
        move_on_due(at=LATER)

    assert {asked_last(first.pk), asked_last(second.pk)} == {"Grace Mensah"}


def test_from_whom_it_was_hidden_a_moment_ago_is_not_asked_in_the_same_batch(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)

    with looking_up_once():
        move_on_due(at=LATER)
        Conflict.objects.create(concern=concern, user=cast.case_manager, reason=b"x", declared_by=cast.lead, declared_at=LATER)
        move_on_due(at=LATER + timedelta(minutes=10))

    asked = Step.objects.filter(concern=concern, kind=StepKind.ACKNOWLEDGE).order_by("rung")
    assert [step.person.name if step.person else step.who for step in asked] == ["Priya Shah", "Tom Ellis", "everybody"]


def test_who_goes_on_leave_is_passed_over_from_the_next_batch_on(cast: Cast) -> None:
    first, second = make_concern(cast, answers=URGENT), make_concern(cast, answers=URGENT)
    assert move_on_due(at=LATER, limit=1) == 1
    Leave.objects.create(centre=cast.centre, user=cast.deputy, first_on=AT.date(), last_on=AT.date(), made_by=cast.deputy, made_at=AT)

    move_on_due(at=LATER)

    assert sorted([asked_last(first.pk), asked_last(second.pk)]) == ["Grace Mensah", "Tom Ellis"]
