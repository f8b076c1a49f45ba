"""The named lists of people whom alerts go to: who is given an answering role takes their place on them; an administrator changes them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.access.roles import ADULT_READERS
from concerns.actions.audit import audit, recorded
from concerns.choices import Ladder, Role
from concerns.exceptions import Refused, Stale
from concerns.models import Centre, Rung, User
from concerns.queries.ladder import strongest_roles

STALE = "Somebody else changed this list after you opened it. Nothing was saved. Look at what it says now."
NOBODY = "Alerts must go to somebody: leave at least one person on the list, each of them once."
CANNOT_ANSWER = "Only leads, deputies and case managers can be on the list. Somebody on it has no such role, or has left."
NOBODY_FOR_ADULTS = "A lead or a case manager must be on this list: a deputy alone is not enough."
NO_MAIL = "Somebody on the list has no e-mail address, so no alert can reach them."

# First to ask first. Source: the local procedures; about an adult who works here the case manager is asked before any lead.
ORDERS: dict[Ladder, tuple[Role, ...]] = {
    Ladder.ORDINARY: (Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER),
    Ladder.ADULT: (Role.CASE_MANAGER, Role.LEAD, Role.DEPUTY),
}


def join_ladders(centre: Centre, user: User) -> None:
    """Put a person with an answering role on both ladders, after the last one whose role is asked as early. Part of a role's action.

    Somebody who is on a ladder keeps their place; the order of the others stays.
    """
    roles = strongest_roles(centre)
    if str(user.pk) not in roles:
        return
    for ladder, order in ORDERS.items():
        ids = [str(rung.user_id) for rung in Rung.objects.filter(centre=centre, ladder=ladder)]
        if str(user.pk) in ids:
            continue
        rank = order.index(roles[str(user.pk)])
        later = [place for place, other in enumerate(ids) if other in roles and order.index(roles[other]) > rank]
        ids.insert(later[0] if later else len(ids), str(user.pk))
        _write(centre, ladder, [UUID(user_id) for user_id in ids])


@recorded
def change_ladder(*, by: User, centre: Centre, ladder: Ladder, people: Sequence[UUID], was: Sequence[UUID], at: datetime) -> None:
    """Let the alerts of one list go to these people, in this order.

    `was` is the list that the person was looking at. Raises NotVisible or NotAllowed; Stale where it is another by now; Refused with
    a sentence where nobody is left, or somebody on it could not be asked. Concerns that are open already keep their own list.
    """
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    require(by, Permission.EDIT_PLANS, centre)
    now = list(Rung.objects.filter(centre=centre, ladder=ladder).values_list("user_id", flat=True))
    if now != list(was):
        raise Stale(STALE)
    _validate(centre, ladder, people)

    _write(centre, ladder, people)
    audit(by=by, verb="changed whom alerts go to", subject=centre, at=at, centre=centre, ladder=ladder, people=",".join(map(str, people)))


def _validate(centre: Centre, ladder: Ladder, people: Sequence[UUID]) -> None:
    roles = strongest_roles(centre)
    if not people or len(set(people)) != len(people):
        raise Refused(NOBODY)
    if not all(str(user_id) in roles for user_id in people):
        raise Refused(CANNOT_ANSWER)
    if ladder == Ladder.ADULT and not any(roles[str(user_id)] in ADULT_READERS for user_id in people):
        raise Refused(NOBODY_FOR_ADULTS)
    if User.objects.filter(pk__in=people, email="").exists():
        raise Refused(NO_MAIL)


def _write(centre: Centre, ladder: Ladder, people: Sequence[UUID]) -> None:
    Rung.objects.filter(centre=centre, ladder=ladder).delete()
    Rung.objects.bulk_create(
        Rung(centre=centre, ladder=ladder, position=position, user_id=user_id) for position, user_id in enumerate(people, start=1)
    )
