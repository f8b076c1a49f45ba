"""Triage: which questions are asked, how answers are taken and kept, and the danger words of free text."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerns.choices import AboutStaff, AgeBand, Answer, Question, Worry
from concerns.rules.triage import (
    ALWAYS_ASKED,
    ASKED_FOR,
    Answers,
    answers_from_json,
    answers_to_json,
    danger_words,
    implied_by,
    questions_for,
)
from tests.rules.given import STAFF, any_answers, make_answers

Q, W = Question, Worry
WORRIES = st.frozensets(st.sampled_from(Worry))


def asked(*worries, about_staff=AboutStaff.NO, age_band=AgeBand.TEEN):
    return questions_for(worries, about_staff, age_band)


@pytest.mark.parametrize("worry", Worry)
def test_every_worry_has_its_questions_and_those_always_asked(worry):
    found = set(asked(worry))

    assert found == (ALWAYS_ASKED | ASKED_FOR[worry]) - implied_by({worry}, AgeBand.TEEN)


@pytest.mark.parametrize("worry", Worry)
def test_page_of_questions_stays_short(worry):
    assert len(asked(worry)) <= 11


def test_questions_come_in_order_of_danger():
    assert asked(W.INJURY) == (Q.SERIOUS_INJURY, Q.WEAPON, Q.SIGNIFICANT_HARM, Q.HOME_TO_HARM, Q.PARENT_SUSPECTED)


def test_self_harm_answers_the_question_about_thoughts_of_suicide():
    assert Q.SUICIDAL_THOUGHTS not in asked(W.SELF_HARM, W.ONLINE)
    assert make_answers(W.SELF_HARM).says(Q.SUICIDAL_THOUGHTS)


def test_images_answer_whether_an_image_exists():
    assert Q.IMAGES_EXIST not in asked(W.IMAGES, W.ONLINE)
    assert make_answers(W.IMAGES).says(Q.IMAGES_EXIST)


@pytest.mark.parametrize("age_band", [AgeBand.UNDER_13, AgeBand.UNKNOWN])
@pytest.mark.parametrize("worry", [W.IMAGES, W.SEXUAL_ABUSE])
def test_age_under_13_or_unknown_answers_the_question_about_under_13s(worry, age_band):
    answers = make_answers(worry, age_band=age_band)

    assert Q.UNDER_13_SEXUAL not in asked(worry, age_band=age_band)
    assert answers.says(Q.UNDER_13_SEXUAL)


def test_teenager_is_asked_whether_an_under_13_is_involved():
    assert Q.UNDER_13_SEXUAL in asked(W.IMAGES)


@pytest.mark.parametrize("about_staff", [AboutStaff.LISTED, AboutStaff.NOT_LISTED, AboutStaff.NOT_SURE])
def test_concern_about_staff_asks_whether_somebody_may_be_hurt_soon(about_staff):
    assert Q.HARM_SOON in asked(W.OTHER, about_staff=about_staff)
    assert Q.HARM_SOON not in asked(W.OTHER)


@given(WORRIES, WORRIES, st.sampled_from(AboutStaff), st.sampled_from(AgeBand))
def test_more_worries_take_no_question_away_that_they_do_not_answer(some, more, about_staff, age_band):
    few, many = (questions_for(worries, about_staff, age_band) for worries in (some, some | more))

    assert set(few) <= set(many) | implied_by(some | more, age_band)


@pytest.mark.parametrize(("given_answer", "taken"), [(Answer.YES, True), (Answer.NOT_SURE, True), (Answer.NO, False)])
def test_not_sure_is_taken_as_yes(given_answer, taken):
    answers = make_answers(details={Q.WEAPON: given_answer})

    assert answers.says(Q.WEAPON) is taken


def test_open_question_is_taken_as_yes_when_relevant_only():
    answers = make_answers(W.INJURY, details={})

    assert answers.says(Q.WEAPON)
    assert not answers.says(Q.MEETING_PLANNED)


def test_listed_adult_must_be_named():
    with pytest.raises(ValueError, match="Choose the name"):
        make_answers(about_staff=AboutStaff.LISTED)


def test_adult_cannot_be_named_when_it_is_not_about_staff():
    with pytest.raises(ValueError, match="not about someone who works here"):
        make_answers(about_staff=AboutStaff.NO, adults=frozenset({STAFF[0]}))


def test_answers_cannot_be_made_before_it_is_said_whether_it_is_about_staff():
    with pytest.raises(TypeError, match="about_staff"):
        Answers(danger_now=Answer.YES)


@given(any_answers())
def test_answers_come_back_from_json_as_they_were(answers):
    kept = json.dumps(answers_to_json(answers))

    assert answers_from_json(json.loads(kept)) == answers


def test_equal_answers_are_kept_as_equal_json():
    one = make_answers(W.ONLINE, W.IMAGES, details={Q.WEAPON: Answer.NO, Q.MEETING_PLANNED: Answer.YES})
    other = make_answers(W.IMAGES, W.ONLINE, details={Q.MEETING_PLANNED: Answer.YES, Q.WEAPON: Answer.NO})

    assert json.dumps(answers_to_json(one)) == json.dumps(answers_to_json(other))


@pytest.mark.parametrize(
    "change",
    [
        {"danger_now": "perhaps"},
        {"worries": ["dragons"]},
        {"details": {"dragons": "yes"}},
        {"details": {"weapon": "perhaps"}},
        {"details": ["weapon"]},
        {"adults": ["nobody"]},
        {"adults": [7]},
        {"adults": None},
        {"home_area": None},
        {"age_band": "old"},
        {"about_staff": "listed"},
        {"surprise": 1},
    ],
)
def test_json_with_anything_unknown_is_refused(change):
    data = answers_to_json(make_answers()) | change

    with pytest.raises(ValueError, match=r"."):
        answers_from_json(data)


@pytest.mark.parametrize("key", ["danger_now", "about_staff", "details"])
def test_json_with_something_missing_is_refused(key):
    data = answers_to_json(make_answers())
    del data[key]

    with pytest.raises(ValueError, match=key):
        answers_from_json(data)


def test_json_holds_plain_values_only():
    answers = make_answers(W.INJURY, about_staff=AboutStaff.LISTED, adults=frozenset({UUID(int=7)}), details={Q.WEAPON: Answer.NO})

    assert answers_to_json(answers) == {
        "danger_now": "no",
        "about_staff": "listed",
        "adults": ["00000000-0000-0000-0000-000000000007"],
        "worries": ["injury"],
        "details": {"weapon": "no"},
        "home_area": "city",
        "age_band": "13_17",
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("She said he has a knife.", ("knife",)),
        ("KNIFE", ("knife",)),
        ("He wants to kill himself", ("kill himself",)),
        ("She is self-harming again", ("self harming",)),
        ("She can’t breathe", ("can't breathe",)),
        ("is afraid\nof going   home", ("afraid of going home",)),
        ("a suicide note, then another suicide note", ("suicide note",)),
        ("first blackmail, then an overdose", ("blackmail", "overdose")),
        ("forced marriage next week", ("forced marriage",)),
        ("grapes, gunge and skill", ()),
        ("He was late and a bit tired.", ()),
        ("", ()),
    ],
)
def test_danger_words_are_found_whole_in_any_spelling(text, found):
    assert danger_words(text) == found


@given(st.text(), st.sampled_from(["knife", "want to die", "self-harm", "don’t want to live"]), st.text())
def test_danger_word_is_found_wherever_it_stands(before, word, after):
    found = danger_words(f"{before} . {word} . {after}")

    assert word.replace("-", " ").replace("’", "'") in found
