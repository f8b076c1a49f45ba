"""Numbers and lengths of time in words."""

from datetime import timedelta

import pytest

from concerns.rules.words import counted, span_words


@pytest.mark.parametrize(("number", "words"), [(0, "0 sessions"), (1, "1 session"), (2, "2 sessions"), (40, "40 sessions")])
def test_number_stands_with_its_noun(number: int, words: str) -> None:
    assert counted(number, "session") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "1 minute"),
        (59, "1 minute"),
        (119, "1 minute"),
        (120, "2 minutes"),
        (3_600, "1 hour"),
        (86_399, "23 hours"),
        (172_800, "2 days"),
    ],
)
def test_length_of_time_is_said_in_its_largest_unit(seconds: int, words: str) -> None:
    assert span_words(timedelta(seconds=seconds)) == words
