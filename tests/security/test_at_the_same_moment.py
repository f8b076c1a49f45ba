"""Two people at the same moment, on PostgreSQL: nobody waits for the other in a ring, and the last lead stays.

SQLite has one writer at a time, so nothing of this can happen there.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction

from concerns.access.standing import grants_in_force
from concerns.actions.casework import note_opened
from concerns.actions.drills import end_answered_drill, start_drill
from concerns.actions.locking import lock_concern
from concerns.actions.roles import end_role
from concerns.choices import Level, Role
from concerns.exceptions import Refused
from concerns.models import AuditEvent, Drill, RoleGrant
from tests.factories import AT, Cast, grant, make_user
from tests.makers import DANGER, make_concern

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def elsewhere(do: Callable[[], Any]) -> Any:
    """Do it on a connection of its own, which waits for no lock longer than a second."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        return do()
    finally:
        connection.close()


def test_opening_a_page_does_not_wait_for_who_is_answering(transactional_cast: Cast) -> None:
    cast = transactional_cast
    concern = make_concern(cast, answers=DANGER)
    with ThreadPoolExecutor() as pool, transaction.atomic():
        lock_concern(by=None, permission=None, concern_id=concern.pk)

        pool.submit(elsewhere, lambda: note_opened(by=cast.deputy, concern=concern, at=AT)).result(timeout=10)

    assert AuditEvent.objects.filter(by=cast.deputy, concern=concern).count() == 1


def test_last_two_leads_cannot_be_ended_at_once(transactional_cast: Cast) -> None:
    cast = transactional_cast
    grant(make_user("Zoe Hale"), cast.centre, Role.LEAD)
    first, second = RoleGrant.objects.filter(centre=cast.centre, role=Role.LEAD)
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            end_role(by=cast.admin, grant_id=first.pk, at=AT)
            other = pool.submit(elsewhere, lambda: end_role(by=cast.admin, grant_id=second.pk, at=AT))
            sleep(0.3)

        with pytest.raises(Refused, match="only lead"):
            other.result(timeout=10)

    assert grants_in_force().filter(centre=cast.centre, role=Role.LEAD).count() == 1


def test_emergency_and_the_answer_to_a_drill_wait_for_each_other_in_no_ring(transactional_cast: Cast) -> None:
    cast = transactional_cast
    drill = start_drill(by=cast.admin, centre=cast.centre, level=Level.EMERGENCY, at=AT)
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            concern = lock_concern(by=None, permission=None, concern_id=drill.concern_id)
            emergency = pool.submit(elsewhere, lambda: make_concern(cast, answers=DANGER))
            sleep(0.3)
            end_answered_drill(concern, at=AT)

        assert emergency.result(timeout=10).is_open

    assert Drill.objects.get().ended_why == "answered"
