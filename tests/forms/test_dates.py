"""Dates in three boxes and times as people write them."""

from datetime import date, time

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from concerns.forms.base import PlainForm
from concerns.forms.dates import DateBoxesField, EndField, TimeField, parse_date_boxes, parse_time
from concerns.rules.deadlines import END_OF_DAY

TODAY = date(2026, 11, 23)


class HappenedForm(PlainForm):
    happened_on = DateBoxesField(label="When did it happen?", latest_today=True)
    happened_at = TimeField(label="At what time?", required=False)

    def __init__(self, data: dict[str, str] | None = None, *, today: date | None = TODAY) -> None:
        super().__init__(data)
        field = self.fields["happened_on"]
        assert isinstance(field, DateBoxesField)
        field.today = today


def typed(day: str, month: str, year: str, at: str = "") -> dict[str, str]:
    return {"happened_on_day": day, "happened_on_month": month, "happened_on_year": year, "happened_at": at}


def _problems(data: dict[str, str]) -> list[tuple[str, str | None]]:
    """Message and code of every error on the date."""
    form = HappenedForm(data)
    form.is_valid()
    return [(str(error.messages[0]), error.code) for error in form.errors.as_data().get("happened_on", [])]


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        (("21", "11", "2026"), date(2026, 11, 21)),
        (("1", "3", "2024"), date(2024, 3, 1)),
        (("01", "03", "2024"), date(2024, 3, 1)),
        ((" 9 ", "Sept", "2026"), date(2026, 9, 9)),
        (("9", "feb.", "2026"), date(2026, 2, 9)),
        (("9", "OCTOBER", "2026"), date(2026, 10, 9)),
        (("29", "2", "2024"), date(2024, 2, 29)),
        (("23", "11", "2026"), TODAY),
    ],
)
def test_date_is_read(boxes: tuple[str, str, str], expected: date) -> None:
    form = HappenedForm(typed(*boxes))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["happened_on"] == expected


@pytest.mark.parametrize(
    ("boxes", "problems"),
    [
        (("", "", ""), [("Give the day, the month and the year", "required")]),
        (("32", "1", "2026"), [("Enter a day between 1 and 31", "day")]),
        (("0", "1", "2026"), [("Enter a day between 1 and 31", "day")]),
        (("x", "1", "2026"), [("Enter a day between 1 and 31", "day")]),
        (("²", "1", "2026"), [("Enter a day between 1 and 31", "day")]),
        (("1", "13", "2026"), [("Enter a month between 1 and 12", "month")]),
        (("1", "Smarch", "2026"), [("Enter a month between 1 and 12", "month")]),
        (("1", "1", "26"), [("Enter all four digits of the year, such as 2026", "year")]),
        (("1", "1", "0026"), [("Enter all four digits of the year, such as 2026", "year")]),
        (("31", "6", "2026"), [("June has 30 days", "day")]),
        (("29", "2", "2026"), [("February has 28 days in 2026", "day")]),
        (("1", "", "2026"), [("The date must include a month", "month")]),
        (("1", "", ""), [("The date must include a month and a year", "month")]),
        (("24", "11", "2026"), [("The date must be today or earlier", "future")]),
        (("99", "99", "2026"), [("Enter a day between 1 and 31", "day"), ("Enter a month between 1 and 12", "month")]),
    ],
)
def test_wrong_date_is_explained_box_by_box(boxes: tuple[str, str, str], problems: list[tuple[str, str]]) -> None:
    assert _problems(typed(*boxes)) == problems


def test_wrong_date_keeps_what_was_typed() -> None:
    html = str(HappenedForm(typed("31", "Febuary", "26"))["happened_on"])

    assert [value in html for value in ('value="31"', 'value="Febuary"', 'value="26"')] == [True, True, True]


def test_date_that_is_not_required_may_be_left_out() -> None:
    class Optional(PlainForm):
        on = DateBoxesField(required=False)

    form = Optional({})

    assert form.is_valid()
    assert form.cleaned_data["on"] is None


def test_date_is_shown_in_its_boxes() -> None:
    form = HappenedForm()
    form.initial["happened_on"] = date(2026, 3, 9)
    html = str(form["happened_on"])

    assert [value in html for value in ('value="9"', 'value="3"', 'value="2026"')] == [True, True, True]


def test_date_without_today_refuses_to_guess() -> None:
    with pytest.raises(RuntimeError, match="today"):
        HappenedForm(typed("1", "1", "2026"), today=None).is_valid()


def test_own_required_message_is_kept() -> None:
    class Own(PlainForm):
        on = DateBoxesField(error_messages={"required": "Enter the date of the meeting"})

    assert Own({}).errors["on"] == ["Enter the date of the meeting"]


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_every_date_is_read_back(day: date) -> None:
    assert parse_date_boxes(str(day.day), f"{day:%B}", str(day.year)) == day


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_any_text_is_a_date_or_a_plain_error(day: str, month: str, year: str) -> None:
    found: date | None = None
    messages: list[str] = []

    try:
        found = parse_date_boxes(day, month, year)
    except ValidationError as error:
        messages = error.messages

    assert bool(found) != bool(messages)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.30pm", time(16, 30)),
        ("4:30 pm", time(16, 30)),
        ("4.30 p.m.", time(16, 30)),
        ("4pm", time(16)),
        ("4 PM", time(16)),
        ("16:30", time(16, 30)),
        ("16.30", time(16, 30)),
        ("1630", time(16, 30)),
        ("16h30", time(16, 30)),
        ("0930", time(9, 30)),
        ("09:30", time(9, 30)),
        ("930am", time(9, 30)),
        ("16", time(16)),
        ("16:30pm", time(16, 30)),
        ("12am", time(0)),
        ("12.05am", time(0, 5)),
        ("12pm", time(12)),
        ("12:15", time(12, 15)),
        ("0:05", time(0, 5)),
        ("noon", time(12)),
        ("12 noon", time(12)),
        ("midnight", time(0)),
        (" 7.15PM ", time(19, 15)),
    ],
)
def test_time_is_read(text: str, expected: time) -> None:
    assert TimeField().clean(text) == expected


@pytest.mark.parametrize("text", ["25:00", "16:75", "4.3pm", "tea time", "16:30am", "0pm", "12345", "-4pm", "٤pm", "4pm4"])
def test_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="Enter a time, such as 4.30pm or 16:30"):
        TimeField().clean(text)


@pytest.mark.parametrize("text", ["4.30", "4:30", "430", "9", "11"])
def test_time_that_could_be_morning_or_evening_is_asked_about(text: str) -> None:
    with pytest.raises(ValidationError, match=f"Say whether {text} is am or pm"):
        TimeField().clean(text)


@given(st.times())
def test_every_time_is_read_back(moment: time) -> None:
    whole = moment.replace(second=0, microsecond=0)

    assert parse_time(f"{whole:%H:%M}") == parse_time(f"{whole:%I.%M%p}") == parse_time(f"{whole:%H%M}") == whole


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_nothing(text: str) -> None:
    assert isinstance(parse_time(text), time | None)


@pytest.mark.parametrize("field", [TimeField(), EndField()])
@given(moment=st.times())
def test_time_that_we_fill_in_is_understood_when_it_is_sent_back_unchanged(field: TimeField, moment: time) -> None:
    whole = moment.replace(second=0, microsecond=0)
    meant = END_OF_DAY if isinstance(field, EndField) and whole == time(0) else whole

    assert field.clean(field.prepare_value(meant)) == meant


def test_time_is_shown_and_kept_as_typed() -> None:
    class At(forms.Form):
        at = TimeField()

    assert 'value="4:30pm"' in str(At(initial={"at": time(16, 30)})["at"])
    assert 'value="about tea"' in str(At({"at": "about tea"})["at"])
