"""The first page of an administrator: what is theirs to mend at the centre, and nothing of any concern."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.access.standing import centre_of
from concerns.actions.drills import start_drill
from concerns.actions.roles import confirm_role, propose_role
from concerns.choices import DutySlot, Level, MessageKind, Role
from concerns.models import Contact, Duty, Message, OpeningSession, User
from concerns.queries.centre_home import to_mend
from concerns.queries.drills import DUE
from concerns.queries.rota import NO_SESSIONS
from tests.contact_makers import make_contact
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import DANGER, MARKER, make_concern, queued
from tests.views.pages import plain

GAPS, UNSENT = "Somebody is missing in {} of the next two weeks.", "Some mails could not be sent, and we have stopped trying."


def lines(cast: Cast) -> list[str]:
    """What is to be mended at AT: the number of coming sessions depends on the time of day."""
    return [line.text for line in to_mend(cast.admin, cast.centre, at=AT)]


@pytest.fixture
def in_order(cast: Cast) -> Cast:
    """A centre that has nothing to mend: somebody on duty in every session, every number rung, a drill this month."""
    rows = [
        (session, slot, user)
        for session in cast.centre.sessions.all()
        for slot, user in zip(DutySlot, (cast.lead, cast.deputy), strict=True)
    ]
    Duty.objects.bulk_create(Duty(session=session, slot=slot, user=user) for session, slot, user in rows)
    Contact.objects.filter(centre=cast.centre).update(verified_on=timezone.localdate())
    start_drill(by=cast.admin, centre=cast.centre, level=Level.PROMPT, at=timezone.now())
    return cast


def test_centre_in_order_has_nothing_to_mend(in_order: Cast) -> None:
    page = plain(signed_in(in_order.admin).get("/"))

    assert lines(in_order) == []
    assert "What needs your attention Nothing on this list at the moment." in page


def test_new_centre_is_told_of_its_gaps_its_numbers_and_its_drill(cast: Cast) -> None:
    make_contact(cast, name="Hilltop clinic")
    make_contact(cast, name="Riverside clinic")
    Contact.objects.filter(centre=cast.centre).update(verified_on=timezone.localdate() - timedelta(days=91))
    stale = Contact.objects.filter(centre=cast.centre, retired_at=None).count()

    page = signed_in(cast.admin).get("/").content.decode()

    ring = f"Check {stale} contacts: nobody has done so in the last three months."
    assert [text in page for text in (ring, DUE, "Somebody is missing in")] == [True, True, True]
    assert [f'href="{reverse(name)}">{text}' in page for name, text in (("contacts", ring), ("drills", DUE))] == [True, True]


def test_session_in_which_nobody_deputises_is_missing_somebody_each_week(in_order: Cast) -> None:
    Duty.objects.filter(session=in_order.centre.sessions.first(), slot=DutySlot.SECOND).delete()

    assert lines(in_order) == [GAPS.format("2 sessions")]


def test_role_that_a_second_person_must_confirm_is_named_until_they_have(in_order: Cast) -> None:
    role = propose_role(by=in_order.admin, centre=in_order.centre, user=in_order.reporter, role=Role.DEPUTY, at=AT)
    before = lines(in_order)

    confirm_role(by=in_order.lead, grant_id=role.pk, at=AT)

    assert before == ["1 change of a role or an account must be confirmed: ask a second person to do it."]
    assert lines(in_order) == []


def test_mail_that_nothing_tries_any_more_comes_first_and_says_nothing_of_a_concern(in_order: Cast) -> None:
    concern = make_concern(in_order, answers=DANGER)
    for person, kind in ((in_order.trustee, MessageKind.ROLE), (in_order.deputy, MessageKind.ALERT)):
        mail = queued(
            recipient=person,
            kind=kind,
            key=f"mend:{kind}",
            at=AT,
            concern=concern if kind == MessageKind.ALERT else None,
            centre=in_order.centre,
        )
        Message.objects.filter(pk=mail.pk).update(failed_at=AT, dead_at=AT if kind == MessageKind.ROLE else None, refused_at=timezone.now())

    page = plain(signed_in(in_order.admin).get("/"))

    assert lines(in_order) == [UNSENT, "Mail does not reach Rosa Klein, Tom Ellis."]
    assert [word for word in (concern.reference, MARKER, "Aria", "Please answer", "alert") if word in page] == []


def test_centre_without_sessions_is_told_so(in_order: Cast) -> None:
    OpeningSession.objects.filter(centre=in_order.centre).delete()

    assert lines(in_order) == [NO_SESSIONS]


def test_nothing_of_another_centre_is_told(in_order: Cast) -> None:
    elsewhere = centre_of(in_order.outsider)
    assert elsewhere is not None
    Contact.objects.create(centre=elsewhere, name="Old clinic", number="0116 496 0000", group=Contact.Group.HEALTH)
    other_admin = grant(make_user("Ivo Brandt"), elsewhere, Role.ADMIN)
    propose_role(by=other_admin, centre=elsewhere, user=in_order.outsider, role=Role.CASE_MANAGER, at=AT)

    assert lines(in_order) == []


@pytest.mark.parametrize("who", ["reporter", "lead", "trustee", "auditor", "outsider"])
def test_nobody_else_is_given_it_to_look_after(cast: Cast, who: str) -> None:
    user: User = getattr(cast, who)

    assert "What needs your attention" not in plain(signed_in(user).get("/"))


def test_lead_who_also_administers_sees_both(cast: Cast) -> None:
    grant(cast.lead, cast.centre, Role.ADMIN)

    page = plain(signed_in(cast.lead).get("/"))

    assert [words in page for words in ("Is anyone in danger now?", "Nothing waits.", "What needs your attention")] == [True, True, True]
