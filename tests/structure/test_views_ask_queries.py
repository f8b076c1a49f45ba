"""The views of a concern ask for what they show by name: what is looked up, and how, stands with the queries."""

import re
from pathlib import Path

import pytest

from concerns import views

ASKS_A_DATABASE = re.compile(r"\.(objects|filter|exclude|select_related)\b")


@pytest.mark.parametrize("name", ["casework.py", "referrals.py"])
def test_view_asks_no_database_by_itself(name: str) -> None:
    text = Path(views.__path__[0], name).read_text("utf-8")

    assert ASKS_A_DATABASE.findall(text) == []
