"""What leads do: the first answer wins, stale forms never overwrite, every step of the work leaves an entry. (S27)"""

from datetime import timedelta

import pytest

from concerns.access.keyring import Keyring
from concerns.actions.casework import acknowledge_concern, add_entry, correct_entry, do_step, move_status, note_opened, take_concern
from concerns.choices import STATUS_MOVES, EntryKind, MessageKind, Status, StepKind, StepState
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import AuditEvent, Concern, Message, Step
from tests.factories import AT, Cast
from tests.makers import URGENT, about, answered, make_concern

LATER = AT + timedelta(minutes=5)


def test_answer_makes_the_lead_the_holder_and_starts_the_talk_with_the_reporter(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead, at=LATER)

    talk = Step.objects.get(concern=concern, kind=StepKind.SPEAK_TO_REPORTER)
    assert (concern.lead, concern.status, concern.acknowledged_at) == (cast.lead, Status.ACKNOWLEDGED, LATER)
    assert (talk.person, talk.due_at) == (cast.lead, LATER + timedelta(minutes=30))
    assert not Step.objects.filter(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING).exists()


def test_first_answer_wins_and_the_second_is_told_who_it_was(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    with pytest.raises(Refused, match="Priya Shah has answered already"):
        acknowledge_concern(by=cast.deputy, concern_id=concern.pk, at=LATER)


def test_reporter_and_others_asked_are_told_that_it_is_taken(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    Message.objects.create(
        centre=cast.centre, concern=concern, recipient=cast.deputy, kind=MessageKind.ALERT, lane="a_fast", key="x", queued_at=AT, run_at=AT
    )

    answered(concern, by=cast.lead)

    told = Message.objects.filter(concern=concern, kind=MessageKind.TAKEN).values_list("recipient__name", flat=True)
    assert sorted(told) == sorted([cast.reporter.name, cast.deputy.name])


def test_author_cannot_answer_their_own_alert(cast: Cast) -> None:
    concern = make_concern(cast, by=cast.lead, answers=URGENT)

    with pytest.raises(NotAllowed, match="You recorded this"):
        acknowledge_concern(by=cast.lead, concern_id=concern.pk, at=LATER)
    assert Message.objects.get(concern=concern, kind=MessageKind.ALERT).recipient == cast.deputy


def test_take_passes_the_holders_steps_on(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    take_concern(by=cast.deputy, concern_id=concern.pk, version=concern.version, at=LATER)

    concern.refresh_from_db()
    assert (concern.lead, concern.status) == (cast.deputy, Status.IN_PROGRESS)
    assert {step.person for step in Step.objects.filter(concern=concern, who="holder", state=StepState.WAITING).exclude(due_at=None)} == {
        cast.deputy
    }


def test_stale_form_never_overwrites(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    seen = concern.version
    move_status(by=cast.lead, concern_id=concern.pk, version=seen, to=Status.MONITORING, reason="Watching.", at=LATER)

    with pytest.raises(Stale, match="Somebody else changed this concern"):
        take_concern(by=cast.deputy, concern_id=concern.pk, version=seen, at=LATER)

    concern.refresh_from_db()
    assert (concern.status, concern.lead) == (Status.MONITORING, cast.lead)


@pytest.mark.parametrize("old", [status for status in Status if status not in (Status.CLOSED, Status.NEW)])
@pytest.mark.parametrize("new", list(Status))
def test_state_moves_as_the_table_says_and_no_other_way(cast: Cast, old: Status, new: Status) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    Concern.objects.filter(pk=concern.pk).update(status=old)
    allowed = new in STATUS_MOVES[old] and new in (Status.IN_PROGRESS, Status.REFERRED, Status.MONITORING)

    if allowed:
        move_status(by=cast.lead, concern_id=concern.pk, version=concern.version, to=new, reason="x", at=LATER)
    else:
        with pytest.raises(Refused):
            move_status(by=cast.lead, concern_id=concern.pk, version=concern.version, to=new, reason="x", at=LATER)

    concern.refresh_from_db()
    assert concern.status == (new if allowed else old)


@pytest.mark.parametrize("kind", [EntryKind.NOTE, EntryKind.CONVERSATION, EntryKind.AGENCY_CONTACT, EntryKind.DECISION, EntryKind.REPLY])
def test_lead_adds_an_entry_of_each_kind(cast: Cast, kind: EntryKind) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    entry = add_entry(by=cast.lead, concern_id=concern.pk, kind=kind, text="Words.", reason="Because.", at=LATER)

    assert Keyring.of(concern).open(entry, "body") == {"text": "Words.", "reason": "Because."}
    assert (entry.author, entry.author_role) == (cast.lead, "lead")


@pytest.mark.parametrize("kind", [EntryKind.CLOSED, EntryKind.ACKNOWLEDGEMENT, EntryKind.ACCOUNT])
def test_entries_of_other_actions_cannot_be_written_by_hand(cast: Cast, kind: EntryKind) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    with pytest.raises(Refused):
        add_entry(by=cast.lead, concern_id=concern.pk, kind=kind, text="x", at=LATER)


def test_reply_is_mailed_to_the_reporter(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.REPLY, text="Thank you.", at=LATER)

    assert Message.objects.filter(concern=concern, recipient=cast.reporter, kind=MessageKind.REPLY).count() == 1


def test_correction_points_at_what_it_corrects_and_both_stay(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    wrong = add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.NOTE, text="On Monday.", at=LATER)

    right = correct_entry(by=cast.lead, concern_id=concern.pk, entry_id=wrong.pk, text="On Tuesday.", at=LATER)

    keyring = Keyring.of(concern)
    assert right.corrects == wrong
    assert [keyring.open(entry, "body")["text"] for entry in (wrong, right)] == ["On Monday.", "On Tuesday."]


def test_correction_of_another_concerns_entry_is_refused(cast: Cast) -> None:
    concern, other = (answered(make_concern(cast), by=cast.lead) for _ in range(2))
    entry = other.entries.first()
    assert entry is not None

    with pytest.raises(Refused):
        correct_entry(by=cast.lead, concern_id=concern.pk, entry_id=entry.pk, text="x", at=LATER)


def test_done_step_starts_what_follows_it(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    step = Step.objects.get(concern=concern, kind=StepKind.WRITE_FOLLOW_UP)

    do_step(by=cast.lead, concern_id=concern.pk, step_id=step.pk, done=True, outcome="Sent.", reference="REF 7", at=LATER)

    chase = Step.objects.get(concern=concern, kind=StepKind.CHASE)
    step.refresh_from_db()
    assert step.state == StepState.DONE and step.entry is not None
    assert chase.due_at is not None and chase.person == cast.lead


def test_step_whose_turn_has_not_come_cannot_be_ended(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    step = Step.objects.filter(concern=concern, state=StepState.WAITING, due_at=None).first()
    assert step is not None

    with pytest.raises(Refused):
        do_step(by=cast.lead, concern_id=concern.pk, step_id=step.pk, done=True, outcome="x", at=LATER)


def test_alert_cannot_be_answered_by_recording_an_outcome(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    step = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE)

    with pytest.raises(Refused):
        do_step(by=cast.lead, concern_id=concern.pk, step_id=step.pk, done=True, outcome="x", at=LATER)


def test_open_concern_always_has_a_next_step_with_a_person(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    for _ in range(12):
        step = Step.objects.filter(concern=concern, state=StepState.WAITING).exclude(due_at=None).first()
        assert step is not None and step.person is not None
        do_step(by=cast.lead, concern_id=concern.pk, step_id=step.pk, done=True, outcome="Done.", at=LATER)
        concern.refresh_from_db()
        assert concern.next_due_at is not None


def test_vetoed_lead_can_do_nothing_to_it(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.lead, answers=URGENT))

    with pytest.raises(NotVisible):
        acknowledge_concern(by=cast.lead, concern_id=concern.pk, at=LATER)
    with pytest.raises(NotVisible):
        add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.NOTE, text="x", at=LATER)


def test_opening_the_page_is_noted_on_the_alert_and_in_the_audit_log(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)

    note_opened(by=cast.lead, concern=concern, at=LATER)

    assert Message.objects.get(concern=concern, recipient=cast.lead).opened_at == LATER
    assert AuditEvent.objects.get(verb="opened the page of").by == cast.lead


def test_audit_rows_hold_nothing_that_anybody_typed(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT, said="tangerine-walrus"), by=cast.lead)
    add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.NOTE, text="tangerine-walrus", at=LATER)

    rows = " ".join(f"{row.verb} {row.detail}" for row in AuditEvent.objects.all())

    assert "tangerine" not in rows and "Aria" not in rows and "marzipan" not in rows
