"""Levels: which of two is calmer, which are pressing, and which plans a concern of a level and a vault has."""

from concerns.choices import Level, Vault

SEVERITY: tuple[Level, ...] = (Level.EMERGENCY, Level.URGENT, Level.PROMPT)
"""The most serious first."""

PRESSING = frozenset({Level.EMERGENCY, Level.URGENT})
"""Alerted before the record is written, mailed ahead of everything else, lowered and closed by two people only."""

ADULT_PLAN = "adult"


def lowers(old: Level, new: Level) -> bool:
    """Whether `new` is calmer than `old`, which takes a second person (Working Together to Safeguard Children)."""
    return SEVERITY.index(new) > SEVERITY.index(old)


def plans_of(level: Level, vault: Vault) -> tuple[str, ...]:
    """The keys of the plans that a concern follows: that of its level, and for an adult who works here their own as well."""
    return (level.value, ADULT_PLAN) if vault == Vault.ADULT else (level.value,)
