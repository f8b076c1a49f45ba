"""`manage.py hold`: say that a concern must be kept whatever its time, or that this is over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from concerns.access.scopes import visible_concerns
from concerns.actions.holds import lift_hold, set_hold
from concerns.exceptions import SafeguardingError
from concerns.management.identity import prove
from concerns.models import Hold
from concerns.rules.retention import HoldGround


class Command(BaseCommand):
    help = "Keep a concern whatever its time: set, lift, list."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("do", choices=["set", "lift", "list"])
        parser.add_argument("reference")
        parser.add_argument("--by", required=True, help="your e-mail")
        parser.add_argument("--ground", choices=[ground.value for ground in HoldGround])

    def handle(self, *args: Any, **options: Any) -> None:
        user = prove(options["by"])
        concern = visible_concerns(user).filter(reference__iexact=options["reference"]).first()
        if concern is None:
            raise CommandError(f"You see no concern {options['reference']}.")
        if options["do"] != "list":
            if not options["ground"]:
                raise CommandError("Name the ground with --ground.")
            act = set_hold if options["do"] == "set" else lift_hold
            try:
                act(by=user, concern_id=concern.pk, ground=HoldGround(options["ground"]), at=timezone.now())
            except SafeguardingError as refusal:
                raise CommandError(str(refusal)) from None
        holds = Hold.objects.filter(concern=concern, lifted_at=None).select_related("set_by")
        self.stdout.write("\n".join(f"{row.get_ground_display()}, set by {row.set_by}" for row in holds) or "No hold.")
