"""Which states a concern may move between, and what counts as lowering its level."""

from concerns.choices import STATUS_MOVES, Level, Status

_SEVERITY = (Level.PROMPT, Level.URGENT, Level.EMERGENCY)


def may_move(old: Status, new: Status) -> bool:
    """Whether STATUS_MOVES allows a concern to go from `old` to `new`. Staying is not a move."""
    return new in STATUS_MOVES[old]


def lowers(old: Level, new: Level) -> bool:
    """Whether `new` is calmer than `old`, which takes a second person (Working Together to Safeguard Children)."""
    return _SEVERITY.index(new) < _SEVERITY.index(old)
