"""`manage.py write_card`: write the emergency card to its file where it has changed. Runs at each start, after collectstatic."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from concerns.actions.card import rewrite_card


class Command(BaseCommand):
    help = "Write the emergency card to its file where it has changed."

    def handle(self, *args: Any, **options: Any) -> None:
        written = rewrite_card(at=timezone.now())
        if options["verbosity"]:
            self.stdout.write(f"{settings.CARD_FILE}: {'written' if written else 'already right'}.")
