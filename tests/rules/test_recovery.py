"""The recovery sheet: what is typed back is what was printed; a slip is named by its line, and no key can be left out. (S22)"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.rules.recovery import ALPHABET, LACKS_ALL, LACKS_KEYS, fingerprint, read_sheet, sheet_lines

names = st.from_regex(r"\A(k[1-9][0-9]?|chain|anchor|backup[1-9]|django)\Z")
sets_of_keys = st.dictionaries(names, st.binary(min_size=1, max_size=64), min_size=1, max_size=6)
KEYS = {"k1": bytes(range(32)), "chain": bytes(range(32, 64)), "django": bytes(range(64))}
LINES = sheet_lines(KEYS)


@given(keys=sets_of_keys)
def test_sheet_reads_back_what_it_was_written_from(keys: dict[str, bytes]) -> None:
    assert read_sheet("\n".join(sheet_lines(keys))) == (keys, [])


@given(keys=sets_of_keys, seed=st.integers(0, 10**6))
def test_order_case_spaces_and_look_alikes_do_not_matter(keys: dict[str, bytes], seed: int) -> None:
    chance = random.Random(seed)
    lines = sheet_lines(keys)
    chance.shuffle(lines)
    heads, bodies = [line[:12] for line in lines], [line[12:] for line in lines]
    typed = [body.lower().replace("0", chance.choice("oO0")).replace("1", chance.choice("iIlL1")).replace(" ", "-") for body in bodies]

    read = read_sheet("Some words before.\n" + "\n\n".join(f"{head.upper()} {body}" for head, body in zip(heads, typed, strict=True)))

    assert read == (keys, [])


@given(number=st.integers(0, len(LINES) - 1), place=st.integers(12, 60), letter=st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_named_by_its_line(number: int, place: int, letter: str) -> None:
    line = LINES[number]
    places = [spot for spot in range(12, len(line)) if line[spot] != " "]
    spot = places[place % len(places)]
    if line[spot] == letter:
        return
    wrong = [*LINES[:number], line[:spot] + letter + line[spot + 1 :], *LINES[number + 1 :]]

    _, found = read_sheet("\n".join(wrong))

    assert found == [f"Line {' '.join(line.split()[:2])} was not typed as it stands on the sheet. Compare it, group by group."]


@pytest.mark.parametrize("number", range(len(LINES)))
def test_missing_line_is_named(number: int) -> None:
    lines = [*LINES[:number], *LINES[number + 1 :]]

    _, found = read_sheet("\n".join(lines))

    assert found == [f"Line {' '.join(LINES[number].split()[:2])} is missing."]


@pytest.mark.parametrize("spaces", [slice(0, 2), slice(2, 4)])
def test_groups_of_two_lines_that_were_swapped_are_found(spaces: slice) -> None:
    first, second = LINES[0], LINES[2]  # k1 1/2 and chain 1/2
    swapped = [first[:12] + second[12:], LINES[1], second[:12] + first[12:], *LINES[3:]]

    _, found = read_sheet("\n".join(swapped))

    assert [sentence.split(" was ")[0] for sentence in found] == ["Line k1 1/2", "Line chain 1/2"]


def test_key_that_was_left_out_whole_is_missed() -> None:
    without = [line for line in LINES if not line.startswith("chain")]

    assert read_sheet("\n".join(without))[1] == [LACKS_KEYS]


def test_lines_of_another_sheet_do_not_pass() -> None:
    other = sheet_lines({**KEYS, "k1": bytes(32)})

    assert read_sheet("\n".join([*other[:2], *LINES[2:]]))[1] == [LACKS_KEYS]


def test_line_typed_again_counts_also_where_its_name_was_wrong_at_first() -> None:
    slip = LINES[0].replace("k1 1/2", "k7 1/2")

    keys, wrong = read_sheet("\n".join([slip, *LINES[1:], LINES[0]]))

    assert (keys, wrong) == (KEYS, [])


@pytest.mark.parametrize("text", ["", "\n\n", "Dear all,\nk1 is the key\n", "whole 12 3"])
def test_text_that_is_no_sheet_says_so(text: str) -> None:
    assert read_sheet(text) == ({}, [LACKS_ALL])


@given(text=st.text(alphabet="k1 2/ABCDEFGH0\nwhole", max_size=300))
def test_any_text_is_refused_in_words_or_read(text: str) -> None:
    keys, wrong = read_sheet(text)

    assert wrong
    assert all(isinstance(key, bytes) for key in keys.values())


@given(keys=sets_of_keys)
def test_fingerprint_changes_with_every_key_and_name(keys: dict[str, bytes]) -> None:
    name, key = next(iter(keys.items()))

    assert fingerprint({**keys, name: key + b"x"}) != fingerprint(keys)
    assert fingerprint({**keys, "k99": key}) != fingerprint(keys)
