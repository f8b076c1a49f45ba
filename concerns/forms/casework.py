"""What leads and reporters send about one concern. Each form checks; the actions write."""

from typing import Any, TypedDict

from django import forms

from concerns.choices import ADDABLE_ENTRIES, Answer, ClosingOutcome, EntryKind, Level, Status
from concerns.forms.base import NarrativeField, PlainForm
from concerns.forms.dates import DateBoxesField, TimeField
from concerns.forms.filters import FilterForm
from concerns.forms.happened import HappenedForm
from concerns.rules.references import is_reference, normalise


class VersionedForm(PlainForm):
    """Carries the version of the concern that the page showed, so that a stale form never overwrites."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class TakeForm(VersionedForm):
    """Taking a concern asks nothing."""


class AddendumForm(PlainForm):
    """What the reporter remembered later."""

    text = NarrativeField(label="What do you want to add?", help_text="Keep what you saw, what was said and what you think apart.")
    worse = forms.ChoiceField(
        label="Is it worse now?",
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is worse now. If you do not know, choose “Not sure”"},
    )

    def is_worse(self) -> bool:
        """Whether it must be taken as worse: "not sure" counts as yes."""
        return bool(self.cleaned_data["worse"] != Answer.NO)


class ConflictForm(PlainForm):
    """Why somebody is too close to a concern."""

    reason = NarrativeField(label="Why are you too close to it?", help_text="A case manager may ask. It is sealed with the record.", rows=3)


class DisagreeForm(PlainForm):
    """“I do not agree”."""

    text = NarrativeField(
        label="What do you not agree with?", help_text="Somebody else than the one who decided will read this and answer you.", rows=5
    )


class EntryForm(HappenedForm):
    """One entry of a lead. A decision has a reason."""

    kind = forms.ChoiceField(
        label="What is it?",
        choices=[(kind.value, kind.label) for kind in ADDABLE_ENTRIES],
        widget=forms.RadioSelect,
        initial=EntryKind.NOTE,
    )
    text = NarrativeField(label="What do you want to record?")
    reason = NarrativeField(label="Why? Give the reason for a decision, also for deciding not to refer", required=False, rows=3)
    happened_on = DateBoxesField(label="On which day was it, if not now?", help_text="For example, 23 11 2026", required=False)
    happened_time = TimeField(label="At what time?", help_text="For example, 4.30pm", required=False)
    required_sometimes = frozenset({"reason"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == EntryKind.DECISION and not cleaned.get("reason"):
            self.add_error("reason", "Give the reason for the decision")
        self.check_happened()
        return cleaned


class CorrectionForm(PlainForm):
    """What is right instead. Both versions stay visible."""

    text = NarrativeField(label="What is right?", help_text="The first version stays in the record, beside this one.", rows=5)


class StepResult(TypedDict):
    """What came of a step, as the actions want it."""

    done: bool
    outcome: str
    reference: str


class StepForm(PlainForm):
    """The outcome of a step."""

    done = forms.ChoiceField(
        label="Was it done?",
        choices=[("yes", "Yes"), ("no", "No, it was not possible")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it was done"},
    )
    outcome = NarrativeField(label="What came of it?", help_text="Who said what, and what happens next.", rows=4)
    reference = forms.CharField(label="Reference number, if you were given one", required=False, max_length=100)

    def result(self) -> StepResult:
        """Return what a valid form says came of the step."""
        data = self.cleaned_data
        return StepResult(done=data["done"] == "yes", outcome=data["outcome"], reference=data["reference"])


class StatusForm(VersionedForm):
    """Moves the state of an open concern."""

    to = forms.ChoiceField(
        label="What is the state now?",
        choices=[(status.value, status.label) for status in (Status.IN_PROGRESS, Status.REFERRED, Status.MONITORING)],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the state"},
    )
    reason = NarrativeField(label="Why?", rows=3)


class LevelForm(VersionedForm):
    """Raises the level, or proposes a lower one."""

    to = forms.ChoiceField(
        label="Which level is right?", choices=Level.choices, widget=forms.RadioSelect, error_messages={"required": "Choose the level"}
    )
    reason = NarrativeField(label="Why?", help_text="A lower level waits until a second person agrees.", rows=3)


class ReopenForm(VersionedForm):
    """Opens a closed concern again."""

    reason = NarrativeField(label="Why?", help_text="For example: the council has answered, or it was closed too early.", rows=3)


class CloseForm(VersionedForm):
    """Closes, or proposes to close."""

    outcome = forms.ChoiceField(
        label="How did it end?",
        choices=ClosingOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it ended"},
    )
    duplicate_of = forms.CharField(
        label="If it is a duplicate, of which concern?", help_text="Its reference, for example C-26-7K4M", required=False, max_length=20
    )
    reason = NarrativeField(label="Why can it be closed?", help_text="Say what was done, and why nothing more is needed.", rows=4)
    required_sometimes = frozenset({"duplicate_of"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        typed = cleaned.get("duplicate_of", "")
        if cleaned.get("outcome") != ClosingOutcome.DUPLICATE:
            cleaned["duplicate_of"] = ""
        elif not is_reference(typed):
            self.add_error("duplicate_of", "Enter the reference of the other concern, for example C-26-7K4M")
        else:
            cleaned["duplicate_of"] = normalise(typed)
        return cleaned


class RestrictForm(VersionedForm):
    """To whom a concern is restricted. Whoever restricts it is always one of them, and is not offered."""

    people = forms.MultipleChoiceField(
        label="Who else can see it?", widget=forms.CheckboxSelectMultiple, required=False, help_text="You are always one of them."
    )
    reason = NarrativeField(label="Why?", help_text="It is sealed with the record.", rows=3)
    mark_optional = False

    def __init__(self, *args: Any, people: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["people"].choices = people  # type: ignore[attr-defined]


class GlassForm(PlainForm):
    """Which concern must be opened in an emergency, and why."""

    reference = forms.CharField(label="What is the concern’s reference?", help_text="For example C-26-7K4M", max_length=20)
    reason = NarrativeField(label="Why must you see it now?", rows=3)

    def clean_reference(self) -> str:
        """The reference as it is stored; what is none is as good as one that does not exist."""
        typed: str = self.cleaned_data["reference"]
        return normalise(typed) if is_reference(typed) else typed


class LiftForm(VersionedForm):
    """Why a restriction ends."""

    reason = NarrativeField(label="Why?", help_text="It is sealed with the record.", rows=3)


class SecondForm(PlainForm):
    """The second person's answer."""

    agree = forms.ChoiceField(
        label="Do you agree?",
        choices=[("yes", "Yes, I agree"), ("no", "No, I do not agree")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you agree"},
    )
    reason = NarrativeField(label="Why?", rows=3)

    def agrees(self) -> bool:
        return bool(self.cleaned_data["agree"] == "yes")


class TickBox(forms.CheckboxInput):
    """A box that only its own value ticks, not whatever stands in an address."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        return bool(data.get(name) == "on")


class QueueFilterForm(FilterForm):
    """The filters of the queue, sent by GET. Anything that is not in a list is ignored."""

    status = forms.ChoiceField(label="State", required=False, choices=[("", "All open"), *Status.choices])
    level = forms.ChoiceField(label="Level", required=False, choices=[("", "All"), *Level.choices])
    vault = forms.ChoiceField(label="About", required=False)
    mine = forms.BooleanField(label="Only mine", required=False, widget=TickBox)
    unacknowledged = forms.BooleanField(label="Nobody has answered", required=False, widget=TickBox)

    def __init__(self, *args: Any, vaults: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["vault"].choices = [("", "Everybody"), *vaults]  # type: ignore[attr-defined]
        if not vaults:
            del self.fields["vault"]
