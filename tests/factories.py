"""Plain functions that make what a test needs; keyword arguments override. They go through actions unless raw state is the point."""

import base64
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from time import time as time_now
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from concerns.access.signin import seal_secret
from concerns.actions.signin import begin_sign_in
from concerns.choices import Ladder, Role
from concerns.models import Centre, LastCode, OpeningSession, RoleGrant, Rung, SignIn, User
from concerns.rules.signin import code_at, counter_at

PASSWORD = "a long enough password"
AT = datetime(2026, 11, 17, 17, 30, tzinfo=UTC)  # a Tuesday evening, the centre is open


def make_centre(**fields: Any) -> Centre:
    centre = Centre.objects.create(**{"name": "Riverside Youth Centre", **fields})
    for weekday in (1, 3):
        OpeningSession.objects.create(centre=centre, weekday=weekday, starts=time(17), ends=time(21))
    return centre


def make_user(name: str = "Sam Okoro", **fields: Any) -> User:
    email = fields.pop("email", f"{uuid.uuid4().hex[:8]}@example.org")
    hashed = _hashed(fields.pop("password", PASSWORD), settings.PASSWORD_HASHERS[0])
    return User.objects.create(email=email.strip().lower(), name=name, password=hashed, **fields)


@cache
def _hashed(password: str | None, hasher: str) -> str:
    """A password hashed once for everybody: in whole installations that takes long on purpose."""
    return make_password(password)


def grant(user: User, centre: Centre, *roles: Role, at: datetime = AT) -> User:
    """Give roles that are already in force."""
    for role in roles:
        RoleGrant.objects.create(user=user, centre=centre, role=role, proposed_at=at, confirmed_at=at)
    return user


def signed_in(user: User, **options: Any) -> Client:
    """A browser in which the person has just signed in, with a second factor. `options` as `let_in` takes them."""
    client = Client()
    let_in(client, user, **options)
    return client


def let_in(client: Client, user: User, *, proved: bool = True, fresh: bool = True, shared: bool = False) -> SignIn:
    """Sign a person in without the pages: with a second factor or not, just now or too long ago for what asks again."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    sign_in = begin_sign_in(by=user, browser="A browser of a test", is_shared=shared, proved=proved, at=timezone.now())
    session = client.session
    session["sign_in"] = str(sign_in.pk)
    session["account_authentication_methods"] = [{"method": "password", "at": time_now() if fresh else 0, "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return sign_in


APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_app(user: User) -> User:
    """The same person with an app that makes codes."""
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": seal_secret(APP_SECRET)})
    return user


def next_code(user: User) -> str:
    """A code that was not used yet, as somebody types it who waits for the next one."""
    used = LastCode.objects.filter(user=user).values_list("counter", flat=True).first() or 0
    return code_at(base64.b32decode(APP_SECRET), max(counter_at(timezone.now()), used + 1))


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
