"""`manage.py recovery_sheet`: print every key for paper. It is never written to a file by us."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from concerns.exceptions import KeyTrouble
from concerns.management.recovery import sheet


class Command(BaseCommand):
    help = "Print the recovery sheet: every key, in lines that can be typed back. Send it to a printer, not to a file."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(sheet(settings.KEYS_DIR))
        except KeyTrouble as trouble:
            raise CommandError(str(trouble)) from None
