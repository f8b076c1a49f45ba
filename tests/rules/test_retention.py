"""How long a record is kept: the longest of every rule that applies; what is not known counts as what keeps it longest. (S28)"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.rules.retention import SHIPPED, WORDS, EarlyGround, Facts, HoldGround, Rule, Terms, applying, due_on, terms_from, years_after

LOGGED = date(2026, 11, 17)


@pytest.mark.parametrize(
    ("facts", "rules", "until"),
    [
        ({"born_on": (date(2012, 5, 3),)}, (Rule.CHILD,), date(2037, 5, 3)),
        ({"born_on": (date(2012, 5, 3), date(2016, 1, 1))}, (Rule.CHILD,), date(2041, 1, 1)),
        ({"born_on": (date(2012, 5, 3), None)}, (Rule.CHILD,), date(2051, 11, 17)),
        ({"born_on": ()}, (Rule.CHILD,), date(2051, 11, 17)),
        ({"born_on": (date(2012, 2, 29),)}, (Rule.CHILD,), date(2037, 3, 1)),
        ({"about_adult": True, "born_on": (date(2012, 5, 3),)}, (Rule.ADULT,), date(2076, 11, 17)),
        ({"sexual": True, "born_on": (date(2012, 5, 3),)}, (Rule.CHILD, Rule.SEXUAL_ABUSE), date(2101, 11, 17)),
        ({"sexual": True, "about_adult": True}, (Rule.ADULT, Rule.SEXUAL_ABUSE), date(2101, 11, 17)),
    ],
)
def test_the_longest_rule_counts(facts: dict[str, object], rules: tuple[Rule, ...], until: date) -> None:
    known = Facts(**{"logged_on": LOGGED, "about_adult": False, "sexual": False, **facts})  # type: ignore[arg-type]

    assert (applying(known), due_on(known, SHIPPED)) == (rules, until)


days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(logged=days, born=st.lists(st.none() | days), adult=st.booleans(), sexual=st.booleans(), shorter=st.integers(1, 24))
def test_not_knowing_a_birthday_never_shortens(logged: date, born: list[date | None], adult: bool, sexual: bool, shorter: int) -> None:
    facts = Facts(logged_on=logged, about_adult=adult, sexual=sexual, born_on=tuple(born))
    unknown = Facts(logged_on=logged, about_adult=adult, sexual=sexual, born_on=(*born, None))

    assert due_on(unknown, SHIPPED) >= due_on(facts, SHIPPED)
    assert due_on(facts, Terms(child_birthday=shorter)) <= due_on(facts, SHIPPED)


@given(day=days, years=st.integers(0, 120))
def test_years_after_is_the_same_day_or_the_first_of_march(day: date, years: int) -> None:
    later = years_after(day, years)

    assert later.year == day.year + years
    assert (later.month, later.day) in {(day.month, day.day), (3, 1)}


def test_own_terms_need_a_reason_and_known_names() -> None:
    assert terms_from({"child_birthday": 30, "reason": "Our insurer asks for it."}).child_birthday == 30
    assert terms_from({}) == SHIPPED
    for data, words in (
        ({"child_birthday": 30}, "Say with `reason`"),
        ({"child_birthday": 30, "reason": "  "}, "Say with `reason`"),
        ({"child_birthday": "30", "reason": "x"}, "whole number"),
        ({"child_birthday": True, "reason": "x"}, "whole number"),
        ({"child_birthday": 0, "reason": "x"}, "whole number"),
        ({"childs_birthday": 30, "reason": "x"}, "is not a term"),
    ):
        with pytest.raises(ValueError, match=words):
            terms_from(data)


def test_every_rule_and_ground_has_words() -> None:
    assert set(WORDS) == {*Rule, *EarlyGround, *HoldGround}
