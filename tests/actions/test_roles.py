"""Roles: ordinary ones at once, powerful ones by a second person; nobody makes themselves powerful. (S6)"""

import pytest
from django.db import IntegrityError, transaction

from concerns.access.permissions import Permission
from concerns.access.standing import centres_with, roles_of
from concerns.actions.roles import add_account, confirm_role, disable_account, end_role, make_first_account, propose_role, refuse_role
from concerns.choices import MessageKind, Role, StepKind, StepState
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import Message, RoleGrant, Step, User
from tests.factories import AT, Cast, grant, make_user
from tests.makers import URGENT, make_concern

POWERFUL = (Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER, Role.AUDITOR)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def propose(cast: Cast, user: User, role: Role, by: User | None = None) -> RoleGrant:
    return propose_role(by=by or cast.admin, centre=cast.centre, user=user, role=role, at=AT)


@pytest.mark.parametrize("role", POWERFUL)
def test_powerful_role_gives_nothing_until_it_is_confirmed(cast: Cast, role: Role) -> None:
    waiting = propose(cast, cast.nobody, role)
    assert roles_of(fresh(cast.nobody)) == {}

    confirm_role(by=cast.lead, grant_id=waiting.pk, at=AT)

    assert roles_of(fresh(cast.nobody)) == {cast.centre.pk: frozenset({role})}


@pytest.mark.parametrize("role", [Role.REPORTER, Role.ADMIN, Role.TRUSTEE])
def test_ordinary_role_is_in_force_at_once(cast: Cast, role: Role) -> None:
    propose(cast, cast.nobody, role)

    assert roles_of(fresh(cast.nobody)) == {cast.centre.pk: frozenset({role})}


def test_all_holders_are_told_of_a_proposal_and_of_its_confirmation(cast: Cast) -> None:
    waiting = propose(cast, cast.nobody, Role.LEAD)

    told = set(Message.objects.filter(kind=MessageKind.ROLE).values_list("recipient__name", flat=True))
    confirm_role(by=cast.deputy, grant_id=waiting.pk, at=AT)

    assert told == {cast.lead.name, cast.deputy.name, cast.case_manager.name, cast.auditor.name}
    assert Message.objects.filter(kind=MessageKind.ROLE, recipient=cast.lead).count() == 2


def test_admin_cannot_make_themselves_a_lead(cast: Cast) -> None:
    waiting = propose(cast, cast.admin, Role.LEAD)

    with pytest.raises(NotAllowed):
        confirm_role(by=cast.admin, grant_id=waiting.pk, at=AT)
    assert Permission.SEE_QUEUE not in {p for p in Permission if centres_with(fresh(cast.admin), p)}


def test_proposer_who_is_also_a_lead_cannot_confirm(cast: Cast) -> None:
    both = grant(make_user("Both Hats"), cast.centre, Role.ADMIN, Role.LEAD)
    waiting = propose(cast, cast.nobody, Role.DEPUTY, by=both)

    with pytest.raises(NotAllowed, match="not the person who proposed it"):
        confirm_role(by=both, grant_id=waiting.pk, at=AT)


def test_person_it_is_for_cannot_confirm(cast: Cast) -> None:
    waiting = propose(cast, cast.deputy, Role.LEAD)

    with pytest.raises(NotAllowed):
        confirm_role(by=cast.deputy, grant_id=waiting.pk, at=AT)


def test_holder_of_another_centre_cannot_confirm(cast: Cast) -> None:
    waiting = propose(cast, cast.nobody, Role.LEAD)

    with pytest.raises(NotVisible):
        confirm_role(by=cast.outsider, grant_id=waiting.pk, at=AT)


def test_database_itself_refuses_one_person_as_both(cast: Cast) -> None:
    waiting = propose(cast, cast.nobody, Role.LEAD)

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=waiting.pk).update(confirmed_by=cast.admin, confirmed_at=AT)


def test_refused_role_stays_without_effect(cast: Cast) -> None:
    waiting = propose(cast, cast.nobody, Role.LEAD)

    refuse_role(by=cast.lead, grant_id=waiting.pk, at=AT)

    assert roles_of(fresh(cast.nobody)) == {}
    with pytest.raises(Stale):
        confirm_role(by=cast.deputy, grant_id=waiting.pk, at=AT)


def test_same_role_twice_is_refused(cast: Cast) -> None:
    propose(cast, cast.nobody, Role.LEAD)

    with pytest.raises(Refused, match="already"):
        propose(cast, cast.nobody, Role.LEAD)


@pytest.mark.parametrize("who", ["reporter", "lead", "auditor", "outsider"])
def test_only_an_administrator_of_the_centre_gives_roles(cast: Cast, who: str) -> None:
    with pytest.raises((NotAllowed, NotVisible)):
        propose(cast, cast.nobody, Role.REPORTER, by=getattr(cast, who))


def test_last_lead_cannot_be_removed(cast: Cast) -> None:
    only = RoleGrant.objects.get(user=cast.lead, role=Role.LEAD)

    with pytest.raises(Refused, match="only lead"):
        end_role(by=cast.admin, grant_id=only.pk, at=AT)


def test_last_lead_cannot_be_disabled_and_nothing_is_half_done(cast: Cast) -> None:
    with pytest.raises(Refused):
        disable_account(by=cast.admin, centre=cast.centre, user=cast.lead, at=AT)

    assert set(roles_of(fresh(cast.lead))[cast.centre.pk]) == {Role.LEAD, Role.REPORTER}


def test_disabling_hands_over_open_steps_first(cast: Cast) -> None:
    grant(make_user("Ivy Stone"), cast.centre, Role.LEAD)
    concern = make_concern(cast, answers=URGENT)

    disable_account(by=cast.admin, centre=cast.centre, user=cast.lead, at=AT)

    step = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)
    assert step.person == cast.deputy
    assert not fresh(cast.lead).is_active


def test_somebody_who_works_elsewhere_too_can_still_sign_in(cast: Cast) -> None:
    grant(cast.outsider, cast.centre, Role.REPORTER)

    disable_account(by=cast.admin, centre=cast.centre, user=cast.outsider, at=AT)

    assert fresh(cast.outsider).is_active
    assert cast.centre.pk not in roles_of(fresh(cast.outsider))


def test_admin_cannot_disable_themselves(cast: Cast) -> None:
    with pytest.raises(Refused, match="your own account"):
        disable_account(by=cast.admin, centre=cast.centre, user=cast.admin, at=AT)


def test_new_account_is_staff_without_a_password(cast: Cast) -> None:
    user = add_account(by=cast.admin, centre=cast.centre, email="New.Person@Example.org", name="New Person", at=AT)

    assert (user.email, user.has_usable_password()) == ("new.person@example.org", False)
    assert roles_of(fresh(user)) == {cast.centre.pk: frozenset({Role.REPORTER})}


def test_address_in_use_is_refused_in_any_case_of_letters(cast: Cast) -> None:
    with pytest.raises(Refused, match="already"):
        add_account(by=cast.admin, centre=cast.centre, email=cast.lead.email.upper(), name="Again", at=AT)


def test_first_accounts_come_from_the_server_with_roles_in_force(cast: Cast) -> None:
    user = make_first_account(
        by=None, centre=cast.centre, email="first@example.org", name="First", roles=[Role.LEAD], at=AT, password="x" * 14
    )

    assert roles_of(user) == {cast.centre.pk: frozenset({Role.LEAD})}
