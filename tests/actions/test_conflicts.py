"""Declaring a conflict: the concern is gone for that person from the next request on, and nobody is left waiting. (S5)"""

from datetime import timedelta

import pytest
from django.urls import reverse

from concerns.access.decisions import can
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_concerns
from concerns.actions.casework import acknowledge_concern, do_step, take_concern
from concerns.actions.conflicts import CHECK, declare_conflict
from concerns.choices import Clock, StepKind, StepState
from concerns.exceptions import NotVisible
from concerns.models import AuditEvent, Concern, Message, Step, User
from tests.factories import AT, Cast, signed_in
from tests.makers import URGENT, answered, make_concern

MINUTE = timedelta(minutes=1)
LATER = AT + 5 * MINUTE


def declare(concern: Concern, by: User) -> Concern:
    declare_conflict(by=by, concern_id=concern.pk, reason="My niece.", at=LATER)
    concern.refresh_from_db()
    return concern


def asked_now(concern: Concern) -> User | None:
    return Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING).person


def test_conflicted_lead_sees_nothing_any_more(cast: Cast) -> None:
    concern = declare(make_concern(cast, answers=URGENT), cast.lead)

    assert not can(cast.lead, Permission.SEE_CONCERN, concern)
    assert list(visible_concerns(cast.lead)) == []
    assert concern.reference not in signed_in(cast.lead).get(reverse("queue")).content.decode()
    with pytest.raises(NotVisible):
        acknowledge_concern(by=cast.lead, concern_id=concern.pk, at=LATER)


def test_alert_goes_to_the_next_person_at_once(cast: Cast) -> None:
    concern = declare(make_concern(cast, answers=URGENT), cast.lead)

    assert asked_now(concern) == cast.deputy
    assert Message.objects.filter(concern=concern, recipient=cast.deputy).exists()


def test_lead_who_had_answered_is_replaced_and_the_ladder_starts_again(cast: Cast) -> None:
    concern = declare(answered(make_concern(cast, answers=URGENT), by=cast.lead), cast.lead)

    step = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)
    assert (concern.acknowledged_at, concern.lead) == (None, None)
    assert (step.person, step.due_at) == (cast.deputy, LATER + timedelta(minutes=10))
    assert not Step.objects.filter(concern=concern, state=StepState.WAITING, person=cast.lead).exists()


def test_case_manager_is_told_and_can_see_it(cast: Cast) -> None:
    concern = declare(make_concern(cast, answers=URGENT), cast.lead)

    assert Message.objects.filter(concern=concern, recipient=cast.case_manager).exists()
    assert can(cast.case_manager, Permission.SEE_CONCERN, concern)


def test_check_stays_with_the_case_manager_whoever_takes_the_concern(cast: Cast) -> None:
    concern = declare(answered(make_concern(cast), by=cast.lead), cast.lead)
    answered(concern, by=cast.deputy, at=LATER + MINUTE)

    take_concern(by=cast.deputy, concern_id=concern.pk, version=concern.version, at=LATER + 2 * MINUTE)

    check = Step.objects.get(concern=concern, kind=StepKind.CHECK_HOLDER, state=StepState.WAITING)
    assert (check.person, check.text) == (cast.case_manager, CHECK)
    assert (check.clock, check.amount) == (Clock.WORKING_DAYS, 1)
    assert list(visible_concerns(User.objects.get(pk=cast.case_manager.pk))) == [concern]


def test_case_manager_says_that_it_was_checked(cast: Cast) -> None:
    concern = declare(make_concern(cast), cast.lead)
    check = Step.objects.get(concern=concern, kind=StepKind.CHECK_HOLDER)

    page = signed_in(cast.case_manager).get(reverse("concern", args=[concern.pk])).content.decode()
    do_step(by=cast.case_manager, concern_id=concern.pk, step_id=check.pk, done=True, outcome="Tom has it.", at=LATER + MINUTE)

    check.refresh_from_db()
    assert reverse("concern_step", args=[concern.pk, check.pk]) in page
    assert (check.state, check.ended_by) == (StepState.DONE, cast.case_manager)


def test_reason_is_sealed_and_the_log_holds_none_of_it(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)

    conflict = declare_conflict(by=cast.lead, concern_id=concern.pk, reason="tangerine-walrus", at=LATER)

    assert Keyring.of(concern).open(conflict, "reason") == {"text": "tangerine-walrus"}
    assert b"tangerine" not in bytes(conflict.reason)
    assert "tangerine" not in str(AuditEvent.objects.get(verb="declared a conflict").detail)


def test_all_declared_still_leaves_everybody_to_be_asked(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)

    for user in (cast.lead, cast.deputy, cast.case_manager):
        declare(concern, user)

    step = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)
    assert (step.person, step.who) == (None, "everybody")
    assert Message.objects.filter(concern=concern, recipient=cast.reporter, key__startswith=str(step.pk)).exists()


def test_page_asks_for_a_reason_and_leads_away_from_the_concern(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    client, address = signed_in(cast.lead), reverse("concern_conflict", args=[concern.pk])

    empty = client.post(address, {"reason": ""})
    sent = client.post(address, {"reason": "My niece."})

    assert "Answer “Why are you too close to it?”" in empty.content.decode()
    assert sent.headers["Location"] == reverse("queue")
    assert client.get(reverse("concern", args=[concern.pk])).status_code == 404


def test_who_has_opened_the_page_is_shown_by_name(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    signed_in(cast.deputy).get(reverse("concern", args=[concern.pk]))

    page = signed_in(cast.lead).get(reverse("concern", args=[concern.pk])).content.decode()

    assert "Tom Ellis: last opened" in page
