"""Every setting is documented, every template form keeps what was typed, nothing is written without being escaped."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OUR_CODE = sorted((ROOT / "concerns").rglob("*.py"))


def test_every_variable_of_the_environment_stands_in_the_readme() -> None:
    settings = (ROOT / "safeguarding" / "settings.py").read_text()
    scripts = "".join((ROOT / "script" / name).read_text() for name in ("run", "environment", "test", "gunicorn.py"))
    readme = (ROOT / "README.md").read_text()
    names = set(re.findall(r'_(?:text|number)\(\s*"(\w+)"', settings))
    names |= set(re.findall(r"\$\{(?:SAFEGUARDING_)?(\w+):-", scripts)) - {"PYTHON", "1"}

    assert {name for name in names if name.removeprefix("EMAIL") not in readme} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_escapes_everything_and_holds_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\|\s*safe\b|autoescape\s+off|\|\s*safeseq\b|filter\s+safe", text)
    assert not re.search(r"<[a-z][^>{]*\s[\w-]+=\{[{%]", text), "an attribute without quotes lets a space begin another"
    assert not re.search(r'\sstyle="|\son\w+="|<style|<script(?![^>]*\bsrc=)', text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 80


@pytest.mark.parametrize("path", OUR_CODE, ids=lambda path: str(path.relative_to(ROOT / "concerns")))
def test_code_calls_nothing_unescaped_safe(path: Path) -> None:
    assert not re.search(r"\bmark_safe\b|\bSafe(String|Text|Data)\b|\bhtml_safe\b|csrf_exempt|autoescape=False", path.read_text())
    assert not re.search(r"format_html(_join)?\(\s*(f[\"']|[^\"'\s])", path.read_text()), "the first argument is markup, and a constant"


def test_no_admin_site_is_installed() -> None:
    from django.conf import settings

    assert "django.contrib.admin" not in settings.INSTALLED_APPS
