"""Names that read as one are noticed, and people who bear them are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.rules.names import name_key, told_apart

ALIKE = [
    "priya shah",
    "PRIYA SHAH",
    " Priya  Shah ",
    "Priya-Shah",
    "Priya Shah.",
    "Ｐｒｉｙａ Ｓｈａｈ",
    "Priya\u00a0Shah",
    "Priya\u200bShah",
]
OTHERS = ["Priya M. Shah", "Priya Shah the younger", "Priya Sháh", "Priyal Shah", "प्रिया शाह"]


@pytest.mark.parametrize("name", ALIKE)
def test_names_that_read_as_one_are_one(name: str) -> None:
    assert name_key(name) == name_key("Priya Shah")


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_are_others(name: str) -> None:
    assert name_key(name) != name_key("Priya Shah")


def test_signs_of_a_script_are_part_of_a_name() -> None:
    assert len({name_key(name) for name in ("मोहन", "मोहिन", "महान")}) == 3


def test_only_what_repeats_is_told_apart() -> None:
    people = [("Priya Shah", "priya@one.org"), ("priya shah", "p.shah@one.org"), ("Tom Ellis", "tom@one.org")]

    assert told_apart(people) == ["Priya Shah (priya)", "priya shah (p.shah)", "Tom Ellis"]


def test_whole_address_stands_where_its_first_part_is_alike_too() -> None:
    people = [("Priya Shah", "priya@one.org"), ("Priya Shah", "priya@two.org"), ("Priya Shah", "shah@one.org")]

    assert told_apart(people) == ["Priya Shah (priya@one.org)", "Priya Shah (priya@two.org)", "Priya Shah (shah)"]


@given(st.lists(st.tuples(st.sampled_from(ALIKE), st.sampled_from("abc"), st.sampled_from("xy")), unique_by=lambda row: row[1:]))
def test_people_with_different_addresses_never_look_the_same(rows: list[tuple[str, str, str]]) -> None:
    shown = told_apart([(name, f"{local}@{domain}.org") for name, local, domain in rows])

    assert len(set(shown)) == len(rows)
