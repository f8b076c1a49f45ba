"""Letters that nobody sees: a name reads as it was typed, and every script keeps what it needs."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.rules.letters import CLOSES, OPENS, OVERRIDES, is_blank, without_hidden

RLO, LRO, PDF, RLE, LRI, FSI, PDI = "\u202e", "\u202d", "\u202c", "\u202b", "\u2066", "\u2068", "\u2069"
ZWSP, ZWNJ, ZWJ, BOM, SHY, WJ = "\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u2060"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"Aria {RLO}doowkcalB{PDF}", "Aria ‹U+202E›doowkcalB"),
        (f"{LRO}Sam", "‹U+202D›Sam"),
        (f"Ar{ZWSP}ia", "Aria"),
        (f"{BOM}Aria{WJ} Black{SHY}wood", "Aria Blackwood"),
        (f"Aria{ZWJ}{ZWJ}{ZWNJ}", "Aria"),
        (f"Aria {ZWJ}B", "Aria B"),
        ("Aria\U000e0041\U000e0042", "Aria"),
        ("Aria\ue000", "Aria"),
        (f"{RLE}مریم{PDF} came", f"\u2067مریم{PDI} came"),
        (f"{FSI}مریم{PDI} came", f"{FSI}مریم{PDI} came"),
        (f"{LRI}Aria", f"{LRI}Aria{PDI}"),
        (f"Aria{PDI}{PDF}", "Aria"),
    ],
)
def test_what_deceives_is_shown_or_left_out(typed: str, kept: str) -> None:
    assert without_hidden(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        f"می{ZWNJ}خواهم",  # Persian: without the joiner it is another word
        f"क्{ZWJ}ष",  # Devanagari
        f"ශ්{ZWJ}රී",  # Sinhala
        f"👩{ZWJ}👧 🏳️{ZWJ}🌈",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
        f"សួស្តី{ZWSP}អ្នក",  # Khmer
        "Siân Ó Briain, Zoë, Nguyễn Thị Hồng, Ólafur Þór, Łukasz",
        "مرحبا\u200f, שלום\u200e (2)",
        "한글 ひらがな 汉字 தமிழ் ქართული Ελληνικά Українська",
    ],
)
def test_every_script_keeps_what_it_needs(text: str) -> None:
    assert without_hidden(text) == text


lines = st.text(
    st.sampled_from(f"aá م क्👩🏴ក{RLO}{LRO}{PDF}{RLE}{LRI}{FSI}{PDI}{ZWSP}{ZWNJ}{ZWJ}{BOM}{SHY}\u200e\U000e0067\u3164"), max_size=40
)


@given(lines | st.text())
def test_nothing_that_turns_words_round_is_left_and_twice_is_as_once(line: str) -> None:
    kept = without_hidden(line)

    assert without_hidden(kept) == kept
    assert not set(kept) & {*OVERRIDES, "\u202a", "\u202b", PDF}
    depth = 0
    for letter in kept:
        depth += (letter in OPENS) - (letter == CLOSES)
        assert depth >= 0
    assert depth == 0


@given(st.text())
def test_what_can_be_seen_stays_in_its_order(text: str) -> None:
    def visible(some: str) -> str:
        return "".join(c for c in some if unicodedata.category(c) not in ("Cf", "Co"))

    shown = "".join(f"‹U+{ord(c):04X}›" if c in OVERRIDES else c for c in text)

    assert visible(without_hidden(text)) == visible(shown)


@pytest.mark.parametrize(
    ("text", "blank"), [("", True), (" \u3164\u2800", True), (f"{ZWSP}{BOM}", True), ("\u0301", True), (".", False), ("李", False)]
)
def test_name_that_nobody_can_see_is_blank(text: str, blank: bool) -> None:
    assert is_blank(text) == blank
