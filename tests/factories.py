"""Plain functions that make what a test needs; keyword arguments override. They go through actions unless raw state is the point."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.test import Client

from concerns.choices import Ladder, Role
from concerns.models import Centre, OpeningSession, RoleGrant, Rung, User

PASSWORD = "a long enough password"
AT = datetime(2026, 11, 17, 17, 30, tzinfo=UTC)  # a Tuesday evening, the centre is open


def make_centre(**fields: Any) -> Centre:
    centre = Centre.objects.create(**{"name": "Riverside Youth Centre", **fields})
    for weekday in (1, 3):
        OpeningSession.objects.create(centre=centre, weekday=weekday, starts=time(17), ends=time(21))
    return centre


def make_user(name: str = "Sam Okoro", **fields: Any) -> User:
    email = fields.pop("email", f"{uuid.uuid4().hex[:8]}@example.org")
    return User.objects.create_user(email=email, name=name, password=fields.pop("password", PASSWORD), **fields)


def grant(user: User, centre: Centre, *roles: Role, at: datetime = AT) -> User:
    """Give roles that are already in force."""
    for role in roles:
        RoleGrant.objects.create(user=user, centre=centre, role=role, proposed_at=at, confirmed_at=at)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@dataclass(frozen=True)
class Cast:
    """One centre and its people; `outsider` works at another centre."""

    centre: Centre
    reporter: User
    reporter2: User
    lead: User
    deputy: User
    case_manager: User
    admin: User
    trustee: User
    auditor: User
    outsider: User
    nobody: User


def make_cast() -> Cast:
    centre, elsewhere = make_centre(), make_centre(name="Hilltop Youth Club")

    def person(name: str, *roles: Role, at: Centre = centre) -> User:
        return grant(make_user(name), at, *roles)

    people = Cast(
        centre=centre,
        reporter=person("Sam Okoro", Role.REPORTER),
        reporter2=person("Ana Petrova", Role.REPORTER),
        lead=person("Priya Shah", Role.REPORTER, Role.LEAD),
        deputy=person("Tom Ellis", Role.REPORTER, Role.DEPUTY),
        case_manager=person("Grace Mensah", Role.REPORTER, Role.CASE_MANAGER),
        admin=person("Wei Chen", Role.ADMIN),
        trustee=person("Rosa Klein", Role.TRUSTEE),
        auditor=person("Omar Aziz", Role.AUDITOR),
        outsider=person("Lena Novak", Role.REPORTER, Role.LEAD, at=elsewhere),
        nobody=make_user("Kim Reed"),
    )
    for position, user in enumerate((people.lead, people.deputy, people.case_manager), start=1):
        Rung.objects.create(centre=centre, ladder=Ladder.ORDINARY, position=position, user=user)
    for position, user in enumerate((people.case_manager, people.lead), start=1):
        Rung.objects.create(centre=centre, ladder=Ladder.ADULT, position=position, user=user)
    return people
