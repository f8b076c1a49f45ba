"""`manage.py prepare HOST [--practice]`: everything that script/run needs before the web process starts, in one process."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from concerns.models import User
from concerns.rules.practice import DEMO_DOMAIN

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
BEYOND = (
    "{host} can be reached from other machines, and this database holds the practice accounts, whose password is known to everybody.\n"
    "Add --practice if that is what you want, or start with an empty database and SAFEGUARDING_MODE=production."
)
NO_DATABASE = "The database does not answer: {kind}. Is DATABASE_URL right, and is PostgreSQL running?"


class Command(BaseCommand):
    help = "Migrate, collect static files, set up the centre, add practice data to an empty database, write the emergency card."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("host")
        parser.add_argument("--practice", action="store_true", help="allow a HOST that other machines reach, with practice accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(NO_DATABASE.format(kind=type(error).__name__)) from None
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        call_command("setup_centre", verbosity=0)
        if settings.MODE == "practice" and not User.objects.exists():
            call_command("demo_data", stdout=self.stdout)
        call_command("write_card", verbosity=0)
        holds_demo = User.objects.filter(email__endswith=DEMO_DOMAIN).exists()
        if holds_demo and options["host"] not in LOOPBACK and not options["practice"]:
            raise CommandError(BEYOND.format(host=options["host"]))
