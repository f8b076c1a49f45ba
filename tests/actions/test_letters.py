"""What mails say: one of a few fixed subjects, and words that are true for whoever reads them. (S30)"""

import re
from datetime import timedelta

import pytest

from concerns.actions.casework import acknowledge_concern, add_entry
from concerns.actions.letters import Letter, write_letter
from concerns.actions.outbox import queue_message
from concerns.actions.recording import add_addendum, disagree
from concerns.choices import EntryKind, MessageKind
from concerns.models import Message
from concerns.worker import move_on_due
from tests.factories import AT, Cast
from tests.makers import CALM, URGENT, answered, make_concern, queued

MINUTE = timedelta(minutes=1)
SUBJECT = re.compile(
    r"(URGENT |DRILL )?Safeguarding( C-\d\d-\w{4})?: (please answer|please look|answered|drill is over)"
    r"|Safeguarding: (your account|what is due)"
)
ONE_TIME_LINKS = (MessageKind.INVITATION, MessageKind.NEW_START)


def newest(kind: MessageKind) -> Letter:
    message = Message.objects.filter(kind=kind).select_related("recipient", "concern", "centre").order_by("queued_at").last()
    assert message is not None
    return write_letter(message, at=AT)


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind not in ONE_TIME_LINKS])
def test_every_subject_has_one_of_the_fixed_forms(cast: Cast, kind: MessageKind) -> None:
    concern = make_concern(cast, answers=URGENT)
    queue_message(recipient=cast.lead, kind=kind, key="with a concern", at=AT + MINUTE, concern=concern)
    with_concern = newest(kind).subject
    queue_message(recipient=cast.lead, kind=kind, key="without one", at=AT + 2 * MINUTE, centre=cast.centre)

    assert SUBJECT.fullmatch(with_concern)
    assert SUBJECT.fullmatch(newest(kind).subject)


def test_only_who_is_asked_for_an_answer_reads_that_in_the_subject(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    subjects = {}
    for kind in (MessageKind.ALERT, MessageKind.TAKEN, MessageKind.TAKEN_OVER, MessageKind.OVERDUE, MessageKind.UNFINISHED):
        message = queued(recipient=cast.deputy, kind=kind, key=f"one {kind}", at=AT + MINUTE, concern=concern)
        subjects[message.kind] = newest(kind).subject

    name = f"Safeguarding {concern.reference}"
    assert subjects == {
        "alert": f"URGENT {name}: please answer",
        "taken": f"{name}: answered",
        "taken_over": f"{name}: please look",
        "overdue": f"URGENT {name}: please look",
        "unfinished": f"{name}: please look",
    }


def test_who_recorded_it_is_asked_whether_they_rang_and_not_blamed(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    acknowledge_concern(by=cast.lead, concern_id=concern.pk, at=AT + MINUTE)

    move_on_due(at=AT + 20 * MINUTE)

    body = newest(MessageKind.OVERDUE).body
    assert "If you have done it, say so on its page. If you have not, please do it now" in body
    assert "not done" not in body and f"/mine/{concern.pk}/" in body


def test_lead_is_told_that_the_time_of_something_is_over(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    queue_message(recipient=cast.lead, kind=MessageKind.OVERDUE, key="late", at=AT + MINUTE, concern=concern)

    body = newest(MessageKind.OVERDUE).body
    assert body.startswith(f"Something has to be done about the concern {concern.reference}, and its time is over.")


def test_after_an_answer_and_silence_the_reporter_is_told_both(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    acknowledge_concern(by=cast.lead, concern_id=concern.pk, at=AT + MINUTE)

    move_on_due(at=AT + 31 * MINUTE)

    letter = newest(MessageKind.SILENCE)
    assert letter.body.startswith(f"Somebody has answered your concern {concern.reference}, but has not told us that they spoke to you.")
    assert not Message.objects.filter(concern=concern, kind=MessageKind.REPORTER_WAITING).exists()
    assert cast.lead.name not in letter.body


def test_only_what_was_added_is_announced_as_that(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="More.", worse=False, at=AT + 5 * MINUTE)
    disagree(by=cast.reporter, concern_id=concern.pk, text="No.", at=AT + 6 * MINUTE)
    add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.REPLY, text="Thanks.", at=AT + 7 * MINUTE)

    kinds = Message.objects.filter(concern=concern, queued_at__gte=AT + 5 * MINUTE).order_by("queued_at").values_list("kind", "recipient")
    assert list(kinds) == [("addendum", cast.lead.pk), ("asked", cast.deputy.pk), ("reply", cast.reporter.pk)]
