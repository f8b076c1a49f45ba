"""Levels: which is calmer, and which plans follow from a level and a vault."""

import pytest

from concerns.choices import Level, Vault
from concerns.rules.levels import lowers, plans_of


@pytest.mark.parametrize(
    ("old", "new", "lower"),
    [
        (Level.EMERGENCY, Level.URGENT, True),
        (Level.EMERGENCY, Level.PROMPT, True),
        (Level.URGENT, Level.PROMPT, True),
        (Level.URGENT, Level.URGENT, False),
        (Level.PROMPT, Level.URGENT, False),
        (Level.PROMPT, Level.EMERGENCY, False),
    ],
)
def test_calmer_level_is_lower(old, new, lower):
    assert lowers(old, new) is lower


def test_adult_plan_comes_after_that_of_the_level():
    plans = {(level, vault): plans_of(level, vault) for level in (Level.URGENT, Level.PROMPT) for vault in Vault}

    assert plans == {
        (Level.URGENT, Vault.ORDINARY): ("urgent",),
        (Level.URGENT, Vault.ADULT): ("urgent", "adult"),
        (Level.PROMPT, Vault.ORDINARY): ("prompt",),
        (Level.PROMPT, Vault.ADULT): ("prompt", "adult"),
    }
