"""The questions of triage, on two short pages, and the one question that follows "somebody is in danger"."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms

from concerns.choices import AboutStaff, AgeBand, Answer, ContactKey, HomeArea, Question, Worry
from concerns.forms.base import HintedCheckboxes, PlainForm
from concerns.rules.triage import Answers

CHOOSE_NAME = "Choose the name of the person it is about, or answer “their name is not in the list”"
NOBODY_ELSE = "Nobody else has an account here."
EVERYBODY = "Tick everyone it is about."
STAFF_HINT = "If it is, that person will not be told and cannot see it."


class NamesField(forms.MultipleChoiceField):
    """Any number of names of a list. The empty choice of the list that opened, as older records hold it, is none."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[str]:
        return [name for name in super().to_python(value) if name]


class AboutStaffForm(PlainForm):
    """Asks whether it is about somebody who works or volunteers here; no alert leaves before this is answered.

    `staff` are pairs of id and label.
    """

    about_staff = forms.ChoiceField(
        label="Is it about someone who works or volunteers here?",
        help_text=STAFF_HINT,
        choices=AboutStaff.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is about someone who works or volunteers here. If you do not know, choose “Not sure”"},
    )
    adult = NamesField(label="If it is, who?", help_text=EVERYBODY, required=False, error_messages={"invalid_choice": CHOOSE_NAME})
    required_sometimes = frozenset({"adult"})

    def __init__(self, *args: Any, staff: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["adult"].choices = list(staff)  # type: ignore[attr-defined]
        if not staff:
            self.fields["adult"].help_text = NOBODY_ELSE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("about_staff") == AboutStaff.LISTED and not cleaned.get("adult") and "adult" not in self.errors:
            self.add_error("adult", CHOOSE_NAME)
        return cleaned

    def adults(self) -> frozenset[UUID]:
        """Return the ids of the staff it is about; a name left over from another answer does not count."""
        listed = self.cleaned_data["about_staff"] == AboutStaff.LISTED
        return frozenset(UUID(name) for name in self.cleaned_data["adult"]) if listed else frozenset()


class DangerForm(AboutStaffForm):
    """The one thing asked after "I have rung"."""

    rang = forms.MultipleChoiceField(
        label="Whom have you rung?",
        help_text="Tick what you have done. You can ring at any time: you need nobody’s permission.",
        required=False,
        choices=[(ContactKey.POLICE_EMERGENCY.value, "I have rung 999"), ("duty_desk", "I have rung the council’s duty desk")],
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ["rang", "about_staff", "adult"]

    def answers(self, danger: Answer, known: Answers | None = None) -> Answers:
        """Return the triage answers of a valid form. `danger` was answered on the page before; `known` is what was said earlier."""
        about = AboutStaff(self.cleaned_data["about_staff"])
        before = known or Answers(danger_now=danger, about_staff=AboutStaff.NO)
        return replace(before, danger_now=danger, about_staff=about, adults=self.adults())


class WorryForm(AboutStaffForm):
    """Page one: who, where, how old, what about."""

    worries = forms.MultipleChoiceField(
        label="What are you worried about?",
        help_text="Tick all that fit. If nothing fits, tick “Something else”.",
        choices=Worry.choices,
        widget=HintedCheckboxes,
        error_messages={"required": "Tick what you are worried about. If nothing fits, tick “Something else”"},
    )
    age_band = forms.ChoiceField(
        label="How old is the young person?",
        choices=AgeBand.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say how old the young person is. If you do not know, choose “Not sure”"},
    )
    home_area = forms.ChoiceField(
        label="Where does the young person live?",
        help_text="It decides which council to ring.",
        choices=HomeArea.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Say where the young person lives. If you do not know, choose “Not known”",
            "invalid_choice": "Choose one of the areas shown. If you do not know, choose “Not known”",
        },
    )
    field_order = ["worries", "about_staff", "adult", "age_band", "home_area"]

    def answers(self) -> Answers:
        """Return the answers of a valid page one; the follow-up questions are not answered yet."""
        return Answers(
            danger_now=Answer.NO,
            about_staff=AboutStaff(self.cleaned_data["about_staff"]),
            adults=self.adults(),
            worries=frozenset(Worry(value) for value in self.cleaned_data["worries"]),
            home_area=HomeArea(self.cleaned_data["home_area"]),
            age_band=AgeBand(self.cleaned_data["age_band"]),
        )

    def with_details(self, details: dict[Question, Answer]) -> Answers:
        """Return the answers of both pages."""
        return replace(self.answers(), details=details)


class QuestionsForm(PlainForm):
    """Page two: the follow-up questions that fit what was ticked, each yes, no or not sure."""

    def __init__(self, *args: Any, questions: Iterable[Question], **options: Any) -> None:
        super().__init__(*args, **options)
        self.questions = tuple(questions)
        for question in self.questions:
            self.fields[question.value] = forms.ChoiceField(
                label=question.label,
                choices=Answer.choices,
                widget=forms.RadioSelect,
                error_messages={"required": f"Answer “{question.label}” If you do not know, choose “Not sure”"},
            )

    def details(self) -> dict[Question, Answer]:
        """Return the answers of a valid form."""
        return {question: Answer(self.cleaned_data[question.value]) for question in self.questions}


class AgainForm(QuestionsForm):
    """Asked when it has become worse: the danger question, and the follow-up questions again."""

    danger_now = forms.ChoiceField(
        label="Is anyone in danger now?",
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether anyone is in danger now. If you do not know, choose “Not sure”"},
    )

    def again(self, so_far: Answers) -> Answers:
        """Return the new answers: those of a valid form over what was said before."""
        return replace(so_far, danger_now=Answer(self.cleaned_data["danger_now"]), details={**so_far.details, **self.details()})
