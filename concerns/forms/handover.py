"""What is asked when a concern is handed over, and when somebody answers that."""

from typing import Any

from django import forms

from concerns.forms.base import NarrativeField, PlainForm
from concerns.forms.casework import VersionedForm


class HandOverForm(VersionedForm):
    """To whom, and what they need to know. `people` are pairs of id and name."""

    to = forms.ChoiceField(
        label="Who do you ask to take it over?", widget=forms.RadioSelect, error_messages={"required": "Choose a colleague"}
    )
    text = NarrativeField(label="What do they need to know?", help_text="What was done, what comes next, and by when.", rows=5)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].choices = people  # type: ignore[attr-defined]


class HandoverAnswerForm(PlainForm):
    """Yes, or no with a reason."""

    accept = forms.ChoiceField(
        label="Do you take it over?",
        choices=[("yes", "Yes, I take it over"), ("no", "No, I give it back")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you take it over"},
    )
    reason = NarrativeField(label="If not, why not?", required=False, rows=3)
    required_sometimes = frozenset({"reason"})

    def is_yes(self) -> bool:
        """Whether they take it over."""
        return bool(self.cleaned_data["accept"] == "yes")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("accept") == "no" and not cleaned.get("reason"):
            self.add_error("reason", "Say why you give it back")
        return cleaned
