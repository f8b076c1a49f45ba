"""From triage to a concern: when it exists, whom it alerts, what it keeps, and that a form makes one concern only."""

import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, connections

from concerns.access.keyring import Keyring
from concerns.actions.drafts import save_draft, start_draft
from concerns.actions.opening import finish_triage, triage_again
from concerns.actions.recording import submit_record
from concerns.choices import AboutStaff, Answer, EntryKind, Level, LinkRole, Question, StepKind, StepState, Vault
from concerns.exceptions import NotVisible, Refused
from concerns.models import AuditEvent, Concern, Draft, Link, Message, Rung, Step
from concerns.rules.references import is_reference
from tests.factories import AT, Cast, make_cast
from tests.makers import ACCOUNT, CALM, DANGER, URGENT, about, answered, make_concern, make_draft

LATER = timedelta(hours=1)


def asked(concern: Concern) -> list[str]:
    """The names of those who were mailed about it, in order."""
    return [message.recipient.name for message in Message.objects.filter(concern=concern).order_by("queued_at")]


@pytest.mark.parametrize("answers", [DANGER, URGENT, replace(DANGER, danger_now=Answer.NOT_SURE)], ids=["danger", "urgent", "not sure"])
def test_pressing_concern_exists_and_alerts_before_anything_is_written(cast: Cast, answers) -> None:  # type: ignore[no-untyped-def]
    draft_id = make_draft(cast, answers=answers)

    concern = Concern.objects.get(draft_token=draft_id)

    assert asked(concern) == [cast.lead.name]
    assert concern.recorded_at is None
    assert is_reference(concern.reference)
    assert [entry.kind for entry in concern.entries.all()] == [EntryKind.TRIAGE]


def test_prompt_concern_exists_once_the_record_is_sent(cast: Cast) -> None:
    draft_id = make_draft(cast, answers=CALM)
    assert Concern.objects.count() == 0

    concern = submit_record(by=cast.reporter, draft_id=draft_id, account=ACCOUNT, at=AT)

    assert (concern.level, concern.vault) == (Level.PROMPT, Vault.ORDINARY)
    assert asked(concern) == [cast.lead.name]


def test_same_form_sent_twice_makes_one_concern(cast: Cast) -> None:
    draft_id = make_draft(cast, answers=DANGER)

    make_draft(cast, answers=DANGER, token=draft_id)
    first = submit_record(by=cast.reporter, draft_id=draft_id, account=ACCOUNT, at=AT)
    second = submit_record(by=cast.reporter, draft_id=draft_id, account=replace(ACCOUNT, seen="Other"), at=AT)

    assert Concern.objects.count() == 1
    assert first == second
    assert first.entries.filter(kind=EntryKind.ACCOUNT).count() == 1


def test_new_form_makes_a_new_concern_of_the_same_words(cast: Cast) -> None:
    first, second = make_concern(cast), make_concern(cast)

    assert first.pk != second.pk


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_make_one_concern() -> None:
    cast = make_cast()
    draft_id = uuid.uuid4()
    errors: list[BaseException] = []
    barrier = threading.Barrier(4)

    def send() -> None:
        try:
            barrier.wait()
            make_draft(cast, answers=DANGER, token=draft_id)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("threads share one connection to a database in memory; the journeys race a real one")
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert Concern.objects.count() == 1
    assert Message.objects.count() == 1


def test_somebody_elses_draft_is_not_there(cast: Cast) -> None:
    draft_id = make_draft(cast)

    with pytest.raises(NotVisible):
        start_draft(by=cast.reporter2, centre=cast.centre, draft_id=draft_id, at=AT)
    with pytest.raises(NotVisible):
        finish_triage(by=cast.reporter2, draft_id=draft_id, answers=DANGER, at=AT)
    with pytest.raises(NotVisible):
        save_draft(by=cast.lead, draft_id=draft_id, part="record", content={"seen": ["x"]}, at=AT)


def test_lead_it_is_about_gets_no_mail_and_the_case_manager_does(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.lead, answers=URGENT))

    assert asked(concern) == [cast.case_manager.name]
    assert Link.objects.get(concern=concern, user=cast.lead).role == LinkRole.MAY_HAVE_HARMED
    assert str(cast.lead.pk) not in concern.ladder


def test_not_sure_about_staff_alerts_the_case_manager_only(cast: Cast) -> None:
    concern = make_concern(cast, answers=replace(URGENT, about_staff=AboutStaff.NOT_SURE))

    assert concern.vault == Vault.ADULT
    assert asked(concern) == [cast.case_manager.name]


def test_staff_of_another_centre_are_never_linked(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.outsider))

    assert not Link.objects.filter(concern=concern, user=cast.outsider).exists()


def test_nobody_to_ask_still_leaves_a_step_for_everybody(cast: Cast) -> None:
    Rung.objects.all().delete()

    concern = make_concern(cast, answers=DANGER)

    step = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE)
    assert (step.person, step.who) == (None, "everybody")
    assert asked(concern) == [cast.reporter.name]


def test_numbers_that_were_rung_end_their_steps_with_the_time(cast: Cast) -> None:
    draft_id = uuid.uuid4()
    start_draft(by=cast.reporter, centre=cast.centre, draft_id=draft_id, at=AT)

    finish_triage(by=cast.reporter, draft_id=draft_id, answers=DANGER, rang=("999", "duty_desk"), at=AT)

    done = Step.objects.filter(kind=StepKind.RING, state=StepState.DONE)
    assert {step.contact_key for step in done} == {"999", "duty_city"}
    assert {step.ended_at for step in done} == {AT}


def test_worse_answers_raise_the_concern_and_ask_again(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.lead)

    worse = replace(CALM, details={**CALM.details, Question.WEAPON: Answer.YES}, danger_now=Answer.YES)
    concern = triage_again(by=cast.reporter, concern_id=concern.pk, answers=worse, at=AT + LATER)

    assert concern.level == Level.EMERGENCY
    assert concern.acknowledged_at is None
    assert Step.objects.filter(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING, person=cast.lead).count() == 1


def test_calmer_answers_never_lower_the_concern(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=about(cast.deputy, answers=URGENT)), by=cast.case_manager)

    concern = triage_again(by=cast.reporter, concern_id=concern.pk, answers=CALM, at=AT + LATER)

    assert (concern.level, concern.vault) == (Level.URGENT, Vault.ADULT)
    assert Link.objects.filter(concern=concern, user=cast.deputy, ended_at=None).exists()


def test_naming_a_colleague_later_hides_it_from_them(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    concern = triage_again(by=cast.reporter, concern_id=concern.pk, answers=about(cast.lead, answers=URGENT), at=AT + LATER)

    assert concern.vault == Vault.ADULT
    assert Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING).person == cast.case_manager
    assert not Step.objects.filter(concern=concern, state=StepState.WAITING, person=cast.lead).exists()


def test_triage_entry_keeps_answers_and_reasons_sealed(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    entry = concern.entries.get(kind=EntryKind.TRIAGE)

    body = Keyring.of(concern).open(entry, "body")

    assert body["answers"]["worries"] == ["self_harm"]
    assert body["reasons"]
    assert b"self_harm" not in bytes(entry.body)


def test_record_without_triage_is_refused(cast: Cast) -> None:
    draft_id = uuid.uuid4()
    start_draft(by=cast.reporter, centre=cast.centre, draft_id=draft_id, at=AT)

    with pytest.raises(Refused, match="first questions"):
        submit_record(by=cast.reporter, draft_id=draft_id, account=ACCOUNT, at=AT)


def test_sent_draft_holds_nothing_any_more(cast: Cast) -> None:
    draft_id = make_draft(cast)

    submit_record(by=cast.reporter, draft_id=draft_id, account=ACCOUNT, at=AT)

    draft = Draft.objects.get(pk=draft_id)
    assert (draft.data_key, bytes(draft.content)) == (None, b"")
    assert AuditEvent.objects.filter(verb="sent the record").count() == 1
