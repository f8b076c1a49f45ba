"""An administrator who makes a puppet a lead gets nowhere alone; ids of another thing and stale tabs open nothing. (S2, S3, S6)"""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from concerns.access.permissions import Permission
from concerns.access.standing import centres_with, grants_in_force
from concerns.actions.roles import add_account, confirm_role, end_role, propose_role
from concerns.choices import Role
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import Concern, Entry, Proposal, RoleGrant, Step, User
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import MARKER, URGENT, answered, make_concern
from tests.structure.test_permissions import World, patterns
from tests.views.pages import plain

POWERFUL = (Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER, Role.AUDITOR)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def puppet(cast: Cast, role: Role = Role.LEAD) -> tuple[User, RoleGrant]:
    """An account that the administrator made and holds the password of, with a powerful role proposed for it."""
    user = add_account(by=cast.admin, centre=cast.centre, email="puppet@example.org", name="Pat Puppet", at=AT)
    return user, propose_role(by=cast.admin, centre=cast.centre, user=user, role=role, at=AT)


def test_second_person_sees_which_account_would_become_powerful(cast: Cast) -> None:
    """A puppet may bear a colleague's name, as one from before names were compared; it cannot bear their address. (S6)"""
    namesake = grant(make_user(cast.deputy.name, email="puppet@example.org"), cast.centre, Role.REPORTER)
    propose_role(by=cast.admin, centre=cast.centre, user=namesake, role=Role.LEAD, at=AT)

    page = plain(signed_in(cast.lead).get(reverse("people")))

    assert f"{cast.deputy.name}, who signs in as puppet@example.org" in page


@pytest.mark.parametrize("role", POWERFUL)
def test_no_account_of_the_administrators_can_confirm_the_puppet(cast: Cast, role: Role) -> None:
    user, waiting = puppet(cast, role)
    second_admin = grant(make_user("Second Admin"), cast.centre, Role.ADMIN)

    for who in (cast.admin, user, second_admin, cast.reporter, cast.trustee, cast.outsider, cast.nobody):
        signed_in(who).post(reverse("role_decide", args=[waiting.pk]), {"decision": "confirm"})
        with pytest.raises((NotAllowed, NotVisible)):
            confirm_role(by=fresh(who), grant_id=waiting.pk, at=AT)

    waiting.refresh_from_db()
    assert waiting.confirmed_at is None and not grants_in_force().filter(user=user, role=role).exists()


def test_two_puppets_cannot_confirm_each_other(cast: Cast) -> None:
    first, of_first = puppet(cast)
    second = add_account(by=cast.admin, centre=cast.centre, email="second@example.org", name="Second Puppet", at=AT)
    of_second = propose_role(by=cast.admin, centre=cast.centre, user=second, role=Role.DEPUTY, at=AT)

    for who, waiting in ((first, of_second), (second, of_first)):
        with pytest.raises((NotAllowed, NotVisible)):
            confirm_role(by=fresh(who), grant_id=waiting.pk, at=AT)

    assert not grants_in_force().filter(user__in=[first, second], role__in=POWERFUL).exists()


def test_proposing_again_ending_and_proposing_for_themselves_change_nothing(cast: Cast) -> None:
    user, waiting = puppet(cast)
    with pytest.raises(Refused):
        propose_role(by=cast.admin, centre=cast.centre, user=user, role=Role.LEAD, at=AT)
    end_role(by=cast.admin, grant_id=waiting.pk, at=AT)
    own = propose_role(by=cast.admin, centre=cast.centre, user=cast.admin, role=Role.LEAD, at=AT)
    with pytest.raises((NotAllowed, NotVisible)):
        confirm_role(by=user, grant_id=own.pk, at=AT)
    with pytest.raises(Stale):
        confirm_role(by=cast.lead, grant_id=waiting.pk, at=AT)

    assert Permission.SEE_QUEUE not in {one for one in Permission if centres_with(fresh(cast.admin), one)}


def test_puppet_sees_no_concern_while_it_waits_and_a_holder_is_told_who_proposed_it(cast: Cast) -> None:
    concern = make_concern(cast)
    user, _ = puppet(cast)

    pages = {name: signed_in(user).get(reverse(name)) for name in ("queue", "audit", "break_glass")}
    told = plain(signed_in(cast.lead).get(reverse("people")))

    assert {page.status_code for page in pages.values()} == {403}
    assert signed_in(user).get(reverse("concern", args=[concern.pk])).status_code == 404
    assert "Wei Chen proposed that Pat Puppet, who signs in as puppet@example.org, becomes" in told


def nested() -> list[str]:
    return [
        str(pattern.name)
        for pattern in patterns()
        if "concern_id" in pattern.pattern.converters and {"entry_id", "step_id", "proposal_id"} & set(pattern.pattern.converters)
    ]


@pytest.mark.parametrize("name", nested())
@pytest.mark.parametrize("method", ["get", "post"])
def test_id_of_another_concern_inside_an_address_opens_nothing(cast: Cast, name: str, method: str) -> None:
    world = World(cast)
    mine = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    pattern = next(pattern for pattern in patterns() if pattern.name == name)
    before = (Entry.objects.count(), Step.objects.filter(state="done").count(), Proposal.objects.exclude(decided_at=None).count())
    client = world.client("reporter" if name.startswith("mine") else "lead")
    fields = {"done": "yes", "outcome": MARKER, "text": MARKER, "agree": "yes", "reason": MARKER}

    arguments = {**world.arguments(pattern), "concern_id": mine.pk}
    foreign = getattr(client, method)(reverse(name, kwargs=arguments), fields if method == "post" else None)
    inner = next(key for key in arguments if key in ("entry_id", "step_id", "proposal_id"))
    unknown = getattr(client, method)(reverse(name, kwargs={**arguments, inner: uuid.uuid4()}), fields if method == "post" else None)

    after = (Entry.objects.count(), Step.objects.filter(state="done").count(), Proposal.objects.exclude(decided_at=None).count())
    assert (foreign.status_code, plain(foreign)) == (unknown.status_code, plain(unknown))
    assert after == before


BUTTONS = ("concern_acknowledge", "concern_take")
FORMS = ("concern_entry", "concern_status", "concern_level", "concern_close", "concern_conflict", "concern_restrict")
TYPED = {
    "kind": "note",
    "text": f"{MARKER} typed for ten minutes",
    "reason": f"{MARKER} because of it",
    "to": "referred",
    "outcome": "mistake",
}


@pytest.mark.parametrize("name", [*BUTTONS, *FORMS])
def test_open_tab_of_a_lead_who_is_one_no_longer_is_refused_in_words_and_loses_nothing(cast: Cast, name: str) -> None:
    grant(make_user("Zoe Hale"), cast.centre, Role.LEAD)
    concern = answered(make_concern(cast), by=cast.lead)
    tab: Client = signed_in(cast.lead)
    assert tab.get(reverse("concern", args=[concern.pk])).status_code == 200
    RoleGrant.objects.filter(user=cast.lead, role=Role.LEAD).update(ended_at=AT)
    concern.refresh_from_db()
    before = (concern.version, Entry.objects.count())

    answer = tab.post(reverse(name, args=[concern.pk]), {**TYPED, "version": concern.version} if name in FORMS else {"version": "1"})

    concern.refresh_from_db()
    page = plain(answer)
    assert answer.status_code == 404 and "There is nothing here that we can show you" in page
    assert (concern.version, Entry.objects.count()) == before
    assert ("Nothing was saved. Copy what you wrote" in page) == (name in FORMS)
    assert all(text in answer.content.decode() for text in (TYPED["text"], TYPED["reason"])) == (name in FORMS)
    assert concern.reference not in page and Concern.objects.count() == 1


def test_what_was_typed_is_given_back_escaped_and_the_same_for_an_unknown_id(cast: Cast) -> None:
    concern, client = make_concern(cast), signed_in(cast.reporter2)
    fields = {"text": "<script>alert(1)</script> and more"}

    pages = [client.post(reverse("concern_entry", args=[pk]), fields).content.decode() for pk in (concern.pk, uuid.uuid4())]

    assert "&lt;script&gt;alert(1)&lt;/script&gt; and more" in pages[0] and "<script>alert" not in pages[0]
    assert len({plain_of(page) for page in pages}) == 1


def plain_of(page: str) -> str:
    return page[page.index("<h1") : page.index("</main>")]
