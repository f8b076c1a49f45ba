"""Too much, too many, too strange: refused or shown, never an error page, never a word of it in a log. (S37, S41)"""

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.models import Entry
from concerns.worker import tick
from tests.browser.planting import PLACES
from tests.browser.test_scripts import boxes, our_forms
from tests.factories import Cast, make_cast, signed_in
from tests.structure.test_permissions import World, patterns

MARK = "tangerine-walrus"
STRANGE = {
    "combining marks": "e" + "\u0301" * 20_000,
    "right to left": "\u202e" * 5_000 + MARK,
    "no width": "\u200b\u2060\ufeff" * 5_000,
    "beyond the basic plane": "\U0001f9d2\U0001f3fd\u200d\U0001f9b1" * 3_000,
    "private use and not a character": "\ue000\uffff\ufffe\U0010ffff" * 1_000,
    "case that grows": "İßŉǰΐﬃ" * 3_000,
    "control characters": "".join(map(chr, range(32))) * 500,
    "one long word": "a" * 49_000,
    "many lines": "\r\n" * 20_000,
    "spaces": " \t\u00a0\u3000" * 10_000 + "x",
    "nested brackets": "((((" * 10_000,
    "almost an address": "a" * 20_000 + "@" + "b." * 10_000,
    "almost a date": "1/" * 10_000,
    "almost a number": "+44 " + "0 " * 20_000,
    "almost a link": "https://" + "a." * 20_000,
    "digits of other scripts": "٣٤٥६७८" * 3_000,
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_strange_text_in_every_box_is_refused_or_taken_without_an_error(cast: Cast, name: str, strange: str) -> None:
    client, address, typed = PLACES[name](cast)
    fields = {**boxes(our_forms()[name]), **({"login": 254} if name == "SignInForm" else {})}

    answer = client.post(address, {**typed, **dict.fromkeys(fields, strange)})

    assert answer.status_code in (200, 302, 400, 422, 429)
    assert "Something went wrong" not in answer.content.decode()


def assert_refused_quietly(answer: HttpResponse, caplog: pytest.LogCaptureFixture) -> None:
    assert answer.status_code in (400, 413)
    assert "Traceback" not in answer.content.decode()
    assert MARK not in answer.content.decode() + caplog.text


def test_body_beyond_the_limit_is_refused_before_it_is_read(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    client, address, typed = PLACES["EntryForm"](cast)
    before = Entry.objects.count()

    answer = client.post(address, {**typed, "text": MARK * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE // len(MARK) + 1)})
    plain = client.generic("POST", address, b"text=" + b"a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE, "application/x-www-form-urlencoded")

    assert_refused_quietly(answer, caplog)
    assert_refused_quietly(plain, caplog)
    assert Entry.objects.count() == before


def test_more_fields_than_any_form_has_are_refused(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    client, address, typed = PLACES["EntryForm"](cast)

    answers = [
        client.post(address, {**typed, **{f"{MARK}{number}": "x" for number in range(501)}}),
        client.post(address, {**typed, "text": [MARK] * 501}),
        client.get(reverse("queue") + "?" + "&".join(f"{MARK}{number}=x" for number in range(501))),
    ]

    for answer in answers[:2]:
        assert_refused_quietly(answer, caplog)
    assert answers[2].status_code in (200, 400)


def test_files_are_taken_nowhere(cast: Cast) -> None:
    client, address, typed = PLACES["EntryForm"](cast)
    before = set(settings.VAR_DIR.rglob("*"))

    answer = client.generic(
        "POST",
        address,
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="../../x.html"\r\nContent-Type: text/html\r\n\r\n'
        + MARK.encode()
        + b"\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    )

    assert answer.status_code in (200, 400, 422)
    assert {path for path in set(settings.VAR_DIR.rglob("*")) - before if "x.html" in path.name} == set()


@pytest.mark.parametrize(
    "page", ["0", "-1", "999999999999999999999999", "1e9", "NaN", "٣", "1;DROP", "", "last", "0x10", " 1 ", "1" * 5_000]
)
def test_page_that_is_not_there_is_no_error(cast: Cast, page: str) -> None:
    for who, name in (("lead", "queue"), ("auditor", "audit"), ("lead", "contacts")):
        answer = signed_in(getattr(cast, who)).get(reverse(name), {"page": page})

        assert answer.status_code in (200, 302, 404), (name, page)


BODIES: dict[str, tuple[bytes, str]] = {
    "broken utf-8": (b"text=\xff\xfe\xc3\x28", "application/x-www-form-urlencoded"),
    "lone surrogates": (b"text=%ED%A0%80", "application/x-www-form-urlencoded"),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "endless boundary": (b"--x", "multipart/form-data; boundary=" + "x" * 300),
    "parts that never end": (b"--x\r\n" * 2_000, "multipart/form-data; boundary=x"),
    "json": (b'{"text": "' + MARK.encode() + b'"}', "application/json"),
    "deep json": (b"[" * 100_000, "application/json"),
    "xml": (b'<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>', "text/xml"),
    "nothing": (b"", ""),
    "ampersands": (b"&" * 100_000, "application/x-www-form-urlencoded"),
    "percent signs": (b"text=" + b"%" * 100_000, "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES)
def test_broken_body_is_no_error(cast: Cast, body: bytes, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    client, address, _ = PLACES["EntryForm"](cast)

    answer: Any = client.generic("POST", address, body, kind)

    assert answer.status_code in (200, 302, 400, 403, 413, 415, 422)
    assert MARK not in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["cookie", "user-agent", "accept-language", "referer", "x-forwarded-for", "if-modified-since"])
def test_strange_header_is_no_error_at_any_address(header: str) -> None:
    world = World(make_cast())
    client = Client()
    tick(at=timezone.now())  # without a worker, /health rightly answers 503

    for pattern in patterns():
        address = reverse(str(pattern.name), kwargs=world.arguments(pattern))
        answer = client.get(address, headers={header: "\xff;\x01=" + "x" * 4_000 + "; sessionid=" + "'" * 50})

        assert answer.status_code < 500, (pattern.name, header)
