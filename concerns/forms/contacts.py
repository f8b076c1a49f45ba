"""The forms that keep the contacts: what an administrator types, checked, with messages that say what to do."""

from typing import Any

from django import forms
from django.core.validators import URLValidator

from concerns.access.standing import grants_in_force
from concerns.actions.contacts import NOT_A_NUMBER, NOT_A_WEB_ADDRESS, REACHED_BY, UNREACHABLE, ContactFacts
from concerns.choices import Audience, ContactKey, HomeArea
from concerns.forms.base import PlainForm
from concerns.models import Centre, Contact, User
from concerns.rules.contacts import is_number


class ContactForm(PlainForm):
    """Everything about a contact. `version` is the one that the page showed; a new contact has none."""

    required_sometimes = frozenset(REACHED_BY)

    name = forms.CharField(label="Name", max_length=120, help_text="Of the service or the person.")
    job = forms.CharField(label="Job or service", max_length=120, required=False)
    number = forms.CharField(
        label="Telephone number",
        max_length=40,
        required=False,
        help_text="A number, a web address or an e-mail address: one is enough. For a text message write “SHOUT to 85258”.",
    )
    url = forms.CharField(label="Web address", max_length=300, required=False, help_text="Begins with https:// or http://.")
    email = forms.EmailField(
        label="E-mail address", required=False, error_messages={"invalid": "Write the e-mail address like name@example.org."}
    )
    purpose = forms.CharField(label="What it is for", max_length=300, required=False, help_text="One or two short sentences.")
    hours = forms.CharField(
        label="Hours", max_length=120, required=False, help_text="Only if you are certain. Leave it empty if they change."
    )
    group = forms.ChoiceField(label="Where in the list", choices=[("", "Choose"), *Contact.Group.choices])
    audience = forms.ChoiceField(label="For whom", choices=Audience.choices, initial=Audience.EVERYONE)
    area = forms.ChoiceField(label="Only for children who live in", choices=[("", "Any place"), *HomeArea.choices], required=False)
    user = forms.ModelChoiceField(
        label="Number of a colleague",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody here",
        help_text="The app then shows it when they are the one to ring.",
    )
    key = forms.ChoiceField(
        label="Stands for",
        choices=[("", "Nothing special"), *ContactKey.choices],
        required=False,
        help_text="The app’s advice names these. Each needs one contact at all times.",
    )
    is_public = forms.BooleanField(
        label="Show it on pages that need no sign-in",
        required=False,
        help_text="Anybody reads the pages that need no sign-in. Somebody’s own mobile number never belongs there.",
    )
    source = forms.CharField(label="Where this comes from", max_length=200, help_text="For example the service’s own website.")
    position = forms.IntegerField(label="Place within its part of the list", min_value=1, max_value=999, initial=100)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, centre: Centre, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = grants_in_force().filter(centre=centre).values("user")
        self.fields["user"].queryset = User.objects.filter(pk__in=colleagues)  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number and not is_number(number):
            raise forms.ValidationError(NOT_A_NUMBER)
        return number

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url:
            URLValidator(schemes=["http", "https"], message=NOT_A_WEB_ADDRESS)(url)
        return url

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        given = [name for name in REACHED_BY if cleaned.get(name) or name in self.errors]
        if not given:
            self.add_error("number", UNREACHABLE)
        return cleaned

    def facts(self) -> ContactFacts:
        """Return what was typed, once the form is valid."""
        return ContactFacts(**{name: value for name, value in self.cleaned_data.items() if name != "version"})


class VerifyForm(PlainForm):
    """The version of the contact that the person has just rung."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class RetireForm(PlainForm):
    """Which contact replaces the one that is retired, where one does."""

    successor = forms.ModelChoiceField(
        label="What replaces it?", queryset=Contact.objects.none(), required=False, empty_label="Nothing replaces it"
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Contact.objects.filter(centre=contact.centre_id, retired_at=None).exclude(pk=contact.pk)
        if contact.key:
            others = others.filter(key="")
            self.fields["successor"].error_messages["required"] = "Choose the contact that replaces it"
        self.fields["successor"].queryset = others  # type: ignore[attr-defined]
        self.fields["successor"].label_from_instance = lambda other: f"{other.name}{', ' + other.number if other.number else ''}"  # type: ignore[attr-defined]
