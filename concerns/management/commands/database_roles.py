"""`manage.py database_roles`: print the SQL that lets the product run as a PostgreSQL account which cannot touch what was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from concerns.triggers import FUNCTION, tables

HEAD = """\
-- Run as a PostgreSQL administrator in the product's database, and again after each `manage.py migrate`:
--   manage.py database_roles | psql DATABASE
-- Give the accounts passwords with \\password in psql. Migrations, restores and disposals run as {owner}, everything else as {app}.
\\set ON_ERROR_STOP on
BEGIN;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') THEN CREATE ROLE {owner} LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{app}') THEN CREATE ROLE {app} LOGIN; END IF;
END $$;
ALTER ROLE {app} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO {owner};
GRANT USAGE ON SCHEMA public TO {app};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {app};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {app};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app};
"""


class Command(BaseCommand):
    help = "Print SQL for an account that owns the tables, and one for the product, which can add to the record but never change it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", default="safeguarding_owner", help="the account that owns the tables")
        parser.add_argument("--app", default="safeguarding_app", help="the account that DATABASE_URL names in production")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite knows no accounts. This is for PostgreSQL.")
        owner, app = (connection.ops.quote_name(options[name]).strip('"') for name in ("owner", "app"))
        if not (owner.isidentifier() and app.isidentifier()):
            raise CommandError("Names of accounts are letters, digits and underscores.")
        self.stdout.write(HEAD.format(owner=owner, app=app) + "\n".join(self._lines(owner, app)) + "\nCOMMIT;")

    def _lines(self, owner: str, app: str) -> list[str]:
        with connection.cursor() as cursor:
            there = sorted(table.name for table in connection.introspection.get_table_list(cursor))
        lines = [f"ALTER TABLE {table} OWNER TO {owner};" for table in there]
        lines.append(f"ALTER FUNCTION {FUNCTION}() OWNER TO {owner};")
        for table in there:
            grown = table in tables()
            rights = "SELECT, INSERT" if grown else "SELECT" if table == "django_migrations" else "SELECT, INSERT, UPDATE, DELETE"
            lines.append(f"GRANT {rights} ON {table} TO {app};{'  -- only ever grows' if grown else ''}")
        return lines
