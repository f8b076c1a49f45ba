"""Plans in words that an administrator reads."""

import pytest

from concerns.choices import Clock, ContactKey
from concerns.rules.desks import Desk
from concerns.rules.plan_words import contact_words, count_words, plan_words
from concerns.rules.plans import load_plans

SHIPPED = load_plans()


def words(plan, key):
    return dict(zip([step.key for step in SHIPPED[plan].steps], plan_words(SHIPPED[plan]), strict=True))[key]


@pytest.mark.parametrize(
    ("amount", "clock", "expected"),
    [
        (1, Clock.MINUTES, "1 minute"),
        (90, Clock.MINUTES, "90 minutes"),
        (60, Clock.MINUTES, "1 hour"),
        (1440, Clock.MINUTES, "24 hours"),
        (60, Clock.OPEN_MINUTES, "60 minutes while the centre is open"),
        (1, Clock.WORKING_DAYS, "1 working day"),
        (3, Clock.WORKING_DAYS, "3 working days"),
    ],
)
def test_time_is_said_on_its_clock(amount, clock, expected):
    assert count_words(amount, clock) == expected


@pytest.mark.parametrize(
    ("plan", "key", "when"),
    [
        ("emergency", "ring_999", "At once"),
        ("emergency", "ring_duty_desk", "Within 10 minutes"),
        ("emergency", "chase", "Within 3 working days after “Write to the duty desk about what was said on the phone”"),
        (
            "prompt",
            "tell",
            "Within 60 minutes while the centre is open; never later than 2 hours by the clock, the end of the session, "
            "or when the young person leaves",
        ),
    ],
)
def test_step_says_by_when(plan, key, when):
    assert words(plan, key).when == when


def test_ladder_says_who_is_asked_when_without_an_end():
    assert words("urgent", "acknowledge").when == (
        "The first person is asked at once, the second after 10, the third after 20 minutes. After 30 minutes everybody is asked, "
        "with the person who recorded it, and again every 10 minutes until somebody answers."
    )


def test_ladder_of_open_minutes_says_what_comes_earlier():
    assert words("prompt", "acknowledge").when.endswith(
        "again every 60 minutes until somebody answers. The first person never has longer than 2 hours by the clock, "
        "the end of the session, or when the young person leaves."
    )


def test_step_says_who_does_it_and_with_whom():
    lado, ladder = words("adult", "lado"), words("adult", "acknowledge")

    assert (lado.who, lado.contact) == ("The lead who has the concern", "the LADO for where the young person lives")
    assert ladder.who == "The people on the list, one after the other"
    assert (contact_words(None), contact_words(ContactKey.CEOP)) == ("", "CEOP")
    assert contact_words(Desk.DUTY_DESK) == "the duty desk for where the young person lives"
