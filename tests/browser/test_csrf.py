"""No unsafe address does anything without the token of the form that was shown, or from another site. (S19)

The addresses are those of the product, so that a new one is tried as soon as it is there.
"""

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, reverse

from concerns.models import User
from tests.factories import let_in, make_cast
from tests.structure.permission_table import SIGNED_IN, TABLE
from tests.structure.test_permissions import World, patterns

# Rows that any request may leave behind: what was refused, when somebody was seen, what was typed and is kept for them.
TRACES = {"AuditEvent", "ChainHead", "Refusals", "Attempt", "SignIn", "HeldPost", "DataKey", "Heartbeat"}
FILES = {"emergency", "service_worker"}  # answered by a file before anything is read
OTHER_TOKEN = "a" * 64
TYPED = {
    "decision": "confirm",
    "text": "planted",
    "reason": "planted",
    "worse": "no",
    "name": "Planted",
    "email": "planted@example.org",
    "new_email": "planted@example.org",
    "about_staff": "no",
    "what": "send",
    "seen": "planted",
    "kind": "note",
    "agree": "yes",
    "to": "emergency",
    "outcome": "support_here",
    "done": "yes",
    "role": "deputy",
    "version": "1",
    "number": "01632 960999",
    "password": "another long password",
    "reporters_need_second_factor": "yes",
}


def state() -> dict[str, list[Any]]:
    """Everything that a request must not have changed; the tests themselves sign people in."""
    models = [model for model in apps.get_app_config("concerns").get_models() if model.__name__ not in TRACES]
    columns = {model: [field.attname for field in model._meta.concrete_fields if field.name != "last_login"] for model in models}
    return {model.__name__: sorted(map(_written, model._base_manager.values_list(*columns[model]))) for model in models}


def _written(row: tuple[Any, ...]) -> str:
    """A row in words, also what PostgreSQL gives as a view of memory."""
    return repr([bytes(value) if isinstance(value, memoryview) else value for value in row])


def strict(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    let_in(client, user)
    return client


def persona_for(name: str) -> str:
    """Somebody who may open the address, so that nothing but the token stands in the way."""
    return next(who for who in ("reporter", "lead", "admin", "auditor", "trustee") if who in TABLE[name] or TABLE[name] == SIGNED_IN)


def token_of(client: Client) -> str:
    """A token of this browser, as a form that was shown to it carries it."""
    client.get(reverse("account_logout"))
    return client.cookies["csrftoken"].value


WAYS: dict[str, dict[str, Any]] = {
    "no token": {},
    "a token of another browser": {"data": {"csrfmiddlewaretoken": OTHER_TOKEN}, "cookie": True},
    "a token that is no token": {"data": {"csrfmiddlewaretoken": "x"}, "cookie": True},
    "an empty token": {"data": {"csrfmiddlewaretoken": ""}, "cookie": True},
    "another site": {"good": True, "headers": {"origin": "https://evil.example"}},
    "no site": {"good": True, "headers": {"origin": "null"}},
    "a site that sounds like ours": {"good": True, "headers": {"origin": "http://testserver.evil.example"}},
    "our name by another way": {"good": True, "headers": {"origin": "https://testserver"}},
    "another site's page over https": {"good": True, "secure": True, "headers": {"referer": "https://evil.example/testserver"}},
    "no page over https": {"good": True, "secure": True},
}


def refused(world: World, pattern: URLPattern, way: dict[str, Any], method: str) -> int:
    """Send the form of an address the wrong way; return the status of the answer."""
    persona = persona_for(str(pattern.name))
    client = world.clients.get(persona) or world.clients.setdefault(persona, strict(world.people[persona]))
    data = {**TYPED, **way.get("data", {})}
    if (way.get("cookie") or way.get("good")) and "csrftoken" not in client.cookies:
        token_of(client)
    if way.get("good"):
        data["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    address = reverse(str(pattern.name), kwargs=world.arguments(pattern))
    options = {"headers": way.get("headers", {}), "secure": way.get("secure", False)}
    if method == "post":
        return client.post(address, data, **options).status_code
    return client.generic(method.upper(), address, "text=planted", "application/x-www-form-urlencoded", **options).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_form_that_was_not_shown_here_changes_nothing_at_any_address(way: dict[str, Any]) -> None:
    world = World(make_cast())
    before = state()

    answers = {str(pattern.name): refused(world, pattern, way, "post") for pattern in patterns() if pattern.name not in FILES}

    assert {name: status for name, status in answers.items() if status != 403} == {}
    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_unsafe_methods_are_refused(method: str) -> None:
    world = World(make_cast())
    before = state()

    answers = {str(pattern.name): refused(world, pattern, {}, method) for pattern in patterns() if pattern.name not in FILES}

    assert {name: status for name, status in answers.items() if status not in (403, 405)} == {}
    assert state() == before


@pytest.mark.django_db
def test_token_from_before_signing_in_is_worth_nothing_afterwards() -> None:
    world = World(make_cast())
    client = Client(enforce_csrf_checks=True)
    before_sign_in = token_of(client)
    let_in(client, world.people["reporter"])
    client.cookies["csrftoken"] = OTHER_TOKEN[:32]  # what signing in puts in the old one's place
    before = state()

    answer = client.post(reverse("mine_add", args=[world.concern.pk]), {**TYPED, "csrfmiddlewaretoken": before_sign_in})

    assert answer.status_code == 403
    assert state() == before


@pytest.mark.django_db
def test_token_of_the_form_that_was_shown_is_taken() -> None:
    """Shows that the other tests could fail: with the token, the same words are written."""
    world = World(make_cast())
    client = strict(world.people["reporter"])
    typed = {**TYPED, "csrfmiddlewaretoken": token_of(client)}
    before = state()

    answer = client.post(reverse("mine_add", args=[world.concern.pk]), typed, headers={"origin": "http://testserver"})

    assert answer.status_code == 302
    assert state() != before
