"""Where somebody is chosen from a list, two people whose names read as one are told apart, and who answers alerts is named as that. (S5)"""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse

from concerns.choices import Role
from concerns.models import Rung, User
from tests.factories import Cast, grant, make_user, signed_in
from tests.makers import URGENT, answered, make_concern
from tests.views.pages import plain

Address = Callable[[Cast], str]
TRIAGE: list[Address] = [
    lambda cast: reverse("triage_worry", args=["00000000-0000-4000-8000-000000000001"]),
    lambda cast: reverse("triage_now", args=["00000000-0000-4000-8000-000000000001"]),
]
OTHERS: dict[str, Address] = {
    "hand-over": lambda cast: reverse("concern_hand_over", args=[answered(make_concern(cast, answers=URGENT), by=cast.lead).pk]),
    "restriction": lambda cast: reverse("concern_restrict", args=[answered(make_concern(cast, answers=URGENT), by=cast.lead).pk]),
    "duty": lambda cast: reverse("rota_week", args=[cast.centre.sessions.all()[0].pk]),
    "leave": lambda cast: reverse("leave_new"),
    "list": lambda cast: reverse("plan_ladder", args=["ordinary"]),
    "what would happen": lambda cast: reverse("what_would_happen"),
}


def namesake(cast: Cast, of: User, *roles: Role, name: str = "") -> User:
    """Somebody from before names were compared; on the list, so that they can be asked."""
    user = grant(make_user(name or of.name, email="younger@example.org"), cast.centre, Role.REPORTER, *roles)
    if roles:
        Rung.objects.create(centre=cast.centre, ladder="ordinary", position=9, user=user)
    return user


@pytest.mark.parametrize("address", TRIAGE)
def test_triage_says_beside_whoever_answers_alerts_what_they_are(cast: Cast, address: Address) -> None:
    namesake(cast, cast.lead, name="Рriya Shah")  # the first letter is a Cyrillic one

    page = plain(signed_in(cast.reporter).get(address(cast)))

    said = ("Priya Shah, Designated Safeguarding Lead (DSL)", "Tom Ellis, Deputy Designated", "Grace Mensah, Case manager", "Wei Chen")
    assert [words for words in said if words not in page] == []
    assert "Рriya Shah" in page and "Рriya Shah, " not in page and "Wei Chen, " not in page


@pytest.mark.parametrize("address", TRIAGE)
def test_triage_tells_namesakes_of_one_role_apart_by_their_address(cast: Cast, address: Address) -> None:
    namesake(cast, cast.lead, Role.LEAD)

    page = plain(signed_in(cast.reporter).get(address(cast)))

    first = cast.lead.email.split("@")[0]
    assert f"Priya Shah, Designated Safeguarding Lead (DSL) ({first})" in page
    assert "Priya Shah, Designated Safeguarding Lead (DSL) (younger)" in page
    assert "@example.org" not in page


@pytest.mark.parametrize("where", OTHERS)
def test_other_lists_tell_apart_only_names_that_repeat(cast: Cast, where: str) -> None:
    client, address = signed_in(cast.admin if where == "list" else cast.lead), OTHERS[where](cast)
    before = plain(client.get(address))
    namesake(cast, cast.deputy, Role.DEPUTY)

    after = plain(client.get(address))

    labels = [f"Tom Ellis ({cast.deputy.email.split('@')[0]})", "Tom Ellis (younger)"]
    assert "Tom Ellis" in before and "Tom Ellis (" not in before
    assert [label for label in labels if label not in after] == []
    assert not re.search(r"(Grace Mensah|Priya Shah) \(", after)
