"""The daily digest: once a day, on working days, to those who have something to read; nothing of anybody in it. (S30)"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from concerns.actions.digest import queue_digests
from concerns.actions.letters import write_letter
from concerns.choices import MessageKind, StepKind
from concerns.models import Concern, Conflict, Message, Step
from tests.factories import AT, Cast
from tests.makers import CALM, answered, make_concern

MORNING = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)  # the Wednesday after AT


@pytest.fixture
def concern(cast: Cast) -> Concern:
    """A concern whose decision is due to the lead by the end of the next working day."""
    made = answered(make_concern(cast, answers=CALM), by=cast.lead)
    Step.objects.filter(concern=made, kind=StepKind.SPEAK_TO_REPORTER).update(state="done")
    return made


def digests() -> list[Message]:
    return list(Message.objects.filter(kind=MessageKind.DIGEST).select_related("recipient", "centre", "concern"))


def text_at(at: datetime = MORNING) -> str:
    (message,) = digests()
    return write_letter(message, at=at).body


def test_who_has_something_due_gets_one_digest_a_day(cast: Cast, concern: Concern) -> None:
    made = [queue_digests(by=None, at=MORNING + timedelta(minutes=minutes)) for minutes in (0, 1, 300)]

    assert made == [1, 0, 0]
    assert [message.recipient for message in digests()] == [cast.lead]


def test_everybody_is_looked_at_once_a_day(cast: Cast, concern: Concern, django_assert_num_queries: Any) -> None:
    queue_digests(by=None, at=MORNING)

    with django_assert_num_queries(1):
        queue_digests(by=None, at=MORNING + timedelta(minutes=1))

    assert queue_digests(by=None, at=MORNING + timedelta(days=1)) == 1


@pytest.mark.parametrize("hours", [-1, 9, 24 * 3])
def test_no_digest_at_night_or_on_a_saturday(cast: Cast, concern: Concern, hours: int) -> None:
    assert queue_digests(by=None, at=MORNING + timedelta(hours=hours)) == 0


def test_digest_holds_the_reference_a_time_and_a_link(cast: Cast, concern: Concern) -> None:
    queue_digests(by=None, at=MORNING)

    assert text_at().splitlines()[:2] == [
        f"{concern.reference}: due today, 5:30pm",
        f"http://127.0.0.1:8000/concerns/{concern.pk}/",
    ]


def test_what_is_hidden_by_the_time_of_sending_is_not_in_it(cast: Cast, concern: Concern) -> None:
    queue_digests(by=None, at=MORNING)
    Conflict.objects.create(concern=concern, user=cast.lead, reason=b"x", declared_by=cast.lead, declared_at=AT)

    assert concern.reference not in text_at()


def test_drill_is_in_no_digest(cast: Cast, concern: Concern) -> None:
    Concern.objects.update(is_drill=True)

    assert queue_digests(by=None, at=MORNING) == 0


def test_gaps_of_the_rota_and_a_drill_that_is_due_are_told_on_mondays(cast: Cast) -> None:
    monday = MORNING + timedelta(days=5)

    queue_digests(by=None, at=monday)

    told = {message.recipient: write_letter(message, at=monday).body for message in digests()}
    assert set(told) - {cast.outsider} == {cast.lead, cast.deputy, cast.case_manager, cast.admin}
    assert ("/rota/" in told[cast.admin], "/drills/" in told[cast.admin]) == (True, True)
