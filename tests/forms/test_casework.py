"""What leads and reporters send about one concern: each form refuses what is not complete, with a message that helps."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from concerns.choices import Vault
from concerns.forms.casework import AddendumForm, CloseForm, EntryForm, LevelForm, QueueFilterForm, SecondForm, StatusForm, StepForm
from concerns.forms.kept import let_send_again, shown_again
from concerns.rules.references import reference

AT = datetime(2026, 11, 17, 17, 30, tzinfo=UTC)
OTHER = reference(year=2026, random_bytes=lambda count: bytes(range(count)))


def entry(**typed: str) -> EntryForm:
    return EntryForm({"kind": "note", "text": "x", **typed}, at=AT)


def day(number: int, month: int = 11, year: int = 2026) -> dict[str, str]:
    return {"happened_on_day": str(number), "happened_on_month": str(month), "happened_on_year": str(year)}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "decision"}, {"reason": ["Give the reason for the decision"]}),
        ({"kind": "decision", "reason": "  "}, {"reason": ["Give the reason for the decision"]}),
        ({"kind": "closed"}, {"kind": ["Choose one of the answers shown"]}),
        ({"text": "\x00\n "}, {"text": ["Answer “What do you want to record?”"]}),
        ({"happened_time": "3pm"}, {"happened_on": ["Enter the day as well as the time"]}),
        ({"happened_time": "3"}, {"happened_time": ["Say whether 3 is am or pm, such as 3pm"]}),
        ({**day(17), "happened_time": "5.31pm"}, {"happened_time": ["This time has not come yet. Enter when it happened"]}),
        (day(18), {"happened_on": ["The date must be today or earlier"]}),
        (day(31, 6), {"happened_on": ["June has 30 days"]}),
    ],
)
def test_entry_with_a_mistake_is_explained_beside_its_question(typed: dict[str, str], said: dict[str, list[str]]) -> None:
    assert entry(**typed).errors == said


@pytest.mark.parametrize(
    ("typed", "happened"),
    [
        ({}, None),
        ({**day(17), "happened_time": "5.30pm"}, AT),
        ({**day(14, 7), "happened_time": "5.30pm"}, datetime(2026, 7, 14, 16, 30, tzinfo=UTC)),
        (day(16), datetime(2026, 11, 16, tzinfo=ZoneInfo("Europe/London"))),
    ],
)
def test_time_of_an_entry_is_londons(typed: dict[str, str], happened: datetime | None) -> None:
    filled = entry(**typed)

    assert filled.is_valid()
    assert filled.happened_at() == happened


@pytest.mark.parametrize(("worse", "expected"), [("yes", True), ("not_sure", True), ("no", False)])
def test_not_sure_whether_it_is_worse_counts_as_worse(worse: str, expected: bool) -> None:
    filled = AddendumForm({"text": "x", "worse": worse})

    assert filled.is_valid()
    assert filled.is_worse() is expected


@pytest.mark.parametrize(
    ("form_class", "typed", "wrong"),
    [
        (AddendumForm, {"text": "x"}, "worse"),
        (StepForm, {"outcome": "x"}, "done"),
        (StepForm, {"done": "yes"}, "outcome"),
        (StepForm, {"done": "yes", "outcome": "x", "reference": "r" * 101}, "reference"),
        (StatusForm, {"version": "1", "reason": "x"}, "to"),
        (StatusForm, {"version": "1", "reason": "x", "to": "closed"}, "to"),
        (StatusForm, {"reason": "x", "to": "referred"}, "version"),
        (LevelForm, {"version": "one", "reason": "x", "to": "urgent"}, "version"),
        (LevelForm, {"version": "1", "to": "urgent"}, "reason"),
        (SecondForm, {"reason": "x"}, "agree"),
        (SecondForm, {"agree": "yes"}, "reason"),
        (CloseForm, {"version": "1", "outcome": "lost", "reason": "x"}, "outcome"),
    ],
)
def test_incomplete_form_is_refused_with_one_message(form_class: Any, typed: dict[str, str], wrong: str) -> None:
    errors = form_class(typed).errors

    assert list(errors) == [wrong]
    assert len(errors[wrong]) == 1


@pytest.mark.parametrize("typed", ["", "C-26", "C-26-AAAA", "<script>", OTHER[:-1]])
def test_duplicate_needs_a_whole_reference(typed: str) -> None:
    filled = CloseForm({"version": "1", "outcome": "duplicate", "duplicate_of": typed, "reason": "x"})

    assert filled.errors == {"duplicate_of": ["Enter the reference of the other concern, for example C-26-7K4M"]}


@pytest.mark.parametrize("typed", [OTHER, OTHER.lower(), f"  {OTHER} "])
def test_reference_is_read_however_it_is_typed(typed: str) -> None:
    filled = CloseForm({"version": "1", "outcome": "duplicate", "duplicate_of": typed, "reason": "x"})

    assert filled.is_valid()
    assert filled.cleaned_data["duplicate_of"] == OTHER


def test_reference_left_over_from_another_outcome_does_not_count() -> None:
    filled = CloseForm({"version": "1", "outcome": "police", "duplicate_of": "rubbish", "reason": "x"})

    assert filled.is_valid()
    assert filled.cleaned_data["duplicate_of"] == ""


@pytest.mark.parametrize(
    ("query", "vaults", "chosen"),
    [
        ("", True, {}),
        ("status=closed&level=urgent&vault=adult&mine=on&unacknowledged=on", True,
         {"status": "closed", "level": "urgent", "vault": "adult", "mine": True, "unacknowledged": True}),
        ("vault=adult&level=urgent", False, {"level": "urgent"}),
        ("status=junk&level=urgent", True, {"level": "urgent"}),
        ("mine=junk&unacknowledged=true&status=%00", True, {}),
        ("level=urgent&level=prompt&unknown=x", True, {"level": "prompt"}),
    ],
)  # fmt: skip
def test_filters_forget_what_they_do_not_offer(query: str, vaults: bool, chosen: dict[str, Any]) -> None:
    filters = QueueFilterForm(QueryDict(query), vaults=Vault.choices if vaults else [])

    assert filters.chosen() == chosen
    assert filters.errors == {}


def test_form_given_back_holds_what_was_typed_without_messages() -> None:
    given = shown_again(EntryForm, {"kind": ["decision"], "text": [""], **{name: [value] for name, value in day(31, 2).items()}}, at=AT)

    assert (given.errors, given["kind"].value(), given["happened_on"].value()) == ({}, "decision", ["31", "2", "2026"])


def test_stale_form_is_given_the_version_that_was_shown_and_keeps_the_rest() -> None:
    stale = StatusForm(QueryDict("version=1&to=referred&reason=x"))

    let_send_again(stale, version=7)

    assert stale.data.dict() == {"version": "7", "to": "referred", "reason": "x"}
