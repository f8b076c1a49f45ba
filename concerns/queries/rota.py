"""stub"""

from datetime import datetime
from uuid import UUID

from concerns.models import Centre, User


def on_duty(centre: Centre, *, at: datetime) -> tuple[User, ...]:
    return ()


def away(centre: Centre, *, at: datetime) -> frozenset[UUID]:
    return frozenset()
