"""Models remember: fields, constraints, chainable querysets, small properties."""

from .accounts import POWERFUL_ROLES, RoleGrant, User
from .appendonly import AppendOnly, AppendOnlyError
from .audit import AuditEvent, ChainHead
from .centre import Centre, OpeningSession, Rung
from .contacts import Contact, ContactChange
from .disposal import Disposal, DisposalProposal, Hold
from .drafts import Draft, HeldPost
from .escalation import Proposal, Step
from .keys import DataKey
from .outbox import Heartbeat, Message
from .people import Conflict, Link, Person
from .record import Concern, Entry
from .refusals import RefusalCount
from .restrictions import Named
from .signin import AccountChange, Attempt, LastCode, SignIn, SignInLink

__all__ = [
    "POWERFUL_ROLES",
    "AccountChange",
    "AppendOnly",
    "AppendOnlyError",
    "Attempt",
    "AuditEvent",
    "Centre",
    "ChainHead",
    "Concern",
    "Conflict",
    "Contact",
    "ContactChange",
    "DataKey",
    "Disposal",
    "DisposalProposal",
    "Draft",
    "Entry",
    "Heartbeat",
    "HeldPost",
    "Hold",
    "LastCode",
    "Link",
    "Message",
    "Named",
    "OpeningSession",
    "Person",
    "Proposal",
    "RefusalCount",
    "RoleGrant",
    "Rung",
    "SignIn",
    "SignInLink",
    "Step",
    "User",
]
