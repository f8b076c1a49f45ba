"""Accounts: inviting by a one-time link, and changes that wait for a second person because they would open somebody's account.

Source: changing the e-mail address of somebody who holds a powerful role, or how they prove who they are, takes effect only when
another holder confirms it, and all holders are told.
"""

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.access.standing import centre_of, grants_in_force
from concerns.actions.audit import audit, recorded
from concerns.actions.letters import OLD_ADDRESS
from concerns.actions.outbox import queue_message
from concerns.actions.signin import end_all_sign_ins, tell_owner
from concerns.choices import AccountChangeKind, LinkKind, MessageKind, SignInEnd
from concerns.exceptions import Refused, Stale
from concerns.models import POWERFUL_ROLES, AccountChange, Centre, RoleGrant, SignInLink, User
from concerns.queries.signin import link_in_force
from concerns.rules.names import name_key
from concerns.rules.signin import LINK_LIVES
from concerns.rules.words import span_words

OVER = (
    f"This link was used already, or is older than {span_words(LINK_LIVES)}. "
    "Ask the person who looks after accounts at your centre for a new one."
)
ELSEWHERE = "They work at another centre now: somebody there must do this."
NAMESAKE = (
    "There is somebody called {name} here already. Write the name so that both can be told apart, for example with a middle name or "
    "“the younger”."
)
IN_USE = "Somebody has an account with this e-mail address already."


def holders(centre: Centre) -> list[User]:
    """Return everybody who holds a powerful role at the centre."""
    grants = grants_in_force().filter(centre=centre, role__in=POWERFUL_ROLES).select_related("user")
    return list({grant.user_id: grant.user for grant in grants}.values())


def send_link(user: User, centre: Centre, *, kind: LinkKind, made_by: User | None, at: datetime) -> SignInLink:
    """Mail a person a one-time link by which they set their password; the links that they were sent before stop working."""
    end_links(user, at=at)
    link = SignInLink.objects.create(user=user, kind=kind, made_by=made_by, made_at=at, expires_at=at + LINK_LIVES)
    mail = MessageKind.INVITATION if kind == LinkKind.INVITED else MessageKind.NEW_START
    queue_message(recipient=user, kind=mail, key=f"link:{link.pk}", at=at, centre=centre)
    return link


def end_links(user: User, *, at: datetime) -> None:
    """Let the links that a person was sent work no longer: they took another way, or their address is another one by now."""
    SignInLink.objects.filter(user=user, used_at=None, expires_at__gt=at).update(expires_at=at)


@recorded
def invite(*, by: User, centre: Centre, user: User, at: datetime) -> SignInLink:
    """Send somebody who has not set a password yet a new link. Raises Refused where they have set one."""
    require(by, Permission.MANAGE_PEOPLE, centre)
    if user.has_usable_password():
        raise Refused(f"{user.name} has a password already. They can use “I have forgotten my password”.")
    link = send_link(user, centre, kind=LinkKind.INVITED, made_by=by, at=at)
    audit(by=by, verb="sent an invitation", subject=user, at=at, centre=centre)
    return link


@recorded
def make_link_on_server(*, by: None, user: User, at: datetime) -> SignInLink:
    """Make a link from the server's command line, for when nobody else can: factors and sign-ins end as for a lost device.

    Whoever can run it holds the server already.
    """
    _start_anew(user, at=at)
    link = SignInLink.objects.create(user=user, kind=LinkKind.LOST_DEVICE, made_at=at, expires_at=at + LINK_LIVES)
    tell_owner(user, what="a link was made on the server", at=at)
    audit(by=by, verb="made a sign-in link on the server", subject=user, at=at, centre=centre_of(user))
    return link


@recorded
def use_link(*, by: None, token: str, password: str, at: datetime) -> User:
    """Set the password of whom a link was sent to; it works once, also under a race. Raises Refused where it is over."""
    link = link_in_force(token, at=at)
    if link is None or not SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=at):
        raise Refused(OVER)
    user = link.user
    user.set_password(password)
    user.save(update_fields=["password"])
    end_all_sign_ins(user, why=SignInEnd.PASSWORD, at=at)
    audit(by=user, verb="set a password by a link", subject=user, at=at, centre=centre_of(user), kind=link.kind)
    return user


@recorded
def propose_account_change(
    *, by: User, centre: Centre, user: User, kind: AccountChangeKind, at: datetime, new_email: str = ""
) -> AccountChange:
    """Propose a new e-mail address, or that somebody who lost their device starts anew; the owner and all holders are told.

    Only the address of somebody who has never signed in is changed at once, as after a slip of the pen: an administrator alone must
    not come to what a colleague has recorded. Raises Refused where the address is in use, the
    same waits already, or the person works at other centres only.
    """
    require(by, Permission.MANAGE_PEOPLE, centre)
    working = RoleGrant.objects.filter(user=user, ended_at=None)
    if working.exists() and not working.filter(centre=centre).exists():
        raise Refused(ELSEWHERE)
    require_free(new_email)
    if AccountChange.objects.filter(user=user, kind=kind, decided_at=None).exists():
        raise Refused("This was proposed already, and waits for a second person.")
    at_once = kind == AccountChangeKind.EMAIL and user.last_login is None and not _is_powerful(user)
    change = AccountChange.objects.create(centre=centre, user=user, kind=kind, new_email=new_email, proposed_by=by, proposed_at=at)
    audit(by=by, verb="proposed an account change", subject=change, at=at, kind=kind, user=str(user.pk))
    tell_owner(user, what=f"{kind} proposed", at=at)
    if at_once:
        AccountChange.objects.filter(pk=change.pk).update(decided_at=at, agreed=True)
        _carry_out(change, at=at)
    else:
        _tell_holders(change, what="proposed", at=at)
    return change


def _is_powerful(user: User) -> bool:
    """Whether the person holds a powerful role anywhere, or is about to."""
    return RoleGrant.objects.filter(user=user, role__in=POWERFUL_ROLES, ended_at=None).exists()


def require_free(email: str) -> None:
    """Raise Refused where somebody has an account with this address; "" stands for none."""
    if email and User.objects.filter(email__iexact=email).exists():
        raise Refused(IN_USE)


def require_own_name(centre: Centre, name: str) -> None:
    """Raise Refused where somebody at the centre, enabled, has a name that reads as this one: a list must tell people apart."""
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)  # two at once would each find it free
    there = User.objects.filter(is_active=True, grants__centre=centre, grants__ended_at=None).distinct()
    taken = next((user.name for user in there if name_key(user.name) == name_key(name)), None)
    if taken is not None:
        raise Refused(NAMESAKE.format(name=taken))


def _tell_holders(change: AccountChange, *, what: str, at: datetime) -> None:
    for holder in holders(change.centre):
        key = f"{change.pk}:{what}:{holder.pk}"
        queue_message(recipient=holder, kind=MessageKind.OTHER_ACCOUNT, key=key, at=at, centre=change.centre)


@recorded
def decide_account_change(*, by: User, change_id: UUID, agree: bool, at: datetime) -> AccountChange:
    """Agree, or not, as the second person. Raises NotAllowed for the proposer and for the owner, Stale where it is decided."""
    change = AccountChange.objects.select_related("centre", "user").filter(pk=change_id, decided_at=None).first()
    if change is None:
        raise Stale("This was decided already.")
    require(by, Permission.CONFIRM_ROLES, change)
    if not AccountChange.objects.filter(pk=change.pk, decided_at=None).update(decided_at=at, decided_by=by, agreed=agree):
        raise Stale("This was decided already.")
    if agree:
        require_free(change.new_email)
        _carry_out(change, at=at)
    _tell_holders(change, what="decided", at=at)
    audit(by=by, verb="decided an account change", subject=change, at=at, kind=change.kind, agreed=agree, user=str(change.user_id))
    return change


def _carry_out(change: AccountChange, *, at: datetime) -> None:
    user = change.user
    if change.kind == AccountChangeKind.EMAIL:
        AccountChange.objects.filter(pk=change.pk).update(old_email=user.email)
        user.email = change.new_email.lower()
        user.save(update_fields=["email"])
        EmailAddress.objects.filter(user=user).delete()  # allauth's own note of the old one would still open the account
        end_links(user, at=at)
        end_all_sign_ins(user, why=SignInEnd.FACTOR, at=at)
        tell_owner(user, what="email changed", at=at)
        queue_message(recipient=user, kind=MessageKind.ACCOUNT, key=f"{OLD_ADDRESS}{change.pk}", at=at, centre=change.centre)
    else:
        _start_anew(user, at=at)
        send_link(user, change.centre, kind=LinkKind.LOST_DEVICE, made_by=change.proposed_by, at=at)


def _start_anew(user: User, *, at: datetime) -> None:
    """Take away the password and every factor, and end every sign-in: only the link that follows lets the person in again."""
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_all_sign_ins(user, why=SignInEnd.FACTOR, at=at)
