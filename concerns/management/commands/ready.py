"""`manage.py ready`: everything that `script/serve` needs to be right before it starts, and what it prepares."""

from contextlib import suppress
from typing import Any

from django.core.checks import ERROR
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from concerns.production import findings

STOPPED = "Nothing was started. Mend this first:"


class Command(BaseCommand):
    help = "Say what has to be mended before production starts, all of it at once; then collect static files and write the card."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check-only", action="store_true", help="say what is wrong and prepare nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        found = findings()
        errors = [f"- {message.msg}" for message in found if message.level >= ERROR]
        for message in found:
            if message.level < ERROR:
                self.stderr.write(f"Please note: {message.msg}")
        if errors:
            raise CommandError("\n".join([STOPPED, *errors]), returncode=3)
        if options["check_only"]:
            self.stdout.write("Ready.")
            return
        call_command("collectstatic", verbosity=0, interactive=False)
        with suppress(DatabaseError):  # the card of the last start, or the built-in one, is served
            call_command("write_card", verbosity=0)
