"""Dates in three boxes and times as people write them, with messages that say what to change."""

import calendar
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from concerns.rules.deadlines import END_OF_DAY
from concerns.rules.words import time_words

BOXES = ("day", "month", "year")
EARLIEST_YEAR = 1900

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}

_TIME = re.compile(r"(?P<hour>\d{1,2})(?:[:.h ]?(?P<minute>\d{2}))?\s*(?P<half>[ap])?\.?(?:m\.?)?", re.IGNORECASE)
_TWENTY_FOUR = re.compile(r"24(?:[:.h ]?00)?", re.IGNORECASE)
_NAMED_TIMES = {"noon": time(12), "midday": time(12), "12noon": time(12), "midnight": time(0), "12midnight": time(0)}


class DateBoxesWidget(forms.MultiWidget):
    """Boxes for day, month and year. What was typed comes back as it was typed."""

    template_name = "django/forms/widgets/date_boxes.html"
    use_fieldset = True

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {box: forms.TextInput(attrs=_box_attrs(box)) for box in BOXES}
        super().__init__(boxes, dict(attrs or {}))

    def decompress(self, value: date | None) -> list[str]:
        if value is None:
            return ["", "", ""]
        return [str(value.day), str(value.month), str(value.year)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        for box, label in zip(context["widget"]["subwidgets"], BOXES, strict=True):
            box["label"] = label.capitalize()
        return context


def _box_attrs(box: str) -> dict[str, str]:
    width = {"day": 2, "month": 3, "year": 4}[box]
    return {
        "class": f"govuk-date-input__input govuk-input--width-{width}",
        "inputmode": "numeric",
        "autocomplete": "off",
    }


class DateBoxesField(forms.MultiValueField):
    """A `datetime.date` from three boxes.

    latest_today  refuse a date after `today`. The form must set `self.fields[name].today` from the request's one
                  clock before it validates; a field that has no `today` then raises RuntimeError
    A month may be a number or a name. Each error carries the code of its box (day, month, year), so that the
    error summary can lead to it; other codes lead to the first box.
    """

    widget = DateBoxesWidget
    default_error_messages = {"required": "Give the day, the month and the year", "future": "The date must be today or earlier"}

    def __init__(self, *, latest_today: bool = False, today: date | None = None, **kwargs: Any) -> None:
        self.latest_today = latest_today
        self.today = today
        boxes = tuple(forms.CharField(required=False) for _ in BOXES)
        super().__init__(boxes, require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> date | None:
        typed = [str(part or "").strip() for part in (value or ["", "", ""])]
        if not any(typed):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        found = parse_date_boxes(*typed)
        self._refuse_future(found)
        return found

    def _refuse_future(self, found: date) -> None:
        if not self.latest_today:
            return
        if self.today is None:
            raise RuntimeError("A form with latest_today must set the field's `today`.")
        if found > self.today:
            raise ValidationError(self.error_messages["future"], code="future")

    def compress(self, data_list: list[Any]) -> date | None:
        return parse_date_boxes(*data_list) if any(data_list) else None


def parse_date_boxes(day: str, month: str, year: str) -> date:
    """Return the date that the three boxes hold.

    Raises ValidationError, with one message for each box that is missing or wrong, or one for a day that its month
    does not have.
    """
    typed = dict(zip(BOXES, (day, month, year), strict=True))
    missing = [box for box in BOXES if not typed[box]]
    if missing:
        raise ValidationError(f"The date must include a {' and a '.join(missing)}", code=missing[0])
    numbers = (_number(day, 1, 31), _MONTHS.get(month.lower().rstrip(".")) or _number(month, 1, 12), _year(year))
    wrong = [_BOX_ERRORS[box] for box, number in zip(BOXES, numbers, strict=True) if number is None]
    if wrong:
        raise ValidationError([ValidationError(message, code=code) for code, message in wrong])
    return _real_date(*(number or 0 for number in numbers))


_BOX_ERRORS = {
    "day": ("day", "Enter a day between 1 and 31"),
    "month": ("month", "Enter a month between 1 and 12"),
    "year": ("year", "Enter all four digits of the year, such as 2026"),
}


def _number(text: str, lowest: int, highest: int) -> int | None:
    """The whole number in `text`, or None when it is not one between the bounds."""
    if not re.fullmatch(r"[0-9]{1,2}", text):
        return None
    number = int(text)
    return number if lowest <= number <= highest else None


def _year(text: str) -> int | None:
    if not re.fullmatch(r"[0-9]{4}", text):
        return None
    return int(text) if int(text) >= EARLIEST_YEAR else None


def _real_date(day: int, month: int, year: int) -> date:
    last = calendar.monthrange(year, month)[1]
    if day > last:
        in_year = f" in {year}" if month == 2 else ""
        raise ValidationError(f"{calendar.month_name[month]} has {last} days{in_year}", code="day")
    return date(year, month, day)


class TimeField(forms.Field):
    """A `datetime.time` from one box, in any of the ways in which people write one.

    "16:30", "16.30", "1630", "4.30pm", "4 pm", "noon". "4.30" alone could be either half of the day: the field
    asks, for a record must not guess.
    """

    widget = forms.TextInput(attrs={"class": "govuk-input--width-5", "autocomplete": "off"})
    default_error_messages = {
        "invalid": "Enter a time, such as 4.30pm or 16:30",
        "ambiguous": "Say whether %(typed)s is am or pm, such as %(typed)spm",
    }

    def prepare_value(self, value: Any) -> Any:
        """A time that we fill in ourselves says which half of the day it is: sent back as it is, it must be understood."""
        return time_words(value) if isinstance(value, time) else value

    def to_python(self, value: Any) -> time | None:
        typed = str(value if value is not None else "").strip()
        if isinstance(value, time) or not typed:
            return value or None
        if _is_ambiguous(typed):
            raise ValidationError(self.error_messages["ambiguous"], code="ambiguous", params={"typed": typed})
        found = parse_time(typed)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class EndField(TimeField):
    """The time at which something ends on its day: midnight is the end of that day, however it is written."""

    def prepare_value(self, value: Any) -> Any:
        return "midnight" if value == END_OF_DAY else super().prepare_value(value)

    def to_python(self, value: Any) -> time | None:
        typed = str(value if value is not None else "").strip()
        found = END_OF_DAY if _TWENTY_FOUR.fullmatch(typed) else super().to_python(value)
        return END_OF_DAY if found == time(0) else found


def parse_time(text: str) -> time | None:
    """Return the time that `text` says, or None when it says none. An hour without am or pm is of the 24-hour clock."""
    compact = text.strip().lower().replace(" ", "")
    if compact in _NAMED_TIMES:
        return _NAMED_TIMES[compact]
    parts = _split_time(text)
    if parts is None:
        return None
    hour, minute, half = parts
    if half and not 1 <= hour <= 12:
        return None if half == "a" or not 13 <= hour <= 23 else _time_of(hour, minute)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return _time_of(hour, minute)


def _time_of(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour <= 23 and minute <= 59 else None


def _split_time(text: str) -> tuple[int, int, str] | None:
    """Hour, minute and "a", "p" or "" as `text` writes them, or None when it is not a time at all."""
    found = _TIME.fullmatch(text.strip())
    if found is None or not text.isascii():
        return None
    return int(found["hour"]), int(found["minute"] or 0), (found["half"] or "").lower()


def _is_ambiguous(text: str) -> bool:
    """Whether `text` is a time from 1 to 11 o'clock with neither am, pm nor a leading nought."""
    parts = _split_time(text)
    return parts is not None and not parts[2] and 1 <= parts[0] <= 11 and not text.strip().startswith("0")
