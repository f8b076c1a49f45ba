"""The card's file: written whole or not at all, and only when there is something new."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from concerns.actions.card import card_html, rewrite_card
from concerns.actions.centre import set_up_centre
from concerns.actions.contacts import verify_contact
from concerns.choices import ContactKey
from concerns.models import Contact
from concerns.queries.card import card_built_in, card_now
from tests.contact_makers import PRIVATE_MOBILE, make_contact, make_private_mobile
from tests.factories import AT, Cast


@pytest.fixture
def card_file(settings: Any, tmp_path: Path) -> Path:
    settings.CARD_FILE = tmp_path / "folder" / "card.html"
    return tmp_path / "folder" / "card.html"


@pytest.fixture
def shipped(cast: Cast) -> Cast:
    set_up_centre(name=cast.centre.name, at=AT)
    return cast


def numbers(html: str) -> list[str]:
    return re.findall(r'href="(tel:[^"]+)"', html)


def test_card_names_999_first_then_every_desk_then_the_centre_then_101(shipped: Cast) -> None:
    html = card_html(card_now(at=AT))

    assert numbers(html) == [
        "tel:999",
        "tel:18000",
        "tel:01164541004",  # Leicester city
        "tel:01163050005",  # the county
        "tel:01572758407",  # Rutland by day
        "tel:01163050005",  # Rutland by night
        "tel:101",  # elsewhere
        "tel:01164541004",  # not known
        "tel:01162779190",  # the centre's team and its three leads
        "tel:101",
    ]
    assert [name for name in ("Louise Wylie", "Keanan Bartram", "Paul Carlton") if name not in html] == []
    assert "https://999bsl.co.uk/" in html
    assert "press 55" in html
    assert "https://www.gov.uk/report-child-abuse-to-local-council" in html


def test_card_says_the_day_of_its_numbers(shipped: Cast) -> None:
    assert '<time datetime="2026-11-17">Tuesday 17 November 2026</time>' in card_html(card_now(at=AT))


@pytest.mark.parametrize("built_in", [True, False])
def test_card_stays_small(shipped: Cast, built_in: bool) -> None:
    html = card_html(card_built_in() if built_in else card_now(at=AT))

    assert len(html.encode()) <= 10 * 1024


def test_card_works_without_javascript_and_asks_for_nothing_else(shipped: Cast) -> None:
    html = card_html(card_now(at=AT))

    assert re.findall(r"<(?:form|input|button|iframe|img|style)\b|\sstyle=|\son\w+=|<script(?! type=\"module\" src=)", html) == []
    assert (html.count("<h1"), html.count("</html>")) == (1, 1)


def test_card_never_shows_a_private_contact(shipped: Cast) -> None:
    make_private_mobile(shipped)
    make_contact(shipped, name="Staff room", group=Contact.Group.CENTRE.value, number="0116 496 0777", is_public=False)

    html = card_html(card_now(at=AT))

    assert PRIVATE_MOBILE not in html
    assert not {"tel:07700900123", "tel:01164960777"} & set(numbers(html))
    assert "Priya" not in html
    assert "priya.private" not in html


def test_card_shows_how_old_a_check_is_except_beside_999_101_and_the_desks(shipped: Cast) -> None:
    old = AT - timedelta(days=91)
    Contact.objects.filter(centre=shipped.centre, retired_at=None).update(verified_on=old.date())
    paul = Contact.objects.get(centre=shipped.centre, name="Paul Carlton")
    Contact.objects.filter(pk=paul.pk).update(number="0116 496 0606")
    verify_contact(by=shipped.admin, contact=paul, version=1, at=AT)

    html = card_html(card_now(at=AT))

    assert html.count("Last checked") == html.count("Last checked 18 August 2026") == 1  # the team's number; not Paul's, not a desk's


def test_card_without_a_public_desk_has_the_shipped_number(shipped: Cast) -> None:
    Contact.objects.filter(key=ContactKey.DUTY_CITY).update(is_public=False, number="0116 496 0555")

    html = card_html(card_now(at=AT))

    assert "tel:01164541004" in numbers(html)
    assert "tel:01164960555" not in numbers(html)


def test_card_escapes_what_an_administrator_types(shipped: Cast) -> None:
    make_contact(shipped, name="<script>alert(1)</script>", group=Contact.Group.CENTRE.value, is_public=True)

    html = card_html(card_now(at=AT))

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_rewrite_card_makes_its_folder_and_a_file_that_all_may_read(shipped: Cast, card_file: Path) -> None:
    assert rewrite_card(at=AT)

    assert card_file.read_text() == card_html(card_now(at=AT))
    assert (card_file.stat().st_mode & 0o777, [file.name for file in card_file.parent.iterdir()]) == (0o644, ["card.html"])


def test_rewrite_card_leaves_a_right_file_alone(shipped: Cast, card_file: Path) -> None:
    rewrite_card(at=AT)
    before = card_file.stat().st_ino

    again = rewrite_card(at=AT + timedelta(minutes=1))

    assert (again, card_file.stat().st_ino) == (False, before)


def test_rewrite_card_writes_on_a_new_day_and_over_a_broken_file(shipped: Cast, card_file: Path) -> None:
    rewrite_card(at=AT)

    assert rewrite_card(at=AT + timedelta(days=1))
    card_file.write_bytes(b"\xff half a card")
    assert rewrite_card(at=AT + timedelta(days=1))
    assert "Wednesday 18 November 2026" in card_file.read_text()


def test_rewrite_card_leaves_nothing_behind_when_it_fails(shipped: Cast, card_file: Path) -> None:
    card_file.mkdir(parents=True)

    with pytest.raises(OSError, match="card"):
        rewrite_card(at=AT)

    assert [file.name for file in card_file.parent.iterdir()] == ["card.html"]


def test_write_card_command_says_what_it_did(shipped: Cast, card_file: Path, capsys: Any) -> None:
    call_command("write_card")
    call_command("write_card")

    assert capsys.readouterr().out.split("\n")[:2] == [f"{card_file}: written.", f"{card_file}: already right."]


def test_card_asks_the_database_the_same_for_more_contacts(shipped: Cast, django_assert_num_queries: Any) -> None:
    for number in range(30):
        make_contact(shipped, name=f"Service {number}", group=Contact.Group.CENTRE.value, is_public=True)

    with django_assert_num_queries(2):
        card_html(card_now(at=AT))


def test_card_built_in_asks_no_database() -> None:
    assert numbers(card_html(card_built_in()))[:3] == ["tel:999", "tel:18000", "tel:01164541004"]
