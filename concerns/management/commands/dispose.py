"""`manage.py dispose`: destroy the content of a closed concern, as two people, under a rule. See docs/operations.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from concerns.access.scopes import visible_concerns
from concerns.actions.disposal import approve_disposal, decline_disposal, propose_disposal, replay_disposals
from concerns.actions.disposal_list import read_lines
from concerns.database import overwrite_deleted_rows
from concerns.exceptions import SafeguardingError
from concerns.management.identity import prove
from concerns.models import Concern, DataKey, Disposal, User
from concerns.queries.retention import due_for, due_of, tombstone_of
from concerns.rules.retention import WORDS, EarlyGround, Rule

STILL_THERE = "The keys are destroyed, but their bytes may still be in the database's files. Run `manage.py dispose finish` later."


class Command(BaseCommand):
    help = "Dispose of closed concerns: due, propose, approve, decline, list, finish."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="do", required=True)
        for name in ("due", "list"):
            parts.add_parser(name).add_argument("--by", required=True, help="your e-mail")
        for name in ("propose", "approve", "decline"):
            part = parts.add_parser(name)
            part.add_argument("reference")
            part.add_argument("--by", required=True, help="your e-mail")
        propose = parts.choices["propose"]
        propose.add_argument("--rule", choices=[rule.value for rule in Rule], help="needed where a concern falls under several")
        propose.add_argument("--early", choices=[ground.value for ground in EarlyGround], help="why it cannot wait for its time")
        parts.add_parser("finish", help="destroy what a crash or a restored backup left, by the list of disposals")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["do"] == "finish":
                self._finish()
            else:
                getattr(self, f"_{options['do']}")(prove(options["by"]), options)
        except SafeguardingError as refusal:
            raise CommandError(str(refusal)) from None

    def _finish(self) -> None:
        count = replay_disposals(by=None, at=timezone.now())
        self.stdout.write(f"{count} concerns were disposed of again.")
        self._overwrite()

    def _overwrite(self) -> None:
        if not overwrite_deleted_rows(DataKey._meta.db_table):
            self.stderr.write(STILL_THERE)

    def _due(self, user: User, options: dict[str, Any]) -> None:
        for due in due_for(user, at=timezone.now()):
            rules = "; ".join(WORDS[rule] for rule in due.rules)
            held = ", but held" if due.holds else ""
            self.stdout.write(f"{due.concern.reference}  since {due.on.isoformat()}{held}  ({rules})")

    def _list(self, user: User, options: dict[str, Any]) -> None:
        listed = {line.id for line in read_lines()}
        for row in Disposal.objects.filter(concern__in=visible_concerns(user)).select_related("concern"):
            tombstone = tombstone_of(row.concern, at=timezone.now(), in_full=True)
            missing = "" if str(row.pk) in listed else " NOT ON THE LIST outside the database."
            if tombstone is not None:
                self.stdout.write(f"{row.concern.reference}: {tombstone.summary} {tombstone.backups}{missing}")

    def _propose(self, user: User, options: dict[str, Any]) -> None:
        concern, early = _concern(user, options), options["early"]
        rule = Rule(options["rule"]) if options["rule"] else due_of(concern).rules[0]
        proposal = propose_disposal(
            by=user, concern_id=concern.pk, rule=rule, early_ground=EarlyGround(early) if early else None, at=timezone.now()
        )
        self.stdout.write(f"Proposed: {proposal.get_rule_display()}. A second lead or case manager must approve it.")

    def _approve(self, user: User, options: dict[str, Any]) -> None:
        concern = _concern(user, options)
        at = timezone.now()
        approve_disposal(by=user, concern_id=concern.pk, at=at)
        self._overwrite()
        concern.refresh_from_db()
        tombstone = tombstone_of(concern, at=at, in_full=True)
        if tombstone is not None:
            self.stdout.write(f"{concern.reference}: {tombstone.summary} {tombstone.backups}")

    def _decline(self, user: User, options: dict[str, Any]) -> None:
        decline_disposal(by=user, concern_id=_concern(user, options).pk, at=timezone.now())
        self.stdout.write("Declined. Nothing was destroyed.")


def _concern(user: User, options: dict[str, Any]) -> Concern:
    """The concern of this reference, where the person may see it. Raises CommandError, the same for a foreign and an unknown one."""
    found = list(visible_concerns(user).filter(reference__iexact=options["reference"])[:2])
    if len(found) != 1:
        raise CommandError(f"You see no concern {options['reference']}.")
    return found[0]
