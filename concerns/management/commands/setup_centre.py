"""`manage.py setup_centre --name "Riverside Youth Centre"`: make the centre, its contacts and its opening times."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from concerns.actions.centre import set_up_centre


class Command(BaseCommand):
    help = "Make the centre with its contacts and opening times. Run again, it adds what is missing and changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default=settings.CENTRE_NAME, help="the centre's name (default: SAFEGUARDING_CENTRE_NAME)")

    def handle(self, *args: Any, **options: Any) -> None:
        centre = set_up_centre(name=options["name"], at=timezone.now())
        if options["verbosity"]:
            self.stdout.write(
                f"{centre.name} is set up, with {centre.contacts.filter(retired_at=None).count()} contacts. Ring each number once."
            )
