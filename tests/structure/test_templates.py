"""Every form of ours carries its tokens, so that nothing typed is lost when a session ends in the middle."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FORM = re.compile(r'<form\b[^>]*method="post"[^>]*>(.*?)</form>', re.IGNORECASE | re.DOTALL)
TOKENS = '{% include "components/form_tokens.html" %}'
SIGNING_OUT = "{% url 'account_logout' %}"  # a button without anything typed, open to everybody


def templates() -> list[Path]:
    """Every template but those of sign-in, where nobody is known yet and passwords are typed."""
    return [
        path for path in sorted(TEMPLATES.rglob("*.html")) if not {"account", "mfa"} & set(path.parts) and path.name != "form_tokens.html"
    ]


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_form_that_posts_begins_with_its_tokens(path: Path) -> None:
    text = path.read_text()

    without = [form[0] for form in FORM.finditer(text) if SIGNING_OUT not in form[0] and not form[1].lstrip().startswith(TOKENS)]

    assert without == []
    assert len(re.findall(r'method="?post', text, re.IGNORECASE)) == len(FORM.findall(text))


def test_templates_with_forms_are_found() -> None:
    with_forms = [path for path in templates() if FORM.search(path.read_text())]

    assert len(with_forms) >= 10
