"""What was typed while nothing can be saved is given back on the page that says so, to the one who sent it; it is never stored, never
logged, and nobody's password is among it. (S13, S23, S41)"""

import importlib
import pkgutil
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.db import OperationalError
from django.test import RequestFactory
from django.urls import reverse

import concerns.forms
from concerns.access import decisions
from concerns.forms.base import PlainForm
from concerns.models import Concern
from concerns.views.outage import server_error
from concerns.views.unsaved import CARRIED
from tests.factories import Cast, signed_in
from tests.makers import MARKER, answered, closed, make_concern
from tests.outage_servers import Site, sqlite_held
from tests.views.pages import plain

LONG = {"seen": f"{MARKER} seen\nand heard", "said": "“I am tired.” <script>alert(1)</script>", "name": "Aria Blackwood"}


def failing(path: str, fields: dict[str, Any], kind: type[Exception] = OperationalError, **more: Any) -> str:
    """The page that answers this form when the database fails."""
    request = RequestFactory().post(path, fields, **more)
    try:
        raise kind("a database that is gone")
    except kind:
        return server_error(request).content.decode()


def given_back(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return found[1] if found else ""


def forms_of(kind: type[forms.BaseForm]) -> list[type[forms.BaseForm]]:
    return [form for child in kind.__subclasses__() for form in (child, *forms_of(child))]


@pytest.fixture
def concern(cast: Cast) -> Concern:
    return answered(make_concern(cast), by=cast.lead)


@pytest.mark.parametrize("kind", [OperationalError, RuntimeError])
def test_everything_typed_stands_in_one_box_below_the_numbers(concern: Concern, kind: type[Exception]) -> None:
    page = failing(
        reverse("record", args=[concern.draft.pk]), {**LONG, "csrfmiddlewaretoken": "t", "kept_for": "k", "said_empty": " "}, kind
    )

    words = given_back(page)
    assert "What was seen or heard:\nzebra-marzipan seen\nand heard" in words
    assert "Name:\nAria Blackwood" in words
    assert "&lt;script&gt;" in words
    assert "<script>alert" not in page
    assert "Csrf" not in words
    assert page.index("tel:999") < page.index("Nothing was saved. Copy what you wrote")


@pytest.mark.parametrize(("who", "status"), [("reporter2", 404), ("lead", 403)])
def test_single_word_on_a_refused_page_comes_back_under_its_heading(cast: Cast, concern: Concern, who: str, status: int) -> None:
    closed(concern, by=cast.lead)
    fields = {"text": "Jane", "from_whom": "DAS-4411", "person": str(cast.deputy.pk), "version": "7", "kept_for": "k", "kind": " "}

    answer = signed_in(getattr(cast, who)).post(reverse("concern_entry", args=[concern.pk]), fields)

    assert answer.status_code == status
    assert given_back(answer.content.decode()) == "Text:\nJane\n\nFrom whom:\nDAS-4411"


def test_what_forms_carry_unseen_is_never_given_back() -> None:
    for module in pkgutil.iter_modules(concerns.forms.__path__):
        importlib.import_module(f"concerns.forms.{module.name}")
    ours = [form for form in forms_of(PlainForm) if form.__module__.startswith("concerns.")]  # tests make forms as well
    unseen = {name for form in ours for name, field in form.base_fields.items() if field.widget.is_hidden}

    assert unseen - {"passwordless"} == CARRIED  # that one stands on pages of one's own account, which give nothing back


@pytest.mark.parametrize("name", ["account_login", "account_change_password", "account_reauthenticate", "account_reset_password"])
def test_passwords_are_never_given_back(db: None, name: str) -> None:
    page = failing(reverse(name), {"login": "lead@example.org", "password": MARKER, "oldpassword": MARKER})

    assert MARKER not in page
    assert "tel:999" in page


def test_buttons_and_unknown_addresses_give_nothing_back(concern: Concern) -> None:
    for path in (reverse("concern_take", args=[concern.pk]), "/nowhere/", "/emergency/", reverse("home")):
        assert MARKER not in failing(path, {"version": MARKER})


@pytest.mark.parametrize(
    "more",
    [
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": "multipart/form-data"},
        {"content_type": "application/json"},
    ],
)
def test_body_that_cannot_be_read_leaves_the_numbers(concern: Concern, more: dict[str, Any]) -> None:
    page = failing(reverse("concern_entry", args=[concern.pk]), b"\xff\xfe{", **more)  # type: ignore[arg-type]

    assert "tel:999" in page
    assert "<textarea" not in page


def test_body_with_too_many_fields_leaves_the_numbers(concern: Concern) -> None:
    page = failing(reverse("concern_entry", args=[concern.pk]), {f"f{number}": MARKER for number in range(600)})

    assert ("tel:999" in page, MARKER in page) == (True, False)


def test_longest_record_is_given_back_whole(concern: Concern) -> None:
    words = "x" * 50_000

    page = failing(reverse("concern_entry", args=[concern.pk]), {"text": words, "kind": "note"})

    assert words in given_back(page)


def test_error_while_a_form_is_sent_logs_no_word_of_it(
    cast: Cast, concern: Concern, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        raise RuntimeError(MARKER)

    client = signed_in(cast.lead)
    client.raise_request_exception = False
    monkeypatch.setattr(decisions, "Standing", broken)

    page = client.post(reverse("concern_entry", args=[concern.pk]), {"kind": "note", "text": f"{MARKER} note"})

    assert (page.status_code, page["Cache-Control"]) == (500, "no-store")
    assert f"{MARKER} note" in given_back(page.content.decode())
    assert MARKER not in caplog.text


def test_page_without_anything_typed_is_as_it_was(cast: Cast, concern: Concern) -> None:
    request = RequestFactory().get(reverse("concern", args=[concern.pk]))
    try:
        raise OperationalError
    except OperationalError:
        response = server_error(request)

    assert "Copy what you wrote" not in plain(response)


def test_form_sent_while_the_database_is_held_comes_back_and_is_nowhere(tmp_path: Any) -> None:
    """Through real processes: the card, what was typed, 503; and no file of the installation holds it."""
    site = Site.at(tmp_path / "var")
    site.set_up()
    with site.served() as web, sqlite_held(tmp_path / "var" / "safeguarding.sqlite3"):
        body = urlencode({"text": f"{MARKER} sent", "worse": "no"})
        answer = web.post("/concerns/00000000-0000-4000-8000-000000000000/entry/", body)

    assert answer.status == 503
    assert answer.headers["Cache-Control"] == "no-store"
    assert f"{MARKER} sent" in given_back(answer.text)
    assert [path for path in (tmp_path / "var").rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes()] == []
