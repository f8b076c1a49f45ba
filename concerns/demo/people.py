"""The practice accounts: fictional people. Password, secret of the second factor and addresses are fixed, and known to everybody."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password

from concerns.access.signin import must_prove, seal_secret
from concerns.actions.roles import make_first_account
from concerns.choices import Role
from concerns.models import Centre, Contact, User
from concerns.rules.practice import DEMO_DOMAIN, DEMO_PASSWORD, DEMO_TOTP_SECRET

PEOPLE: tuple[tuple[str, str, tuple[Role, ...], str], ...] = (
    ("reporter", "Sam Okoro", (Role.REPORTER,), ""),
    ("reporter2", "Ana Petrova", (Role.REPORTER,), ""),
    ("lead", "Priya Shah", (Role.REPORTER, Role.LEAD), "07700 900101"),
    ("deputy", "Tom Ellis", (Role.REPORTER, Role.DEPUTY), "07700 900102"),
    ("chair", "Grace Mensah", (Role.REPORTER, Role.CASE_MANAGER), "07700 900103"),
    ("admin", "Wei Chen", (Role.ADMIN,), ""),
    ("trustee", "Rosa Klein", (Role.TRUSTEE,), ""),
    ("auditor", "Omar Aziz", (Role.AUDITOR,), ""),
)


def make_people(centre: Centre, *, at: datetime) -> dict[str, User]:
    """Make the practice accounts with their roles, and numbers (of Ofcom's fictional range), by short name."""
    people = {}
    for short, name, roles, number in PEOPLE:
        user = make_first_account(by=None, centre=centre, email=short + DEMO_DOMAIN, name=name, roles=list(roles), at=at)
        people[short] = user
        if number:
            Contact.objects.create(
                centre=centre, group=Contact.Group.CENTRE, name=name, user=user, number=number, source="Practice data", position=50
            )
    # hashed once for all: a password hash is slow on purpose, and this password is no secret
    User.objects.filter(pk__in=[user.pk for user in people.values()]).update(password=make_password(DEMO_PASSWORD))
    for user in people.values():
        if must_prove(user):
            Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": seal_secret(DEMO_TOTP_SECRET)})
    return people
