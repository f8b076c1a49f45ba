"""Shows a form again just as it was typed: from a draft, or from what was kept when a session ended."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django import forms
from django.http import QueryDict

FormType = TypeVar("FormType", bound=forms.Form)
NOT_TYPED = frozenset({"csrfmiddlewaretoken", "kept_for"})


def typed_fields(data: QueryDict) -> dict[str, list[str]]:
    """Return what a person typed, without the tokens of the form."""
    return {name: values for name, values in data.lists() if name not in NOT_TYPED}


def let_send_again(form: forms.Form, **seen: object) -> None:
    """Let a stale form be sent again: the person has now been told that somebody else changed the thing. `seen`: what it says now."""
    data = QueryDict(mutable=True)
    for name in form.data:
        data.setlist(name, form.data.getlist(name) if isinstance(form.data, QueryDict) else [form.data[name]])
    for name, value in seen.items():
        data[name] = str(value)
    form.data = data


def shown_again(form_class: type[FormType], typed: Mapping[str, Sequence[str]], **options: Any) -> FormType:
    """Return the form with everything in it that was typed, valid or not, and without error messages yet."""
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, list(values))
    form = form_class(data, **options)
    form._errors = forms.utils.ErrorDict()  # type: ignore[attr-defined]
    form.cleaned_data = {}
    return form
