"""Accounts and roles."""

from typing import Any

from django import forms

from concerns.forms.base import PlainForm


class RoleForm(PlainForm):
    """Chooses a role to give."""

    role = forms.ChoiceField(label="Which role?", widget=forms.RadioSelect, error_messages={"required": "Choose a role"})

    def __init__(self, *args: Any, roles: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]


class PersonForm(PlainForm):
    """A new account."""

    name = forms.CharField(label="Full name", max_length=120)
    email = forms.EmailField(
        label="Work e-mail address", error_messages={"invalid": "Enter an e-mail address in the correct form, such as name@example.org"}
    )
