"""`manage.py restore_keys`: make the key files of a lost system again, from its recovery sheet."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from concerns.access.recovery import put_back
from concerns.exceptions import KeyTrouble
from concerns.management.recovery import typed_sheet


class Command(BaseCommand):
    help = "Put the keys back from a recovery sheet, into an empty keys' folder: type it, or pipe it in."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            names = put_back(typed_sheet(also=lambda keys: [], say=self.stdout.write), Path(settings.KEYS_DIR))
        except KeyTrouble as trouble:
            raise CommandError(str(trouble)) from None
        self.stdout.write(f"Made {', '.join(names)} in {settings.KEYS_DIR}. Now restore the last backup: `manage.py restore FILE`.")
