"""Whoever is asked can open what they are asked about; and a concern whose lead has gone is somebody's again. (S4, S34)"""

from datetime import timedelta

import pytest
from django.urls import reverse

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.scopes import visible_concerns
from concerns.actions.casework import acknowledge_concern, do_step, take_concern
from concerns.actions.closing import close_concern
from concerns.actions.conflicts import declare_conflict
from concerns.actions.recording import add_addendum, disagree
from concerns.actions.roles import disable_account, end_role
from concerns.actions.rota import add_leave
from concerns.choices import ASKING, ClosingOutcome, StepKind, StepState
from concerns.exceptions import Refused
from concerns.models import Concern, Message, RoleGrant, Rung, Step, User
from concerns.queries.mine import state_words
from concerns.worker import look_after_steps
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, about, answered, make_concern

TODAY = AT.date()


def later(minutes: int) -> dict[str, object]:
    return {"at": AT + timedelta(minutes=minutes)}


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def sees(user: User, concern: Concern) -> bool:
    decided, listed = can(fresh(user), Permission.SEE_CONCERN, concern), visible_concerns(fresh(user)).filter(pk=concern.pk).exists()
    assert decided == listed
    return decided


def waiting(concern: Concern, kind: StepKind) -> Step:
    return Step.objects.select_related("person").get(concern=concern, kind=kind, state=StepState.WAITING)


@pytest.mark.parametrize("away", ["case_manager", "deputy"])
def test_who_is_away_and_asked_with_everybody_can_open_it(cast: Cast, away: str) -> None:
    """Nobody asks them by name, for they are on leave: the mail to everybody is what tells them."""
    answers = DANGER if away == "case_manager" else about(cast.reporter2, answers=DANGER)
    person = getattr(cast, away)
    if away == "deputy":
        Rung.objects.create(centre=cast.centre, ladder="adult", position=3, user=person)
    add_leave(by=cast.lead, centre=cast.centre, user=person, first_on=TODAY, last_on=TODAY, at=AT)
    concern = make_concern(cast, answers=answers)
    before = sees(person, concern)

    for minutes in range(0, 60, 10):
        look_after_steps(**later(minutes))

    assert Message.objects.filter(concern=concern, recipient=person, kind__in=ASKING).exists()
    assert (before, sees(person, concern)) == (False, True)
    assert signed_in(person).get(reverse("concern", args=[concern.pk])).status_code == 200
    acknowledge_concern(by=fresh(person), concern_id=concern.pk, **later(61))


def test_mail_of_before_opens_nothing_once_the_clock_has_started_again(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    for minutes in range(0, 60, 10):
        look_after_steps(**later(minutes))
    assert sees(cast.case_manager, concern)

    Concern.objects.filter(pk=concern.pk).update(clock_started_at=AT + timedelta(hours=2))
    Step.objects.filter(concern=concern, state=StepState.WAITING).update(state=StepState.LAPSED)

    assert not sees(cast.case_manager, concern)


def test_answer_given_after_a_conflict_has_its_own_time_to_speak_to_the_reporter(cast: Cast) -> None:
    """The first to answer steps back at once; who answers in their place is not called silent by the clock of the first."""
    concern = answered(make_concern(cast, answers=DANGER), by=cast.lead)
    declare_conflict(by=cast.lead, concern_id=concern.pk, reason="My niece.", **later(5))
    acknowledge_concern(by=fresh(cast.deputy), concern_id=concern.pk, **later(28))

    look_after_steps(**later(35))

    concern.refresh_from_db()
    assert concern.acknowledged_by == cast.deputy
    speak = waiting(concern, StepKind.SPEAK_TO_REPORTER)
    assert (speak.person, speak.due_at) == (cast.deputy, AT + timedelta(minutes=58))
    assert not concern.entries.filter(kind="silence").exists()


@pytest.mark.parametrize("leaves", ["role", "account"])
def test_concern_whose_lead_leaves_is_given_to_somebody_who_is_asked_to_take_it(cast: Cast, leaves: str) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.deputy)
    if leaves == "role":
        end_role(by=cast.admin, grant_id=RoleGrant.objects.get(user=cast.deputy, role="deputy").pk, **later(10))
    else:
        disable_account(by=cast.admin, centre=cast.centre, user=cast.deputy, **later(10))

    concern.refresh_from_db()
    step = Step.objects.get(concern=concern, key="take_it")
    assert (concern.lead, step.person, step.state) == (None, cast.lead, StepState.WAITING)
    assert state_words(concern) == "Nobody has it at the moment: answered"
    assert Message.objects.filter(concern=concern, recipient=cast.lead, key__startswith=str(step.pk)).exists()

    take_concern(by=fresh(cast.lead), concern_id=concern.pk, version=concern.version, **later(20))

    step.refresh_from_db()
    concern.refresh_from_db()
    assert (step.state, concern.lead) == (StepState.DONE, cast.lead)


def test_whoever_answers_after_the_lead_has_left_has_the_concern(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.deputy)
    User.objects.filter(pk=cast.deputy.pk).update(is_active=False)  # by hand, past every action
    add_addendum(by=cast.reporter, concern_id=concern.pk, text="It is worse.", worse=True, **later(60))

    acknowledge_concern(by=fresh(cast.lead), concern_id=concern.pk, **later(61))

    concern.refresh_from_db()
    assert concern.lead == cast.lead


def without_colleagues(cast: Cast) -> Concern:
    """One lead on the list, and a case manager who is on no list of concerns about young people."""
    Rung.objects.filter(centre=cast.centre, ladder="ordinary").exclude(user=cast.lead).delete()
    RoleGrant.objects.filter(user=cast.deputy).update(ended_at=AT)
    return answered(make_concern(cast, answers=CALM), by=cast.lead)


def test_disagreement_goes_to_the_case_manager_where_there_is_no_other_lead(cast: Cast) -> None:
    concern = without_colleagues(cast)
    disagree(by=cast.reporter, concern_id=concern.pk, text="I do not agree.", **later(10))

    step = waiting(concern, StepKind.READ_DISAGREEMENT)
    assert step.person == cast.case_manager
    assert Message.objects.filter(concern=concern, recipient=cast.case_manager).exists()
    assert sees(cast.case_manager, concern)
    with pytest.raises(Refused, match="Grace Mensah was asked"):
        do_step(by=fresh(cast.lead), concern_id=concern.pk, step_id=step.pk, done=True, outcome="Fine.", **later(11))


def test_lead_whose_decision_it_is_cannot_answer_it_though_it_is_for_everybody(cast: Cast) -> None:
    concern = without_colleagues(cast)
    disagree(by=cast.reporter, concern_id=concern.pk, text="I do not agree.", **later(10))
    step = waiting(concern, StepKind.READ_DISAGREEMENT)
    Step.objects.filter(pk=step.pk).update(person=None, who="everybody")
    concern.refresh_from_db()

    with pytest.raises(Refused, match="Somebody else was asked"):
        do_step(by=fresh(cast.lead), concern_id=concern.pk, step_id=step.pk, done=True, outcome="Fine.", **later(11))
    with pytest.raises(Refused, match="somebody else must answer that first"):
        close_concern(
            by=fresh(cast.lead),
            concern_id=concern.pk,
            version=concern.version,
            outcome=ClosingOutcome.SUPPORT_HERE,
            reason="x",
            **later(12),
        )


def test_only_lead_of_a_centre_can_answer_in_the_end(cast: Cast) -> None:
    """With nobody else at all, an answer by who decided is better than none for ever."""
    concern = without_colleagues(cast)
    RoleGrant.objects.filter(user=cast.case_manager).update(ended_at=AT)
    disagree(by=cast.reporter, concern_id=concern.pk, text="I do not agree.", **later(10))
    step = waiting(concern, StepKind.READ_DISAGREEMENT)

    do_step(by=fresh(cast.lead), concern_id=concern.pk, step_id=step.pk, done=True, outcome="We spoke again.", **later(11))

    step.refresh_from_db()
    assert step.state == StepState.DONE
