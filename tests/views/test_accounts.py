"""Signing in and the forgotten password, in our own words; colleagues are not locked out by a few wrong tries."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, Cast

WRONG = {"password": "not this one at all"}


def test_forgotten_password_is_mailed_in_our_own_words(cast: Cast) -> None:
    Client().post(reverse("account_reset_password"), {"email": cast.lead.email})

    sent = mail.outbox[0]
    assert (sent.subject, sent.to) == ("Set a new password", [cast.lead.email])
    assert "It works once" in sent.body
    assert "/accounts/password/reset/key/" in sent.body
    assert cast.lead.name not in sent.body


def test_unknown_address_looks_the_same_on_the_page(cast: Cast) -> None:
    pages = [
        Client().post(reverse("account_reset_password"), {"email": email}, follow=True).content
        for email in (cast.lead.email, "nobody@example.org")
    ]

    assert pages[0] == pages[1]


def test_ten_wrong_tries_of_a_stranger_do_not_lock_a_colleague_out(cast: Cast) -> None:
    stranger = Client()
    for _ in range(10):
        stranger.post(reverse("account_login"), {"login": cast.lead.email, **WRONG})

    signed_in = Client().post(reverse("account_login"), {"login": cast.lead.email, "password": PASSWORD})

    assert signed_in.headers.get("Location") == "/"


@pytest.mark.parametrize("email", ["lead", "nobody"])
def test_wrong_password_and_unknown_address_say_the_same(cast: Cast, email: str) -> None:
    address = cast.lead.email if email == "lead" else "nobody@example.org"

    page = Client().post(reverse("account_login"), {"login": address, **WRONG}).content.decode()

    assert "The email address and/or password you specified are not correct." in page


def test_nobody_makes_their_own_account(cast: Cast) -> None:
    page = Client().post(reverse("account_signup"), {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD})

    assert page.status_code == 200
    assert not type(cast.lead).objects.filter(email="x@example.org").exists()
