"""What a batch of due steps looks up once, instead of once a step: the rota and the plans, from which follow an order and times.

Never who may know of a concern, works here or can be asked: somebody whose role ends, or from whom a concern is hidden, is left out
of the very next step.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Found = TypeVar("Found")
_found: ContextVar[dict[Hashable, Any] | None] = ContextVar("what was looked up in this batch", default=None)


@contextmanager
def looking_up_once() -> Iterator[None]:
    """Let every question that is `asked_once` keep its first answer until this block ends: a batch of a few steps.

    A block within a block keeps the answers of the outer one.
    """
    found = _found.get()
    token = _found.set({} if found is None else found)
    try:
        yield
    finally:
        _found.reset(token)


def asked_once(ask: Callable[Asked, Found]) -> Callable[Asked, Found]:
    """Mark a question whose answer holds for a batch. What it is asked about must be hashable; nobody may change its answer."""

    @wraps(ask)
    def answer(*args: Asked.args, **kwargs: Asked.kwargs) -> Found:
        found = _found.get()
        if found is None:
            return ask(*args, **kwargs)
        key = (ask, args, tuple(sorted(kwargs.items())))
        if key not in found:
            found[key] = ask(*args, **kwargs)
        answered: Found = found[key]
        return answered

    return answer
