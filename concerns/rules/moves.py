"""Which states a concern may move between."""

from concerns.choices import STATUS_MOVES, Status


def may_move(old: Status, new: Status) -> bool:
    """Whether STATUS_MOVES allows a concern to go from `old` to `new`. Staying is not a move."""
    return new in STATUS_MOVES[old]
