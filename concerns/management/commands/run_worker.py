"""`manage.py run_worker`: send mail and move unanswered alerts on. Run it beside the web server, always."""

from datetime import datetime
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from concerns.actions.anchors import anchor_chains
from concerns.actions.card import rewrite_card
from concerns.actions.digest import queue_digests
from concerns.actions.disposal import replay_disposals
from concerns.actions.notes import purge_notes
from concerns.actions.pulse import ping_outside, send_probe
from concerns.actions.signin import purge_sign_ins
from concerns.checks import keys_fit_this_database
from concerns.worker import Worker, do_each, tick

JOBS = (
    ping_outside,
    rewrite_card,
    partial(queue_digests, by=None),
    send_probe,
    anchor_chains,
    partial(replay_disposals, by=None),
    purge_sign_ins,
    partial(purge_notes, by=None),
)


class Command(BaseCommand):
    help = "Send mail and move unanswered alerts to the next person, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now and stop, for cron")

    def handle(self, *args: Any, **options: Any) -> None:
        if wrong := keys_fit_this_database():
            raise CommandError("\n".join(message.msg for message in wrong))
        if options["once"]:
            while tick(at=timezone.now()):
                pass
            every_minute(timezone.now())
            return
        Worker(once_a_minute=every_minute).run()


def every_minute(at: datetime) -> None:
    """Do the work beside the alerts, what shows that all is well first. One job that fails stops no other."""
    do_each(JOBS, at=at)
