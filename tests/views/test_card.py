"""The emergency card and the service worker, as anybody's browser asks for them."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concerns.actions.card import rewrite_card
from concerns.actions.centre import set_up_centre
from concerns.views.card import LAST_RESORT, WORKER_FILE, card_from_file
from concerns.views.headers import POLICY
from tests.contact_makers import PRIVATE_MOBILE, make_private_mobile
from tests.factories import AT, Cast, signed_in


@pytest.fixture
def card_file(settings: Any, tmp_path: Path) -> Path:
    settings.CARD_FILE = tmp_path / "card.html"
    return tmp_path / "card.html"


@pytest.mark.parametrize("method", ["get", "head"])
def test_card_needs_no_database_and_no_session(card_file: Path, method: str) -> None:
    answer = getattr(Client(), method)("/emergency/", headers={"cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"})

    assert (answer.status_code, answer["Content-Type"], answer.cookies) == (200, "text/html; charset=utf-8", {})


def test_card_carries_the_security_headers(card_file: Path) -> None:
    answer = Client().get("/emergency/")

    assert {name: answer[name] for name in POLICY} == POLICY
    assert answer["Cache-Control"] == "no-store"


def test_card_is_the_same_for_everybody_and_shows_no_private_number(cast: Cast, card_file: Path) -> None:
    set_up_centre(name=cast.centre.name, at=AT)
    make_private_mobile(cast)
    rewrite_card(at=AT)

    stranger, lead = Client().get("/emergency/").content, signed_in(cast.lead).get("/emergency/").content

    assert (stranger, stranger) == (lead, card_file.read_bytes())
    assert not [word for word in (PRIVATE_MOBILE, "07700", "Priya") if word in stranger.decode()]


def test_card_answers_on_any_host(card_file: Path) -> None:
    answer = Client().get("/emergency/", headers={"host": "an-old-name.example"})

    assert b'href="tel:999"' in answer.content


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b"<h1>999</h1>", "a folder"])
def test_card_is_built_in_where_its_file_is_no_card(card_file: Path, content: bytes | str | None) -> None:
    if isinstance(content, bytes):
        card_file.write_bytes(content)
    elif content:
        card_file.mkdir()

    html = card_from_file().content.decode()

    assert re.findall(r'href="tel:(\d+)"', html)[:3] == ["999", "18000", "01164541004"]
    assert "The numbers that the app came with." in html


def test_card_still_names_999_when_templates_are_broken(card_file: Path, settings: Any) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [], "APP_DIRS": False}]

    assert card_from_file().content.decode() == LAST_RESORT
    assert 'href="tel:999"' in LAST_RESORT


def test_service_worker_is_a_script_at_the_root_and_is_never_kept(card_file: Path) -> None:
    answer = Client().get(reverse("service_worker"))

    assert (reverse("service_worker"), answer["Content-Type"], answer["Cache-Control"]) == (
        "/sw.js",
        "text/javascript; charset=utf-8",
        "no-store",
    )
    assert answer.content == WORKER_FILE.read_bytes()


def test_service_worker_is_short_and_keeps_the_card_alone() -> None:
    script = WORKER_FILE.read_text()

    assert len(script.splitlines()) <= 40
    assert re.findall(r"shelf\.(?:put|add|addAll)\(([^)]*)", script) == ["CARD, card", "styles.filter((_, i"]
    assert not re.findall(r"localStorage|indexedDB|sessionStorage|https?:", script)


def test_service_worker_finds_the_style_sheet_of_the_card(card_file: Path) -> None:
    pattern = re.search(r"const STYLE = /(.+)/g;", WORKER_FILE.read_text())
    assert pattern is not None

    found = re.findall(pattern[1].replace("\\/", "/"), card_from_file().content.decode())

    assert found == ["/static/ui/app.css"]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_service_worker_is_valid_javascript() -> None:
    subprocess.run(["node", "--check", str(WORKER_FILE)], check=True)
