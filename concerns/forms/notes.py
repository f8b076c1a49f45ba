"""What one session tells the next."""

from concerns.forms.base import NarrativeField, PlainForm

LONGEST = 2000


class NoteForm(PlainForm):
    """A note for those who answer alerts next."""

    text = NarrativeField(
        label="What should they know?",
        help_text=(
            "Write the reference of a concern, such as C-26-7K4M, never a name, nor what happened. "
            "Who may not see that concern then does not see the note."
        ),
        rows=5,
        max_length=LONGEST,
    )
