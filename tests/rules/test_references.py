"""References: their shape, and the slips that their check letter notices. All of them, not a sample."""

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.rules.references import ALPHABET, LENGTHS, is_reference, normalise, reference

YEARS = (2009, 2010, 2026, 2099)
DRAW = random.Random(7).randbytes
REFERENCES = [reference(year=year, random_bytes=DRAW, length=length) for year, length, _ in product(YEARS, LENGTHS, range(10))]


@given(st.integers(2000, 2099), st.binary(min_size=16, max_size=16), st.sampled_from(LENGTHS))
def test_reference_has_the_year_and_its_characters(year, drawn, length):
    made = reference(year=year, random_bytes=lambda size: drawn[:size], length=length)

    prefix, short_year, rest = made.split("-")
    assert (prefix, short_year, len(rest)) == ("C", f"{year % 100:02d}", length)
    assert set(rest) <= set(ALPHABET)


@given(st.integers(2000, 2099), st.binary(min_size=16, max_size=16), st.sampled_from(LENGTHS))
def test_reference_is_recognised_and_is_already_normal(year, drawn, length):
    made = reference(year=year, random_bytes=lambda size: drawn[:size], length=length)

    assert normalise(made) == made


def test_reference_differs_with_the_random_bytes():
    made = {
        reference(year=2026, random_bytes=lambda size, number=number: number.to_bytes(size, "big"), length=4) for number in range(29**3)
    }

    assert len(made) == 29**3


def test_alphabet_has_nothing_that_is_misread():
    assert set("01ILOUB").isdisjoint(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 29


@pytest.mark.parametrize("made", REFERENCES)
def test_check_letter_notices_every_single_wrong_character(made):
    wrong = {
        made[:place] + letter + made[place + 1 :]
        for place, right in enumerate(made)
        for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        if right not in ("-", letter)
    }

    assert [slip for slip in wrong if is_reference(slip)] == []


@pytest.mark.parametrize("made", REFERENCES)
def test_check_letter_notices_every_swap_of_neighbours(made):
    plain = made.replace("-", "")
    swapped = {plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :] for place in range(len(plain) - 1)} - {plain}

    assert [slip for slip in swapped if is_reference(slip)] == []


@pytest.mark.parametrize(
    "write", [str.lower, lambda made: made.replace("-", " "), lambda made: made.replace("-", ""), lambda made: f"  {made}\n"]
)
@pytest.mark.parametrize("made", REFERENCES[::40])
def test_reference_is_understood_as_people_write_it(made, write):
    assert normalise(write(made)) == made


@pytest.mark.parametrize(
    "text", ["", "C-26-", "C-26-7K4", "26-7K4M", "C-2026-7K4M", "D-26-7K4M", "C-26-IIII", "C-26-7K4M7K4M7", "Sam Okoro"]
)
def test_other_text_is_no_reference(text):
    assert not is_reference(text)

    with pytest.raises(ValueError, match="not a reference"):
        normalise(text)


@pytest.mark.parametrize("length", [0, 3, 9])
def test_reference_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="four to eight"):
        reference(year=2026, random_bytes=DRAW, length=length)
