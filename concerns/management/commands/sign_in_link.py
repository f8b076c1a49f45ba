"""`manage.py sign_in_link EMAIL`: let somebody start signing in anew when nobody at the centre can."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from concerns.access.signin import link_token
from concerns.actions.accounts import make_link_on_server
from concerns.models import User
from concerns.rules.signin import LINK_LIVES
from concerns.rules.words import span_words


class Command(BaseCommand):
    help = "End somebody's password, second step and sign-ins, and print a link by which they choose a new password. It works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"], is_active=True).first()
        if user is None:
            raise CommandError("Nobody who can sign in has this e-mail address.")
        link = make_link_on_server(by=None, user=user, at=timezone.now())
        self.stdout.write(f"{user.name} was told by mail. The link works once, and for {span_words(LINK_LIVES)}:")
        self.stdout.write(f"{settings.SITE_URL}/accounts/link/{link_token(link.pk)}/")
