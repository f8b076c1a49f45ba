"""`manage.py demo_data`: fill an empty database with a fictional centre's two months."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from concerns.demo.build import build_two_months
from concerns.demo.people import PEOPLE, make_people
from concerns.demo.rota import make_rota
from concerns.models import Centre, User
from concerns.rules.practice import DEMO_DOMAIN, DEMO_PASSWORD, DEMO_TOTP_SECRET

BEFORE_THE_STORIES = timedelta(days=90)


class Command(BaseCommand):
    help = "Fill an empty database with practice data. Refuses where anybody has an account."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            raise CommandError("There are accounts in this database already. Practice data goes into an empty one only.")
        centre = Centre.objects.get()
        now = timezone.now()
        people = make_people(centre, at=now - BEFORE_THE_STORIES)
        build_two_months(centre, people, at=now)
        make_rota(centre, people, at=now)
        self.stdout.write(f"Practice accounts, all with the password {DEMO_PASSWORD}")
        self.stdout.write(f"All but staff are asked for a code: the page shows it; in an app of your own, the key is {DEMO_TOTP_SECRET}")
        for short, name, roles, _number in PEOPLE:
            self.stdout.write(f"  {short + DEMO_DOMAIN:24} {name}: {', '.join(role.label for role in roles)}")
