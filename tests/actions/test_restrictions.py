"""A restricted concern: only those named see it and are asked about it, and it never waits for nobody. (S4, S5, S34)"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_audit, visible_concerns
from concerns.access.standing import kept_to
from concerns.actions.closing import close_concern
from concerns.actions.conflicts import declare_conflict
from concerns.actions.opening import triage_again
from concerns.actions.recording import add_addendum
from concerns.actions.reminders import show_leads
from concerns.actions.restrictions import NOBODY_FREE, lift_restriction, restrict_concern
from concerns.actions.roles import disable_account
from concerns.choices import ClosingOutcome, EntryKind, Role, StepKind, StepState
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import AuditEvent, Concern, DataKey, Draft, Entry, Message, Named, Step, User
from concerns.queries.chains import verify
from concerns.queries.escalation import second_people
from concerns.queries.ladder import free_people
from concerns.queries.restrictions import restricted_to_nobody
from concerns.worker import tick
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import MARKER, URGENT, about, answered, make_concern, make_draft
from tests.views.pages import plain

LATER = AT + timedelta(hours=1)
LAST = AT + timedelta(hours=2)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def restrict(concern: Concern, *people: User, by: User) -> Concern:
    concern.refresh_from_db()
    restrict_concern(
        by=fresh(by), concern_id=concern.pk, version=concern.version, people=[user.pk for user in people], reason=f"{MARKER} why", at=LATER
    )
    concern.refresh_from_db()
    return concern


def restricted(cast: Cast, *people: User, by: User | None = None, author: User | None = None) -> Concern:
    """An urgent concern that its lead answered and then restricted to themselves and these people."""
    holder = by or cast.lead
    return restrict(answered(make_concern(cast, by=author, answers=URGENT), by=holder), *people, by=holder)


def who_sees(concern: Concern) -> set[str]:
    decided = {user.name for user in User.objects.all() if can(user, Permission.SEE_CONCERN, concern)}
    listed = {user.name for user in User.objects.all() if visible_concerns(user).filter(pk=concern.pk).exists()}
    assert decided == listed
    return decided


def asked(concern: Concern, kind: StepKind) -> list[str]:
    steps = Step.objects.filter(concern=concern, kind=kind, state=StepState.WAITING).select_related("person")
    return [step.person.name if step.person else "everybody" for step in steps]


def test_only_those_named_see_it(cast: Cast) -> None:
    grant(make_user("Zoe Hale"), cast.centre, Role.LEAD)

    concern = restricted(cast, cast.case_manager)

    assert who_sees(concern) == {cast.lead.name, cast.case_manager.name}


def test_others_meet_it_nowhere(cast: Cast) -> None:
    concern = restricted(cast)
    client = signed_in(cast.deputy)

    pages = "".join(client.get(reverse(name)).content.decode() for name in ("home", "queue", "audit"))

    assert concern.reference not in pages and "Aria Blackwood" not in pages
    assert client.get(reverse("concern", args=[concern.pk])).status_code == 404
    assert concern.reference in plain(signed_in(cast.lead).get(reverse("queue")))


@pytest.mark.parametrize("who", ["deputy", "case_manager", "auditor"])
def test_audit_log_shows_it_to_those_named_only(cast: Cast, who: str) -> None:
    concern = restricted(cast)

    assert AuditEvent.objects.filter(concern=concern).count() == 5
    assert not visible_audit(fresh(getattr(cast, who))).filter(concern=concern).exists()
    assert visible_audit(fresh(cast.lead)).filter(concern=concern, verb="restricted a concern").count() == 1


def test_author_keeps_their_own_page_also_as_a_deputy(cast: Cast) -> None:
    concern = restricted(cast, author=cast.deputy)
    client = signed_in(cast.deputy)

    page = plain(client.get(reverse("mine", args=[concern.pk])))

    assert concern.reference in page and "The whole record" not in page
    assert client.get(reverse("concern", args=[concern.pk])).status_code == 404


def test_what_others_had_to_do_passes_to_those_named_and_their_unsent_mails_are_taken_back(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.deputy)
    Step.objects.create(concern=concern, key="x", kind=StepKind.DECIDE, text="Decide", person=cast.case_manager, created_at=AT, due_at=LAST)
    Message.objects.filter(concern=concern).update(sent_at=None)

    restrict(concern, by=cast.deputy)

    assert set(asked(concern, StepKind.DECIDE)) == {cast.deputy.name}
    assert set(Message.objects.filter(concern=concern, sent_at=None).values_list("recipient__name", flat=True)) <= {
        cast.deputy.name,
        cast.reporter.name,
    }


def test_alerts_go_to_those_named_only(cast: Cast) -> None:
    concern = restricted(cast, cast.case_manager)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="Worse.", worse=True, at=LAST)
    for minutes in (11, 21, 31, 41, 51):
        tick(at=LAST + timedelta(minutes=minutes))

    mailed = set(Message.objects.filter(concern=concern, queued_at__gte=LAST).values_list("recipient__name", flat=True))
    assert mailed == {cast.lead.name, cast.case_manager.name, cast.reporter.name}


def test_second_person_is_one_of_those_named(cast: Cast) -> None:
    concern = restricted(cast, cast.case_manager)

    close_concern(
        by=cast.lead, concern_id=concern.pk, version=concern.version, outcome=ClosingOutcome.SUPPORT_HERE, reason="Settled.", at=LAST
    )

    assert second_people(concern, first=cast.lead) == [cast.case_manager]
    assert asked(concern, StepKind.SECOND_PERSON) == [cast.case_manager.name]


def test_unfinished_record_is_hidden_from_the_others(cast: Cast) -> None:
    draft = Draft.objects.get(pk=make_draft(cast, answers=URGENT))
    assert draft.concern
    restrict(answered(draft.concern, by=cast.lead), by=cast.lead)
    Draft.objects.update(touched_at=AT)
    show_leads(by=None, at=AT + timedelta(hours=3))

    seen = {user.name: "Sam Okoro" in plain(signed_in(user).get("/")) for user in (cast.lead, cast.deputy)}

    assert seen == {cast.lead.name: True, cast.deputy.name: False}


def test_deputy_who_is_named_sees_a_concern_about_an_adult(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=about(cast.reporter2)), by=cast.case_manager)

    restrict(concern, cast.deputy, by=cast.case_manager)

    assert who_sees(concern) == {cast.case_manager.name, cast.deputy.name}


def test_reason_is_sealed_in_the_record(cast: Cast) -> None:
    concern = restricted(cast, cast.deputy)

    page = plain(signed_in(cast.deputy).get(reverse("concern", args=[concern.pk])))

    entry = Entry.objects.get(concern=concern, kind=EntryKind.RESTRICTED)
    assert MARKER.encode() not in bytes(entry.body)
    assert MARKER not in str(AuditEvent.objects.get(verb="restricted a concern").detail)
    assert "Only these people can see this concern: Priya Shah, Tom Ellis." in page and f"{MARKER} why" in page
    assert verify().faults == ()


def test_who_is_named_can_change_whom_and_lift_it(cast: Cast) -> None:
    concern = restricted(cast, cast.deputy)

    restrict(concern, cast.case_manager, by=cast.deputy)
    changed = who_sees(concern)
    lift_restriction(by=cast.deputy, concern_id=concern.pk, version=concern.version, reason="Over.", at=LAST)

    assert changed == {cast.deputy.name, cast.case_manager.name}
    assert {cast.lead.name, cast.deputy.name} <= who_sees(concern) and kept_to(concern) is None


def test_who_does_not_have_it_cannot_restrict_it(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    with pytest.raises(NotAllowed, match="Take this concern first"):
        restrict(concern, by=cast.deputy)
    with pytest.raises(NotVisible):
        restrict(concern, by=cast.reporter)
    assert not Named.objects.exists()


def test_whom_it_is_about_cannot_be_named(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=about(cast.deputy)), by=cast.lead)

    with pytest.raises(Refused, match="Choose from the people shown"):
        restrict(concern, cast.deputy, by=cast.lead)
    with pytest.raises(Refused, match="Choose from the people shown"):
        restrict(concern, cast.reporter, by=cast.lead)
    assert "Tom Ellis" not in plain(signed_in(cast.lead).get(reverse("concern_restrict", args=[concern.pk])))


def test_author_alone_cannot_be_named(cast: Cast) -> None:
    concern = answered(make_concern(cast, by=cast.lead), by=cast.deputy)
    Concern.objects.filter(pk=concern.pk).update(lead=cast.lead)

    with pytest.raises(Refused, match=NOBODY_FREE):
        restrict(concern, by=cast.lead)


def test_stale_form_restricts_nothing(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    with pytest.raises(Stale):
        restrict_concern(by=cast.lead, concern_id=concern.pk, version=concern.version - 1, people=[], reason="x", at=LATER)


def leaves_by_conflict(cast: Cast, concern: Concern) -> None:
    declare_conflict(by=fresh(cast.deputy), concern_id=concern.pk, reason="My niece.", at=LAST)


def leaves_the_centre(cast: Cast, concern: Concern) -> None:
    disable_account(by=cast.admin, centre=cast.centre, user=cast.deputy, at=LAST)


def turns_out_to_be_the_adult(cast: Cast, concern: Concern) -> None:
    triage_again(by=cast.reporter, concern_id=concern.pk, answers=about(cast.deputy, answers=URGENT), at=LAST)


@pytest.mark.parametrize("leave", [leaves_by_conflict, leaves_the_centre, turns_out_to_be_the_adult])
def test_when_the_last_one_named_is_no_longer_free_it_opens_and_somebody_else_is_asked(cast: Cast, leave) -> None:  # type: ignore[no-untyped-def]
    concern = restricted(cast, by=cast.deputy)
    assert who_sees(concern) == {cast.deputy.name}

    leave(cast, concern)
    seen_at_once = who_sees(concern)
    tick(at=LAST + timedelta(seconds=1))

    assert cast.lead.name in seen_at_once and cast.deputy.name not in seen_at_once
    waiting = Step.objects.filter(concern=concern, state=StepState.WAITING, due_at__isnull=False)
    assert {step.person for step in waiting} & {cast.lead, cast.case_manager} and not waiting.filter(person=cast.deputy).exists()
    row = AuditEvent.objects.get(verb="lifted a restriction")
    assert (row.by, row.concern) == (None, concern)
    assert Entry.objects.filter(concern=concern, kind=EntryKind.UNRESTRICTED, author=None).count() == 1
    assert not Named.objects.filter(concern=concern, ended_at=None).exists()


def test_it_stays_restricted_while_one_of_those_named_is_free(cast: Cast) -> None:
    concern = restricted(cast, cast.deputy)

    declare_conflict(by=fresh(cast.deputy), concern_id=concern.pk, reason="My niece.", at=LAST)
    tick(at=LAST + timedelta(seconds=1))

    assert who_sees(concern) == {cast.lead.name}
    assert not AuditEvent.objects.filter(verb="lifted a restriction").exists()
    assert not Message.objects.filter(concern=concern, recipient=cast.case_manager, queued_at__gte=LAST).exists()


def test_those_free_under_a_restriction_are_those_named_without_the_author(cast: Cast) -> None:
    concern = restricted(cast, cast.deputy, cast.case_manager, author=cast.deputy)

    assert free_people(concern) == [cast.lead, cast.case_manager]


def test_pages_restrict_change_and_lift_and_keep_what_was_typed(cast: Cast) -> None:
    concern = answered(make_concern(cast, at=timezone.now() - timedelta(hours=1)), by=cast.lead, at=timezone.now())
    client, page = signed_in(cast.lead), reverse("concern_restrict", args=[concern.pk])

    empty = client.post(page, {"version": concern.version, "people": [str(cast.deputy.pk)], "reason": ""})
    stale = client.post(page, {"version": 1, "people": [str(cast.deputy.pk)], "reason": f"{MARKER} typed"})
    done = client.post(page, {"version": concern.version, "people": [str(cast.deputy.pk)], "reason": "Family of staff."}, follow=True)
    lifted = client.post(
        reverse("concern_lift", args=[concern.pk]), {"version": Concern.objects.get().version, "reason": "Over."}, follow=True
    )

    assert empty.status_code == 422 and "Answer “Why?”" in plain(empty)
    assert stale.status_code == 422 and f"{MARKER} typed" in stale.content.decode() and "checked" in stale.content.decode()
    assert "Only these people can see this concern: Priya Shah, Tom Ellis." in plain(done) and "Change who can see it" in plain(done)
    assert "Only these people" not in plain(lifted) and "No longer restricted" in plain(lifted)


def test_record_that_cannot_be_written_stops_no_alert(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    concern = restricted(cast, by=cast.deputy)
    DataKey.objects.filter(pk=concern.data_key_id).update(wrapped=b"damaged" * 9)
    leaves_the_centre(cast, concern)
    waiting = make_concern(cast, answers=URGENT, at=LAST)

    tick(at=LAST + timedelta(minutes=11))

    assert asked(waiting, StepKind.ACKNOWLEDGE) == [cast.case_manager.name]
    assert f"ending the restriction of concern {concern.pk} failed: KeyTrouble" in caplog.messages


def test_record_that_was_disposed_of_is_left_alone(cast: Cast) -> None:
    concern = restricted(cast, by=cast.deputy)
    leaves_the_centre(cast, concern)
    Concern.objects.filter(pk=concern.pk).update(data_key=None)

    assert restricted_to_nobody() == []
