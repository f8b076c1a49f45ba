"""Who is asked, and asked again: a step that comes back to somebody, and what holds once everybody was asked. (S33)"""

from datetime import timedelta

import pytest

from concerns.actions.escalation import add_step, give_step
from concerns.choices import Clock, MessageKind, StepKind, StepState, StepWho
from concerns.models import Concern, Leave, Message, Step
from concerns.worker import move_on_due
from tests.factories import AT, Cast
from tests.makers import CALM, URGENT, make_concern

MINUTE = timedelta(minutes=1)


@pytest.fixture
def concern(cast: Cast) -> Concern:
    return make_concern(cast, answers=URGENT)


def waiting(concern: Concern) -> Step:
    return Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)


def mailed_at(concern: Concern, minute: int) -> set[str]:
    return set(Message.objects.filter(concern=concern, queued_at=AT + minute * MINUTE).values_list("recipient__name", flat=True))


def test_step_that_comes_back_to_somebody_mails_them_again(cast: Cast, concern: Concern) -> None:
    step = waiting(concern)

    give_step(step, [cast.deputy], at=AT + MINUTE)
    Message.objects.update(sent_at=AT + MINUTE)
    give_step(step, [cast.lead], at=AT + 2 * MINUTE)

    assert [(mail.recipient, mail.kind) for mail in Message.objects.filter(sent_at=None)] == [(cast.lead, MessageKind.ALERT)]


def test_who_comes_back_once_everybody_is_asked_is_asked_with_the_others(cast: Cast, concern: Concern) -> None:
    leave = Leave.objects.create(
        centre=cast.centre, user=cast.deputy, first_on=AT.date(), last_on=AT.date(), made_by=cast.deputy, made_at=AT
    )
    for minute in (10, 20):
        move_on_due(at=AT + minute * MINUTE)
    leave.delete()

    move_on_due(at=AT + 30 * MINUTE)

    assert waiting(concern).who == StepWho.EVERYBODY
    assert mailed_at(concern, 30) == {"Priya Shah", "Tom Ellis", "Grace Mensah", "Sam Okoro"}


def test_who_recorded_it_is_reminded_by_mail_of_what_is_counted_in_working_days(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    how = {"who": StepWho.REPORTER, "person": cast.reporter, "clock": Clock.WORKING_DAYS, "amount": 1, "due_at": AT + MINUTE}
    add_step(concern, kind=StepKind.OUTCOME, text="Write down what the school said", at=AT, **how)

    move_on_due(at=AT + 20 * MINUTE)

    (mail,) = Message.objects.filter(concern=concern, kind=MessageKind.OVERDUE)
    assert mail.recipient == cast.reporter
