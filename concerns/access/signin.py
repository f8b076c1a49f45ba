"""Who must prove a second factor; and the secrets of second factors and one-time links, which never stand open in the database."""

import base64
import os
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils import timezone

from concerns.exceptions import KeyTrouble
from concerns.models import Centre, DataKey, User
from concerns.rules import sealing
from concerns.rules.signin import needs_second_factor

from .masterkeys import current_master_key, master_key
from .standing import roles_of

SECRETS_KEY_ID = uuid5(NAMESPACE_URL, "safeguarding:secrets-of-second-factors")
_TABLE, _COLUMN = "mfa_authenticator", "data"
_LINKS = Signer(salt="sign-in link", sep=".")


def must_prove(user: User) -> bool:
    """Whether the person must prove a second factor at every sign-in (one query more for staff and volunteers)."""
    held = roles_of(user)
    if any(needs_second_factor(roles, reporters_too=False) for roles in held.values()):
        return True
    return Centre.objects.filter(pk__in=held, reporters_need_second_factor=True).exists()


def _secrets_key() -> bytes:
    """Return the data key that seals the secrets of second factors. It is wrapped like every other, so a rotation reaches it."""
    row = DataKey.objects.filter(pk=SECRETS_KEY_ID).first() or _make_secrets_key()
    return sealing.unwrap(bytes(row.wrapped), master=master_key(row.master_key), data_key_id=row.pk)


def _make_secrets_key() -> DataKey:
    name, master = current_master_key()
    row = DataKey(pk=SECRETS_KEY_ID, master_key=name, created_at=timezone.now())
    row.wrapped = sealing.wrap(os.urandom(sealing.KEY_BYTES), master=master, data_key_id=row.pk)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another process made it at this moment
        return DataKey.objects.get(pk=SECRETS_KEY_ID)
    return row


def seal_secret(text: str) -> str:
    """Return a secret of a second factor as it may stand in the database."""
    sealed = sealing.seal(text.encode(), key=_secrets_key(), key_id=SECRETS_KEY_ID, table=_TABLE, column=_COLUMN, row=SECRETS_KEY_ID)
    return base64.b64encode(sealed).decode()


def open_secret(sealed: str) -> str:
    """Return the secret. Raises KeyTrouble where it was changed, or another master key sealed it."""
    try:
        raw = base64.b64decode(sealed, validate=True)
    except ValueError:
        raise KeyTrouble("The secret of a second factor is damaged. Its owner must start signing in anew.") from None
    return sealing.unseal(raw, key=_secrets_key(), table=_TABLE, column=_COLUMN, row=SECRETS_KEY_ID).decode()


def link_token(link_id: UUID) -> str:
    """Return what the address of a one-time link ends with: its id and a signature."""
    return _LINKS.sign(link_id.hex)


def link_id_of(token: str) -> UUID | None:
    """Return the id of a one-time link, or None where the signature is not ours."""
    try:
        return UUID(hex=_LINKS.unsign(token))
    except (BadSignature, ValueError):
        return None
