"""The list of mails that did not leave, and the notice of it, betray no concern that is hidden from the reader. (S5, S6)"""

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.choices import Lane, MessageKind, Role
from concerns.models import Concern, Conflict, Message, User
from concerns.queries.digest import UNSENT, digest_lines
from concerns.queries.health import MAIL_IS_LATE, health_now
from tests.factories import AT, Cast, grant, signed_in
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


def who_reads_the_name_of(cast: Cast, colleague: User, readers: tuple[str, ...] = WATCHING) -> list[str]:
    """Those who read that mail does not reach this colleague."""
    return [name for name in readers if colleague.email in plain(signed_in(getattr(cast, name)).get(reverse("unsent")))]


def refused(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(refused_at=timezone.now())


def test_refused_address_is_named_to_whom_the_concern_is_not_hidden(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    refused(failed(cast, MessageKind.ADDENDUM, cast.case_manager, concern))
    before = who_reads_the_name_of(cast, cast.case_manager)

    Conflict.objects.create(concern=concern, user=cast.lead, declared_by=cast.lead, declared_at=AT, reason=b"")
    Conflict.objects.create(concern=concern, user=cast.admin, declared_by=cast.admin, declared_at=AT, reason=b"")

    assert (before, who_reads_the_name_of(cast, cast.case_manager)) == (["lead", "deputy", "admin"], ["deputy"])


def test_refused_address_says_nothing_of_a_concern_about_an_adult_to_a_deputy(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.reporter2, answers=CALM))
    refused(failed(cast, MessageKind.ADDENDUM, cast.case_manager, concern))
    grant(cast.deputy, cast.centre, Role.ADMIN)

    assert who_reads_the_name_of(cast, cast.case_manager) == ["lead", "admin"]


def test_refused_address_of_a_mail_about_nobody_here_is_not_named(cast: Cast) -> None:
    refused(failed(cast, MessageKind.NOBODY_HERE, cast.trustee))
    before = who_reads_the_name_of(cast, cast.trustee)
    refused(failed(cast, MessageKind.ROLE, cast.trustee))

    assert (before, who_reads_the_name_of(cast, cast.trustee)) == ([], list(WATCHING))


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
