"""Contacts: when a number is old, and what a phone dials."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.rules.contacts import is_stale, tel_href

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("days_ago", "stale"), [(0, False), (90, False), (91, True), (-1, False)])
def test_contact_is_stale_after_ninety_days(days_ago, stale):
    assert is_stale(TODAY - timedelta(days=days_ago), on=TODAY) is stale


def test_contact_never_verified_is_stale():
    assert is_stale(None, on=TODAY)


def test_contact_may_be_held_to_fewer_days():
    assert is_stale(TODAY - timedelta(days=8), on=TODAY, days=7)


@pytest.mark.parametrize(
    ("number", "href"),
    [
        ("0116 454 1004", "tel:01164541004"),
        ("(0116) 454-1004", "tel:01164541004"),
        ("+44 (0)116 454 1004", "tel:+441164541004"),
        ("01572 758 407", "tel:01572758407"),
        ("999", "tel:999"),
        ("101", "tel:101"),
        ("111", "tel:111"),
        ("111, option 2", "tel:111"),
        ("111 (option 2)", "tel:111"),
        ("116 123", "tel:116123"),
        ("18000", "tel:18000"),
        (" 0800 068 4141 ", "tel:08000684141"),
        ("SHOUT to 85258", "sms:85258"),
        ("text SHOUT to 85258", "sms:85258"),
    ],
)
def test_number_becomes_what_a_phone_dials(number, href):
    assert tel_href(number) == href


@pytest.mark.parametrize(
    "number", ["", "   ", "call us", "12", "0116 CALL US", "javascript:alert(1)", "0116;ext=4", "1" * 16, "٠١١٦ ٤٥٤", "++44", "( )"]
)
def test_text_without_a_number_is_refused(number):
    with pytest.raises(ValueError, match="is not a telephone number"):
        tel_href(number)


@given(st.text())
def test_link_holds_digits_only_whatever_was_typed(text):
    try:
        href = tel_href(text)
    except ValueError:
        href = "tel:0"

    scheme, _, number = href.partition(":")
    assert scheme in ("tel", "sms")
    assert number.lstrip("+").isdecimal()


@pytest.mark.parametrize("typed", ["0116 49", "0116 454 10", "0116 454 10044", "12", "1234567", "+44", "0116 454 1004 x9"])
def test_number_with_a_digit_too_few_or_too_many_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a telephone number"):
        tel_href(typed)
