"""Every column of every table is listed: sealed, plain with its reason, or purged. A new column fails until it is listed."""

from django.apps import apps
from django.db import models

# Columns of text or bytes that are not sealed, each with its reason. (S21)
STAFF = "colleagues and sign-in need it; staff, not young people"
CONTACT = "a published number or a work number, not a young person"
WORD = "a word from a closed list"
SYSTEM = "made by the system, not typed by anybody"
SHIPPED = "the wording of a shipped plan"
PLAIN: dict[str, str] = {
    "SignIn.browser": "a browser and a system, such as Chrome on Android",
    "SignIn.why_ended": WORD,
    "Attempt.bucket": "a keyed hash",
    "SignInLink.kind": WORD,
    "AccountChange.kind": WORD,
    "AccountChange.new_email": STAFF,
    "User.email": STAFF,
    "User.name": STAFF,
    "User.password": "an Argon2id hash",
    "RoleGrant.role": WORD,
    "Centre.name": "the centre's own name",
    "Centre.home_area": WORD,
    "Rung.ladder": WORD,
    **{f"Contact.{name}": CONTACT for name in ("name", "job", "number", "url", "email", "purpose", "hours", "source")},
    **{f"Contact.{name}": WORD for name in ("key", "group", "area", "audience")},
    "ContactChange.kind": WORD,
    "ContactChange.detail": CONTACT,
    "DataKey.wrapped": "a data key, wrapped by a master key that is not in the database",
    "DataKey.master_key": SYSTEM,
    "Person.home_area": WORD,
    "Link.role": WORD,
    "Concern.reference": SYSTEM,
    **{f"Concern.{name}": WORD for name in ("level", "vault", "status", "home_area", "plans")},
    "Concern.ladder": "ids of staff",
    **{f"Entry.{name}": WORD for name in ("kind", "author_role")},
    "Entry.previous_digest": SYSTEM,
    "Entry.digest": SYSTEM,
    "Step.text": SHIPPED,
    "Step.key": SHIPPED,
    "Step.after": SHIPPED,
    **{f"Step.{name}": WORD for name in ("plan", "kind", "who", "contact_key", "clock", "state")},
    **{f"Proposal.{name}": WORD for name in ("kind", "to_level", "outcome")},
    "Hold.ground": WORD,
    **{f"DisposalProposal.{name}": WORD for name in ("rule", "early_ground")},
    **{f"Disposal.{name}": WORD for name in ("rule", "early_ground", "level")},
    "Disposal.line": SYSTEM,
    "HeldPost.path": "the address of a form: ids only",
    **{f"Message.{name}": WORD for name in ("kind", "lane")},
    "Message.key": "ids",
    "Message.failure": "the type of an error, never its text",
    "Heartbeat.name": SYSTEM,
    **{f"AuditEvent.{name}": WORD for name in ("verb", "subject_type")},
    "AuditEvent.previous_digest": SYSTEM,
    "AuditEvent.digest": SYSTEM,
    "ChainHead.chain": "the id of a centre",
    "ChainHead.digest": SYSTEM,
    "AuditEvent.detail": "ids, closed words and counts; a test looks for anything else",
}
SEALED = {"Person.details", "Conflict.reason", "Entry.body", "Draft.content", "HeldPost.content"}
CAN_HOLD_WORDS = (models.CharField, models.TextField, models.BinaryField, models.JSONField)


def columns() -> set[str]:
    """Every column of ours that could hold words."""
    return {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("concerns").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, CAN_HOLD_WORDS)
    }


def test_every_column_that_can_hold_words_is_classified() -> None:
    assert columns() == SEALED | set(PLAIN)


def test_sealed_columns_are_binary_and_their_rows_have_ids_made_here() -> None:
    found = {model.__name__: model for model in apps.get_app_config("concerns").get_models()}

    kinds = {name: type(found[name.split(".")[0]]._meta.get_field(name.split(".")[1])) for name in SEALED}
    keys = {type(found[name.split(".")[0]]._meta.pk) for name in SEALED}

    assert set(kinds.values()) == {models.BinaryField}
    assert keys == {models.UUIDField}
