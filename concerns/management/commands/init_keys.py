"""`manage.py init_keys`: make the keys of a new system."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from concerns.access.masterkeys import make_keys
from concerns.management.recovery import sheet


class Command(BaseCommand):
    help = "Make the key files that are missing. Existing keys are never touched."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sheet", action="store_true", help="print the recovery sheet also where this is not a terminal")

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_keys(settings.KEYS_DIR)
        if not made:
            return
        self.stdout.write(f"Made {', '.join(made)} in {settings.KEYS_DIR}.")
        if settings.MODE == "practice":
            return
        if options["sheet"] or sys.stdout.isatty():  # what a service prints ends in a log
            self.stdout.write(sheet(settings.KEYS_DIR))
        else:
            self.stdout.write("Run `manage.py recovery_sheet`, print it and lock it away. Without the keys the record cannot be read.")
