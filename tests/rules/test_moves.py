"""States: which moves are allowed."""

import pytest

from concerns.choices import STATUS_MOVES, Status
from concerns.rules.moves import may_move


@pytest.mark.parametrize("old", Status)
@pytest.mark.parametrize("new", Status)
def test_move_is_allowed_exactly_as_the_table_says(old, new):
    assert may_move(old, new) == (new in STATUS_MOVES[old])


@pytest.mark.parametrize("status", Status)
def test_staying_is_no_move(status):
    assert not may_move(status, status)


def test_new_concern_can_only_be_answered():
    assert [status for status in Status if may_move(Status.NEW, status)] == [Status.ACKNOWLEDGED]


def test_closed_concern_can_only_be_reopened():
    assert [status for status in Status if may_move(Status.CLOSED, status)] == [Status.REOPENED]


@pytest.mark.parametrize("status", Status)
def test_every_state_can_still_come_to_an_end(status):
    reached = {status}
    for _ in Status:
        reached |= {new for old in reached for new in STATUS_MOVES[old]}

    assert Status.CLOSED in reached
