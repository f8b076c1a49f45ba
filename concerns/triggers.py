"""Append-only in the database itself: triggers that refuse to change, remove or replace a row, on SQLite and PostgreSQL.

Installed after every migration, because rebuilding a table on SQLite drops them, and looked for at every start.
"""

from typing import Any

from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY = ("Entry", "AuditEvent", "ContactChange", "Disposal", "PlanVersion")
FUNCTION = "concerns_refuse_change"
MESSAGE = "append-only"


def tables() -> list[str]:
    """The tables whose rows stay as they were written."""
    return [apps.get_model("concerns", name)._meta.db_table for name in APPEND_ONLY]


def _sqlite(table: str) -> dict[str, str]:
    """INSERT OR REPLACE walks past the triggers on delete, so a row that is there already is refused before the insert."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    return {
        f"{table}_no_update": f"BEFORE UPDATE ON {table} {refuse}",
        f"{table}_no_delete": f"BEFORE DELETE ON {table} {refuse}",
        f"{table}_no_replace": f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}",  # noqa: S608 - our own names
    }


def _postgresql(table: str) -> dict[str, str]:
    call = f"EXECUTE FUNCTION {FUNCTION}()"
    return {
        f"{table}_no_change": f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
        f"{table}_no_truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    }


def wanted(vendor: str) -> dict[str, tuple[str, str]]:
    """Trigger name → table and body, for this kind of database."""
    make = _sqlite if vendor == "sqlite" else _postgresql
    return {name: (table, body) for table in tables() for name, body in make(table).items()}


def install(database: BaseDatabaseWrapper = connection) -> None:
    """Put every trigger in place; those that are there are made anew."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            body = f"BEGIN RAISE EXCEPTION '{MESSAGE}'; END"
            cursor.execute(f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    remove(database)
    with database.cursor() as cursor:
        for name, (_, body) in wanted(database.vendor).items():
            cursor.execute(f"CREATE TRIGGER {name} {body}")


def remove(database: BaseDatabaseWrapper = connection) -> None:
    """Take every trigger away: before they are made anew, and where the tests empty their database."""
    with database.cursor() as cursor:
        for name, (table, _) in wanted(database.vendor).items():
            on = f" ON {table}" if database.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(database: BaseDatabaseWrapper = connection) -> list[str]:
    """Return the names of the triggers that are not in place, or are switched off. A database without tables lacks none."""
    if not set(tables()) <= set(database.introspection.table_names()):
        return []
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with database.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return sorted(set(wanted(database.vendor)) - there)


def after_migrating(sender: Any, using: str, **_: Any) -> None:
    """Install the triggers once every table is there."""
    if set(tables()) <= set(connection.introspection.table_names()):
        install()
