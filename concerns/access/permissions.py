"""Everything that can be done, by name. roles.py says who may; decisions.py adds what the thing itself asks."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a person may be allowed to do."""

    # about no particular concern
    RECORD_CONCERN = "record a concern"
    SEE_QUEUE = "see the queue"
    SEE_CONTACTS = "see every contact in use"
    EDIT_CONTACTS = "change contacts"
    SEE_PLANS = "see the plans"
    EDIT_PLANS = "change the plans, and whom alerts go to"
    MANAGE_PEOPLE = "manage people and roles"
    CONFIRM_ROLES = "confirm a powerful role"
    BREAK_GLASS = "open a concern in an emergency"
    READ_AUDIT = "read the audit log"
    SEE_ROTA = "see the rota"
    EDIT_ROTA = "change the rota"
    EDIT_SESSIONS = "change when the centre is open"
    SESSION_NOTES = "read and write notes for the next session"
    RUN_DRILL = "run a drill"
    SEE_UNSENT = "see which mails did not leave"
    # about one concern that the person recorded
    SEE_OWN = "see what became of their own concern"
    ADD_TO_OWN = "add to their own concern"
    DISAGREE = "say “I do not agree”"
    # about one concern of the centre
    SEE_CONCERN = "see a concern"
    ACKNOWLEDGE = "answer an alert"
    TAKE = "take a concern"
    ADD_ENTRY = "add an entry"
    DO_STEP = "do a step"
    CHANGE_LEVEL = "change the level"
    CLOSE = "close a concern"
    REOPEN = "open a closed concern again"
    SECOND = "agree as the second person"
    MOVE_PLAN = "move a concern to the newest plan"
    RESTRICT = "restrict a concern to named people"
    HAND_OVER = "hand a concern over"
    REFER = "record a referral, and what was answered"
    # about the keeping of one concern
    HOLD = "say that a concern must be kept"
    DISPOSE = "dispose of a concern, as one of two people"
    # about one draft
    USE_DRAFT = "go on with their own unfinished record"


CASE_WORK = frozenset(
    {
        Permission.SEE_CONCERN,
        Permission.ACKNOWLEDGE,
        Permission.TAKE,
        Permission.ADD_ENTRY,
        Permission.DO_STEP,
        Permission.CHANGE_LEVEL,
        Permission.CLOSE,
        Permission.REOPEN,
        Permission.SECOND,
        Permission.MOVE_PLAN,
        Permission.RESTRICT,
        Permission.HAND_OVER,
        Permission.REFER,
    }
)
OWN = frozenset({Permission.SEE_OWN, Permission.ADD_TO_OWN, Permission.DISAGREE})
BEHIND_GLASS = frozenset({Permission.SEE_CONCERN, Permission.ADD_ENTRY, Permission.DO_STEP})
"""What somebody may do who opened a concern in an emergency: nothing that would leave it with them when the emergency is over."""
KEEPING = frozenset({Permission.HOLD, Permission.DISPOSE})
"""What may be done to a closed concern."""
IN_A_DRILL = frozenset({Permission.SEE_CONCERN, Permission.SEE_OWN, Permission.ACKNOWLEDGE}) | KEEPING
"""What may be done to the practice concern of a drill: nothing that gives it steps, or opens it again when it is over."""
