"""Starting a drill."""

from django import forms

from concerns.choices import Level
from concerns.forms.base import PlainForm


class DrillForm(PlainForm):
    """How fast people are asked in the drill."""

    level = forms.ChoiceField(
        label="Which kind of alert do you want to try?", choices=Level.choices, widget=forms.RadioSelect, initial=Level.EMERGENCY
    )
