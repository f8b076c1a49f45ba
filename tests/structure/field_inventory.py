"""What every column of every table holds, and how it is kept: one table, from which docs/record.md is written.

SEALED: encrypted with a key of its own, which disposal destroys. PLAIN: readable in the database, each with its reason. PURGE: deleted
after a time. A column that is not listed here fails a test. (S21)
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """How a column is kept, and why that is enough; for purge, when it goes."""

    how: str
    why: str


def plain(why: str) -> Kept:
    return Kept("plain", why)


def purge(why: str) -> Kept:
    return Kept("purge", why)


ID = plain("an id made here, which says nothing by itself")
STAFF = plain("colleagues and sign-in need it; staff, not young people")
WHO = plain("which member of staff: who did what is the record's proof")
WHEN = plain("when something was done here: when is the record's proof, and what clocks count from")
WORD = plain("a word from a closed list")
COUNT = plain("a number that the system counts")
SYSTEM = plain("made by the system, not typed by anybody")
SHIPPED = plain("the wording of a shipped plan")
CONTACT = plain("a published number or a work number, not a young person")
CENTRE = plain("which centre it belongs to")
CONCERN = plain("which concern it belongs to; its content is sealed")
KEY = plain("the id of the data key; the key itself is wrapped")
YES_NO = plain("yes or no, about the system's own doings")
PROOF = plain("a keyed digest over ciphertext; it stays when the content is disposed of")
SEALED = Kept("sealed", "somebody's words or a name")
OF_FOUR_WEEKS = purge("four weeks after it was written")
AN_HOUR = purge("an hour after the form was refused, or when it is sent")
FACTOR = plain("a second factor; its secret is sealed inside")
UNUSED = plain("a table that Django brings; nothing is written to it")
SIGN_IN = purge("90 days after the sign-in was last used")
SPENT = purge("when the limit that it counts for is over")
SESSION = purge("when the session is over; it holds an account's id and tokens, nothing typed")
CACHE = purge("when it is over; it holds counters of tries, nothing typed")
OF_A_MOMENT = plain("a moment or a place without anybody's name; emptied by disposal")

TABLES: dict[str, dict[str, Kept]] = {
    "User": {"id": ID, "email name": STAFF, "password": plain("an Argon2id hash"), "last_login joined_at": WHEN, "is_active": YES_NO},
    "RoleGrant": {
        "id": ID,
        "centre": CENTRE,
        "role": WORD,
        "user proposed_by confirmed_by ended_by": WHO,
        "proposed_at confirmed_at ended_at": WHEN,
    },
    "AccountChange": {
        "id": ID,
        "centre": CENTRE,
        "kind": WORD,
        "new_email old_email": STAFF,
        "user proposed_by decided_by": WHO,
        "proposed_at decided_at": WHEN,
        "agreed": YES_NO,
    },
    "SignIn": {
        "id user": SIGN_IN,
        "browser": SIGN_IN,
        "is_shared": SIGN_IN,
        "began_at seen_at proved_at ended_at": SIGN_IN,
        "why_ended": SIGN_IN,
    },
    "SignInLink": {"id": ID, "kind": WORD, "user made_by": WHO, "made_at expires_at used_at": WHEN},
    "LastCode": {"user": WHO, "counter": COUNT},
    "Attempt": {"id": SPENT, "bucket": SPENT, "at": SPENT},
    "RefusalCount": {"id": ID, "on": WHEN, "user": WHO, "count": COUNT},
    "Centre": {
        "id": ID,
        "name": plain("the centre's own name"),
        "home_area": WORD,
        "reporters_need_second_factor": YES_NO,
    },
    "OpeningSession": {"id": ID, "centre": CENTRE, "weekday starts ends": plain("when the centre is open, which anybody can see")},
    "Rung": {"id": ID, "centre": CENTRE, "ladder": WORD, "position": COUNT, "user": WHO},
    "Contact": {
        "id": ID,
        "centre": CENTRE,
        "key group area audience": WORD,
        "name job number url email purpose hours source": CONTACT,
        "user verified_by": WHO,
        "verified_on retired_at": WHEN,
        "is_public": YES_NO,
        "position version": COUNT,
        "successor": ID,
    },
    "ContactChange": {"id contact": ID, "kind": WORD, "at": WHEN, "by": WHO, "detail": CONTACT},
    "DataKey": {
        "id": ID,
        "wrapped": plain("a data key, wrapped by a master key that is not in the database; disposal deletes the row"),
        "master_key": SYSTEM,
        "created_at": WHEN,
    },
    "Person": {"id": ID, "centre": CENTRE, "data_key": KEY, "details": SEALED, "home_area": OF_A_MOMENT, "created_at": WHEN},
    "Link": {
        "id": ID,
        "concern": CONCERN,
        "person": plain("which person; who that is stays sealed"),
        "user": plain("which member of staff; a veto must be found by a query"),
        "role": WORD,
        "made_by": WHO,
        "made_at ended_at": WHEN,
    },
    "Named": {
        "id": ID,
        "concern": CONCERN,
        "user": plain("which member of staff may see it; a list must find it"),
        "named_by": WHO,
        "named_at ended_at": WHEN,
    },
    "Conflict": {
        "id": ID,
        "concern": CONCERN,
        "user": plain("which member of staff; a veto must be found by a query"),
        "reason": SEALED,
        "declared_by": WHO,
        "declared_at": WHEN,
    },
    "Concern": {
        "id draft_token": ID,
        "centre": CENTRE,
        "data_key": KEY,
        "reference": plain("random, so that a gap betrays nothing"),
        "level vault status plans": WORD,
        "plan_versions": COUNT,
        "ladder": plain("ids of staff"),
        "uploads_allowed happened_about is_drill": YES_NO,
        "home_area": OF_A_MOMENT,
        "happened_at leaves_at": OF_A_MOMENT,
        "lead logged_by acknowledged_by": WHO,
        "logged_at recorded_at acknowledged_at clock_started_at next_due_at closed_at": WHEN,
        "version": COUNT,
    },
    "Entry": {
        "id corrects": ID,
        "concern": CONCERN,
        "number": COUNT,
        "kind author_role": WORD,
        "author": WHO,
        "written_at": WHEN,
        "happened_at": plain("a moment without anybody's name; part of the chain"),
        "body": SEALED,
        "previous_digest digest": PROOF,
    },
    "Step": {
        "id": ID,
        "concern": CONCERN,
        "key text after": SHIPPED,
        "plan kind who contact_key clock state lane": WORD,
        "person ended_by": WHO,
        "amount ceiling_minutes rung": COUNT,
        "due_at moves_at created_at ended_at": WHEN,
        "entry": ID,
    },
    "PlanVersion": {
        "id": ID,
        "centre": CENTRE,
        "key": WORD,
        "version": COUNT,
        "content": plain("a plan: what a centre does, about nobody"),
        "reason": plain("why an administrator changed a plan: about nobody"),
        "made_by": WHO,
        "made_at": WHEN,
    },
    "Duty": {"id session": ID, "slot": WORD, "user": WHO, "only_on": WHEN},
    "Leave": {"id": ID, "centre": CENTRE, "user made_by": WHO, "first_on last_on made_at": WHEN},
    "HandoverNote": {
        "id": OF_FOUR_WEEKS,
        "centre author": OF_FOUR_WEEKS,
        "data_key": OF_FOUR_WEEKS,
        "body": Kept("sealed", "what one session tells the next; it goes after four weeks as well"),
        "written_at": OF_FOUR_WEEKS,
    },
    "Referral": {
        "id entry answer follows": ID,
        "concern": CONCERN,
        "to": WORD,
        "recorded_by": WHO,
        "made_at answered_at": WHEN,
    },
    "Drill": {"id": ID, "centre": CENTRE, "concern": CONCERN, "started_by": WHO, "started_at ended_at": WHEN, "ended_why": WORD},
    "Proposal": {
        "id entry": ID,
        "concern": CONCERN,
        "kind to_level outcome": WORD,
        "proposed_by decided_by": WHO,
        "proposed_at decided_at": WHEN,
        "agreed": YES_NO,
    },
    "Hold": {"id": ID, "concern": CONCERN, "ground": WORD, "set_by lifted_by": WHO, "set_at lifted_at": WHEN},
    "DisposalProposal": {
        "id": ID,
        "concern": CONCERN,
        "rule early_ground": WORD,
        "concern_version": COUNT,
        "proposed_by decided_by": WHO,
        "proposed_at decided_at": WHEN,
        "agreed": YES_NO,
    },
    "Disposal": {
        "id": ID,
        "concern": CONCERN,
        "rule early_ground level": WORD,
        "entries people": COUNT,
        "proposed_by approved_by": WHO,
        "proposed_at approved_at unrecoverable_on": WHEN,
        "line": SYSTEM,
    },
    "Draft": {
        "id": ID,
        "centre": CENTRE,
        "owner": WHO,
        "data_key": KEY,
        "content": SEALED,
        "concern": CONCERN,
        "created_at touched_at finished_at reminded_at told_lead_at": WHEN,
    },
    "HeldPost": {
        "id owner": AN_HOUR,
        "data_key": AN_HOUR,
        "path": AN_HOUR,
        "content": Kept("sealed", "what was typed into a refused form; it goes after an hour as well"),
        "held_at expires_at": AN_HOUR,
    },
    "Message": {
        "id": ID,
        "centre": CENTRE,
        "concern": CONCERN,
        "recipient": WHO,
        "kind lane": WORD,
        "key": plain("ids: sending the same thing twice makes one row"),
        "attempts": COUNT,
        "failure": plain("the type of an error, never its text"),
        "queued_at run_at leased_until sent_at failed_at dead_at refused_at withdrawn_at opened_at": WHEN,
    },
    "Heartbeat": {"name": SYSTEM, "at": WHEN},
    "AuditEvent": {
        "id subject_id": ID,
        "number": COUNT,
        "centre": CENTRE,
        "at": WHEN,
        "by": WHO,
        "verb subject_type": WORD,
        "concern": CONCERN,
        "detail": plain("ids, closed words and counts; a test looks for anything else"),
        "previous_digest digest": PROOF,
    },
    "ChainHead": {"chain": plain("the id of a centre"), "number": COUNT, "digest": PROOF},
    # tables that come with Django and its packages
    "Session": {"session_key session_data expire_date": SESSION},
    "Authenticator": {"id user type created_at last_used_at": FACTOR, "data": plain("the secret of a second factor, sealed inside")},
    "EmailAddress": {"id user email verified primary": STAFF},
    "EmailConfirmation": {"id email_address created sent key": UNUSED},
    "Permission": {"id name content_type codename": UNUSED},
    "Group": {"id name": UNUSED},
    "Group_permissions": {"id group permission": UNUSED},
    "ContentType": {"id app_label model": SYSTEM},
}
# Tables without a model.
BARE: dict[str, Kept] = {"django_migrations": SYSTEM, "cache_rows": CACHE, "sqlite_sequence": SYSTEM}


def listed() -> dict[str, Kept]:
    """Every column that is listed, as Model.column."""
    return {f"{table}.{name}": kept for table, rows in TABLES.items() for names, kept in rows.items() for name in names.split()}


def record_page() -> str:
    """docs/record.md, written from the table."""
    lines = [
        "# What is kept, and how",
        "",
        "Every column of every table. Written from the inventory that the tests hold the product to; `script/docs` writes it again.",
        "",
        "*sealed*: encrypted with a key of its own, bound to its table, column and row; disposal destroys the key. *plain*: readable",
        "by whoever has the database, with the reason. *purge*: deleted after a time. Outside the database: the keys, the signed anchors",
        "of the audit log, the signed list of disposals, the emergency card (published numbers), encrypted backups, and mails (level,",
        "reference, link).",
        "",
        "| table | columns | kept | why |",
        "|---|---|---|---|",
    ]
    for table, rows in TABLES.items():
        lines += [f"| {table} | {', '.join(names.split())} | {kept.how} | {kept.why} |" for names, kept in rows.items()]
    lines += [f"| {table} | all | {kept.how} | {kept.why} |" for table, kept in BARE.items()]
    return "\n".join(lines) + "\n"
