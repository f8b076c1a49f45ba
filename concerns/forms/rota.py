"""What is asked about the rota: when the centre is open, who is on duty in a session, and who is away."""

import calendar
from datetime import date
from typing import Any

from django import forms

from concerns.choices import DutySlot
from concerns.forms.base import PlainForm
from concerns.forms.dates import DateBoxesField, EndField, TimeField
from concerns.rules.deadlines import Session
from concerns.rules.rota import WRONG_WAY_ROUND

NOBODY = ("", "Nobody")


class SeenForm(PlainForm):
    """Carries what the page showed, so that nothing is written over what somebody else changed meanwhile."""

    was = forms.CharField(widget=forms.HiddenInput, max_length=100, required=False)


class DutyForm(SeenForm):
    """Who is on duty, and who deputises. `people` are pairs of id and name."""

    first = forms.ChoiceField(label="Who is on duty?", required=False)
    second = forms.ChoiceField(label="Who deputises?", help_text="They are asked next.", required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("first", "second"):
            self.fields[name].choices = [NOBODY, *people]  # type: ignore[attr-defined]

    def chosen(self) -> dict[DutySlot, str]:
        """Return the id that was chosen for each slot, "" for nobody."""
        return {DutySlot.FIRST: self.cleaned_data["first"], DutySlot.SECOND: self.cleaned_data["second"]}


class LeaveForm(PlainForm):
    """Who is away, from which day to which."""

    user = forms.ChoiceField(label="Who is away?", error_messages={"required": "Choose who is away"})
    first_on = DateBoxesField(
        label="Which is the first day?", help_text="For example, 21 12 2026", error_messages={"required": "Enter the first day"}
    )
    last_on = DateBoxesField(
        label="Which is the last day?",
        help_text="They can be asked again on the day after. For example, 4 1 2027",
        error_messages={"required": "Enter the last day"},
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["user"].choices = [("", "Choose"), *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last_on", "The last day must be the first day or later")
        return cleaned


class SessionForm(SeenForm):
    """A weekly session: on which day, from when to when."""

    weekday = forms.TypedChoiceField(
        label="Which day of the week?",
        choices=[("", "Choose"), *enumerate(calendar.day_name)],
        coerce=int,
        error_messages={"required": "Choose a day"},
    )
    starts = TimeField(label="When does it start?", help_text="For example, 5pm or 17:00")
    ends = EndField(label="When does it end?", help_text="For example, 9pm, 21:00 or midnight")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", WRONG_WAY_ROUND)
        return cleaned

    def times(self) -> Session:
        """Return the session that was typed."""
        return Session(**{name: self.cleaned_data[name] for name in ("weekday", "starts", "ends")})
