"""The keyring of one request: opens and seals the record. One query fetches the data keys; each is unwrapped once.

What was damaged or moved, in a value or in a key, is refused for that row alone and named in the log; the rest stays readable.
"""

import json
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from concerns.exceptions import KeyTrouble
from concerns.models import DataKey
from concerns.rules import sealing

from .masterkeys import current_master_key, master_key

log = logging.getLogger(__name__)
DISPOSED = "The content of this record was disposed of."


class Sealed(Protocol):
    """A row with a uuid key, whose sealed columns are opened with the data key that `sealing_key_id` names."""

    @property
    def sealing_key_id(self) -> UUID | None: ...


class Keyring:
    """Holds unwrapped data keys in memory, for one request or one tick; never stored, never logged."""

    def __init__(self) -> None:
        self._keys: dict[UUID, bytes] = {}
        self._wrong: dict[UUID, str] = {}

    @classmethod
    def of(cls, *records: Sealed) -> "Keyring":
        """Return a keyring that can open these records (one query)."""
        keyring = cls()
        keyring.fetch(records)
        return keyring

    def fetch(self, records: Iterable[Sealed]) -> None:
        """Fetch the data keys of these records in one query, or none when all are held.

        A key that was destroyed stays absent, and one that cannot be unwrapped is remembered as wrong: `open` then raises KeyTrouble.
        """
        wanted = {key for record in records if (key := record.sealing_key_id) is not None} - self._keys.keys() - self._wrong.keys()
        if not wanted:
            return
        for row in DataKey.objects.filter(pk__in=wanted):
            self._unwrap(row)

    def _unwrap(self, row: DataKey) -> None:
        try:
            self._keys[row.pk] = sealing.unwrap(bytes(row.wrapped), master=master_key(row.master_key), data_key_id=row.pk)
        except KeyTrouble as trouble:
            self._wrong[row.pk] = str(trouble)
            log.error("data key %s cannot be unwrapped with master key %s", row.pk, row.master_key)

    def new_key(self, *, at: datetime) -> DataKey:
        """Make, store and hold a new data key."""
        name, master = current_master_key()
        row, key = DataKey(master_key=name, created_at=at), os.urandom(sealing.KEY_BYTES)
        row.wrapped = sealing.wrap(key, master=master, data_key_id=row.pk)
        row.save(force_insert=True)
        self._keys[row.pk] = key
        return row

    def seal(self, record: Any, column: str, content: dict[str, Any]) -> None:
        """Seal a JSON object into a column of an unsaved or changed row (the row is not saved here)."""
        key_id = self._require(record)
        plain = json.dumps(content, ensure_ascii=False).encode()
        table = record._meta.db_table
        setattr(record, column, sealing.seal(plain, key=self._keys[key_id], key_id=key_id, table=table, column=column, row=record.pk))

    def open(self, record: Any, column: str) -> dict[str, Any]:
        """Return the JSON object that was sealed.

        Raises KeyTrouble when the key was destroyed, or the value was changed or moved.
        """
        key_id = self._require(record)
        sealed, table = bytes(getattr(record, column)), record._meta.db_table
        try:
            plain = sealing.unseal(sealed, key=self._keys[key_id], table=table, column=column, row=record.pk)
        except KeyTrouble:
            log.error("%s.%s of row %s cannot be opened: it was changed, moved, or sealed with another key", table, column, record.pk)
            raise
        opened: dict[str, Any] = json.loads(plain)
        return opened

    def _require(self, record: Sealed) -> UUID:
        key_id = record.sealing_key_id
        if key_id is not None and key_id not in self._keys:
            self.fetch([record])
        if key_id is None or key_id not in self._keys:
            raise KeyTrouble(self._wrong.get(key_id, DISPOSED) if key_id else DISPOSED)
        return key_id
