"""Who may do what: one table. A role gives a permission at one centre; decisions.py then looks at the concern itself.

Sources: the centre's structure (leads, deputies, chair of trustees); Keeping Children Safe in Education and Working Together
to Safeguard Children on who needs to know. An administrator can read no concern, and sees no count of concerns.
"""

from concerns.choices import Role

from .permissions import CASE_WORK, KEEPING, OWN, Permission

ADULT_READERS = frozenset({Role.LEAD, Role.CASE_MANAGER})
"""Those who may be alerted of a concern about an adult who works here."""

EVERYBODY = frozenset({Permission.RECORD_CONCERN, Permission.SEE_CONTACTS, Permission.SEE_ROTA, Permission.USE_DRAFT}) | OWN
LEADING = (
    EVERYBODY
    | CASE_WORK
    | {Permission.SEE_QUEUE, Permission.SEE_PLANS, Permission.SEE_UNSENT, Permission.RUN_DRILL, Permission.EDIT_ROTA}
    | {Permission.CONFIRM_ROLES, Permission.READ_AUDIT, Permission.BREAK_GLASS, Permission.SESSION_NOTES}
)

ROLES: dict[Role, frozenset[Permission]] = {
    Role.REPORTER: EVERYBODY,
    Role.LEAD: LEADING | KEEPING,
    Role.DEPUTY: LEADING,
    Role.CASE_MANAGER: LEADING | KEEPING,
    Role.ADMIN: frozenset({Permission.SEE_CONTACTS, Permission.EDIT_CONTACTS, Permission.MANAGE_PEOPLE})
    | {Permission.SEE_PLANS, Permission.EDIT_PLANS, Permission.SEE_ROTA, Permission.SEE_UNSENT, Permission.RUN_DRILL, Permission.EDIT_ROTA}
    | {Permission.EDIT_SESSIONS},
    Role.TRUSTEE: frozenset({Permission.SEE_CONTACTS}),
    Role.AUDITOR: frozenset({Permission.SEE_CONTACTS, Permission.CONFIRM_ROLES, Permission.READ_AUDIT}),
}
