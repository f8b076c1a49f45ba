"""Makes concerns that may be disposed of, and disposes of them as two people would."""

from datetime import datetime, timedelta
from typing import Any

from concerns.actions.disposal import approve_disposal, propose_disposal
from concerns.choices import Role
from concerns.models import Concern, Disposal, User
from concerns.rules.retention import EarlyGround, Rule
from tests.factories import AT, Cast, grant, make_user
from tests.makers import closed, make_concern

LATER = AT + timedelta(days=26 * 366)
SOON = AT + timedelta(days=2)


def make_closed(cast: Cast, **changes: Any) -> Concern:
    """A closed concern about a young person whose birthday nobody knows: kept for 25 years."""
    return closed(make_concern(cast, **changes), by=cast.lead)


def proposed(cast: Cast, concern: Concern, *, at: datetime = LATER) -> Concern:
    """The same concern, proposed by the lead."""
    propose_disposal(by=cast.lead, concern_id=concern.pk, rule=Rule.CHILD, at=at)
    return concern


def disposed(cast: Cast, concern: Concern, *, at: datetime = LATER) -> Disposal:
    """Its tombstone, once a second lead has agreed."""
    proposed(cast, concern, at=at)
    found = approve_disposal(by=second_lead(cast), concern_id=concern.pk, at=at)
    concern.refresh_from_db()
    return found


def second_lead(cast: Cast) -> User:
    """Another lead of the centre."""
    found = User.objects.filter(name="Zoe Hale").first()
    return found or grant(make_user("Zoe Hale"), cast.centre, Role.REPORTER, Role.LEAD)


def disposed_early(cast: Cast, concern: Concern) -> Concern:
    """The same concern, disposed of two days after it was recorded, because it was about the wrong person."""
    ground = EarlyGround.WRONG_PERSON
    propose_disposal(by=cast.lead, concern_id=concern.pk, rule=Rule.CHILD, early_ground=ground, at=SOON)
    approve_disposal(by=second_lead(cast), concern_id=concern.pk, at=SOON)
    concern.refresh_from_db()
    return concern
