"""The built style sheet and script: fresh, small, licensed, and calling nothing from elsewhere."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "static" / "src"
BUILT = ROOT / "static" / "ui"

MANIFEST = json.loads((BUILT / "manifest.json").read_text())
BUDGETS = {"app.css": 12 * 1024, "app.js": 8 * 1024, "icon.svg": 1024}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_manifest_lists_every_built_file() -> None:
    built = {path.name for path in BUILT.iterdir()} - {"manifest.json"}

    assert set(MANIFEST["files"]) == built


@pytest.mark.parametrize("name", sorted(MANIFEST["files"]))
def test_built_file_is_the_one_that_was_built(name: str) -> None:
    content = (BUILT / name).read_bytes()

    assert _sha256(content) == MANIFEST["files"][name]["sha256"]


def test_sources_have_not_changed_since_the_build() -> None:
    paths = sorted(
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*")
        if path.is_file() and "node_modules" not in path.relative_to(SOURCES).parts
    )
    lines = "".join(f"{path}\0{_sha256((SOURCES / path).read_bytes())}\n" for path in paths)

    assert _sha256(lines.encode()) == MANIFEST["sources_sha256"], "run script/build-assets"


@pytest.mark.parametrize(("name", "budget"), BUDGETS.items())
def test_file_fits_its_budget(name: str, budget: int) -> None:
    size = len(gzip.compress((BUILT / name).read_bytes(), 9))

    assert size <= budget


def test_style_sheet_loads_nothing() -> None:
    css = (BUILT / "app.css").read_text()

    assert re.findall(r"url\(|@import|@font-face|https?://", css) == []


def test_style_sheet_is_not_dressed_as_the_government() -> None:
    css = (BUILT / "app.css").read_text().lower()
    theirs = ["gds transport", "#1d70b8", "#ffdd00", "#fd0", "#00703c", "#0f7a52", "#1a65a6"]

    assert [mark for mark in theirs if mark in css] == []


def test_script_writes_nothing_to_the_browser_and_builds_no_markup() -> None:
    script = (BUILT / "app.js").read_text()
    shunned = ["localStorage", "sessionStorage", "indexedDB", "document.cookie", "innerHTML", "insertAdjacentHTML", "eval("]

    assert [word for word in shunned if word in script] == []


def test_licence_of_govuk_frontend_is_there() -> None:
    text = (BUILT / "LICENCES.txt").read_text()

    assert "Copyright (C) 2017 Crown Copyright (Government Digital Service)" in text
    assert "The MIT License (MIT)" in text


def test_build_needs_no_named_registry() -> None:
    lock = json.loads((SOURCES / "package-lock.json").read_text())

    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_templates_hold_no_style_or_script_of_their_own() -> None:
    inline = re.compile(r"""<style|<script(?![^>]*\ssrc=)|\sstyle=["']|\son[a-z]+=["']|javascript:""", re.IGNORECASE)
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.parts]

    assert [path.name for path in pages if inline.search(path.read_text())] == []


def test_templates_are_short() -> None:
    long = [path.name for path in (ROOT / "templates").rglob("*.html") if len(path.read_text().splitlines()) > 80]

    assert long == []
