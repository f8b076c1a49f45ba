"""Models remember: fields, constraints, chainable querysets, small properties."""

from .accounts import POWERFUL_ROLES, RoleGrant, User
from .appendonly import AppendOnly, AppendOnlyError
from .audit import AuditEvent, ChainHead
from .centre import Centre, OpeningSession, Rung
from .contacts import Contact, ContactChange
from .disposal import Disposal, DisposalProposal, Hold
from .drafts import Draft, HeldPost
from .drills import Drill
from .escalation import Proposal, Step
from .keys import DataKey
from .outbox import Heartbeat, Message
from .people import Conflict, Link, Person
from .plans import PlanVersion
from .record import Concern, Entry
from .referrals import Referral
from .refusals import RefusalCount
from .restrictions import Named
from .rota import Duty, HandoverNote, Leave
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
    "Drill",
    "Duty",
    "Entry",
    "HandoverNote",
    "Heartbeat",
    "HeldPost",
    "Hold",
    "LastCode",
    "Leave",
    "Link",
    "Message",
    "Named",
    "OpeningSession",
    "Person",
    "PlanVersion",
    "Proposal",
    "Referral",
    "RefusalCount",
    "RoleGrant",
    "Rung",
    "SignIn",
    "SignInLink",
    "Step",
    "User",
]
