"""The questions of triage: every one is answered, and an answer says nothing more than what was chosen."""

import uuid
from typing import Any

import pytest

from concerns.choices import AboutStaff, AgeBand, Answer, HomeArea, Question, Worry
from concerns.forms.triage import CHOOSE_NAME, AgainForm, DangerForm, QuestionsForm, WorryForm
from tests.makers import CALM

STAFF = [(str(uuid.UUID(int=number)), name) for number, name in enumerate(("Ana Petrova", "Tom Ellis"), start=1)]
ANA, TOM = (pk for pk, _name in STAFF)
ONE = {"worries": ["neglect", "online"], "about_staff": "no", "age_band": "under_13", "home_area": "rutland"}
QUESTIONS = (Question.SERIOUS_INJURY, Question.WEAPON)


def worry(**typed: Any) -> WorryForm:
    return WorryForm({**ONE, **typed}, staff=STAFF)


def test_page_one_becomes_answers() -> None:
    filled = worry()

    assert filled.is_valid()
    answers = filled.with_details({Question.WEAPON: Answer.NO})
    assert (answers.worries, answers.age_band) == ({Worry.NEGLECT, Worry.ONLINE}, AgeBand.UNDER_13)
    assert (answers.home_area, answers.about_staff, answers.adults) == (HomeArea.RUTLAND, AboutStaff.NO, frozenset())
    assert answers.details == {Question.WEAPON: Answer.NO}


@pytest.mark.parametrize("form_class", [WorryForm, DangerForm])
@pytest.mark.parametrize(
    ("adult", "said"),
    [
        ([], [CHOOSE_NAME]),
        ([""], [CHOOSE_NAME]),
        ([str(uuid.UUID(int=9))], [CHOOSE_NAME]),
        ([TOM, "Ana Petrova"], [CHOOSE_NAME]),
        ([TOM], None),
        ([TOM, ANA], None),
    ],
)
def test_about_somebody_listed_needs_a_name_of_the_list(form_class: Any, adult: list[str], said: list[str] | None) -> None:
    filled = form_class({**ONE, "about_staff": "listed", "adult": adult}, staff=STAFF)

    assert filled.errors.get("adult") == said


@pytest.mark.parametrize("about", ["no", "not_listed", "not_sure"])
def test_name_left_over_from_another_answer_does_not_count(about: str) -> None:
    filled = worry(about_staff=about, adult=[ANA])

    assert filled.is_valid()
    assert filled.answers().adults == frozenset()


@pytest.mark.parametrize("chosen", [[ANA], [ANA, TOM], ["", ANA]])
def test_each_chosen_name_counts(chosen: list[str]) -> None:
    filled = worry(about_staff="listed", adult=chosen)

    assert filled.is_valid()
    assert filled.answers().adults == {uuid.UUID(pk) for pk in chosen if pk}


@pytest.mark.parametrize("name", ["worries", "about_staff", "age_band", "home_area"])
@pytest.mark.parametrize("typed", ["", "made up"])
def test_page_one_needs_every_answer_and_takes_no_other(name: str, typed: str) -> None:
    assert list(worry(**{name: [typed] if name == "worries" and typed else typed}).errors) == [name]


@pytest.mark.parametrize("typed", [{}, {"rang": ["999"]}, {"about_staff": "perhaps"}, {"rang": ["the Queen"]}])
def test_nothing_is_asked_of_a_lead_before_it_is_said_whether_it_is_about_staff(typed: dict[str, Any]) -> None:
    assert "about_staff" in DangerForm(typed, staff=STAFF).errors


def test_danger_keeps_what_was_answered_before() -> None:
    filled = DangerForm({"about_staff": "not_sure"}, staff=STAFF)

    assert filled.is_valid()
    answers = filled.answers(Answer.NOT_SURE, CALM)
    assert (answers.worries, answers.home_area, answers.details) == (CALM.worries, CALM.home_area, CALM.details)
    assert (answers.danger_now, answers.about_staff) == (Answer.NOT_SURE, AboutStaff.NOT_SURE)


def test_danger_first_of_all_knows_nothing_else() -> None:
    filled = DangerForm({"about_staff": "no", "rang": ["999"]}, staff=STAFF)

    assert filled.is_valid()
    answers = filled.answers(Answer.YES)
    assert (answers.worries, answers.home_area, answers.age_band) == (frozenset(), HomeArea.UNKNOWN, AgeBand.UNKNOWN)


@pytest.mark.parametrize("typed", [{}, {"weapon": "no"}, {"weapon": "no", "serious_injury": "perhaps"}])
def test_page_two_needs_every_answer(typed: dict[str, str]) -> None:
    asked = QuestionsForm(typed, questions=QUESTIONS)

    missing = [question.value for question in QUESTIONS if typed.get(question.value) not in ("yes", "no", "not_sure")]
    assert list(asked.errors) == missing


def test_page_two_says_that_not_sure_is_an_answer() -> None:
    asked = QuestionsForm({"weapon": "not_sure"}, questions=QUESTIONS)

    said = "Answer “Is anyone seriously hurt, or in need of a doctor now?” If you do not know, choose “Not sure”"
    assert asked.errors == {"serious_injury": [said]}


def test_answers_given_again_stand_over_the_earlier_ones() -> None:
    again = AgainForm({"danger_now": "yes", "weapon": "yes", "serious_injury": "no"}, questions=QUESTIONS)

    assert again.is_valid()
    answers = again.again(CALM)
    assert (answers.danger_now, answers.details[Question.WEAPON]) == (Answer.YES, Answer.YES)
    assert answers.details[Question.FGM_SOON] == CALM.details[Question.FGM_SOON]
