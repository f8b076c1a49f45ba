"""The written record: what was seen, what was said, what the worker thinks; when, where, who."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms

from concerns.actions.recording import Account, Subject
from concerns.choices import Answer, HomeArea
from concerns.forms.base import NameField, NarrativeField, tidy_text
from concerns.forms.dates import DateBoxesField, TimeField
from concerns.forms.happened import HappenedForm
from concerns.rules.deadlines import LONDON

NIGHT_ENDS = time(6)
TEXTS = ("seen", "said", "think", "seemed", "done", "where", "present", "told", "parents", "others")
PARTS = Layout(
    Fieldset("What happened", "seen", "said", "think", "seemed", "done"),
    Fieldset("When and where", Row(Column("happened_on"), Column("happened_time")), "happened_about", "where", "present"),
    Fieldset("Who it is about", "name", Row(Column("age"), Column("home_area")), "born_on", "others"),
    Fieldset("What happens next", "still_here", "leaves_time", "told", "parents"),
)


class RecordForm(HappenedForm):
    """The first account. Only one of the three texts is required: somebody in a hurry must be able to send what they have."""

    seen = NarrativeField(
        label="What did you see or hear?",
        help_text="Facts only. For an injury: where on the body, how big, what shape and colour. Do not take photos or move clothes.",
        required=False,
        rows=6,
    )
    said = NarrativeField(
        label="What did the young person say?", help_text="Use their own words, even if they are rude or unclear.", required=False, rows=6
    )
    think = NarrativeField(
        label="What do you think about it?", help_text="Your opinion. It is kept apart from the facts.", required=False, rows=4
    )
    seemed = NarrativeField(label="How did they seem?", required=False, rows=3)
    done = NarrativeField(label="What have you done so far?", required=False, rows=3)
    happened_on = DateBoxesField(label="On which day did it happen?", help_text="For example, 23 11 2026", required=False)
    happened_time = TimeField(label="At what time?", help_text="For example, 4.30pm", required=False)
    happened_about = forms.BooleanField(label="This day or time is a guess", required=False)
    where = forms.CharField(label="Where did it happen?", required=False, max_length=300)
    present = forms.CharField(label="Who was there?", help_text="Full names, if you know them.", required=False, max_length=1000)
    name = NameField(label="What is the young person’s full name?", help_text="Leave it empty if you do not know.", required=False)
    age = forms.CharField(label="How old are they?", required=False, max_length=40)
    born_on = DateBoxesField(label="What is their date of birth, if you know it?", help_text="For example, 31 3 2012", required=False)
    home_area = forms.ChoiceField(label="Where do they live?", choices=HomeArea.choices, initial=HomeArea.UNKNOWN, required=False)
    others = NarrativeField(label="Is it about anyone else?", help_text="Full names, and who they are.", required=False, rows=2)
    still_here = forms.ChoiceField(label="Are they still with you?", choices=Answer.choices, widget=forms.RadioSelect, required=False)
    leaves_time = TimeField(
        label="When do they leave?", help_text="Today, for example 8.30pm. Somebody will answer you before then.", required=False
    )
    told = NarrativeField(
        label="Whom have you told in person or by phone, and when?",
        help_text="Writing it here is not telling anybody.",
        required=False,
        rows=2,
    )
    parents = NarrativeField(
        label="Do the parents or carers know?",
        help_text="By whom, and when. If not, why not. Do not tell them if that could put the young person in danger.",
        required=False,
        rows=2,
    )

    mark_optional = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.helper.layout = PARTS

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in ("seen", "said", "think")) and not self.errors:
            self.add_error("seen", "Write what you saw or heard, what was said, or what you think. A few words are enough")
        self.check_happened()
        if cleaned.get("leaves_time") and self._leaves_at() is None:
            self.add_error("leaves_time", "This time has passed. Enter when they leave, or leave it empty if they have gone")
        return cleaned

    def _leaves_at(self) -> datetime | None:
        """The leaving time as a moment from now on: today, or in the night that follows; None when it has passed."""
        clock: time | None = self.cleaned_data.get("leaves_time")
        if clock is None:
            return None
        moment = datetime.combine(self.at.date(), clock, tzinfo=LONDON)
        if moment < self.at and clock < NIGHT_ENDS <= self.at.time():
            moment += timedelta(days=1)
        return moment if moment >= self.at - timedelta(minutes=1) else None

    def account(self) -> Account:
        """Return the account of a valid form. A day without a time counts as about midnight, and says so."""
        data = self.cleaned_data
        texts = {name: data[name] for name in TEXTS}
        day_only = bool(data["happened_on"]) and data["happened_time"] is None
        named = data["name"] or data["age"] or data["born_on"]
        area = HomeArea(data["home_area"] or HomeArea.UNKNOWN)
        subject = Subject(name=data["name"], age=data["age"], born_on=data["born_on"], home_area=area)
        return Account(
            **texts,
            happened_at=self.happened_at(),
            happened_about=data["happened_about"] or day_only,
            happened_words="The day only; the time is not known" if day_only else "",
            leaves_at=self._leaves_at(),
            still_here=dict(Answer.choices).get(data["still_here"], ""),
            subjects=(subject,) if named or area != HomeArea.UNKNOWN else (),
        )

    def free_text(self) -> str:
        """Return everything that was typed in words, to look for words of danger."""
        return "\n".join(str(self.cleaned_data.get(name) or "") for name in TEXTS)

    def not_in(self, sent: Mapping[str, Any]) -> str:
        """Return what was typed and does not stand in the record that was sent, each text under its question."""
        typed = {name: tidy_text(self.data.get(name, "")).strip() for name in TEXTS}
        return "\n\n".join(f"{self.fields[name].label}\n{text}" for name, text in typed.items() if text and text != sent.get(name))
