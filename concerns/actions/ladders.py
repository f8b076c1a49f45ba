"""The named lists of people whom alerts go to: who is given an answering role takes their place on them."""

from concerns.choices import Ladder, Role
from concerns.models import Centre, Rung, User
from concerns.queries.ladder import strongest_roles

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
        Rung.objects.filter(centre=centre, ladder=ladder).delete()
        Rung.objects.bulk_create(
            Rung(centre=centre, ladder=ladder, position=position, user_id=user_id) for position, user_id in enumerate(ids, start=1)
        )
