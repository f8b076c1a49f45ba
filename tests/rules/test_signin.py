"""How long a sign-in lasts, who needs a second factor, and which codes count. (S11, S13)"""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.choices import Role, SignInEnd
from concerns.rules.signin import (
    AT_MOST,
    IDLE,
    IDLE_SHARED,
    browser_words,
    code_at,
    counter_at,
    counter_of,
    idle_after,
    needs_second_factor,
    time_left,
    why_over,
)

AT = datetime(2026, 11, 17, 17, 30, 10, tzinfo=UTC)
RFC_SECRET = b"12345678901234567890"
SECRET = base64.b32decode("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, digits: str) -> None:
    """The test vectors of RFC 6238, their last six digits."""
    assert code_at(RFC_SECRET, seconds // 30) == digits


@pytest.mark.parametrize("typed", ["{code}", " {code} ", "{first} {last}", "{first}-{last}"])
def test_code_may_be_typed_with_spaces(typed: str) -> None:
    code = code_at(SECRET, counter_at(AT))

    assert counter_of(SECRET, typed.format(code=code, first=code[:3], last=code[3:]), at=AT) == counter_at(AT)


@pytest.mark.parametrize(("away", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_of_the_step_before_or_after_counts(away: int, counts: bool) -> None:
    code = code_at(SECRET, counter_at(AT) + away)

    assert (counter_of(SECRET, code, at=AT) == counter_at(AT) + away) is counts


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "０１２３４５", "123\n456x"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert counter_of(SECRET, typed, at=AT) is None


@given(st.text(max_size=40))
def test_anything_typed_is_answered(typed: str) -> None:
    found = counter_of(SECRET, typed, at=AT)

    assert found is None or abs(found - counter_at(AT)) <= 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.REPORTER])
def test_every_role_but_staff_needs_a_second_factor(role: Role) -> None:
    assert needs_second_factor({Role.REPORTER, role}, reporters_too=False)


@pytest.mark.parametrize(("roles", "too", "needs"), [({Role.REPORTER}, False, False), ({Role.REPORTER}, True, True), (set(), True, False)])
def test_staff_need_one_where_the_centre_says_so(roles: set[Role], too: bool, needs: bool) -> None:
    assert needs_second_factor(roles, reporters_too=too) is needs


@pytest.mark.parametrize(("is_shared", "minutes"), [(False, 30), (True, 10)])
def test_idle_sign_in_ends(is_shared: bool, minutes: int) -> None:
    last = AT + timedelta(minutes=minutes)

    left = [time_left(began_at=AT, seen_at=AT, is_shared=is_shared, at=last + timedelta(seconds=s)) for s in (-1, 0)]

    assert left == [timedelta(seconds=1), timedelta()]
    assert why_over(began_at=AT, at=last) is SignInEnd.IDLE


def test_sign_in_ends_after_twelve_hours_however_busy() -> None:
    end = AT + AT_MOST

    left = time_left(began_at=AT, seen_at=end, is_shared=False, at=end)

    assert (left, why_over(began_at=AT, at=end), AT_MOST) == (timedelta(), SignInEnd.TOO_LONG, timedelta(hours=12))


def test_setting_may_shorten_but_a_shared_device_is_never_longer() -> None:
    assert idle_after(is_shared=False, setting=timedelta(minutes=5)) == timedelta(minutes=5)
    assert idle_after(is_shared=True, setting=timedelta(hours=2)) == IDLE_SHARED
    assert idle_after(is_shared=False) == IDLE == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/129.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/129.0 Safari/537.36 Edg/129.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        ("<script>alert(1)</script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_browser_is_named_in_words_of_ours(agent: str, words: str) -> None:
    assert browser_words(agent) == words
