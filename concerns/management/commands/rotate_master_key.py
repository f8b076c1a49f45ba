"""`manage.py rotate_master_key`: make a new master key and wrap every data key with it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from concerns.access.masterkeys import add_master_key
from concerns.actions.keys import rewrap_data_keys


class Command(BaseCommand):
    help = "Make a new master key and wrap every data key with it. With --resume, go on with a rotation that was stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--resume", action="store_true", help="make no new key; finish with the newest one")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["resume"]:
            self.stdout.write(f"Made the master key {add_master_key()}. Copy the keys' folder to a safe place now.")
        count = rewrap_data_keys(by=None, at=timezone.now())
        self.stdout.write(f"{count} data keys are wrapped with the newest master key.")
        self.stdout.write("Keep the older lines of master.keys for as long as you keep backups from before today.")
