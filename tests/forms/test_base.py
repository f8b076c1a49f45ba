"""What every form shares: tidy text, plain messages, and nothing typed is lost."""

import unicodedata

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from concerns.forms.base import NARRATIVE_MAX_LENGTH, NameField, NarrativeField, PlainForm, tidy_data, tidy_text


class NoteForm(PlainForm):
    name = NameField(label="Name", required=False)
    words = NarrativeField(label="What did you see?")
    kinds = forms.MultipleChoiceField(label="Kinds", choices=[("a", "A"), ("b", "B")], required=False)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("nul\x00 bell\x07 escape\x1b[31m delete\x7f next\x85line", "nul bell escape[31m delete nextline"),
        ("tab\tstays", "tab\tstays"),
        ("line\u2028paragraph\u2029end", "line\nparagraph\nend"),
        ("Aria \u202edoowkcalB\u202c\nnext\u200b line", "Aria ‹U+202E›doowkcalB\nnext line"),
        ("Siân Ó Briain 👩‍👧 مرحبا", "Siân Ó Briain 👩‍👧 مرحبا"),
    ],
)
def test_text_is_tidied_and_nothing_visible_is_lost(typed: str, kept: str) -> None:
    assert tidy_text(typed) == kept


@given(st.text())
def test_tidy_text_holds_no_control_characters(text: str) -> None:
    kept = tidy_text(text)

    assert {c for c in kept if unicodedata.category(c) == "Cc"} <= {"\n", "\t"}
    assert tidy_text(kept) == kept


def test_every_value_of_a_query_is_tidied() -> None:
    data = QueryDict("kinds=a%00&kinds=b&words=x%0D%0Ay")

    tidied = tidy_data(data)

    assert isinstance(tidied, QueryDict)
    assert (tidied.getlist("kinds"), tidied["words"]) == (["a", "b"], "x\ny")


def test_form_validates_what_it_tidied() -> None:
    form = NoteForm({"words": " A\x00\r\nB ", "kinds": ["a", "b"]})

    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"name": "", "words": "A\nB", "kinds": ["a", "b"]}


def test_control_characters_alone_are_no_answer() -> None:
    assert NoteForm({"words": "\x00\x01"}).errors == {"words": ["Answer “What did you see?”"]}


def test_empty_post_is_bound_and_a_new_form_is_not() -> None:
    assert (NoteForm({}).is_bound, NoteForm().is_bound) == (True, False)


def test_longest_narrative_is_taken_and_one_more_is_counted() -> None:
    longest = NoteForm({"words": "x" * NARRATIVE_MAX_LENGTH})
    longer = NoteForm({"words": "x" * (NARRATIVE_MAX_LENGTH + 1)})

    assert longest.is_valid()
    assert longer.errors["words"] == ["“What did you see?” can be 50000 characters at most. You have written 50001."]


def test_messages_are_worded_from_the_label() -> None:
    class Asked(PlainForm):
        town = forms.CharField()
        share = forms.CharField(label="100% sure", max_length=3)
        who = forms.ChoiceField(label="Lead", choices=[("a", "A")])
        where = forms.ChoiceField(label="Where?", choices=[("a", "A")])
        read = forms.BooleanField(label="I have read it")
        mail = forms.EmailField(label="E-mail")

    form = Asked({"where": "nowhere", "mail": "x", "share": "four"})

    assert form.errors == {
        "town": ["Fill in “Town”"],
        "share": ["“100% sure” can be 3 characters at most. You have written 4."],
        "who": ["Choose “Lead”"],
        "where": ["Choose one of the answers shown"],
        "read": ["Tick “I have read it”"],
        "mail": ["Enter an e-mail address, such as name@example.org"],
    }


def test_message_of_the_field_itself_wins() -> None:
    class Own(PlainForm):
        who = forms.CharField(error_messages={"required": "Say who it is about"})

    assert Own({}).errors["who"] == ["Say who it is about"]


def test_one_form_does_not_change_the_next() -> None:
    first = NoteForm({})
    first.fields["words"].error_messages["required"] = "changed"
    first.helper.form_tag = True

    assert NoteForm({}).errors["words"] == ["Answer “What did you see?”"]
    assert NoteForm().helper.form_tag is False


@pytest.mark.parametrize("name", ["\u3164", "\u2800 \u2800", "\u200b\ufeff", "\u202c"])
def test_name_that_nobody_can_see_counts_as_none(name: str) -> None:
    form = NoteForm({"name": name, "words": "x"})

    assert form.is_valid()
    assert form.cleaned_data["name"] == ""


def test_deceiving_name_is_shown_by_its_number() -> None:
    form = NoteForm({"name": "Aria\u202e Blackwood", "words": "x"})

    assert form.is_valid()
    assert form.cleaned_data["name"] == "Aria‹U+202E› Blackwood"
