"""What the tests of contacts share: contacts made through the actions, and facts to begin from."""

from typing import Any

from concerns.actions.contacts import ContactFacts, add_contact
from concerns.choices import Audience
from concerns.models import Contact
from tests.factories import AT, Cast

PRIVATE_MOBILE = "07700 900123"


def contact_facts(**changes: Any) -> ContactFacts:
    given = {
        "group": Contact.Group.HEALTH.value,
        "name": "Harbour Counselling",
        "number": "0116 496 0101",
        "audience": Audience.EVERYONE.value,
        "source": "Their own website",
    }
    return ContactFacts(**{**given, **changes})


def make_contact(cast: Cast, **facts: Any) -> Contact:
    return add_contact(by=cast.admin, centre=cast.centre, facts=contact_facts(**facts), at=AT)


def make_private_mobile(cast: Cast) -> Contact:
    """The lead's own mobile: for signed-in colleagues only."""
    return make_contact(
        cast,
        name="Priya Shah, own mobile",
        user=cast.lead,
        number=PRIVATE_MOBILE,
        email="priya.private@example.org",
        group=Contact.Group.CENTRE.value,
        is_public=False,
    )
