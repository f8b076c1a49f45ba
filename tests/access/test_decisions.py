"""Decisions and scopes say the same, for every person and every concern, whatever links, conflicts and steps there are. (S4, S5)"""

import itertools
import random

import pytest

from concerns.access.decisions import can, decide, require
from concerns.access.permissions import OWN, Permission
from concerns.access.roles import ROLES
from concerns.access.scopes import frozen_concerns, own_concerns, visible_concerns, visible_contacts, visible_drafts
from concerns.choices import LinkRole, Role, StepKind, StepWho, Vault
from concerns.exceptions import NotAllowed, NotVisible
from concerns.models import Concern, Conflict, Contact, Draft, Entry, Link, Step, User
from concerns.queries.timeline import own_words
from tests.factories import AT, Cast, grant, make_user
from tests.makers import CALM, about, answered, closed, make_concern, make_draft


def fresh(user: User) -> User:
    """The same person without what was remembered of their roles."""
    return User.objects.get(pk=user.pk)


def everybody() -> list[User]:
    return list(User.objects.all())


def tangle(cast: Cast, seed: int) -> None:
    """Concerns of both vaults with links, conflicts and steps strewn over them."""
    chance = random.Random(seed)
    people = everybody()
    staff = [cast.reporter, cast.reporter2, cast.lead, cast.deputy, cast.case_manager]
    for number in range(6):
        adult = chance.choice([None, *staff])
        author = chance.choice([user for user in staff if user != adult])
        concern = make_concern(cast, by=author, answers=about(adult) if adult else CALM)
        for user in chance.sample(people, 3):
            kind = chance.choice(["link", "harm", "conflict", "step"])
            if kind in ("link", "harm"):
                role = LinkRole.MAY_HAVE_HARMED if kind == "harm" else LinkRole.TOLD
                ended = AT if chance.random() < 0.3 else None
                Link.objects.create(concern=concern, user=user, role=role, made_at=AT, made_by=author, ended_at=ended)
            elif kind == "conflict":
                Conflict.objects.create(concern=concern, user=user, reason=b"x", declared_by=author, declared_at=AT)
            else:
                Step.objects.create(
                    concern=concern, key=f"k{number}", kind=StepKind.DECIDE, text="x", who=StepWho.HOLDER, person=user, created_at=AT
                )


@pytest.mark.parametrize("seed", range(8))
def test_scopes_equal_decisions(cast: Cast, seed: int) -> None:
    grant(make_user("Both Hats"), cast.centre, Role.ADMIN, Role.DEPUTY)
    tangle(cast, seed)

    for user, concern in itertools.product(everybody(), Concern.objects.all()):
        person = fresh(user)
        assert visible_concerns(person).filter(pk=concern.pk).exists() == can(person, Permission.SEE_CONCERN, concern)
        assert own_concerns(person).filter(pk=concern.pk).exists() == can(person, Permission.SEE_OWN, concern)


@pytest.mark.parametrize("seed", range(3))
def test_scopes_of_drafts_and_contacts_equal_decisions(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    for user in (cast.reporter, cast.lead, cast.reporter2):
        make_draft(cast, by=user)
    for user in everybody():
        Contact.objects.create(
            centre=cast.centre,
            group="3_centre",
            name=user.name,
            user=user,
            number="01632 960000",
            source="Test",
            retired_at=AT if chance.random() < 0.5 else None,
        )

    for user in everybody():
        person = fresh(user)
        assert set(visible_drafts(person)) == {draft for draft in Draft.objects.all() if can(person, Permission.USE_DRAFT, draft)}
        assert set(visible_contacts(person)) == {row for row in Contact.objects.all() if can(person, Permission.SEE_CONTACTS, row)}


def test_veto_hides_the_concern_from_a_lead(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.lead))

    seen = {user.name for user in everybody() if can(fresh(user), Permission.SEE_CONCERN, concern)}

    assert concern.vault == Vault.ADULT
    assert seen == {cast.case_manager.name}


def test_no_other_link_vetoes(cast: Cast) -> None:
    concern = make_concern(cast)
    Link.objects.create(concern=concern, user=cast.lead, role=LinkRole.WITNESS, made_at=AT, made_by=cast.reporter)

    assert can(cast.lead, Permission.SEE_CONCERN, concern)


def test_vetoed_author_keeps_only_their_own_words(cast: Cast) -> None:
    concern = answered(make_concern(cast, by=cast.deputy), by=cast.lead)
    Conflict.objects.create(concern=concern, user=cast.deputy, reason=b"x", declared_by=cast.lead, declared_at=AT)
    author = fresh(cast.deputy)

    words = {item.id for item in own_words(author, concern, at=AT).items}

    assert not any(can(author, permission, concern) for permission in Permission)
    assert list(frozen_concerns(author)) == [concern]
    assert words == set(Entry.objects.filter(concern=concern, author=author).values_list("pk", flat=True))
    assert Entry.objects.filter(concern=concern).count() > len(words) > 0


def test_the_reporter_who_is_a_lead_cannot_answer_their_own_alert(cast: Cast) -> None:
    concern = make_concern(cast, by=cast.lead)

    decision = decide(cast.lead, Permission.ACKNOWLEDGE, concern)

    assert (decision.allowed, decision.visible) == (False, True)
    assert decision.reason == "You recorded this concern, so somebody else must answer it."


def test_closed_concern_can_be_read_but_not_worked(cast: Cast) -> None:
    concern = closed(make_concern(cast), by=cast.lead)

    assert can(cast.lead, Permission.SEE_CONCERN, concern)
    with pytest.raises(NotAllowed, match="closed"):
        require(cast.lead, Permission.ADD_ENTRY, concern)
    assert can(cast.reporter, Permission.ADD_TO_OWN, concern)


def test_disabled_account_can_do_nothing(cast: Cast) -> None:
    concern = make_concern(cast)
    cast.lead.is_active = False
    cast.lead.save()

    with pytest.raises(NotVisible):
        require(fresh(cast.lead), Permission.SEE_CONCERN, concern)
    assert list(visible_concerns(fresh(cast.lead))) == []


def test_proposed_powerful_role_gives_nothing_yet(cast: Cast) -> None:
    cast.admin.grants.create(centre=cast.centre, role=Role.LEAD, proposed_by=cast.lead, proposed_at=AT)
    concern = make_concern(cast)

    assert not can(fresh(cast.admin), Permission.SEE_CONCERN, concern)


def test_admin_trustee_and_auditor_hold_no_permission_about_concerns() -> None:
    about_concerns = OWN | set(ROLES[Role.LEAD]) - ROLES[Role.ADMIN] - {Permission.CONFIRM_ROLES, Permission.READ_AUDIT}

    assert {role for role in (Role.ADMIN, Role.TRUSTEE, Role.AUDITOR) if ROLES[role] & about_concerns} == set()
