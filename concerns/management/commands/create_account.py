"""`manage.py create_account`: the first accounts of a centre, with roles in force at once."""

from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from concerns.actions.roles import make_first_account
from concerns.choices import Role
from concerns.exceptions import Refused
from concerns.models import Centre


class Command(BaseCommand):
    help = "Make an account with roles. For the first leads and administrators; later ones are made in the app."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("--role", action="append", choices=Role.values, required=True, help="may be given more than once")
        parser.add_argument("--centre", help="its name, where there are several")

    def handle(self, *args: Any, **options: Any) -> None:
        centres = Centre.objects.filter(name=options["centre"]) if options["centre"] else Centre.objects.all()
        if len(centres) != 1:
            raise CommandError("Name one centre with --centre. (`manage.py setup_centre` makes the first one.)")
        password = getpass("Password (at least 12 characters): ")
        try:
            validate_email(options["email"])
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        roles = [Role(role) for role in options["role"]]
        named = {"email": options["email"], "name": options["name"]}
        try:
            user = make_first_account(by=None, centre=centres[0], roles=roles, at=timezone.now(), password=password, **named)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{user.name} can sign in now.")
