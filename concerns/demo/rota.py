"""The rota of the practice data, from today on: a gap on Saturdays, somebody who is soon away, and a note from the last session."""

from datetime import datetime, timedelta

from concerns.actions.notes import write_note
from concerns.actions.rota import add_leave, set_duties
from concerns.choices import DutySlot
from concerns.models import Centre, User
from concerns.rules.deadlines import LONDON

WEEK = {1: ("lead", "deputy"), 3: ("deputy", "chair"), 5: ("lead", "")}
NOTE = "The quiet room is too cold for talks until the heating is mended. Use the office, and put the sign on its door."


def make_rota(centre: Centre, people: dict[str, User], *, at: datetime) -> None:
    """Put the practice accounts (by short name) on duty. The stories were told before, in the order of the list."""
    for session in centre.sessions.filter(weekday__in=WEEK):
        names = dict(zip(DutySlot, WEEK[session.weekday], strict=True))
        chosen = {slot: people.get(name) for slot, name in names.items()}
        set_duties(by=people["lead"], centre=centre, session_id=session.pk, people=chosen, at=at)
    write_note(by=people["deputy"], centre=centre, text=NOTE, at=at - timedelta(days=1))
    today = at.astimezone(LONDON).date()
    thursday = today + timedelta(days=7 + (3 - today.weekday()) % 7)
    add_leave(by=people["lead"], centre=centre, user=people["deputy"], first_on=thursday, last_on=thursday + timedelta(days=1), at=at)
