"""Writes the generated pages of docs/: `python -m tests.generated_docs`."""

import os
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402

django.setup()

from concerns.choices import STATUS_MOVES, Status  # noqa: E402
from tests.structure.field_inventory import record_page  # noqa: E402
from tests.structure.test_fields import DOCS as RECORD  # noqa: E402
from tests.structure.test_permissions import DOCS as PERMISSIONS  # noqa: E402
from tests.structure.test_permissions import permissions_page  # noqa: E402

STATES = Path(__file__).resolve().parents[1] / "docs" / "states.md"


def states_page() -> str:
    """docs/states.md, written from the table of moves."""
    lines = [
        "# The states of a concern",
        "",
        "Written from `STATUS_MOVES`; `script/docs` writes it again.",
        "",
        "| from | may become |",
        "|---|---|",
    ]
    lines += [f"| {Status(old).label} | {', '.join(sorted(Status(new).label for new in news))} |" for old, news in STATUS_MOVES.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PERMISSIONS.write_text(permissions_page())
    STATES.write_text(states_page())
    RECORD.write_text(record_page())
