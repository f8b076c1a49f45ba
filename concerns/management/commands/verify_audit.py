"""`manage.py verify_audit`: show whether anything in the record or the audit log was changed, removed or reordered."""

import base64
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from concerns.actions.anchors import public_key, read_anchors
from concerns.exceptions import KeyTrouble
from concerns.queries.chains import Anchor, verify


class Command(BaseCommand):
    help = "Verify the chains of the audit log and of every concern, against the anchors outside the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchors", type=Path, default=None, help="the file of the anchors, for example a copy on another machine")
        parser.add_argument("--public-key", help="check the anchors with this key (base64) instead of the one in the keys' folder")
        parser.add_argument("--show-public-key", action="store_true", help="print the public key of the anchors and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["show_public_key"]:
            self.stdout.write(base64.b64encode(public_key()).decode())
            return
        verdict = verify(self._anchors(options["anchors"], options["public_key"]))
        self.stdout.write(f"{verdict.audit_rows} audit rows and {verdict.entries} entries read.")
        if verdict.faults:
            raise CommandError("\n".join(verdict.faults))
        self.stdout.write("Nothing was changed, removed or put in another order.")

    def _anchors(self, path: Path | None, key: str | None) -> tuple[Anchor, ...]:
        path = path or Path(settings.ANCHORS_FILE)
        if not path.exists():
            self.stderr.write("There are no anchors yet: an end that was cut off would not show.")
            return ()
        try:
            return tuple(read_anchors(path, base64.b64decode(key) if key else public_key()))
        except (KeyTrouble, ValueError) as trouble:
            raise CommandError(str(trouble)) from None
