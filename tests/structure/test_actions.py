"""Every action says who and when, by keyword, and leaves an audit row; the record itself only grows."""

import ast
from functools import cache
from pathlib import Path

import pytest

from concerns.models import AppendOnlyError, AuditEvent, ContactChange, Entry
from tests.factories import AT, Cast
from tests.makers import make_concern

ACTIONS = Path(__file__).resolve().parents[2] / "concerns" / "actions"


@cache
def writers() -> list[tuple[str, ast.FunctionDef]]:
    """Every public function of the actions that takes `by`: those that people, or the worker, do."""
    found = []
    for path in sorted(ACTIONS.glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and "by" in [argument.arg for argument in node.args.kwonlyargs]:
                found.append((f"{path.stem}.{node.name}", node))
    return [(name, node) for name, node in found if not node.name.startswith("_")]


# Parts of other actions, or reads: the action that calls them leaves the row.
PARTS = {
    "audit.audit",
    "drafts.lock_draft",
    "entries.write_entry",
    "escalation.end_steps",
    "escalation.end_step",
    "held.open_held_post",
    "locking.lock_concern",
    "recording.reopen",
}


@pytest.mark.parametrize(("name", "node"), writers(), ids=[name for name, _ in writers()])
def test_action_takes_its_arguments_by_keyword(name: str, node: ast.FunctionDef) -> None:
    positional = [argument.arg for argument in node.args.args]

    assert positional in ([], ["concern"], ["concern", "step"], ["draft"], ["step"])
    assert ast.get_docstring(node)


WHOLE = [(name, node) for name, node in writers() if name not in PARTS]


@pytest.fixture(scope="module")
def tree() -> dict[str, ast.FunctionDef]:
    """Every function of the actions, by name."""
    bodies = [ast.parse(path.read_text()).body for path in ACTIONS.glob("*.py")]
    return {item.name: item for body in bodies for item in body if isinstance(item, ast.FunctionDef)}


@pytest.mark.parametrize(("name", "node"), WHOLE, ids=[name for name, _ in WHOLE])
def test_action_leaves_an_audit_row(name: str, node: ast.FunctionDef, tree: dict[str, ast.FunctionDef]) -> None:
    reached, waiting = set[str](), [node]
    while waiting:
        calls = [call for call in ast.walk(waiting.pop()) if isinstance(call, ast.Call)]
        new = {call.func.id for call in calls if isinstance(call.func, ast.Name)} - reached
        reached |= new
        waiting += [tree[found] for found in sorted(new) if found in tree]

    assert "audit" in reached


def test_entries_resist_every_way_of_changing_them(cast: Cast) -> None:
    concern = make_concern(cast)
    entry = Entry.objects.filter(concern=concern).first()
    assert entry is not None

    for change in (
        entry.save,
        entry.delete,
        Entry.objects.all().delete,
        lambda: Entry.objects.update(kind="note"),
        lambda: Entry.objects.bulk_update([entry], ["kind"]),
        lambda: Entry.objects.update_or_create(pk=entry.pk, defaults={"kind": "note"}),
    ):
        with pytest.raises(AppendOnlyError):
            change()


def test_audit_and_contact_history_resist_changes(cast: Cast) -> None:
    make_concern(cast)

    for table in (AuditEvent, ContactChange):
        with pytest.raises(AppendOnlyError):
            table.objects.all().delete()
        with pytest.raises(AppendOnlyError):
            table.objects.all().update(at=AT)
