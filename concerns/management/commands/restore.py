"""`manage.py restore FILE`: fill an empty database from a backup, with the keys' folder of the system that made it."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from concerns.actions.restore import Restored, fill_database, finish_restore
from concerns.exceptions import SafeguardingError

LOST = "Audit rows up to {number} of chain {chain} were written after this backup and are lost. Ask people what they did since {since}."


class Command(BaseCommand):
    help = "Check a backup, fill an empty database from it, end all sessions, carry out disposals again, and verify the chains."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backup = fill_database(path=options["file"])
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            restored = finish_restore(by=None, backup=backup, at=timezone.now())
        except SafeguardingError as trouble:
            raise CommandError(str(trouble)) from None
        self._say(backup.manifest["made_at"], backup.manifest["counts"], restored)

    def _say(self, made_at: str, counts: dict[str, int], restored: Restored) -> None:
        self.stdout.write(f"Restored {counts['concerns_concern']} concerns and {counts['concerns_entry']} entries as of {made_at}.")
        self.stdout.write("Everybody has to sign in again.")
        if restored.disposed:
            self.stdout.write(f"Disposed of again, by the list of disposals: {restored.disposed}.")
        for chain, number in restored.lost.items():
            self.stdout.write(LOST.format(number=number, chain=chain or "without a centre", since=made_at))
        if restored.verdict.faults:
            raise CommandError("\n".join(restored.verdict.faults))
        self.stdout.write("Nothing was changed, removed or put in another order.")
