"""What somebody who looks after a centre sees on their first page: what is theirs to mend. It knows no concern, and counts none."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from concerns.models import Centre, Contact, User
from concerns.queries.contacts import stale_words
from concerns.queries.drills import DUE, drill_is_due
from concerns.queries.people import waiting_grants
from concerns.queries.rota import NO_SESSIONS, coming_sessions, gaps_in, gaps_words
from concerns.queries.signin import waiting_account_changes
from concerns.queries.unsent import dead_letters, people_mail_does_not_reach
from concerns.rules.words import counted


@dataclass(frozen=True, kw_only=True)
class ToMend:
    """One thing to mend, in words, and the name of the page where that is done."""

    text: str
    page: str


def to_mend(user: User, centre: Centre, *, at: datetime) -> list[ToMend]:
    """Return what is to be mended at the centre, mail that does not arrive first; the number of queries does not grow with it."""
    unreached = [colleague.name for colleague in people_mail_does_not_reach(user, centre, at=at)]
    coming = coming_sessions(centre, at=at)
    gaps, old = gaps_in(coming), _not_checked(centre, at=at)
    waiting = len(waiting_grants(centre)) + len(waiting_account_changes(centre))
    found = (
        (dead_letters(user, centre), "Some mails could not be sent, and we have stopped trying.", "unsent"),
        (unreached, f"Mail does not reach {', '.join(unreached)}.", "unsent"),
        (not coming, NO_SESSIONS, "rota"),
        (gaps, f"{gaps_words(gaps)}.", "rota"),
        (waiting, f"{counted(waiting, 'change')} of a role or an account must be confirmed: ask a second person to do it.", "people"),
        (old, f"Check {counted(old, 'contact')}: nobody has done so in the last three months.", "contacts"),
        (drill_is_due(centre, at=at), DUE, "drills"),
    )
    return [ToMend(text=text, page=page) for is_so, text, page in found if is_so]


def _not_checked(centre: Centre, *, at: datetime) -> int:
    contacts = Contact.objects.filter(centre=centre, retired_at=None)
    return sum(bool(stale_words(contact, on=timezone.localdate(at))) for contact in contacts)
