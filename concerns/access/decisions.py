"""One decision for every question: role grants → centre → need-to-know → veto → state.

The same rule as a queryset stands in scopes.py, and a test holds the two equal.
"""

from dataclasses import dataclass

from concerns.choices import Role, Vault
from concerns.exceptions import NotAllowed, NotVisible
from concerns.models import (
    AccountChange,
    Centre,
    Concern,
    Contact,
    DisposalProposal,
    Draft,
    Drill,
    HandoverNote,
    Leave,
    Message,
    OpeningSession,
    Proposal,
    RoleGrant,
    User,
)

from .permissions import BEHIND_GLASS, CASE_WORK, IN_A_DRILL, KEEPING, OWN, Permission
from .standing import Standing, centres_with, roles_of

OfACentre = Drill | HandoverNote | Leave | Message | OpeningSession
Thing = AccountChange | Centre | Concern | Contact | DisposalProposal | Draft | Proposal | RoleGrant | OfACentre


@dataclass(frozen=True)
class Decision:
    """`visible` false: to this person the thing does not exist. `reason` is a sentence for the person."""

    allowed: bool
    reason: str = ""
    visible: bool = True


YES = Decision(True)
HIDDEN = Decision(False, "Not found.", visible=False)
NOT_YOUR_ROLE = Decision(False, "Your role does not allow this. Ask a safeguarding lead or an administrator.")
NOT_THE_SECOND = Decision(
    False, "Somebody who holds a powerful role must confirm this: not the person who proposed it, and not the one it is for."
)
NOT_THE_HOLDER = Decision(False, "Take this concern first: who has it says who may see it.")
IN_AN_EMERGENCY = Decision(False, "You opened this in an emergency: read it and add to it. The rest is for those who work with it.")
A_DRILL = Decision(False, "This is a drill: it can be answered, and nothing else. If you are worried about somebody, record a concern.")
DISPOSED = Decision(False, "The content of this record was disposed of. If you are worried again, record a new concern.")


def decide(user: User, permission: Permission, thing: Thing | None = None) -> Decision:
    """Say whether the person may do this, to this thing where one is named."""
    if not user.is_authenticated or not user.is_active:
        return HIDDEN
    if isinstance(thing, (Proposal, DisposalProposal)):
        return _decide_on_proposal(user, permission, thing)
    if isinstance(thing, Concern):
        return _decide_on_concern(Standing(user, thing), permission)
    if isinstance(thing, Draft):
        return YES if thing.owner_id == user.pk and centres_with(user, permission) else HIDDEN
    if isinstance(thing, HandoverNote) and thing.author_id != user.pk:
        return HIDDEN
    centres = centres_with(user, permission)
    if thing is None:
        return YES if centres else NOT_YOUR_ROLE
    centre_id = thing.pk if isinstance(thing, Centre) else thing.centre_id
    if isinstance(thing, Contact) and thing.retired_at and centre_id not in centres_with(user, Permission.EDIT_CONTACTS):
        return HIDDEN
    if centre_id not in centres:
        return NOT_YOUR_ROLE if centre_id in roles_of(user) else HIDDEN
    if (
        isinstance(thing, RoleGrant | AccountChange)
        and permission is Permission.CONFIRM_ROLES
        and user.pk in (thing.proposed_by_id, thing.user_id)
    ):
        return NOT_THE_SECOND
    return YES


def _needs_to_know(is_to: Standing) -> bool:
    """Whether a role of theirs, or their name, makes them work with this concern. Source: the vaults of the routing rules."""
    if not is_to.answers or is_to.is_kept_out:
        return False
    at_home = Role.DEPUTY if is_to.concern.vault == Vault.ORDINARY else Role.CASE_MANAGER
    return bool(is_to.roles & {Role.LEAD, at_home}) or is_to.is_named or is_to.was_asked


def _decide_on_concern(is_to: Standing, permission: Permission) -> Decision:
    user, concern = is_to.user, is_to.concern
    if concern.centre_id not in centres_with(user, permission) or is_to.is_vetoed:
        return HIDDEN
    knows = is_to.is_author if permission in OWN else permission in CASE_WORK | KEEPING and _needs_to_know(is_to)
    if not knows and permission not in OWN and is_to.has_broken_glass and is_to.answers:
        if permission not in BEHIND_GLASS:
            return IN_AN_EMERGENCY
        knows = True
    if not knows:
        return HIDDEN
    if concern.is_drill and permission not in IN_A_DRILL:
        return A_DRILL
    if concern.is_disposed and permission not in (Permission.SEE_CONCERN, Permission.SEE_OWN):
        return DISPOSED
    if permission is Permission.RESTRICT:
        return YES if is_to.is_named or concern.lead_id == user.pk else NOT_THE_HOLDER
    return _decide_on_state(permission, concern, is_to)


def _decide_on_state(permission: Permission, concern: Concern, is_to: Standing) -> Decision:
    if permission in OWN:
        return YES
    if permission is Permission.ACKNOWLEDGE and is_to.is_author:
        did = "started this drill" if concern.is_drill else "recorded this concern"
        return Decision(False, f"You {did}, so somebody else must answer it.")
    if not concern.is_open and permission not in KEEPING | {Permission.SEE_CONCERN, Permission.REOPEN}:
        return Decision(False, "This concern is closed. Open it again on its page, then add what is new.")
    return YES


def _decide_on_proposal(user: User, permission: Permission, proposal: Proposal | DisposalProposal) -> Decision:
    decision = _decide_on_concern(Standing(user, proposal.concern), permission)
    if decision.allowed and permission is Permission.DISPOSE and user.pk == proposal.proposed_by_id:
        return Decision(False, "A second person must agree to a disposal: not the one who proposed it.")
    if decision.allowed and permission is Permission.SECOND and user.pk in (proposal.proposed_by_id, proposal.concern.logged_by_id):
        return Decision(False, "A second person must agree: not the one who recorded the concern, and not the one who proposed this.")
    return decision


def can(user: User, permission: Permission, thing: Thing | None = None) -> bool:
    """Whether the person may do this."""
    return decide(user, permission, thing).allowed


def decide_all(user: User, concern: Concern, *permissions: Permission) -> dict[Permission, Decision]:
    """Say of each of these whether the person may do it with a concern; what they are to it is looked up once for all."""
    if not user.is_authenticated or not user.is_active:
        return dict.fromkeys(permissions, HIDDEN)
    is_to = Standing(user, concern)
    return {permission: _decide_on_concern(is_to, permission) for permission in permissions}


def require(user: User, permission: Permission, thing: Thing | None = None) -> None:
    """Do nothing when the person may do this.

    Raises NotVisible where the thing does not exist for them, NotAllowed with the reason otherwise.
    """
    decision = decide(user, permission, thing)
    if not decision.visible:
        raise NotVisible(decision.reason)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
