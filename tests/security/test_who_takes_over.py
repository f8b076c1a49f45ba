"""Who sees and who is asked once a concern turns out to be about an adult here, or people leave. (S5, S34)"""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_concerns
from concerns.actions.casework import take_concern
from concerns.actions.closing import close_concern, decide_proposal
from concerns.actions.conflicts import declare_conflict
from concerns.actions.opening import triage_again
from concerns.actions.recording import add_addendum, disagree
from concerns.actions.roles import disable_account, end_role
from concerns.choices import AboutStaff, ClosingOutcome, MessageKind, Role, StepKind, StepState, Vault
from concerns.models import Concern, Message, Proposal, RoleGrant, Step, User
from concerns.worker import tick
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import CALM, DANGER, URGENT, about, answered, make_concern
from tests.views.pages import plain

LATER = AT + timedelta(hours=1)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def sees(user: User, concern: Concern) -> bool:
    decided, listed = can(fresh(user), Permission.SEE_CONCERN, concern), visible_concerns(fresh(user)).filter(pk=concern.pk).exists()
    assert decided == listed
    return decided


def waiting(concern: Concern, kind: StepKind) -> Step:
    return Step.objects.select_related("person").get(concern=concern, kind=kind, state=StepState.WAITING)


def worked_on_by_the_deputy(cast: Cast) -> Concern:
    """The deputy answered it, has it, and has something to read; then its reporter says that it is about a colleague."""
    concern = answered(make_concern(cast, answers=CALM), by=cast.deputy)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="More.", worse=False, at=AT + timedelta(minutes=5))
    assert waiting(concern, StepKind.READ_ADDENDUM).person == cast.deputy
    triage_again(by=cast.reporter, concern_id=concern.pk, answers=about(cast.reporter2), at=LATER)
    concern.refresh_from_db()
    return concern


def test_deputy_loses_sight_once_it_is_about_an_adult_here(cast: Cast) -> None:
    concern = worked_on_by_the_deputy(cast)

    assert (concern.vault, sees(cast.deputy, concern)) == (Vault.ADULT, False)
    assert concern.reference not in signed_in(cast.deputy).get(reverse("queue")).content.decode()
    assert sees(cast.case_manager, concern) and sees(cast.lead, concern)


def test_what_the_deputy_had_to_do_passes_to_who_may_see_it_with_a_mail(cast: Cast) -> None:
    concern = worked_on_by_the_deputy(cast)

    step = waiting(concern, StepKind.READ_ADDENDUM)
    assert (concern.lead, step.person) == (None, cast.case_manager)
    assert Message.objects.filter(concern=concern, key__startswith=f"{step.pk}:{cast.case_manager.pk}:").count() == 1
    assert not Step.objects.filter(concern=concern, state=StepState.WAITING, person=cast.deputy).exists()


def test_no_mail_of_it_goes_to_the_deputy_from_then_on(cast: Cast) -> None:
    concern = worked_on_by_the_deputy(cast)

    for minutes in (31, 61, 91, 121):
        tick(at=LATER + timedelta(minutes=minutes))

    assert not Message.objects.filter(concern=concern, recipient=cast.deputy, queued_at__gte=LATER).exists()


def test_deputy_who_is_asked_about_an_adult_sees_it(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.reporter2))
    Step.objects.create(concern=concern, key="x", kind=StepKind.DECIDE, text="Look at it", person=cast.deputy, created_at=LATER)

    assert sees(cast.deputy, concern)


def test_deputy_keeps_sight_of_what_waits_for_them_after_a_colleague_steps_back(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.reporter2))
    Step.objects.create(concern=concern, key="x", kind=StepKind.DECIDE, text="Look at it", person=cast.deputy, created_at=AT, due_at=LATER)
    declare_conflict(by=cast.case_manager, concern_id=concern.pk, reason="My cousin.", at=LATER)

    assert sees(cast.deputy, concern)


def proposed(cast: Cast, *, by: User, author: User | None = None) -> Concern:
    concern = answered(make_concern(cast, by=author, answers=URGENT), by=by)
    outcome = ClosingOutcome.SUPPORT_HERE
    close_concern(by=by, concern_id=concern.pk, version=concern.version, outcome=outcome, reason="Settled.", at=LATER)
    return concern


def leaves(cast: Cast, user: User, *, by_ending: bool = False) -> None:
    if by_ending:
        end_role(by=cast.admin, grant_id=RoleGrant.objects.get(user=user, role=Role.DEPUTY).pk, at=LATER)
    else:
        disable_account(by=cast.admin, centre=cast.centre, user=user, at=LATER)


@pytest.mark.parametrize("by_ending", [True, False], ids=["role ended", "account disabled"])
def test_second_person_who_leaves_is_followed_by_another_second_person(cast: Cast, by_ending: bool) -> None:
    concern = proposed(cast, by=cast.lead)
    assert waiting(concern, StepKind.SECOND_PERSON).person == cast.deputy

    leaves(cast, cast.deputy, by_ending=by_ending)

    step = waiting(concern, StepKind.SECOND_PERSON)
    assert (step.person, sees(cast.case_manager, concern)) == (cast.case_manager, True)
    assert Message.objects.filter(concern=concern, recipient=cast.case_manager, key__startswith=str(step.pk)).exists()
    proposal = Proposal.objects.get(concern=concern)
    decide_proposal(by=fresh(cast.case_manager), concern_id=concern.pk, proposal_id=proposal.pk, agree=True, reason="Yes.", at=LATER)
    concern.refresh_from_db()
    assert not concern.is_open


def test_second_step_never_falls_to_the_proposer_or_the_author(cast: Cast) -> None:
    concern = proposed(cast, by=cast.lead, author=cast.case_manager)

    leaves(cast, cast.deputy)

    step = waiting(concern, StepKind.SECOND_PERSON)
    assert (step.person, step.who) == (None, "everybody")


def test_second_person_who_is_too_close_is_followed_by_another(cast: Cast) -> None:
    concern = proposed(cast, by=cast.lead)

    declare_conflict(by=cast.deputy, concern_id=concern.pk, reason="My cousin.", at=LATER)

    assert waiting(concern, StepKind.SECOND_PERSON).person == cast.case_manager


def test_disagreement_never_falls_back_to_the_lead_it_is_about(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    disagree(by=cast.reporter, concern_id=concern.pk, text="It is not settled.", at=LATER)

    leaves(cast, cast.deputy)

    assert waiting(concern, StepKind.READ_DISAGREEMENT).person == cast.case_manager


def everybody_on_the_adult_ladder_leaves(cast: Cast, concern: Concern) -> User:
    """A new lead, who is on no ladder of this concern, is there; the others have left, and there is no case manager."""
    new = grant(make_user("Zoe Hale"), cast.centre, Role.LEAD)
    for user in (cast.case_manager, cast.deputy, cast.lead):
        disable_account(by=cast.admin, centre=cast.centre, user=user, at=AT + timedelta(minutes=5))
    return new


def test_lead_is_asked_once_the_whole_adult_ladder_has_left(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.reporter2, answers=DANGER))
    new = everybody_on_the_adult_ladder_leaves(cast, concern)

    assert waiting(concern, StepKind.ACKNOWLEDGE).person == new
    assert Message.objects.filter(concern=concern, recipient=new).exists() and sees(new, concern)
    take = answered(concern, by=new)
    take_concern(by=new, concern_id=take.pk, version=take.version, at=LATER)


def test_lead_from_whom_it_is_hidden_is_not_asked_and_trustees_and_reporter_are_told(cast: Cast) -> None:
    new = grant(make_user("Zoe Hale"), cast.centre, Role.LEAD)
    concern = make_concern(cast, answers=about(new, answers=DANGER))
    for user in (cast.case_manager, cast.deputy, cast.lead):
        disable_account(by=cast.admin, centre=cast.centre, user=user, at=AT + timedelta(minutes=5))

    tick(at=AT + timedelta(minutes=31)), tick(at=AT + timedelta(minutes=61))

    told = Message.objects.filter(kind=MessageKind.NOBODY_HERE)
    assert [(row.recipient, row.concern) for row in told] == [(cast.trustee, None)]
    assert not Message.objects.filter(concern=concern, recipient=new).exists()
    assert Message.objects.filter(concern=concern, recipient=cast.reporter, kind=MessageKind.REPORTER_WAITING).exists()


def test_trustee_whom_it_is_about_is_not_told(cast: Cast) -> None:
    make_concern(cast, answers=about(cast.trustee, cast.lead, cast.case_manager, cast.deputy, answers=DANGER))

    assert not Message.objects.filter(recipient=cast.trustee).exists()


def test_leads_are_not_asked_while_it_may_be_about_any_of_them_even_when_nobody_else_is_left(cast: Cast) -> None:
    concern = make_concern(cast, answers=replace(DANGER, about_staff=AboutStaff.NOT_SURE))
    new = everybody_on_the_adult_ladder_leaves(cast, concern)

    tick(at=AT + timedelta(minutes=31))

    assert not Message.objects.filter(concern=concern, recipient=new).exists()
    assert Message.objects.filter(kind=MessageKind.NOBODY_HERE, recipient=cast.trustee).exists()


def test_reporter_whom_nobody_here_can_answer_sees_the_desk_and_the_lado(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.lead, cast.case_manager, cast.deputy))

    page = plain(signed_in(cast.reporter).get(reverse("mine", args=[concern.pk])))

    assert "nobody here can be asked. Ring the council yourself. You can also ring the Leicester City LADO, 0116 454 2440" in page
    assert "0116 454 1004" in page


def test_reporter_whose_last_role_has_ended_gets_no_mail_of_what_they_cannot_open(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    RoleGrant.objects.filter(user=cast.reporter).update(ended_at=AT)

    for minutes in (11, 21, 31, 41):
        tick(at=AT + timedelta(minutes=minutes))

    assert not Message.objects.filter(concern=concern, recipient=cast.reporter).exists()
    assert Message.objects.filter(concern=concern, recipient=cast.deputy).exists()
