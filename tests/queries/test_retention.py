"""When a closed concern may be disposed of, on the calendar of the centre. (S28)"""

from datetime import UTC, date, datetime, timedelta

import pytest

from concerns.models import Concern
from concerns.queries.retention import Due

LAST_MINUTE = datetime(2051, 6, 30, 22, 59, tzinfo=UTC)  # 11.59pm of British Summer Time


@pytest.mark.parametrize(("at", "over"), [(LAST_MINUTE, False), (LAST_MINUTE + timedelta(minutes=1), True)])
def test_day_of_disposal_begins_at_midnight_in_england(at: datetime, over: bool) -> None:
    due = Due(concern=Concern(), rules=(), on=date(2051, 7, 1), holds=0)

    assert due.is_over(at=at) is over
