"""The forms beside the plans: who is on a list and in which order, and the case of "what would happen"."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms

from concerns.choices import HomeArea, Level, Vault
from concerns.forms.base import PlainForm
from concerns.forms.dates import DateBoxesField, TimeField
from concerns.models import User
from concerns.queries.people import choices_of
from concerns.queries.plan_pages import ListedPerson
from concerns.queries.what_if import WhatIf
from concerns.rules.deadlines import LONDON
from concerns.rules.names import told_apart

SAME_PLACE = "Two people cannot have the same place. Give each their own number"
NEAR = timedelta(days=730)
NARROW = {"class": "govuk-input--width-3"}


def _labels(people: Sequence[ListedPerson]) -> list[str]:
    return told_apart([(person.name, person.email) for person in people])


class LadderForm(PlainForm):
    """A number for everybody who can be on a list: 1 is asked first; empty is not on the list. `was` is the list that the page showed."""

    was = forms.CharField(widget=forms.HiddenInput, required=False)
    mark_optional = False

    def __init__(self, *args: Any, on: Sequence[ListedPerson], others: Sequence[ListedPerson], **options: Any) -> None:
        super().__init__(*args, **options)
        self.was_now = ",".join(str(person.id) for person in on)
        self.initial.update({"was": self.was_now})
        people = [*on, *others]
        for place, (person, label) in enumerate(zip(people, _labels(people), strict=True), start=1):
            name = f"place_{person.id}"
            note = ". ".join(part for part in (person.role, person.fault) if part)
            self.fields[name] = forms.IntegerField(
                label=label, help_text=note, required=False, min_value=1, max_value=99, widget=forms.TextInput(attrs=NARROW)
            )
            self.initial[name] = place if place <= len(on) else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        taken: set[int] = set()
        for name, place in cleaned.items():
            if isinstance(place, int) and place in taken:
                self.add_error(name, SAME_PLACE)
                break
            taken |= {place} if isinstance(place, int) else set()
        return cleaned

    def people(self) -> list[UUID]:
        """Return the ids of those who have a place, first to ask first."""
        places = {name.removeprefix("place_"): place for name, place in self.cleaned_data.items() if isinstance(place, int)}
        return [UUID(user_id) for user_id in sorted(places, key=lambda user_id: places[user_id])]

    def seen(self) -> list[UUID]:
        """Return the list that the page showed; what is none was changed by nobody's hand."""
        try:
            return [UUID(part) for part in self.cleaned_data["was"].split(",") if part]
        except ValueError:
            return []


class WhatIfForm(PlainForm):
    """A case to think through, sent by GET: nothing in it is about anybody's life."""

    level = forms.ChoiceField(label="How serious is it?", choices=Level.choices, initial=Level.URGENT)
    vault = forms.ChoiceField(label="What is it about?", choices=Vault.choices, initial=Vault.ORDINARY)
    home_area = forms.ChoiceField(label="Where does the young person live?", choices=HomeArea.choices, initial=HomeArea.CITY)
    on = DateBoxesField(label="On which day is it recorded?", help_text="For example, 23 11 2026")
    time = TimeField(label="At what time?", help_text="For example, 6.30pm")
    leaves = TimeField(label="When does the young person leave, if they are still here?", required=False, help_text="For example, 8.30pm")
    reporter = forms.ChoiceField(label="Who records it?", required=False)
    about = forms.ChoiceField(label="If it is about an adult who works here, about whom?", required=False)
    away = forms.MultipleChoiceField(label="Who is away?", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, staff: Sequence[User], answering: Sequence[ListedPerson], now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = now.astimezone(LONDON).date()
        self.staff = {str(user.pk): user for user in staff}
        names = choices_of(staff)
        self.fields["reporter"].choices = [("", "Somebody"), *names]  # type: ignore[attr-defined]
        self.fields["about"].choices = [("", "Somebody"), *names]  # type: ignore[attr-defined]
        self.fields["away"].choices = [(str(person.id), label) for person, label in zip(answering, _labels(answering), strict=True)]  # type: ignore[attr-defined]
        if not answering:
            del self.fields["away"]
        self.initial.update({"on": self.today, "time": now.astimezone(LONDON).time()})

    def clean_on(self) -> date:
        """The day, near enough for its bank holidays to be known."""
        day: date = self.cleaned_data["on"]
        if abs(day - self.today) > NEAR:
            raise forms.ValidationError("Choose a day within two years from now", code="year")
        return day

    def case(self) -> WhatIf:
        """Return the case of a valid form. Somebody who leaves earlier in the day than it is recorded leaves on the next."""
        data = self.cleaned_data
        at = datetime.combine(data["on"], data["time"], LONDON)
        leaves = datetime.combine(data["on"], data["leaves"], LONDON) if data["leaves"] else None
        return WhatIf(
            level=Level(data["level"]),
            vault=Vault(data["vault"]),
            home_area=HomeArea(data["home_area"]),
            at=at,
            leaves_at=leaves + timedelta(days=1) if leaves and leaves < at else leaves,
            reporter=self.staff.get(data["reporter"]),
            absent=frozenset(UUID(user_id) for user_id in data.get("away", ())),
            about=frozenset({UUID(data["about"])}) if data["about"] else frozenset(),
        )
