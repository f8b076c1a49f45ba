"""The exact security headers of every route and status, also of errors, of the card, and when the database fails. (S17)"""

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import path, reverse

from concerns.views.outage import server_error
from tests.factories import Cast, let_in, signed_in
from tests.structure.test_permissions import World, patterns

SNAPSHOT = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types safeguarding"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
NEVER = ("Server", "X-Powered-By", "Access-Control-Allow-Origin")


def headers_of(response) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {name: response.headers.get(name, "") for name in SNAPSHOT}


def test_every_route_answers_everybody_with_the_same_headers(cast: Cast) -> None:
    world = World(cast)

    for persona in ("anonymous", "reporter", "lead", "admin"):
        client = world.client(persona)
        for pattern in patterns():
            for method in ("get", "post"):
                if pattern.name in ("person_disable", "role_end", "account_logout") and method == "post":
                    continue
                response = getattr(client, method)(reverse(str(pattern.name), kwargs=world.arguments(pattern)))

                assert headers_of(response) == SNAPSHOT, (pattern.name, method, response.status_code)
                assert not any(name in response.headers for name in NEVER)


@pytest.mark.parametrize("address", ["/no/such/page/", "/static/ui/none.css", "/concerns/not-a-uuid/", "/%00", "/admin/"])
def test_address_that_is_not_there_answers_with_the_same_headers(cast: Cast, address: str) -> None:
    response = signed_in(cast.lead).get(address)

    found = headers_of(response)
    if address.startswith("/static/"):
        found["Cache-Control"] = "no-store"
    assert (response.status_code, found) == (404, SNAPSHOT)


def test_refused_host_and_refused_token_answer_with_the_same_headers(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    let_in(strict, cast.reporter)

    refused = strict.post(reverse("triage"), {"a": "b"})
    other_host = strict.get("/", headers={"host": "evil.example"})

    assert (refused.status_code, headers_of(refused)) == (403, SNAPSHOT)
    assert (other_host.status_code, headers_of(other_host)) == (400, SNAPSHOT)


def test_signing_out_clears_the_browser_but_not_the_card(cast: Cast) -> None:
    client = signed_in(cast.reporter)

    response = client.post(reverse("account_logout"))

    assert response.headers["Clear-Site-Data"] == '"cache", "cookies"'
    assert client.get(reverse("triage")).headers["Location"].startswith("/accounts/login/")


def boom(request):  # type: ignore[no-untyped-def]
    raise RuntimeError("tangerine-walrus")


def down(request):  # type: ignore[no-untyped-def]
    raise OperationalError("tangerine-walrus")


boom.login_required = down.login_required = False  # type: ignore[attr-defined]
urlpatterns = [path("boom", boom), path("down", down)]
handler500 = server_error


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("address", "status", "words"), [("/boom", 500, "Something went wrong"), ("/down", 503, "Emergency numbers")])
def test_errors_answer_with_the_same_headers_and_tell_nothing(
    db: None, address: str, status: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = Client(raise_request_exception=False).get(address)

    page = response.content.decode()
    assert (response.status_code, headers_of(response)) == (status, SNAPSHOT)
    assert "999" in page
    assert "tangerine" not in page + caplog.text
    assert "RuntimeError" in caplog.text or "OperationalError" in caplog.text
    assert words in page
