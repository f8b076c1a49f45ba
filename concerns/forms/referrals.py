"""What a lead sends about a referral: what was said to whom, and what was answered."""

from datetime import datetime
from typing import Any

from django import forms

from concerns.choices import ContactKey
from concerns.forms.base import NameField, NarrativeField
from concerns.forms.casework import VersionedForm
from concerns.forms.dates import DateBoxesField, TimeField
from concerns.forms.happened import HappenedForm
from concerns.rules.referrals import BY_PHONE, HEADINGS, IN_WRITING, OFFERED, SECTIONS, SOMEBODY_ELSE, CouncilDecision

DATE_HINT, TIME_HINT = "For example, 23 11 2026", "For example, 4.30pm"
SHORT = 200


class _WhenForm(HappenedForm):
    """A form that must say the day and the time."""

    happened_on = DateBoxesField(label="On which day?", help_text=DATE_HINT)
    happened_time = TimeField(label="At what time?", help_text=TIME_HINT)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.check_happened()
        return cleaned

    def when(self) -> datetime:
        """Return when it was. For a valid form."""
        found = self.happened_at()
        return found or self.at


def _section(name: str) -> NarrativeField:
    return NarrativeField(label=SECTIONS[name], required=False, rows=3)


class ReferralForm(_WhenForm, VersionedForm):
    """A referral: to whom, when and what was said; the rest as far as it is known, in the order in which the duty desk asks."""

    to = forms.ChoiceField(
        label="To whom?", choices=[*((key.value, key.label) for key in OFFERED), ("other", SOMEBODY_ELSE)], widget=forms.RadioSelect
    )
    spoken_to = NameField(label="Whom did you speak or write to?", help_text="Their name, and where they work.", required=False)
    how = forms.ChoiceField(label="How?", choices=[(BY_PHONE, "By phone"), (IN_WRITING, "In writing")], widget=forms.RadioSelect)
    referred_by = NameField(label="Who referred?", required=False)
    reference = forms.CharField(label="Reference number, if you were given one", required=False, max_length=100)
    was_said = NarrativeField(label="What was said?", rows=5)
    agreed_actions = NarrativeField(label="What was agreed: who does what, by when?", required=False, rows=3)
    child = _section("child")
    ethnicity = _section("ethnicity")
    religion = _section("religion")
    parents_details = _section("parents_details")
    address = _section("address")
    agencies = _section("agencies")
    events = NarrativeField(label=SECTIONS["events"], required=False, rows=6)
    parents_know = NarrativeField(label=SECTIONS["parents_know"], help_text="If not, say why.", required=False, rows=3)
    duty_by = NameField(
        label="Did this meet somebody’s own duty to report child sexual abuse? Whose?",
        help_text="The person who saw it or was told, by name.",
        required=False,
    )
    duty_at = forms.CharField(label="When did they report it?", help_text="The day and the time.", required=False, max_length=SHORT)
    duty_reference = forms.CharField(label="Reference of that report", required=False, max_length=100)
    field_order = ("version", "to", "spoken_to", "how", "happened_on", "happened_time")
    required_sometimes = frozenset({"spoken_to", "duty_at"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("to") == "other" and not cleaned.get("spoken_to"):
            self.add_error("spoken_to", "Say to whom you referred")
        if cleaned.get("duty_by") and not cleaned.get("duty_at"):
            self.add_error("duty_at", "Say when they reported it")
        return cleaned

    def desk(self) -> ContactKey | str:
        """Return to whom a valid form says it was; empty: somebody else."""
        return "" if self.cleaned_data["to"] == "other" else ContactKey(self.cleaned_data["to"])

    def details(self) -> dict[str, str]:
        """Return what a valid form says beside that, by the names of the headings."""
        return {name: self.cleaned_data.get(name, "") for name in HEADINGS}


class CouncilAnswerForm(_WhenForm):
    """What was answered to a referral, and whether we agree."""

    decision = forms.ChoiceField(
        label="What did they decide?", choices=[(one.name, one.value) for one in CouncilDecision], widget=forms.RadioSelect
    )
    what = NarrativeField(label="What did they say?", help_text="Who said it, and their reason.", rows=5)
    agrees = forms.ChoiceField(
        label="Do you agree?",
        choices=[("yes", "Yes"), ("no", "No, I do not agree with them")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you agree"},
    )
    field_order = ("happened_on", "happened_time")
