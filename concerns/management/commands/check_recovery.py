"""`manage.py check_recovery`: type the printed sheet back once, so that it is known to be whole before it is needed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from concerns.access.recovery import all_keys, remember_check
from concerns.exceptions import KeyTrouble
from concerns.management.recovery import typed_sheet

OTHER = "{name} on the sheet is not the key of this system. Is it an old sheet, or another system's?"
NOT_ON_IT = "{name} is not on the sheet. It was added later: print a new sheet with `manage.py recovery_sheet`."


class Command(BaseCommand):
    help = "Check the printed recovery sheet: type it, or pipe it in."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            typed_sheet(also=_differences, say=self.stdout.write)
            remember_check(at=timezone.now())
        except KeyTrouble as trouble:
            raise CommandError(str(trouble)) from None
        self.stdout.write("The sheet is whole and right. Lock it away, at another place than this machine.")


def _differences(typed: dict[str, bytes]) -> list[str]:
    keys = all_keys()
    wrong = [OTHER.format(name=name) for name in typed if typed[name] != keys.get(name)]
    return wrong or [NOT_ON_IT.format(name=name) for name in keys if name not in typed]
