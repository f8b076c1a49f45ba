"""Who is asked next to answer: on duty before the others, who is away or beyond reach not at all, who was silent last. Pure.

Source: next free, on-duty, unvetoed, reachable person, then everybody and the reporter, without end (Leicester Safeguarding Children
Partnership procedures: each rung is dated).
"""

from collections.abc import Collection, Sequence
from uuid import UUID


def in_turn(
    free: Sequence[UUID], *, gone: Collection[UUID] = (), duty: Sequence[UUID] = (), silent: Collection[UUID] = ()
) -> tuple[UUID, ...]:
    """Return whom of the `free` to ask, one after the other. `free`: those who may know, in the order of their list.

    gone    away, or beyond the reach of mail: passed over, unless nobody else is there
    duty    who is on duty, who leads first: asked before the others
    silent  answered, and did nothing: asked after the others
    """
    ready = [person for person in free if person not in gone] or list(free)
    return tuple(sorted(ready, key=lambda person: (person in silent, duty.index(person) if person in duty else len(duty))))


def next_to_ask(order: Sequence[UUID], *, asked: Collection[UUID | None]) -> UUID | None:
    """Return the first of the `order` who was not asked yet; None: each was, so now everybody is asked, again and again.

    Once everybody was asked, a None among the `asked`, it stays so: who is free from then on is asked with the others, never instead.
    """
    if None in asked:
        return None
    return next((person for person in order if person not in asked), None)
