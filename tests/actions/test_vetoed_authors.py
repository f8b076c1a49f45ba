"""An author from whom the concern is hidden by now gets no step and no mail of it: they keep only their own words."""

from datetime import timedelta

from concerns.actions.casework import acknowledge_concern, add_entry
from concerns.actions.escalation import pass_on
from concerns.actions.locking import lock_concern
from concerns.actions.opening import triage_again
from concerns.choices import ContactKey, EntryKind, StepKind, StepState
from concerns.models import Concern, Message, Step
from tests.factories import AT, Cast
from tests.makers import URGENT, about, answered, make_concern

LATER = AT + timedelta(hours=1)


def named_by_themselves(cast: Cast) -> Concern:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    return triage_again(by=cast.reporter, concern_id=concern.pk, answers=about(cast.reporter, answers=URGENT), at=LATER)


def test_steps_of_a_vetoed_author_go_to_somebody_who_may_see_it(cast: Cast) -> None:
    concern = named_by_themselves(cast)

    waiting = Step.objects.filter(concern=concern, state=StepState.WAITING)
    assert not waiting.filter(person=cast.reporter).exists()
    assert waiting.get(contact_key=ContactKey.DUTY_CITY, kind=StepKind.RING).person == cast.lead


def test_vetoed_author_is_mailed_nothing_more(cast: Cast) -> None:
    concern = named_by_themselves(cast)
    before = Message.objects.filter(recipient=cast.reporter).count()

    for minutes in (11, 21, 31):
        step = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)
        locked = lock_concern(by=None, permission=None, concern_id=concern.pk)
        pass_on(by=None, concern=locked, step=step, at=LATER + timedelta(minutes=minutes))
    acknowledge_concern(by=cast.case_manager, concern_id=concern.pk, at=LATER + timedelta(minutes=35))
    add_entry(by=cast.case_manager, concern_id=concern.pk, kind=EntryKind.REPLY, text="Thank you.", at=LATER + timedelta(minutes=40))

    assert Message.objects.filter(concern=concern, recipient=cast.lead).count() > 1
    assert Message.objects.filter(recipient=cast.reporter).count() == before
