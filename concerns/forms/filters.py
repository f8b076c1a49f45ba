"""The base of filters over a list: sent by GET, from closed lists; what is in no list is as if it had not been sent."""

from typing import Any

from django import forms


class FilterForm(forms.Form):
    """A form that never shows a mistake."""

    use_required_attribute = False
    mark_optional = False
    required_sometimes: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, and forget what is in no list: the page shows it as not chosen, without a message."""
        self.full_clean()
        self.data = {name: value for name, value in self.data.items() if name not in self.errors}
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}
