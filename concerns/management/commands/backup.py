"""`manage.py backup FOLDER`: one encrypted file that holds everything but the keys."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from concerns.actions.backup import make_backup
from concerns.exceptions import SafeguardingError

SAME_DISK = "This folder is on the disk of the product itself. Copy the file to another machine: one broken disk must not take both."


class Command(BaseCommand):
    help = "Write an encrypted backup into a folder, read it back, and remove those that are too old. It holds no key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep-days", type=int, help="remove backups that are older (default: SAFEGUARDING_BACKUP_KEEP_DAYS)")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["keep_days"] if options["keep_days"] is not None else settings.BACKUP_KEEP_DAYS
        try:
            path = make_backup(by=None, folder=options["folder"], at=timezone.now(), keep_days=days)
        except SafeguardingError as trouble:
            raise CommandError(str(trouble)) from None
        self.stdout.write(f"{path}: {path.stat().st_size / 1_000_000:.1f} MB, read back and whole.")
        if path.stat().st_dev == Path(settings.VAR_DIR).stat().st_dev:
            self.stdout.write(SAME_DISK)
