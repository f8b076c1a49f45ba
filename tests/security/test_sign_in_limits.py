"""Guessing is limited for strangers, across processes and races; nobody is locked out by somebody else; no name is betrayed. (S12, S42)"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concerns.access.signin import link_token
from concerns.actions.accounts import use_link
from concerns.actions.roles import add_account
from concerns.actions.signin import accept_code
from concerns.exceptions import Refused
from concerns.models import Attempt, SignInLink, User
from concerns.rules.signin import PER_ACCOUNT, PER_ADDRESS, PER_KNOWN_BROWSER
from tests.factories import AT, PASSWORD, Cast, next_code, with_app
from tests.views.pages import plain

WRONG = "not this one at all"
one_writer = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
TOO_MANY = "Too many wrong passwords were tried."


def try_password(client: Client, email: str, password: str = WRONG, address: str = "10.0.0.1") -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password}, REMOTE_ADDR=address)


def known_browser(user: User) -> Client:
    """A browser in which the person has signed in before, and signed out."""
    client = Client()
    try_password(client, user.email, PASSWORD, "10.0.0.9")
    out = client.post(reverse("account_logout"))
    client.cookies.clear()  # as Clear-Site-Data makes a browser do
    client.get(out.headers["Location"])
    return client


def test_guessing_from_many_addresses_ends_after_twenty_tries(cast: Cast) -> None:
    answers = [try_password(Client(), cast.reporter.email, address=f"10.0.1.{n}") for n in range(PER_ACCOUNT.tries + 1)]

    assert [TOO_MANY in plain(answer) for answer in answers] == [False] * 20 + [True]
    assert TOO_MANY in plain(try_password(Client(), cast.reporter.email, PASSWORD, "10.9.9.9"))


def test_guessing_many_names_from_one_address_ends(cast: Cast) -> None:
    answers = [try_password(Client(), f"name{n}@example.org") for n in range(PER_ADDRESS.tries + 1)]

    assert [TOO_MANY in plain(answer) for answer in answers[-2:]] == [False, True]


def test_browser_that_signed_in_before_is_not_locked_out(cast: Cast) -> None:
    client = known_browser(cast.reporter)
    for n in range(PER_ACCOUNT.tries + 5):
        try_password(Client(), cast.reporter.email, address=f"10.0.{n}.1")
    for n in range(PER_ADDRESS.tries + 5):
        try_password(Client(), f"name{n}@example.org")

    answer = try_password(client, cast.reporter.email, PASSWORD)

    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("home"))


def test_known_browser_has_an_allowance_of_its_own_and_no_more(cast: Cast) -> None:
    client = known_browser(cast.reporter)

    answers = [try_password(client, cast.reporter.email) for _ in range(PER_KNOWN_BROWSER.tries + 1)]

    assert [TOO_MANY in plain(answer) for answer in answers[-2:]] == [False, True]
    assert TOO_MANY not in plain(try_password(client, cast.lead.email))


@pytest.mark.parametrize("forge", [lambda value: value[:-2], lambda value: "x", lambda value: "W10:1abc:AAAA"])
def test_forged_memory_of_a_browser_gives_nothing(cast: Cast, forge: Callable[[str], str]) -> None:
    client = known_browser(cast.reporter)
    client.cookies["known"] = forge(client.cookies["known"].value)
    for n in range(PER_ACCOUNT.tries):
        try_password(Client(), cast.reporter.email, address=f"10.0.{n}.1")

    assert TOO_MANY in plain(try_password(client, cast.reporter.email, PASSWORD))


def test_memory_of_a_browser_names_nobody(cast: Cast) -> None:
    value = known_browser(cast.reporter).cookies["known"].value

    assert cast.reporter.email not in value
    assert str(cast.reporter.pk) not in value


def test_right_password_costs_no_try(cast: Cast) -> None:
    for _ in range(3):
        try_password(Client(), cast.reporter.email, PASSWORD)

    assert not Attempt.objects.exists()


def test_unknown_name_and_wrong_password_do_the_same_work(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal hash calls and equal queries; how long they take is measured by the benchmark."""
    hashed: list[str] = []
    hasher = hashers.get_hasher()
    monkeypatch.setattr(type(hasher), "encode", counted(type(hasher).encode, hashed))
    try_password(Client(), "first@example.org")
    work = []
    for email in (cast.lead.email, "nobody@example.org"):
        hashed.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = try_password(Client(), email)
        work.append((len(hashed), [shape(query["sql"]) for query in queries], page.status_code))

    assert work[0] == work[1]
    assert work[0][0] == 1


def counted(encode: Callable[..., str], into: list[str]) -> Callable[..., str]:
    def count(self: object, *args: Any, **named: Any) -> str:
        into.append("hash")
        return encode(self, *args, **named)

    return count


def shape(sql: str) -> str:
    """A statement without its values and the names of savepoints."""
    return " ".join(sql.split()[: 1 if "SAVEPOINT" in sql or "DECLARE" in sql else 3])


def at_the_same_time(do: Callable[[], object], times: int = 4) -> list[object]:
    def run(_: int) -> object:
        try:
            return do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@one_writer
@pytest.mark.django_db(transaction=True)
def test_code_sent_four_times_at_once_counts_once(transactional_cast: Cast) -> None:
    """(S11)"""
    user = with_app(transactional_cast.lead)
    code = next_code(user)

    accepted = at_the_same_time(lambda: accept_code(user, code, at=timezone.now()) is not None)

    assert sorted(accepted) == [False, False, False, True]  # type: ignore[type-var]


@one_writer
@pytest.mark.django_db(transaction=True)
def test_link_used_four_times_at_once_sets_one_password(transactional_cast: Cast) -> None:
    cast = transactional_cast
    user = add_account(by=cast.admin, centre=cast.centre, email="nia@example.org", name="Nia Holt", at=AT)
    token = link_token(SignInLink.objects.get(user=user).pk)

    def use() -> bool:
        try:
            use_link(by=None, token=token, password="seven brown otters swim", at=AT)
        except Refused:
            return False
        return True

    assert sorted(at_the_same_time(use)) == [False, False, False, True]  # type: ignore[type-var]


@one_writer
@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_tries_at_the_same_moment(transactional_cast: Cast) -> None:
    email = transactional_cast.reporter.email
    for n in range(PER_ACCOUNT.tries - 2):
        try_password(Client(), email, address=f"10.0.{n}.1")

    pages = at_the_same_time(lambda: TOO_MANY in plain(try_password(Client(), email)), 6)

    assert pages.count(False) <= 2
