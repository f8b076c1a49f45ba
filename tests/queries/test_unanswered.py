"""What nobody has answered stands first, however much is late."""

from datetime import timedelta

from django.urls import reverse

from concerns.models import Concern
from concerns.queries.queue import most_pressing, unanswered
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, URGENT, about, answered, make_concern

LATER = AT + timedelta(days=9)


def backlog(cast: Cast) -> list[Concern]:
    """Answered concerns, all long overdue."""
    return [answered(make_concern(cast, answers=URGENT), by=cast.lead) for _ in range(30)]


def test_emergency_is_never_hidden_by_a_backlog(cast: Cast) -> None:
    backlog(cast)
    prompt = make_concern(cast, answers=CALM, at=LATER)
    emergency = make_concern(cast, answers=DANGER, at=LATER)

    assert [row.reference for row in unanswered(cast.lead, at=LATER)] == [emergency.reference, prompt.reference]
    assert [row.reference for row in most_pressing(cast.lead, at=LATER)][:2] == [emergency.reference, prompt.reference]
    page = signed_in(cast.lead).get(reverse("queue")).content.decode()
    assert page.index("Nobody has answered yet") < page.index(emergency.reference) < page.index("All open concerns")


def test_unanswered_obeys_the_veto(cast: Cast) -> None:
    make_concern(cast, answers=about(cast.lead, answers=URGENT))

    assert unanswered(cast.lead, at=AT) == ()


def test_filtered_queue_shows_what_was_asked_for_alone(cast: Cast) -> None:
    make_concern(cast, answers=DANGER)

    page = signed_in(cast.lead).get(reverse("queue") + "?level=prompt").content.decode()

    assert "Nobody has answered yet" not in page
    assert "No concern fits" in page
