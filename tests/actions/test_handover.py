"""Handing over: asked of one person, who says yes or no; silence, leaving and vetoes give it back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from concerns.actions.casework import do_step, take_concern
from concerns.actions.conflicts import declare_conflict
from concerns.actions.handover import OVER, answer_handover, hand_over
from concerns.actions.roles import end_role
from concerns.choices import EntryKind, MessageKind, Role, StepKind, StepState
from concerns.exceptions import Refused, Stale
from concerns.models import Concern, Message, RoleGrant, Step, User
from concerns.worker import move_on_due
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, URGENT, about, answered, make_concern
from tests.views.pages import plain

NOW = AT + timedelta(minutes=5)


@pytest.fixture
def concern(cast: Cast) -> Concern:
    made = answered(make_concern(cast, answers=CALM), by=cast.lead)
    speak = made.steps.get(kind=StepKind.SPEAK_TO_REPORTER)
    do_step(by=cast.lead, concern_id=made.pk, step_id=speak.pk, done=True, outcome="Spoke to Sam.", at=AT)
    return made


def ask(concern: Concern, by: User, to: User) -> Step:
    concern.refresh_from_db()
    hand_over(by=by, concern_id=concern.pk, version=concern.version, to=to, note="Ring the school first.", at=NOW)
    return Step.objects.get(concern=concern, kind=StepKind.ACCEPT_HANDOVER, state=StepState.WAITING)


def answer(step: Step, by: User, *, accept: bool) -> None:
    answer_handover(by=by, concern_id=step.concern_id, step_id=step.pk, accept=accept, reason="" if accept else "On leave.", at=NOW)


def told(concern: Concern, kind: MessageKind) -> list[User]:
    return [message.recipient for message in Message.objects.filter(concern=concern, kind=kind)]


def test_asked_colleague_is_mailed_and_the_concern_stays_until_they_say_yes(cast: Cast, concern: Concern) -> None:
    step = ask(concern, cast.lead, cast.deputy)

    concern.refresh_from_db()
    assert (concern.lead, step.person, step.due_at) == (cast.lead, cast.deputy, NOW + timedelta(minutes=60))
    assert told(concern, MessageKind.HANDOVER) == [cast.deputy]


def test_saying_yes_brings_the_concern_and_what_its_lead_has_to_do(cast: Cast, concern: Concern) -> None:
    answer(ask(concern, cast.lead, cast.deputy), cast.deputy, accept=True)

    concern.refresh_from_db()
    doing = Step.objects.filter(concern=concern, state=StepState.WAITING, who="holder").exclude(due_at=None)
    assert (concern.lead, {step.person for step in doing}) == (cast.deputy, {cast.deputy})
    assert told(concern, MessageKind.TAKEN_OVER) == [cast.lead]


def test_saying_no_gives_it_back_with_the_reason(cast: Cast, concern: Concern) -> None:
    answer(ask(concern, cast.lead, cast.deputy), cast.deputy, accept=False)

    concern.refresh_from_db()
    assert (concern.lead, told(concern, MessageKind.RETURNED)) == (cast.lead, [cast.lead])
    assert concern.entries.filter(kind=EntryKind.HANDOVER_ANSWERED).count() == 1


def test_silence_gives_it_back(cast: Cast, concern: Concern) -> None:
    step = ask(concern, cast.lead, cast.deputy)

    move_on_due(at=NOW + timedelta(minutes=60))

    step.refresh_from_db()
    assert (step.state, told(concern, MessageKind.RETURNED)) == (StepState.LAPSED, [cast.lead])


def test_pressing_concern_comes_back_after_ten_minutes(cast: Cast) -> None:
    step = ask(answered(make_concern(cast, answers=URGENT), by=cast.lead), cast.lead, cast.deputy)

    assert step.due_at == NOW + timedelta(minutes=10)


def test_only_who_was_asked_may_answer(cast: Cast, concern: Concern) -> None:
    step = ask(concern, cast.lead, cast.deputy)

    with pytest.raises(Refused, match="This was answered"):
        answer(step, cast.lead, accept=True)


def test_answer_after_it_came_back_is_refused(cast: Cast, concern: Concern) -> None:
    step = ask(concern, cast.lead, cast.deputy)
    move_on_due(at=NOW + timedelta(minutes=60))

    with pytest.raises(Refused, match="came back"):
        answer(step, cast.deputy, accept=True)


def test_only_who_has_it_can_hand_it_over(cast: Cast, concern: Concern) -> None:
    with pytest.raises(Refused, match="Take it first"):
        ask(concern, cast.deputy, cast.lead)


def test_one_person_is_asked_at_a_time(cast: Cast, concern: Concern) -> None:
    ask(concern, cast.lead, cast.deputy)

    with pytest.raises(Refused, match="asked somebody already"):
        ask(concern, cast.lead, cast.case_manager)


def test_stale_form_is_refused(cast: Cast, concern: Concern) -> None:
    with pytest.raises(Stale):
        hand_over(by=cast.lead, concern_id=concern.pk, version=concern.version - 1, to=cast.deputy, note="x", at=NOW)


@pytest.mark.parametrize("name", ["reporter", "reporter2", "admin", "outsider", "lead"])
def test_nobody_who_may_not_work_with_it_can_be_asked(cast: Cast, concern: Concern, name: str) -> None:
    with pytest.raises(Refused, match="Choose one of the people"):
        ask(concern, cast.lead, getattr(cast, name))


def test_concern_about_a_colleague_is_not_handed_to_them(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=about(cast.deputy)), by=cast.lead)

    with pytest.raises(Refused, match="Choose one of the people"):
        ask(concern, cast.lead, cast.deputy)


def test_it_comes_back_when_who_was_asked_is_too_close_to_it(cast: Cast, concern: Concern) -> None:
    ask(concern, cast.lead, cast.deputy)

    declare_conflict(by=cast.deputy, concern_id=concern.pk, reason="My niece.", at=NOW)

    assert told(concern, MessageKind.RETURNED) == [cast.lead]
    assert not Step.objects.filter(concern=concern, kind=StepKind.ACCEPT_HANDOVER, state=StepState.WAITING).exists()


def test_it_comes_back_when_who_was_asked_leaves(cast: Cast, concern: Concern) -> None:
    ask(concern, cast.lead, cast.deputy)

    end_role(by=cast.admin, grant_id=RoleGrant.objects.get(user=cast.deputy, role=Role.DEPUTY).pk, at=NOW)

    assert told(concern, MessageKind.RETURNED) == [cast.lead]


def test_taking_it_ends_the_asking(cast: Cast, concern: Concern) -> None:
    step = ask(concern, cast.lead, cast.case_manager)
    concern.refresh_from_db()

    take_concern(by=cast.deputy, concern_id=concern.pk, version=concern.version, at=NOW)

    step.refresh_from_db()
    assert step.state == StepState.CANCELLED


def test_handing_over_is_no_step_to_record_an_outcome_of(cast: Cast, concern: Concern) -> None:
    step = ask(concern, cast.lead, cast.deputy)

    with pytest.raises(Refused):
        do_step(by=cast.deputy, concern_id=concern.pk, step_id=step.pk, done=True, outcome="x", at=NOW)


@pytest.mark.parametrize("who", ["deputy", "lead"])
def test_form_of_a_hand_over_that_is_over_leads_back_to_the_concern(cast: Cast, concern: Concern, who: str) -> None:
    step = ask(concern, cast.lead, cast.deputy)
    address = reverse("concern_handover", args=[concern.pk, step.pk])
    asked = plain(signed_in(cast.deputy).get(address))
    answer(step, cast.deputy, accept=False)

    page = signed_in(getattr(cast, who)).get(address, follow=True)

    assert "Do you take this concern over?" in asked
    assert page.redirect_chain == [(reverse("concern", args=[concern.pk]), 302)]
    assert OVER in plain(page) and "Do you take this concern over?" not in plain(page)


def test_answer_to_a_hand_over_that_is_over_keeps_the_reason_that_was_typed(cast: Cast, concern: Concern) -> None:
    step = ask(concern, cast.lead, cast.deputy)
    answer(step, cast.deputy, accept=True)

    page = signed_in(cast.deputy).post(reverse("concern_handover", args=[concern.pk, step.pk]), {"accept": "no", "reason": "On leave."})

    assert (page.status_code, "On leave." in page.content.decode(), OVER in plain(page)) == (422, True, True)
