"""What every form of ours shares: tidy text in, plain words out, and everything that was typed still there after an error."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict

from concerns.rules.letters import is_blank, without_hidden

NARRATIVE_MAX_LENGTH = 50_000
NAME_MAX_LENGTH = 200

PRIVATE_TEXT = {"autocomplete": "off", "spellcheck": "false"}
"""Attributes for words about a person: the browser neither remembers them nor sends them to a spelling service."""

_KEPT_CONTROLS = "\n\t"
_DJANGO_REQUIRED = str(forms.Field.default_error_messages["required"])


def tidy_text(text: str) -> str:
    """Return `text` with every line end as "\\n", without control characters other than newline and tab, and with nothing hidden.

    Databases refuse NUL, and a terminal or a PDF may obey the rest. What a script needs stays; what would make a name read otherwise
    than it was typed is shown by its number. Nothing that a person can see is changed.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    seen = "".join(c for c in lines if c in _KEPT_CONTROLS or unicodedata.category(c) != "Cc")
    return "\n".join(without_hidden(line) for line in seen.split("\n")) if not seen.isascii() else seen


def tidy_data(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a copy of a form's raw `data` with `tidy_text` applied to every string; other values stay as they are."""
    if isinstance(data, QueryDict):
        copy = data.copy()
        for key, values in data.lists():
            copy.setlist(key, [_tidy_value(value) for value in values])
        return copy
    return {key: _tidy_value(value) for key, value in data.items()}


def _tidy_value(value: Any) -> Any:
    if isinstance(value, str):
        return tidy_text(value)
    if isinstance(value, list | tuple):
        return [_tidy_value(item) for item in value]
    return value


class NarrativeField(forms.CharField):
    """A large box for somebody's own words, up to 50,000 characters.

    There is no `maxlength` on the control: a browser would cut off what is pasted without a word.
    """

    def __init__(self, *, rows: int = 8, max_length: int = NARRATIVE_MAX_LENGTH, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows, **PRIVATE_TEXT}))
        super().__init__(max_length=max_length, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}


class NameField(forms.CharField):
    """One line for a person's name, which the browser must not remember. A name that nobody can see is none."""

    def __init__(self, *, max_length: int = NAME_MAX_LENGTH, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs=dict(PRIVATE_TEXT)))
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return self.empty_value if is_blank(text or "") else text

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}


class _Hints:
    """Adds a line of help under single choices: `hints` maps a choice's value to its words."""

    def __init__(self, *args: Any, hints: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = dict(hints or {})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)  # type: ignore[misc]
        return option | {"hint": self.hints.get(str(value), "")}


class HintedRadioSelect(_Hints, forms.RadioSelect):
    """Radios of which each may carry a hint."""


class HintedCheckboxes(_Hints, forms.CheckboxSelectMultiple):
    """Tick boxes of which each may carry a hint."""


class PlainForm(forms.Form):
    """The base of every form.

    The server's messages are the ones that people read, so the browser's own checks are off. A message that
    Django would word for programmers is worded from the field's label, unless the field brings its own.

    mark_optional       whether fields that are not required say "(optional)"
    required_sometimes  names of fields that `clean` may require: they do not say "(optional)"
    helper              for `{% crispy form %}`: fields and error summary; the page writes <form>, csrf and buttons
    """

    use_required_attribute = False
    mark_optional = True
    required_sometimes: frozenset[str] = frozenset()

    def __init__(self, data: Mapping[str, Any] | None = None, files: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(None if data is None else tidy_data(data), files, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.include_media = False
        for name, field in self.fields.items():
            word_messages(field, str(field.label or name.replace("_", " ").capitalize()))


def word_messages(field: forms.Field, label: str) -> None:
    """Give `field` messages that make sense away from it, in the error summary. `label` is what the page calls it."""
    messages = field.error_messages
    if str(messages.get("required", "")) == _DJANGO_REQUIRED:
        messages["required"] = f"{_asking_verb(field, label)} “{label}”"
    if isinstance(field, forms.ChoiceField):
        _reword(field, "invalid_choice", "Choose one of the answers shown")
    if isinstance(field, forms.EmailField):
        _reword(field, "invalid", "Enter an e-mail address, such as name@example.org")
    name = label.replace("%", "%%")
    _reword(field, "max_length", f"“{name}” can be %(limit_value)d characters at most. You have written %(show_value)d.")


def _asking_verb(field: forms.Field, label: str) -> str:
    if isinstance(field, forms.BooleanField):
        return "Tick"
    if label.endswith("?"):
        return "Answer"
    return "Choose" if isinstance(field, forms.ChoiceField) else "Fill in"


def _reword(field: forms.Field, code: str, message: str) -> None:
    """Put `message` in the place of Django's own, and leave one that the field brought."""
    if field.error_messages.get(code) in (None, type(field).default_error_messages.get(code)):
        field.error_messages[code] = message
