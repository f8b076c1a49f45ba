"""`manage.py init_keys`: make the keys of a new system."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from concerns.access.masterkeys import make_keys


class Command(BaseCommand):
    help = "Make the key files that are missing. Existing keys are never touched."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_keys(settings.KEYS_DIR)
        if made:
            self.stdout.write(f"Made {', '.join(made)} in {settings.KEYS_DIR}.")
            self.stdout.write("Copy this folder to a safe place that is not this machine. Without it the record cannot be read.")
