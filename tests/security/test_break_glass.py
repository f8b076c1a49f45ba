"""Break-glass: a reason, three hours, a mail to who watches; every other check still runs. (S5, S8, S42)"""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concerns.access.decisions import can, decide
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_audit, visible_concerns
from concerns.actions.casework import add_entry
from concerns.actions.conflicts import declare_conflict
from concerns.actions.glass import NO_SUCH, TOO_MANY, TRIES, break_glass
from concerns.actions.outbox import send_due
from concerns.actions.restrictions import restrict_concern
from concerns.choices import EntryKind, MessageKind
from concerns.exceptions import NotAllowed, NotVisible, Refused
from concerns.models import AuditEvent, Concern, Conflict, Entry, Message, User
from concerns.queries.chains import verify
from concerns.queries.ladder import free_people
from concerns.rules.audit import REFUSAL
from tests.factories import Cast, signed_in
from tests.makers import CALM, MARKER, URGENT, about, answered, closed, make_concern
from tests.views.pages import plain

WHY = f"{MARKER} at the door"


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def about_an_adult(cast: Cast) -> Concern:
    """A deputy does not see it."""
    return answered(make_concern(cast, answers=about(cast.reporter2), at=an_hour_ago()), by=cast.case_manager, at=an_hour_ago())


def restricted(cast: Cast) -> Concern:
    """Only the lead sees it."""
    concern = answered(make_concern(cast, answers=URGENT, at=an_hour_ago()), by=cast.lead, at=an_hour_ago())
    restrict_concern(by=cast.lead, concern_id=concern.pk, version=concern.version, people=[], reason="Staff.", at=an_hour_ago())
    concern.refresh_from_db()
    return concern


def sees(user: User, concern: Concern) -> bool:
    decided = can(fresh(user), Permission.SEE_CONCERN, concern)
    assert decided == visible_concerns(fresh(user)).filter(pk=concern.pk).exists()
    return decided


def breaks(user: User, concern: Concern, *, at: datetime | None = None) -> Concern:
    return break_glass(by=fresh(user), reference=concern.reference, reason=WHY, at=at or timezone.now())


@pytest.mark.parametrize("make", [about_an_adult, restricted])
def test_glass_opens_it_for_three_hours_and_no_longer(cast: Cast, make) -> None:  # type: ignore[no-untyped-def]
    concern = make(cast)
    assert not sees(cast.deputy, concern)

    breaks(cast.deputy, concern, at=timezone.now() - timedelta(hours=2, minutes=59))
    other = about_an_adult(cast)
    breaks(cast.deputy, other, at=timezone.now() - timedelta(hours=3, seconds=1))

    assert (sees(cast.deputy, concern), sees(cast.deputy, other)) == (True, False)


def test_nobody_else_sees_it_by_that(cast: Cast) -> None:
    concern = restricted(cast)

    breaks(cast.deputy, concern)

    assert {user.name for user in User.objects.all() if sees(user, concern)} == {cast.lead.name, cast.deputy.name}


def test_who_watches_is_mailed_without_any_name(cast: Cast, mailoutbox: list) -> None:  # type: ignore[type-arg]
    concern = restricted(cast)
    Message.objects.all().delete()

    breaks(cast.deputy, concern)
    while send_due(at=timezone.now()):
        pass

    assert [(row.recipient, row.kind) for row in Message.objects.all()] == [(cast.lead, MessageKind.GLASS)]
    (mail,) = [mail for mail in mailoutbox if "emergency" in mail.body]
    assert mail.subject == f"URGENT Safeguarding {concern.reference}: please look"
    assert not [word for word in (MARKER, "Tom", "Ellis", "Aria", "Blackwood") if word in mail.body + mail.subject]


def test_case_manager_is_told_where_it_is_hidden_from_every_lead(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.lead), at=an_hour_ago())
    Message.objects.all().delete()

    breaks(cast.deputy, concern)

    assert [row.recipient for row in Message.objects.filter(kind=MessageKind.GLASS)] == [cast.case_manager]


def test_page_and_log_say_who_and_why_and_the_log_holds_no_reason(cast: Cast) -> None:
    concern = restricted(cast)

    breaks(cast.deputy, concern)
    page = plain(signed_in(cast.lead).get(reverse("concern", args=[concern.pk])))

    assert "Tom Ellis broke the glass today" in page and f"because: {WHY}" in page
    entry = Entry.objects.get(concern=concern, kind=EntryKind.BROKE_GLASS)
    assert entry.author == cast.deputy and MARKER.encode() not in bytes(entry.body)
    row = AuditEvent.objects.get(verb="broke the glass")
    assert (row.by, row.concern, row.detail["told"]) == (cast.deputy, concern, 1) and MARKER not in str(row.detail)
    assert visible_audit(fresh(cast.lead)).filter(pk=row.pk).exists() and verify().faults == ()


def test_they_can_read_and_add_but_nothing_stays_with_them(cast: Cast) -> None:
    concern = restricted(cast)
    breaks(cast.deputy, concern)
    user = fresh(cast.deputy)

    allowed = {permission for permission in Permission if can(user, permission, concern)}
    add_entry(by=user, concern_id=concern.pk, kind=EntryKind.NOTE, text="She is safe with me.", at=timezone.now())

    assert allowed == {Permission.SEE_CONCERN, Permission.ADD_ENTRY, Permission.DO_STEP}
    refused = decide(user, Permission.TAKE, concern)
    assert refused.visible and "You opened this in an emergency" in refused.reason
    assert user not in free_people(concern)


@pytest.mark.parametrize("kind", ["link", "conflict", "link after", "conflict after"])
def test_veto_outranks_the_glass_whenever_it_comes(cast: Cast, kind: str) -> None:
    concern = about_an_adult(cast)
    veto = {
        "link": lambda: concern.links.create(user=cast.deputy, role="may_have_harmed", made_at=timezone.now(), made_by=cast.lead),
        "conflict": lambda: Conflict.objects.create(
            concern=concern, user=cast.deputy, reason=b"x", declared_by=cast.lead, declared_at=timezone.now()
        ),
    }[kind.split()[0]]
    if "after" in kind:
        breaks(cast.deputy, concern)
        veto()
    else:
        veto()
        with pytest.raises(Refused):
            breaks(cast.deputy, concern)

    assert not sees(cast.deputy, concern)
    assert not visible_audit(fresh(cast.deputy)).filter(concern=concern).exists()


def test_stepping_back_after_it_ends_it(cast: Cast) -> None:
    concern = restricted(cast)
    breaks(cast.deputy, concern)

    declare_conflict(by=fresh(cast.deputy), concern_id=concern.pk, reason="My niece.", at=timezone.now())

    assert not sees(cast.deputy, concern)


def test_losing_the_role_ends_it(cast: Cast) -> None:
    concern = restricted(cast)
    breaks(cast.deputy, concern)

    cast.deputy.grants.filter(role="deputy").update(ended_at=timezone.now())

    assert not sees(cast.deputy, concern)


def test_closed_concern_can_be_read_and_not_worked(cast: Cast) -> None:
    concern = closed(make_concern(cast, answers=CALM, at=an_hour_ago()), by=cast.lead)

    breaks(cast.case_manager, concern)

    assert sees(cast.case_manager, concern)
    with pytest.raises(NotAllowed, match="closed"):
        add_entry(by=fresh(cast.case_manager), concern_id=concern.pk, kind=EntryKind.NOTE, text="x", at=timezone.now())


@pytest.mark.parametrize("who", ["reporter", "admin", "trustee", "auditor", "nobody"])
def test_other_roles_have_no_glass_to_break(cast: Cast, who: str) -> None:
    concern = restricted(cast)
    user = getattr(cast, who)

    page = signed_in(user).post(reverse("break_glass"), {"reference": concern.reference, "reason": WHY})

    with pytest.raises((NotAllowed, NotVisible)):
        breaks(user, concern)
    assert page.status_code == 403 and not Entry.objects.filter(kind=EntryKind.BROKE_GLASS).exists()


def tries(cast: Cast) -> dict[str, str]:
    """References that must look alike to the deputy: unknown, of another centre, hidden by a veto."""
    foreign = make_concern(cast, at=an_hour_ago())
    Concern.objects.filter(pk=foreign.pk).update(centre=cast.outsider.grants.all()[0].centre)
    return {
        "unknown": "C-26-ZZZZ",
        "rubbish": "hello",
        "foreign": foreign.reference,
        "vetoed": make_concern(cast, answers=about(cast.deputy), at=an_hour_ago()).reference,
    }


def test_unknown_foreign_and_hidden_references_get_the_same_answer_after_the_same_work(cast: Cast) -> None:
    client, address = signed_in(cast.deputy), reverse("break_glass")
    for _ in range(2):  # the first leaves a row, the second begins the count of those within a minute
        client.post(address, {"reference": "C-26-YYYY", "reason": WHY})
    pages, work = set(), set()
    for reference in tries(cast).values():
        with CaptureQueriesContext(connection) as asked:
            page = client.post(address, {"reference": reference, "reason": WHY})
        pages.add(plain(page))
        work.add(len(asked))
        assert page.status_code == 422 and f"{WHY}" in page.content.decode() and f'value="{reference}"' in page.content.decode()

    assert len(pages) == 1 and NO_SUCH in pages.pop()
    assert len(work) == 1
    assert not Message.objects.filter(kind=MessageKind.GLASS).exists()


def test_refused_tries_are_noted_without_saying_which_concern(cast: Cast) -> None:
    client, hidden = signed_in(cast.deputy), tries(cast)["vetoed"]

    client.post(reverse("break_glass"), {"reference": hidden, "reason": WHY})

    (row,) = AuditEvent.objects.filter(verb=REFUSAL)
    assert (row.by, row.concern, row.subject_id, row.detail) == (cast.deputy, None, None, {"view": "break_glass", "asked": ""})


def test_concern_that_they_see_anyway_is_shown_without_breaking_anything(cast: Cast) -> None:
    concern = answered(make_concern(cast, at=an_hour_ago()), by=cast.lead, at=an_hour_ago())

    page = signed_in(cast.deputy).post(reverse("break_glass"), {"reference": concern.reference.lower(), "reason": WHY})

    assert page.headers["Location"] == reverse("concern", args=[concern.pk])
    assert not Entry.objects.filter(kind=EntryKind.BROKE_GLASS).exists()
    assert not Message.objects.filter(kind=MessageKind.GLASS).exists()


def test_page_opens_the_concern_and_shows_only_what_they_may_do(cast: Cast) -> None:
    concern = restricted(cast)
    client = signed_in(cast.deputy)

    empty = client.post(reverse("break_glass"), {"reference": concern.reference, "reason": ""})
    page = plain(client.post(reverse("break_glass"), {"reference": concern.reference, "reason": WHY}, follow=True))

    assert empty.status_code == 422 and "Answer “Why must you see it now?”" in plain(empty)
    assert concern.reference in page and "Add to the record" in page
    assert "Take this concern" not in page and "Change the level" not in page and "Restrict it" not in page
    assert "open a concern that you do not see" in plain(client.get(reverse("queue")))


def test_nobody_guesses_references_and_one_person_uses_up_nobody_elses_tries(cast: Cast) -> None:
    concern, client, address = restricted(cast), signed_in(cast.deputy), reverse("break_glass")
    for _ in range(TRIES.tries):
        client.post(address, {"reference": "C-26-ZZZZ", "reason": WHY})

    refused = client.post(address, {"reference": concern.reference, "reason": WHY})
    other = signed_in(cast.case_manager).post(address, {"reference": concern.reference, "reason": WHY})

    assert TOO_MANY in plain(refused) and WHY in refused.content.decode() and not sees(cast.deputy, concern)
    assert other.status_code == 302 and sees(cast.case_manager, concern)
