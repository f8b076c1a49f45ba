"""The contacts that a new centre starts with, read from concerns/data/contacts.toml. Needs no database."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from concerns.choices import Audience
from concerns.models import Contact

SHIPPED = Path(__file__).parent.parent / "data" / "contacts.toml"


@dataclass(frozen=True, kw_only=True)
class ShippedContact:
    """One row of the file. `successor` is the name of the row that replaces a retired one, else empty."""

    fields: dict[str, str | int | bool]
    is_retired: bool
    successor: str

    def unsaved(self) -> Contact:
        """Return a new contact that has no centre yet and is in no database."""
        return Contact(**self.fields)


@cache
def shipped_contacts() -> tuple[ShippedContact, ...]:
    """Return every row of the file, in its order."""
    rows = tomllib.loads(SHIPPED.read_text("utf-8"))["contact"]
    return tuple(_read(row) for row in rows)


def _read(row: dict[str, str | int | bool]) -> ShippedContact:
    extra = {"retired", "successor", "public"}
    fields = {name: value for name, value in row.items() if name not in extra}
    fields.setdefault("audience", Audience.EVERYONE.value)
    fields["is_public"] = bool(row.get("public", True)) and not row.get("retired", False)
    return ShippedContact(fields=fields, is_retired=bool(row.get("retired", False)), successor=str(row.get("successor", "")))
