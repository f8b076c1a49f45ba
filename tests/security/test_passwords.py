"""Passwords that are kept and those that are refused; one's own account; and that no limit stands before a new concern. (S7, S10, S38)"""

from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, override_settings
from django.urls import reverse

from concerns.access.signin import link_token
from concerns.actions.limits import bucket_of, take
from concerns.actions.roles import add_account
from concerns.models import Concern, RoleGrant, SignInLink, User
from concerns.rules.signin import PER_ACCOUNT, PER_ADDRESS, PER_CODE
from tests.factories import AT, PASSWORD, Cast, signed_in
from tests.makers import make_concern
from tests.views.pages import DANGER_FIELDS, plain

ARGON2 = "django.contrib.auth.hashers.Argon2PasswordHasher"


def test_passwords_are_hashed_with_argon2id_outside_the_tests(cast: Cast) -> None:
    with override_settings(PASSWORD_HASHERS=[ARGON2]):
        cast.lead.set_password(PASSWORD)

        assert isinstance(identify_hasher(cast.lead.password), Argon2PasswordHasher)
    assert cast.lead.password.startswith("argon2$argon2id$")
    assert f'PASSWORD_HASHERS = ["{ARGON2}"]' in (settings.BASE_DIR / "safeguarding" / "settings.py").read_text()


@pytest.mark.parametrize("password", ["elevenchars", "password1234", "123456789012", "qwertyuiop12", "Priya Shah 1", "lead@example.org"])
def test_weak_password_is_refused_without_a_network(password: str) -> None:
    user = User(email="lead@example.org", name="Priya Shah")

    with pytest.raises(ValidationError):
        validate_password(password, user)


def test_weak_password_is_refused_in_words_and_the_link_still_works(cast: Cast) -> None:
    user = add_account(by=cast.admin, centre=cast.centre, email="nia@example.org", name="Nia Holt", at=AT)
    SignInLink.objects.update(expires_at=AT.replace(year=2100))
    address = reverse("account_link", args=[link_token(SignInLink.objects.get(user=user).pk)])

    refused = Client().post(address, {"password": "short", "again": "short"})
    different = Client().post(address, {"password": "seven brown otters", "again": "seven brown others"})

    assert (refused.status_code, "at least 12 characters" in plain(refused)) == (422, True)
    assert "The two passwords are not the same" in plain(different)
    assert Client().get(address).status_code == 200


EXTRA = {"role": "lead", "is_active": "1", "centre": "x", "email": "new@example.org", "name": "New", "is_superuser": "1"}


@pytest.mark.parametrize("name", ["account_change_password", "mfa_activate_totp", "mfa_add_webauthn", "account_first_factor"])
def test_own_account_takes_nothing_but_what_it_asks(cast: Cast, name: str) -> None:
    before = User.objects.filter(pk=cast.reporter.pk).values("email", "name", "is_active").get()

    signed_in(cast.reporter).post(reverse(name), EXTRA)

    assert User.objects.filter(pk=cast.reporter.pk).values("email", "name", "is_active").get() == before
    assert RoleGrant.objects.filter(user=cast.reporter).count() == 1


def test_used_up_limits_do_not_stand_before_a_new_concern(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    for what, limit in (("account", PER_ACCOUNT), ("address", PER_ADDRESS), ("code", PER_CODE)):
        for value in (cast.reporter.email, "127.0.0.1", str(cast.reporter.pk)):
            for _ in range(limit.tries + 1):
                take(bucket_of(what, value), limit, at=AT)
    for _ in range(40):
        make_concern(cast)

    for _ in range(3):
        client.post(reverse("triage_now", args=[uuid4()]), DANGER_FIELDS)

    assert Concern.objects.count() == 43
