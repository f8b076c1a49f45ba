"""Makes concerns in the states that tests need, through the actions, as people would."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from concerns.actions.casework import acknowledge_concern
from concerns.actions.closing import close_concern
from concerns.actions.drafts import start_draft
from concerns.actions.opening import finish_triage
from concerns.actions.outbox import queue_message
from concerns.actions.recording import Account, Subject, submit_record
from concerns.choices import AboutStaff, AgeBand, Answer, ClosingOutcome, HomeArea, Question, Worry
from concerns.models import Concern, Message, User
from concerns.rules.triage import Answers, questions_for
from tests.factories import AT, Cast

CALM = Answers(
    danger_now=Answer.NO,
    about_staff=AboutStaff.NO,
    worries=frozenset({Worry.NEGLECT}),
    details=dict.fromkeys(Question, Answer.NO),
    home_area=HomeArea.CITY,
    age_band=AgeBand.TEEN,
)
DANGER = Answers(danger_now=Answer.YES, about_staff=AboutStaff.NO)
URGENT = replace(CALM, worries=frozenset({Worry.SELF_HARM}))
MARKER = "zebra-marzipan"
CHILD = Subject(name="Aria Blackwood", age="14", home_area=HomeArea.CITY)
ACCOUNT = Account(seen=f"{MARKER} seen", said="“I am tired.”", think="Worried.", where="Kitchen", subjects=(CHILD,))


def about(*adults: User, answers: Answers = CALM) -> Answers:
    """The same answers, about these members of staff."""
    return replace(answers, about_staff=AboutStaff.LISTED, adults=frozenset(user.pk for user in adults))


def make_draft(
    cast: Cast, *, by: User | None = None, answers: Answers = CALM, at: datetime = AT, token: uuid.UUID | None = None
) -> uuid.UUID:
    """A draft whose triage is finished; an emergency or urgent one has its concern."""
    user, draft_id = by or cast.reporter, token or uuid.uuid4()
    start_draft(by=user, centre=cast.centre, draft_id=draft_id, at=at)
    finish_triage(by=user, draft_id=draft_id, answers=answers, at=at)
    return draft_id


def queued(*, key: str, **mail: Any) -> Message:
    """A mail in the outbox."""
    queue_message(key=key, **mail)
    return Message.objects.get(key=key)


def make_concern(
    cast: Cast, *, by: User | None = None, answers: Answers = CALM, at: datetime = AT, account: Account = ACCOUNT, **changes: Any
) -> Concern:
    """A concern with its written record, that nobody has answered."""
    user = by or cast.reporter
    draft_id = make_draft(cast, by=user, answers=answers, at=at)
    return submit_record(by=user, draft_id=draft_id, account=replace(account, **changes), at=at)


def answered(concern: Concern, *, by: User, at: datetime = AT + timedelta(minutes=2)) -> Concern:
    """The same concern once `by` has answered the alert."""
    acknowledge_concern(by=by, concern_id=concern.pk, at=at)
    concern.refresh_from_db()
    return concern


def closed(concern: Concern, *, by: User, at: datetime = AT + timedelta(days=1)) -> Concern:
    """The same concern, closed by `by`, who answers it first where nobody has; it must be a prompt one."""
    if concern.acknowledged_at is None:
        answered(concern, by=by)
    close_concern(
        by=by, concern_id=concern.pk, version=concern.version, outcome=ClosingOutcome.SUPPORT_HERE, reason="Talked it over.", at=at
    )
    concern.refresh_from_db()
    return concern


def relevant(answers: Answers) -> list[Question]:
    """The follow-up questions that page two asks for these answers."""
    return list(questions_for(answers.worries, answers.about_staff, answers.age_band))
