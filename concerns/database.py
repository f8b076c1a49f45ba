"""A deadline on every wait for PostgreSQL, counted by this process.

The server's own statement_timeout cannot fire when the server itself has stopped (a frozen machine, a cut cable): without a
deadline of its own a web process would wait for ever, and the person in front of it would never see the numbers to ring.
psycopg2 hands each wait to one function; ours gives up in time. It breaks the connection, never the data: what was not
committed is rolled back. COPY and large objects do not work through it, and nothing here uses them.
"""

import select
from collections.abc import Callable
from time import monotonic
from typing import Any

import psycopg2
from django.db import DatabaseError, connection
from psycopg2 import extensions

CONNECT_SECONDS = 3


def wait_with_deadline(seconds: float) -> Callable[[Any], None]:
    """Return a function that waits for a psycopg2 connection: `seconds` for an answer, CONNECT_SECONDS for a new connection.

    It raises psycopg2.OperationalError when the time is over; psycopg2 then closes the connection.
    """

    def wait(connection: Any) -> None:
        is_new = connection.status not in (extensions.STATUS_READY, extensions.STATUS_BEGIN, extensions.STATUS_PREPARED)
        ends = monotonic() + (min(CONNECT_SECONDS, seconds) if is_new else seconds)
        while (state := connection.poll()) != extensions.POLL_OK:
            ready = select.poll()
            ready.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
            left = ends - monotonic()
            if left <= 0 or not ready.poll(left * 1000):
                raise psycopg2.OperationalError("The database did not answer in time.")

    return wait


def set_deadline(seconds: float) -> None:
    """Give every PostgreSQL connection of this process the deadline."""
    extensions.set_wait_callback(wait_with_deadline(seconds))


def _owns(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass", [table])
        return bool(cursor.fetchone()[0])


def overwrite_deleted_rows(table: str) -> bool:
    """Make sure that rows deleted from a table are no longer in the database's files; whether it was done.

    SQLite overwrites what is deleted (secure_delete) once its log is written back and emptied; PostgreSQL keeps deleted rows until the
    table is written anew. Neither can be done inside a transaction, nor while somebody else uses the table for longer than lock_timeout.
    """
    if connection.in_atomic_block:
        return False
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return bool(cursor.fetchone()[0] == 0)
            if not _owns(table):  # PostgreSQL would warn, do nothing, and call it done
                return False
            cursor.execute(f"VACUUM (FULL) {connection.ops.quote_name(table)}")
            return True
    except DatabaseError:
        return False
