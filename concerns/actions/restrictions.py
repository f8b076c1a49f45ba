"""Restricting a concern to named people, changing whom, and lifting it. Each leaves an entry with its sealed reason."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.access.standing import kept_to
from concerns.actions.audit import audit, recorded
from concerns.actions.entries import write_entry
from concerns.actions.escalation import ask_next, end_steps, give_step, pass_on_from_hidden
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.next_due import set_next_due
from concerns.choices import EntryKind, StepKind, StepState
from concerns.exceptions import Refused
from concerns.models import Concern, Entry, Named, Step, User
from concerns.queries.escalation import able_to_do
from concerns.queries.restrictions import people_to_name

NOBODY_FREE = "Name somebody who did not record it: somebody must be free to answer."
NOBODY_LEFT = "Nobody of those who were named is free to answer any more."


@recorded
def restrict_concern(*, by: User, concern_id: UUID, version: int, people: Iterable[UUID], reason: str, at: datetime) -> Entry:
    """Let only `people`, and `by`, see a concern from now on; its author keeps their own page. Again with others, it changes whom.

    What the others had to do passes to somebody named. Raises Stale, Refused where nobody named would be free to answer or
    somebody cannot be named.
    """
    concern = lock_concern(by=by, permission=Permission.RESTRICT, concern_id=concern_id, version=version)
    wanted = {*people, by.pk}
    chosen = [user for user in people_to_name(concern) if user.pk in wanted]
    if {user.pk for user in chosen} != wanted:
        raise Refused("Choose from the people shown. Somebody who was shown can no longer be named.")
    if wanted <= {concern.logged_by_id}:
        raise Refused(NOBODY_FREE)
    Named.objects.filter(concern=concern, ended_at=None).exclude(user__in=wanted).update(ended_at=at)
    already = set(Named.objects.filter(concern=concern, ended_at=None).values_list("user_id", flat=True))
    Named.objects.bulk_create(Named(concern=concern, user=user, named_by=by, named_at=at) for user in chosen if user.pk not in already)
    names = ", ".join(user.name for user in chosen)
    entry = _written(concern, EntryKind.RESTRICTED, by=by, at=at, body={"people": names, "reason": reason})
    _ask_those_left(concern, at=at)
    audit(by=by, verb="restricted a concern", subject=concern, at=at, people=len(chosen))
    return entry


@recorded
def lift_restriction(*, by: User, concern_id: UUID, version: int, reason: str, at: datetime) -> Entry:
    """Let everybody whose role makes them work with a concern see it again. Raises Stale, Refused where it is not restricted."""
    concern = lock_concern(by=by, permission=Permission.RESTRICT, concern_id=concern_id, version=version)
    if not Named.objects.filter(concern=concern, ended_at=None).update(ended_at=at):
        raise Refused("This concern is not restricted.")
    entry = _written(concern, EntryKind.UNRESTRICTED, by=by, at=at, body={"reason": reason})
    _ask_those_left(concern, at=at)
    audit(by=by, verb="lifted a restriction", subject=concern, at=at)
    return entry


@recorded
def lift_where_nobody_is_left(*, by: None, concern_id: UUID, at: datetime) -> bool:
    """End a restriction that holds no longer, and ask the others; False where somebody named is free after all.

    The others could see the concern already, from the moment when the last of those named was no longer free.
    """
    concern = lock_concern(by=by, permission=None, concern_id=concern_id)
    if kept_to(concern) is not None or not Named.objects.filter(concern=concern, ended_at=None).update(ended_at=at):
        return False
    _written(concern, EntryKind.UNRESTRICTED, by=by, at=at, body={"reason": NOBODY_LEFT})
    _ask_those_left(concern, at=at)
    audit(by=by, verb="lifted a restriction", subject=concern, at=at, nobody_left=True)
    return True


def _written(concern: Concern, kind: EntryKind, *, by: User | None, at: datetime, body: dict[str, str]) -> Entry:
    save_concern(concern)
    return write_entry(by=by, concern=concern, kind=kind, body=body, at=at, keyring=Keyring.of(concern))


def _ask_those_left(concern: Concern, *, at: datetime) -> None:
    """Pass on what waits for people who see the concern no longer, and what waits for nobody in particular."""
    pass_on_from_hidden(concern, at=at)
    waiting = Step.objects.filter(concern=concern, state=StepState.WAITING, due_at__isnull=False, person=None)
    if end_steps(concern, state=StepState.LAPSED, at=at, kind=StepKind.ACKNOWLEDGE, person=None) and concern.acknowledged_at is None:
        ask_next(concern, at=at)
    for step in waiting.exclude(kind=StepKind.ACKNOWLEDGE):
        step.concern = concern
        give_step(step, able_to_do(step, at=at), at=at)
    set_next_due(concern, at=at)
