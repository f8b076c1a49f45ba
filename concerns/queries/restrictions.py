"""To whom a concern is restricted, who can be named, and which restrictions hold no longer because nobody named is free."""

from uuid import UUID

from concerns.access.standing import ANSWERING, grants_in_force, holding_names, vetoed_people
from concerns.models import Concern, Named, User


def named_people(concern: Concern) -> list[User]:
    """Return those to whom a concern is restricted, by name; empty where it is not restricted."""
    if not holding_names().filter(concern=concern).exists():
        return []
    return list(User.objects.filter(named_for__concern=concern, named_for__ended_at=None))


def people_to_name(concern: Concern) -> list[User]:
    """Return who can be named, by name: the leads, deputies and case managers of the centre from whom it is not hidden."""
    grants = grants_in_force().filter(centre=concern.centre_id, role__in=ANSWERING)
    return list(User.objects.filter(pk__in=grants.values("user")).exclude(pk__in=vetoed_people(concern)))


def restricted_to_nobody(*, limit: int = 20) -> list[UUID]:
    """Return the ids of concerns, not disposed of, whose restriction holds no longer: nobody named is free to answer.

    One query where nothing is restricted, else two.
    """
    if not Named.objects.filter(ended_at=None).exists():
        return []
    named = Concern.objects.filter(named__ended_at=None, named__isnull=False, data_key__isnull=False)
    return list(named.exclude(pk__in=holding_names().values("concern")).order_by("pk").values_list("pk", flat=True).distinct()[:limit])
