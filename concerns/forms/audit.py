"""The filters of the audit log, sent by GET."""

from typing import Any

from django import forms

from concerns.forms.filters import FilterForm
from concerns.rules.audit import KINDS
from concerns.rules.references import is_reference, normalise


class DayInput(forms.DateInput):
    """One day, chosen from the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AuditFilterForm(FilterForm):
    """The filters of the audit log. `references` says whether the reader may ask for one concern."""

    person = forms.ChoiceField(label="Who", required=False)
    kind = forms.ChoiceField(label="What", required=False, choices=[("", "Everything"), *KINDS.items()])
    since = forms.DateField(label="From day", required=False, widget=DayInput, input_formats=["%Y-%m-%d"])
    until = forms.DateField(label="To day", required=False, widget=DayInput, input_formats=["%Y-%m-%d"])
    reference = forms.CharField(label="Concern, by its reference", required=False, max_length=20)

    def __init__(self, *args: Any, people: list[tuple[str, str]], references: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["person"].choices = [("", "Everybody"), *people]  # type: ignore[attr-defined]
        if not references:
            del self.fields["reference"]

    def clean_reference(self) -> str:
        """The reference as it is stored; what is none is as good as one that does not exist."""
        typed = self.cleaned_data["reference"]
        return normalise(typed) if typed and is_reference(typed) else typed
