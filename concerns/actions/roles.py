"""Roles: proposed by an administrator; a powerful one takes effect when another holder confirms it, and all holders are told.

Source: the product's own rule against self-granted power: lead, deputy, case manager and auditor.
"""

from datetime import datetime
from uuid import UUID

from concerns.access.decisions import can, require
from concerns.access.permissions import Permission
from concerns.access.standing import grants_in_force
from concerns.actions.accounts import holders, require_free, require_own_name, send_link
from concerns.actions.audit import audit, recorded
from concerns.actions.escalation import give_step, let_go
from concerns.actions.ladders import join_ladders
from concerns.actions.locking import lock_concern
from concerns.actions.next_due import set_next_due
from concerns.actions.outbox import queue_message, withdraw
from concerns.actions.signin import end_all_sign_ins
from concerns.choices import LinkKind, MessageKind, Role, SignInEnd, StepState, StepWho
from concerns.exceptions import Refused, Stale
from concerns.models import POWERFUL_ROLES, Centre, Concern, RoleGrant, User
from concerns.queries.escalation import able_to_do, holder_of


@recorded
def propose_role(*, by: User, centre: Centre, user: User, role: Role, at: datetime) -> RoleGrant:
    """Give a role, which is in force at once; or propose a powerful one, which waits for a second person.

    Raises Refused where the person holds it, or it is proposed, already.
    """
    require(by, Permission.MANAGE_PEOPLE, centre)
    if RoleGrant.objects.filter(centre=centre, user=user, role=role, ended_at=None).exists():
        raise Refused(f"{user.name} has this role already, or it waits to be confirmed.")
    powerful = role in POWERFUL_ROLES
    grant = RoleGrant.objects.create(
        centre=centre, user=user, role=role, proposed_by=by, proposed_at=at, confirmed_at=None if powerful else at, confirmed_by=None
    )
    if powerful:
        _tell_holders(grant, at=at, what="proposed")
    else:
        end_all_sign_ins(user, why=SignInEnd.ROLE, at=at)
    audit(by=by, verb="proposed a role" if powerful else "gave a role", subject=grant, at=at, role=role, user=str(user.pk))
    return grant


def _tell_holders(grant: RoleGrant, *, at: datetime, what: str) -> None:
    for holder in holders(grant.centre):
        queue_message(recipient=holder, kind=MessageKind.ROLE, key=f"{grant.pk}:{what}:{holder.pk}", at=at, centre=grant.centre)


@recorded
def confirm_role(*, by: User, grant_id: UUID, at: datetime) -> RoleGrant:
    """Confirm a proposed powerful role. Raises NotAllowed for the proposer and for the person it is for, Stale if it is decided."""
    grant = _lock_open_proposal(by=by, grant_id=grant_id)
    grant.confirmed_at, grant.confirmed_by = at, by
    grant.save(update_fields=["confirmed_at", "confirmed_by"])
    join_ladders(grant.centre, grant.user)
    end_all_sign_ins(grant.user, why=SignInEnd.ROLE, at=at)
    _tell_holders(grant, at=at, what="confirmed")
    audit(by=by, verb="confirmed a role", subject=grant, at=at, role=grant.role, user=str(grant.user_id))
    return grant


@recorded
def refuse_role(*, by: User, grant_id: UUID, at: datetime) -> RoleGrant:
    """Refuse a proposed powerful role, as the second person."""
    grant = _lock_open_proposal(by=by, grant_id=grant_id)
    grant.ended_at, grant.ended_by = at, by
    grant.save(update_fields=["ended_at", "ended_by"])
    _tell_holders(grant, at=at, what="refused")
    audit(by=by, verb="refused a role", subject=grant, at=at, role=grant.role, user=str(grant.user_id))
    return grant


def _lock_open_proposal(*, by: User, grant_id: UUID) -> RoleGrant:
    grant = RoleGrant.objects.select_for_update(of=("self",)).select_related("centre", "user").filter(pk=grant_id).first()
    if grant is None or grant.confirmed_at is not None or grant.ended_at is not None:
        raise Stale("This was decided already.")
    require(by, Permission.CONFIRM_ROLES, grant)
    return grant


@recorded
def end_role(*, by: User, grant_id: UUID, at: datetime) -> RoleGrant:
    """Take a role away. Open steps of the person pass to the next who is free; the last lead of a centre stays.

    Raises Refused for the last lead, Stale where the role was ended already.
    """
    grant = RoleGrant.objects.select_for_update(of=("self",)).select_related("centre", "user").filter(pk=grant_id, ended_at=None).first()
    if grant is None:
        raise Stale("This role was ended already.")
    require(by, Permission.MANAGE_PEOPLE, grant.centre)
    Centre.objects.select_for_update(no_key=True).get(pk=grant.centre_id)  # two leads at once would each find the other
    others = grants_in_force().filter(centre=grant.centre, role=Role.LEAD).exclude(pk=grant.pk)
    if grant.role == Role.LEAD and grant.confirmed_at and not others.exists():
        raise Refused("This is the centre’s only lead. Add another lead first, and wait until they are confirmed.")
    grant.ended_at, grant.ended_by = at, by
    grant.save(update_fields=["ended_at", "ended_by"])
    _hand_over(grant, at=at)
    _withdraw_mails(grant, at=at)
    end_all_sign_ins(grant.user, why=SignInEnd.ROLE, at=at)
    if grant.role in POWERFUL_ROLES:
        _tell_holders(grant, at=at, what="ended")
    audit(by=by, verb="ended a role", subject=grant, at=at, role=grant.role, user=str(grant.user_id))
    return grant


def _hand_over(grant: RoleGrant, *, at: datetime) -> None:
    """Pass on what somebody had to do and may do no longer, and the concerns that they had, to the next who may; with a mail."""
    had = Concern.objects.open().filter(centre=grant.centre, lead=grant.user)
    asked = Concern.objects.filter(centre=grant.centre, steps__person=grant.user, steps__state=StepState.WAITING)
    for concern_id in sorted({*had.values_list("pk", flat=True), *asked.values_list("pk", flat=True)}):
        concern = lock_concern(by=None, permission=None, concern_id=concern_id)
        if concern.lead_id == grant.user_id and holder_of(concern) is None:
            let_go(concern, at=at)
        for step in concern.steps.filter(person=grant.user, state=StepState.WAITING).exclude(who=StepWho.REPORTER):
            step.concern = concern
            people = able_to_do(step, at=at)
            if grant.user not in people:
                give_step(step, people, at=at)
        set_next_due(concern, at=at)


def _withdraw_mails(grant: RoleGrant, *, at: datetime) -> None:
    """Take back the mails that have not left to somebody about concerns of which they may not know any more."""
    user = User.objects.get(pk=grant.user_id)  # afresh: roles are remembered in the object
    unsent = Concern.objects.filter(centre=grant.centre, messages__recipient=user, messages__sent_at=None).distinct()
    lost = [concern for concern in unsent if not (can(user, Permission.SEE_CONCERN, concern) or can(user, Permission.SEE_OWN, concern))]
    withdraw(at=at, recipient=user, concern__in=lost)


@recorded
def disable_account(*, by: User, centre: Centre, user: User, at: datetime) -> None:
    """End every role of a person at the centre, and their sign-in where they work nowhere else. Raises Refused for the last lead."""
    require(by, Permission.MANAGE_PEOPLE, centre)
    if user.pk == by.pk:
        raise Refused("You cannot disable your own account. Ask another administrator.")
    for grant in RoleGrant.objects.filter(centre=centre, user=user, ended_at=None):
        end_role(by=by, grant_id=grant.pk, at=at)
    if not RoleGrant.objects.filter(user=user, ended_at=None).exists():
        user.is_active = False
        user.save(update_fields=["is_active"])
    end_all_sign_ins(user, why=SignInEnd.DISABLED, at=at)
    audit(by=by, verb="disabled an account", subject=user, at=at, centre=centre)


@recorded
def make_first_account(
    *, by: None, centre: Centre, email: str, name: str, roles: list[Role], at: datetime, password: str | None = None
) -> User:
    """Make an account from the server's command line, with roles in force at once. Who can run it holds the server already.

    An account with this address gets the roles, and keeps its name. Raises Refused where somebody else at the centre has this name.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        require_own_name(centre, name)
        user = User.objects.create_user(email=email, password=password, name=name)
    for role in roles:
        RoleGrant.objects.get_or_create(
            centre=centre, user=user, role=role, ended_at=None, defaults={"proposed_at": at, "confirmed_at": at}
        )
    join_ladders(centre, user)
    audit(by=by, verb="made an account on the server", subject=user, at=at, centre=centre, roles=",".join(sorted(roles)))
    return user


@recorded
def add_account(*, by: User, centre: Centre, email: str, name: str, at: datetime) -> User:
    """Make an account without a password, as staff or volunteer, and mail the person a one-time link by which they set one.

    Raises Refused where the address is in use, or where somebody at the centre has this name.
    """
    require(by, Permission.MANAGE_PEOPLE, centre)
    require_free(email)
    require_own_name(centre, name)
    user = User.objects.create_user(email=email, name=name)
    audit(by=by, verb="made an account", subject=user, at=at, centre=centre)
    propose_role(by=by, centre=centre, user=user, role=Role.REPORTER, at=at)
    send_link(user, centre, kind=LinkKind.INVITED, made_by=by, at=at)
    return user
