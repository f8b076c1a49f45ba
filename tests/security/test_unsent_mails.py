"""The list of mails that did not leave, and the notice of it, betray no concern that is hidden from the reader. (S5, S6)"""

import pytest
from django.urls import reverse

from concerns.choices import Lane, MessageKind
from concerns.models import Concern, Conflict, Message, User
from concerns.queries.digest import UNSENT, digest_lines
from concerns.queries.health import MAIL_IS_LATE, health_now
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, about, make_concern, queued
from tests.views.pages import plain

NOTICE = "Some mails could not be sent. Mails that did not leave"
WATCHING = ("lead", "deputy", "admin")


def failed(cast: Cast, kind: MessageKind, to: User, concern: Concern | None = None) -> Message:
    message = queued(recipient=to, kind=kind, key=f"failed:{kind}", at=AT, concern=concern, centre=cast.centre)
    Message.objects.filter(pk=message.pk).update(failed_at=AT, dead_at=AT, attempts=12, failure="TimeoutError")
    return message


def who_is_told(cast: Cast) -> list[str]:
    """Those who see the notice at the top of their pages."""
    return [name for name in WATCHING if NOTICE in plain(signed_in(getattr(cast, name)).get("/"))]


@pytest.mark.parametrize("kind", [MessageKind.NOBODY_HERE, MessageKind.UNFINISHED])
def test_mail_that_names_no_concern_and_is_about_one_stands_in_no_list(cast: Cast, kind: MessageKind) -> None:
    message = failed(cast, kind, cast.trustee)

    lists = [plain(signed_in(getattr(cast, name)).get(reverse("unsent"))) for name in WATCHING]
    again = signed_in(cast.lead).post(reverse("unsent_again", args=[message.pk]))

    assert [cast.trustee.name in shown or kind.label in shown for shown in lists] == [False, False, False]
    assert (again.status_code, who_is_told(cast)) == (404, [])


@pytest.mark.parametrize("kind", [MessageKind.INVITATION, MessageKind.ROLE, MessageKind.DIGEST])
def test_mail_about_an_account_is_listed_for_all_of_them(cast: Cast, kind: MessageKind) -> None:
    failed(cast, kind, cast.trustee)

    lists = [plain(signed_in(getattr(cast, name)).get(reverse("unsent"))) for name in WATCHING]

    assert [kind.label in shown for shown in lists] == [True, True, True]
    assert who_is_told(cast) == list(WATCHING)


def test_notice_says_nothing_of_a_concern_that_is_hidden(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    Conflict.objects.create(concern=concern, user=cast.lead, declared_by=cast.lead, declared_at=AT, reason=b"")
    failed(cast, MessageKind.ADDENDUM, cast.deputy, concern)

    digests = {name: (UNSENT, "/unsent/") in digest_lines(getattr(cast, name), cast.centre, at=AT) for name in WATCHING}

    assert who_is_told(cast) == ["deputy"]
    assert digests == {"lead": False, "deputy": True, "admin": False}


def test_trustees_are_told_of_an_emergency_as_fast_as_a_lead_would_be(cast: Cast) -> None:
    urgent = about(cast.lead, cast.case_manager, cast.deputy, answers=DANGER)

    make_concern(cast, answers=urgent, at=AT)

    assert Message.objects.get(kind=MessageKind.NOBODY_HERE).lane == Lane.FAST


def test_trustee_whose_address_is_wrong_stops_no_other_alarm(cast: Cast) -> None:
    message = queued(recipient=cast.trustee, kind=MessageKind.NOBODY_HERE, key="wrong", at=AT, centre=cast.centre, lane=Lane.FAST)
    late = health_now(at=AT + MAIL_IS_LATE * 2).mail
    Message.objects.filter(pk=message.pk).update(refused_at=AT)

    assert (late, health_now(at=AT + MAIL_IS_LATE * 2).mail) == (False, True)


def test_notice_leads_to_the_list_and_speaks_of_no_backup(cast: Cast) -> None:
    failed(cast, MessageKind.ROLE, cast.deputy)

    page = signed_in(cast.lead).get("/").content.decode()

    assert f'<a href="{reverse("unsent")}">Mails that did not leave</a>' in page
    assert "backup" not in page.lower()
