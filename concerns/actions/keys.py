"""Rotating the master key: the data keys are wrapped anew, what they sealed stays as it is. Can be stopped and run again."""

from datetime import datetime

from django.db import transaction

from concerns.access.masterkeys import current_master_key, master_key
from concerns.actions.audit import audit
from concerns.models import DataKey
from concerns.rules import sealing

BATCH = 500


def rewrap_data_keys(*, by: None, at: datetime) -> int:
    """Wrap every data key that an older master key wrapped with the current one, a batch in a transaction; return how many.

    Stopped half-way it goes on where it was: both master keys open their part until then. Raises KeyTrouble when an older
    master key is missing.
    """
    name, current = current_master_key()
    count = 0
    while batch := _rewrap_batch(name, current):
        count += batch
    audit(by=by, verb="rotated the master key", subject=None, at=at, keys=count, name=name)
    return count


@transaction.atomic
def _rewrap_batch(name: str, current: bytes) -> int:
    rows = list(DataKey.objects.exclude(master_key=name).select_for_update().order_by("pk")[:BATCH])
    for row in rows:
        plain = sealing.unwrap(bytes(row.wrapped), master=master_key(row.master_key), data_key_id=row.pk)
        row.wrapped, row.master_key = sealing.wrap(plain, master=current, data_key_id=row.pk), name
    DataKey.objects.bulk_update(rows, ["wrapped", "master_key"])
    return len(rows)
