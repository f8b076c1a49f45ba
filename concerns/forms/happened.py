"""When something happened, as two boxes ask it: a day and a time of local clocks, never later than now."""

from datetime import datetime, time
from typing import Any

from concerns.forms.base import PlainForm
from concerns.forms.dates import DateBoxesField
from concerns.rules.deadlines import LONDON


class HappenedForm(PlainForm):
    """A form with the fields `happened_on` and `happened_time`. `at` (aware) is now: no date of the form lies after it."""

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at.astimezone(LONDON)
        for field in self.fields.values():
            if isinstance(field, DateBoxesField):
                field.latest_today, field.today = True, self.at.date()

    def check_happened(self) -> None:
        """Add an error to a time without its day, and to a time that has not come yet. For `clean` of the form."""
        if self.cleaned_data.get("happened_time") and not self.cleaned_data.get("happened_on") and "happened_on" not in self.errors:
            self.add_error("happened_on", "Enter the day as well as the time")
        moment = self.happened_at()
        if moment and moment > self.at:
            self.add_error("happened_time", "This time has not come yet. Enter when it happened")

    def happened_at(self) -> datetime | None:
        """Return when it happened (aware), midnight where the time is not said; None where the day is not."""
        day, clock = self.cleaned_data.get("happened_on"), self.cleaned_data.get("happened_time")
        return datetime.combine(day, clock or time(0), tzinfo=LONDON) if day else None
