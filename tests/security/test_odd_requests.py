"""Requests that no person's browser makes: other methods, other charsets, other hosts. Refused in words, with every header, with one
line in the log and never a traceback. (S17, S37, S41)"""

import io
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from django.urls import reverse

from concerns.models import AuditEvent, Concern, Entry
from concerns.views.headers import POLICY
from concerns.views.requests import is_foreign, plain_charsets
from tests.factories import Cast, signed_in
from tests.makers import MARKER, answered, make_concern
from tests.views.pages import plain

CHARSETS = ("utf-16", "utf-7", "latin-1", "foo", "rot13", "zlib", "hex", "base64", "idna", "punycode", "unicode_escape", '"utf-16"')


@pytest.fixture
def concern(cast: Cast) -> Concern:
    return answered(make_concern(cast), by=cast.lead)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "FOO"])
def test_other_methods_are_refused_and_show_nothing(cast: Cast, concern: Concern, method: str) -> None:
    client = signed_in(cast.lead)
    before = AuditEvent.objects.count()

    for name in ("concern", "concern_entry", "queue", "home", "account_login", "health"):
        page = client.generic(method, reverse(name, args=[concern.pk] if name.startswith("concern") else []))
        assert (page.status_code, page["Allow"]) == (405, "GET, HEAD, POST")
        assert {name: page[name] for name in POLICY} == POLICY
        assert MARKER not in page.content.decode()
        assert concern.reference not in plain(page)

    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
def test_foreign_charset_is_refused_and_nothing_is_saved(cast: Cast, concern: Concern, charset: str, kind: str) -> None:
    before = Entry.objects.count()

    page = signed_in(cast.lead).generic(
        "POST", reverse("concern_entry", args=[concern.pk]), f"kind=note&text={MARKER}".encode(), content_type=f"{kind}; charset={charset}"
    )

    assert page.status_code == 415
    assert Entry.objects.count() == before
    assert {name: page[name] for name in POLICY} == POLICY


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_own_charset_may_be_named(cast: Cast, concern: Concern, charset: str) -> None:
    page = signed_in(cast.lead).generic(
        "POST",
        reverse("concern_entry", args=[concern.pk]),
        f"kind=note&text={MARKER} new".encode(),
        content_type=f"application/x-www-form-urlencoded; charset={charset}",
    )

    assert (page.status_code, page.headers["Location"]) == (302, reverse("concern", args=[concern.pk]))


@pytest.mark.django_db
@pytest.mark.parametrize("charset", CHARSETS)
def test_charset_that_stops_django_is_taken_out_before(charset: str, caplog: pytest.LogCaptureFixture) -> None:
    """Through the web process's own door, with words in the address, where Django reads the charset while it makes the request."""
    environ: dict[str, Any] = RequestFactory().get("/?next=%ff").environ
    environ["CONTENT_TYPE"] = f"text/html; charset={charset}"
    answered_with: list[str] = []

    body = b"".join(plain_charsets(WSGIHandler())(environ, lambda status, headers: answered_with.append(status)))

    assert answered_with == ["415 Unsupported Media Type"]
    assert b"We could not read that" in body
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("kind", ["", "text/html", "multipart/form-data; boundary=charset=utf-16", "a; CHARSET=utf-8", ";;;", "x; charset"])
def test_content_type_without_a_foreign_charset_passes(kind: str) -> None:
    assert not is_foreign(kind)


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "evil.example/<x>", "localhost\\x", "a b", "[::1", "x" * 300, "evil.example\nlevel=x"])
def test_bad_host_leaves_one_line_and_no_traceback(client, host: str, caplog: pytest.LogCaptureFixture) -> None:  # type: ignore[no-untyped-def]
    page = client.get("/", headers={"host": host})

    lines = caplog.text.strip().splitlines()
    assert page.status_code == 400
    assert {name: page[name] for name in POLICY} == POLICY
    assert len(lines) == 1
    assert "SAFEGUARDING_HOSTS does not name it" in lines[0]
    assert len(lines[0]) < 260


@pytest.mark.django_db
def test_card_answers_whatever_the_host(client) -> None:  # type: ignore[no-untyped-def]
    assert "999" in plain(client.get("/emergency/", headers={"host": "evil.example"}))


def test_body_of_a_refused_request_is_not_read(cast: Cast, concern: Concern) -> None:
    body = io.BytesIO(b"kind=note&text=" + MARKER.encode())
    environ = RequestFactory().post("/triage/").environ | {"wsgi.input": body, "CONTENT_TYPE": "text/plain; charset=rot13"}

    b"".join(plain_charsets(WSGIHandler())(environ, lambda status, headers: None))

    assert body.tell() == 0
