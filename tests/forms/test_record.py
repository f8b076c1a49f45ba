"""The record's form: times as people mean them, and everything that was typed in its place."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from concerns.choices import HomeArea
from concerns.forms.record import TEXTS, RecordForm

LONDON = ZoneInfo("Europe/London")
TUESDAY = datetime(2026, 11, 17, 17, 30, tzinfo=UTC)


def form(at: datetime = TUESDAY, **typed: Any) -> RecordForm:
    return RecordForm({"seen": "x", **typed}, at=at)


def boxes(name: str, day: str, month: str, year: str) -> dict[str, str]:
    return {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}


def local(day: int, hour: int, minute: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("now", "typed", "leaves"),
    [
        (local(17, 17, 30), "8.30pm", local(17, 20, 30)),
        (local(17, 17, 30), "17:30", local(17, 17, 30)),
        (local(17, 23, 50), "00:30", local(18, 0, 30)),
        (local(17, 22, 0), "midnight", local(18, 0, 0)),
        (local(17, 20, 0), "5.59am", local(18, 5, 59)),
        (local(18, 0, 10), "00:30", local(18, 0, 30)),
        (local(18, 0, 10), "noon", local(18, 12, 0)),
        (local(31, 23, 30, month=10), "00:15", local(1, 0, 15)),
        (datetime(2026, 7, 14, 22, 45, tzinfo=UTC), "00:15", datetime(2026, 7, 15, 0, 15, tzinfo=LONDON)),
    ],
)
def test_leaving_time_is_the_next_one_of_today_or_tonight(now: datetime, typed: str, leaves: datetime) -> None:
    filled = form(at=now, leaves_time=typed)

    assert filled.errors == {}
    assert filled.account().leaves_at == leaves


@pytest.mark.parametrize(
    ("now", "typed"),
    [
        (local(17, 17, 30), "5.28pm"),
        (local(17, 17, 30), "9am"),
        (local(17, 17, 30), "06:00"),
        (local(18, 1, 0), "00:30"),
        (local(18, 5, 0), "04:00"),
    ],
)
def test_leaving_time_that_has_passed_is_refused(now: datetime, typed: str) -> None:
    assert form(at=now, leaves_time=typed).errors == {
        "leaves_time": ["This time has passed. Enter when they leave, or leave it empty if they have gone"]
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"happened_time": "4.30"}, {"happened_time": ["Say whether 4.30 is am or pm, such as 4.30pm"]}),
        ({"happened_time": "4pm"}, {"happened_on": ["Enter the day as well as the time"]}),
        (
            {**boxes("happened_on", "17", "11", "2026"), "happened_time": "6pm"},
            {"happened_time": ["This time has not come yet. Enter when it happened"]},
        ),
        (boxes("happened_on", "18", "11", "2026"), {"happened_on": ["The date must be today or earlier"]}),
        ({**boxes("happened_on", "18", "11", "2026"), "happened_time": "4pm"}, {"happened_on": ["The date must be today or earlier"]}),
        (boxes("born_on", "18", "november", "2026"), {"born_on": ["The date must be today or earlier"]}),
        (boxes("happened_on", "29", "feb", "2026"), {"happened_on": ["February has 28 days in 2026"]}),
        ({"leaves_time": "half past"}, {"leaves_time": ["Enter a time, such as 4.30pm or 16:30"]}),
    ],
)
def test_wrong_time_is_explained_once_and_beside_its_question(typed: dict[str, str], said: dict[str, list[str]]) -> None:
    assert form(**typed).errors == said


def test_today_is_the_day_in_london() -> None:
    just_after_midnight = datetime(2026, 7, 14, 23, 30, tzinfo=UTC)

    assert form(at=just_after_midnight, **boxes("happened_on", "15", "7", "2026")).errors == {}


@pytest.mark.parametrize("texts", [{}, {"seen": " \n\t "}, {"done": "Rang.", "others": "A friend."}])
def test_one_of_the_three_texts_is_needed(texts: dict[str, str]) -> None:
    empty = RecordForm(texts, at=TUESDAY)

    assert empty.errors == {"seen": ["Write what you saw or heard, what was said, or what you think. A few words are enough"]}


@pytest.mark.parametrize("name", ["seen", "said", "think"])
def test_any_one_of_the_three_texts_is_enough(name: str) -> None:
    assert RecordForm({name: "x"}, at=TUESDAY).errors == {}


def test_day_without_a_time_says_so_and_is_not_taken_for_midnight() -> None:
    filled = form(**boxes("happened_on", "3", "11", "2026"))

    assert filled.is_valid()
    account = filled.account()
    assert (account.happened_at, account.happened_about) == (local(3, 0, 0), True)
    assert account.happened_words == "The day only; the time is not known"


def test_day_and_time_are_one_moment_in_london() -> None:
    filled = form(**boxes("happened_on", "25", "10", "2026"), happened_time="12.30pm", happened_about="on")

    assert filled.is_valid()
    account = filled.account()
    assert (account.happened_at, account.happened_about, account.happened_words) == (datetime(2026, 10, 25, 12, 30, tzinfo=UTC), True, "")


@pytest.mark.parametrize(
    ("typed", "subjects"),
    [
        ({}, 0),
        ({"home_area": "unknown"}, 0),
        ({"home_area": "rutland"}, 1),
        ({"name": "Ari"}, 1),
        ({"age": "about 9"}, 1),
        (boxes("born_on", "31", "3", "2012"), 1),
    ],
)
def test_young_person_is_kept_as_far_as_they_are_known(typed: dict[str, str], subjects: int) -> None:
    filled = form(**typed)

    assert filled.is_valid()
    assert len(filled.account().subjects) == subjects


def test_young_person_is_kept_as_typed() -> None:
    filled = form(name="Ари", age="12?", home_area="county", **boxes("born_on", "31", "3", "2012"))

    assert filled.is_valid()
    subject = filled.account().subjects[0]
    assert (subject.name, subject.age, subject.born_on, subject.home_area) == ("Ари", "12?", date(2012, 3, 31), HomeArea.COUNTY)


def test_words_of_danger_are_looked_for_in_every_text() -> None:
    filled = form(**{name: f"word-{name}" for name in TEXTS})

    assert filled.is_valid()
    assert filled.free_text().split("\n") == [f"word-{name}" for name in TEXTS]


def test_what_is_not_in_the_sent_record_is_told_by_its_question() -> None:
    filled = RecordForm(QueryDict("seen=x&said=new%0D%0Aline&think=&where=+Hall+"), at=TUESDAY)

    new = filled.not_in({"seen": "x", "where": "Hall"})

    assert new == "What did the young person say?\nnew\nline"
