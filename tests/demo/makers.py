"""Makes practice centres, and counts what is late in them."""

from datetime import UTC, datetime, timedelta

from concerns.actions.centre import set_up_centre
from concerns.demo.build import build_two_months
from concerns.demo.people import make_people
from concerns.models import Centre, Concern

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday


def make_demo(name: str = "Riverside Youth Centre", at: datetime = NOON) -> Centre:
    centre = set_up_centre(name=name, at=at - timedelta(days=90))
    build_two_months(centre, make_people(centre, at=at - timedelta(days=90)), at=at)
    return centre


def late_at(at: datetime) -> int:
    return Concern.objects.open().filter(next_due_at__lt=at).count()
