"""Every component of the look renders from the parameters that its comment lists, and every error page from nothing at all."""

from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Engine
from django.template.loader import get_template

TEMPLATES = Path(settings.BASE_DIR) / "templates"


class Undefined(str):
    """Stands in for an undefined variable, and fails the test that meets one."""

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"undefined template variable: {name}")


class Filters(forms.Form):
    status = forms.CharField(required=False)


ROW = {"key": "Lead", "value": "A\nB", "href": "/change/", "link_text": "Change"}
PHONE = {"number": "01632 960 100", "tel": "01632960100", "label": "Duty desk"}
CELLS = [
    [
        {"text": "C-26-7K4M", "href": "/c/", "header": True, "detail": "J.M."},
        {"text": "New", "tag_tone": "blue"},
        {"text": "3", "number": True},
    ]
]

PARAMETERS: dict[str, dict[str, Any]] = {
    "back_link": {"href": "/", "text": "Back"},
    "button": {"text": "Save", "variant": "primary"},
    "contact_card": {"name": "NSPCC", "url": "", "hours": "", "note": "", "description": "", "stale": "", **PHONE},
    "danger_panel": {"title": "Ring 999", "lines": ["Now."], "phones": [PHONE]},
    "details": {"summary": "More", "text": "Words"},
    "empty_state": {"text": "Nothing waits."},
    "exit_page": {"href": "https://example.org/"},
    "filter_panel": {"form": Filters(), "open": False, "action": "/", "clear_href": ""},
    "inset": {"text": "Words"},
    "link_button": {"text": "Go", "href": "/", "variant": "secondary"},
    "notification": {"title": "", "text": "Saved", "tone": "success"},
    "pagination": {"previous_href": "", "next_href": "/?page=2", "label": "Pages of concerns"},
    "phone_link": PHONE,
    "ring_panel": {"name": "Priya Shah", "note": "", **PHONE},
    "step": {"text": "Ring", "who": "", "due": "", "state": "Late", "tone": "red", "note": ""},
    "summary_list": {"rows": [ROW, {"key": "Level", "value": "Urgent", "tag_tone": "red"}]},
    "summary_row": {"row": {"key": "Lead", "value": "A"}},
    "table": {"caption": "Concerns", "head": ["Concern", "Status", "Entries"], "rows": CELLS},
    "table_cell": {"cell": CELLS[0][0], "head": ["Concern"], "column": 1},
    "tag": {"text": "New", "tone": "blue"},
    "sections": {"sections": [{"heading": "", "text": "x"}]},
    "versions": {"number": "2", "before": [{"heading": "", "text": "x"}], "after": [{"heading": "", "text": "y"}]},
    "timeline_item": {
        "title": "Noted",
        "by": "",
        "when": "Today",
        "iso": "2026-11-23",
        "sections": [{"heading": "", "text": "x"}],
        "tone": "plain",
    },
}


@pytest.fixture
def engine() -> Engine:
    return Engine(dirs=[str(TEMPLATES)], libraries=_libraries(), string_if_invalid=Undefined("%s"))


def _libraries() -> dict[str, str]:
    return {"static": "django.templatetags.static", "crispy_forms_tags": "crispy_forms.templatetags.crispy_forms_tags"}


def render(engine: Engine, component: str, /, **changes: Any) -> str:
    return engine.get_template(f"components/{component}.html").render(Context({**PARAMETERS[component], **changes}))


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_component_needs_only_what_its_comment_lists(engine: Engine, name: str) -> None:
    assert render(engine, name).strip().startswith("<")


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_component_escapes_what_it_shows(engine: Engine, name: str) -> None:
    nasty = {key: "<b>x</b>" for key, value in PARAMETERS[name].items() if isinstance(value, str) and value}

    assert "<b>" not in render(engine, name, **nasty)


def test_telephone_link_is_for_a_telephone(engine: Engine) -> None:
    assert 'href="tel:01632960100"' in render(engine, "ring_panel")


def test_ring_panel_without_a_number_names_the_person(engine: Engine) -> None:
    html = render(engine, "ring_panel", number="", tel="")

    assert ("Find Priya Shah now" in html, "tel:" in html) == (True, False)


def test_table_keeps_its_meaning_when_it_is_stacked(engine: Engine) -> None:
    html = render(engine, "table")

    assert [html.count(f'role="{role}"') for role in ("table", "row", "columnheader", "rowheader", "cell")] == [1, 2, 3, 1, 2]
    assert [f'data-label="{label}"' in html for label in ("Concern", "Status", "Entries")] == [True, True, True]


def test_filter_is_closed_unless_one_is_on(engine: Engine) -> None:
    assert [" open>" in render(engine, "filter_panel", open=on) for on in (False, True)] == [False, True]


@pytest.mark.parametrize("name", ["400", "403_csrf", "500", "503"])
def test_error_page_needs_nothing(name: str) -> None:
    html = get_template(f"{name}.html").render()

    assert ('href="tel:999"' in html, 'href="/emergency/"' in html) == (True, True)


@pytest.mark.parametrize("name", ["403", "404"])
def test_error_page_with_a_menu_shows_999_and_the_reason(name: str) -> None:
    html = get_template(f"{name}.html").render({"centre_name": "Riverside", "exception": "Only the <lead> may.", "nav_items": []})

    assert ('href="tel:999"' in html, 'href="/emergency/"' in html, "<lead>" in html) == (True, True, False)
