"""The database itself refuses to change, remove or replace what was written, on both databases. (S25)"""

import pytest
from django.db import DatabaseError, connection, transaction

from concerns import triggers
from concerns.models import Contact, ContactChange, Entry
from tests.factories import AT, Cast
from tests.makers import make_concern


def refused(sql: str) -> bool:
    """Whether the database refuses the statement, in the words of the trigger."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(sql)
    except DatabaseError as error:
        return triggers.MESSAGE in str(error)
    return False


@pytest.mark.parametrize("table", ["concerns_entry", "concerns_auditevent", "concerns_contactchange"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_raw_change_is_refused(cast: Cast, table: str, change: str) -> None:
    make_concern(cast)
    contact = Contact.objects.create(centre=cast.centre, group="3_centre", name="A", number="01632 960001", source="Test")
    ContactChange.objects.create(contact=contact, kind="added", at=AT)

    assert refused(change.format(table))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="INSERT OR REPLACE is SQLite's")
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE INTO", "REPLACE INTO"])
def test_replacing_a_row_is_refused(cast: Cast, verb: str) -> None:
    make_concern(cast)

    assert refused(f"{verb} concerns_entry SELECT * FROM concerns_entry")
    assert refused(f"{verb} concerns_auditevent SELECT * FROM concerns_auditevent")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="TRUNCATE is PostgreSQL's")
def test_truncating_is_refused(cast: Cast) -> None:
    make_concern(cast)

    assert refused("TRUNCATE concerns_entry CASCADE")
    assert refused("TRUNCATE concerns_auditevent")


@pytest.mark.django_db(transaction=True)
def test_triggers_come_back_after_a_table_was_rebuilt() -> None:
    triggers.remove()
    assert len(triggers.missing()) == len(triggers.wanted(connection.vendor))

    triggers.install()
    triggers.install()

    assert triggers.missing() == []


def test_new_rows_are_still_welcome(cast: Cast) -> None:
    make_concern(cast)
    before = Entry.objects.count()

    make_concern(cast)

    assert Entry.objects.count() == 2 * before
