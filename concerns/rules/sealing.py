"""Sealing: authenticated encryption of one value, bound to the table, column and row it stands in. Pure; keys are passed in."""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from concerns.exceptions import KeyTrouble

VERSION = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32
_HEADER = 1 + 16 + NONCE_BYTES


def _bound_to(table: str, column: str, row: UUID, key_id: UUID) -> bytes:
    return f"{table}|{column}|{row}|{key_id}".encode()


def seal(plain: bytes, *, key: bytes, key_id: UUID, table: str, column: str, row: UUID) -> bytes:
    """Return version (1 byte) | key id (16) | nonce (12) | AES-256-GCM ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + key_id.bytes + nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(table, column, row, key_id))


def key_id_of(sealed: bytes) -> UUID:
    """Return the id of the data key that a sealed value names.

    Raises KeyTrouble when the value is too short or of an unknown version.
    """
    if len(sealed) < _HEADER or sealed[:1] != VERSION:
        raise KeyTrouble("This part of the record is damaged: it does not begin as a sealed value does.")
    return UUID(bytes=bytes(sealed[1:17]))


def unseal(sealed: bytes, *, key: bytes, table: str, column: str, row: UUID) -> bytes:
    """Return the plain bytes.

    Raises KeyTrouble when the key is wrong, or the value was changed or moved from another table, column or row.
    """
    key_id = key_id_of(sealed)
    nonce = sealed[17:_HEADER]
    try:
        return AESGCM(key).decrypt(nonce, sealed[_HEADER:], _bound_to(table, column, row, key_id))
    except InvalidTag:
        raise KeyTrouble("This part of the record cannot be opened: it was changed, or sealed with another key.") from None


def wrap(data_key: bytes, *, master: bytes, data_key_id: UUID) -> bytes:
    """Return a data key sealed with a master key: nonce (12) | ciphertext and tag, bound to the data key's id."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, data_key, b"data key|" + data_key_id.bytes)


def unwrap(wrapped: bytes, *, master: bytes, data_key_id: UUID) -> bytes:
    """Return the data key.

    Raises KeyTrouble when the master key is not the one that wrapped it.
    """
    try:
        return AESGCM(master).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], b"data key|" + data_key_id.bytes)
    except (InvalidTag, ValueError):  # ValueError: a value that was cut off within its nonce
        raise KeyTrouble("A data key cannot be opened with this master key. Restore the right key file, then start again.") from None
