"""The layers import downwards only: leaves → rules → models → access → queries → actions → forms → views, worker."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "concerns"
LAYERS = ["leaf", "rules", "models", "access", "queries", "actions", "forms", "views"]
ABOVE = {
    "worker": 8,
    "demo": 8,
    "management": 9,
    "apps": 9,
    "urls": 9,
    "checks": 9,
    "production": 9,
    "database": 0,
    "triggers": 0,
    "snapshots": 0,
    "disk": 0,
    "smtp": 0,
    "choices": 0,
    "exceptions": 0,
}
# The words of the product are Django's TextChoices; that is all the rules know of Django.
DATABASE_MODULES = ("django.db.models", "django.db.transaction", "concerns.models", "django.utils.timezone")
FILES = sorted(path for path in APP.rglob("*.py") if "migrations" not in path.parts)


def layer_of(module: str) -> int:
    """The height of a module of ours, `concerns.x…`."""
    parts = module.split(".")
    name = parts[1] if len(parts) > 1 else "leaf"
    if name == "__init__":
        return 0
    return LAYERS.index(name) if name in LAYERS else ABOVE[name]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports_of(path: Path) -> list[tuple[str, bool]]:
    """Every module that a file imports, and whether it does so inside a function."""
    tree = ast.parse(path.read_text())
    inline = {node for scope in ast.walk(tree) if isinstance(scope, ast.FunctionDef) for node in ast.walk(scope)}
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append((node.module, node in inline))
            found.extend((f"{node.module}.{name.name}", node in inline) for name in node.names if node.module == "concerns")
        if isinstance(node, ast.Import):
            found.extend((name.name, node in inline) for name in node.names)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(APP)))
def test_imports_go_down_the_layers(path: Path) -> None:
    height = layer_of(module_of(path))

    upward = [name for name, _ in imports_of(path) if name.startswith("concerns.") and layer_of(name) > height]

    assert upward == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(APP)))
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    assert [name for name, inline in imports_of(path) if inline and name.startswith("concerns")] == []


@pytest.mark.parametrize("path", [path for path in FILES if "rules" in path.parts], ids=lambda path: path.name)
def test_rules_know_no_database_and_no_clock(path: Path) -> None:
    text = path.read_text()

    known = [name for name, _ in imports_of(path) if name.startswith(DATABASE_MODULES)]

    assert known == []
    assert "datetime.now(" not in text
    assert "date.today(" not in text
