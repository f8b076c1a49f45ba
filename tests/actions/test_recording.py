"""The written record: sealed, sent once; what is remembered later; disagreement; the reporter's own steps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from concerns.access.keyring import Keyring
from concerns.access.masterkeys import chain_key
from concerns.actions.entries import header_of
from concerns.actions.recording import Subject, add_addendum, disagree, do_own_step
from concerns.choices import Answer, EntryKind, HomeArea, Status, StepKind, StepState
from concerns.exceptions import KeyTrouble, NotVisible, Refused
from concerns.models import Concern, DataKey, Entry, Link, Message, Person, Step
from concerns.rules import hashchain
from tests.factories import AT, Cast
from tests.makers import CHILD, DANGER, MARKER, URGENT, answered, closed, make_concern

LATER = AT + timedelta(hours=1)


def waiting(concern: Concern, kind: StepKind) -> list[Step]:
    return list(Step.objects.filter(concern=concern, kind=kind, state=StepState.WAITING))


def test_account_keeps_fact_words_and_opinion_apart(cast: Cast) -> None:
    concern = make_concern(cast)

    body = Keyring.of(concern).open(concern.entries.get(kind=EntryKind.ACCOUNT), "body")

    assert body == {"seen": f"{MARKER} seen", "said": "“I am tired.”", "think": "Worried.", "where": "Kitchen"}


@pytest.mark.parametrize("text", ["名前は秘密", "نص سري", "Ünïcödé 😀 🚸", "<script>alert(1)</script>", "a" * 50_000, "tab\tand\nline"])
def test_text_in_any_script_comes_back_as_it_was_written(cast: Cast, text: str) -> None:
    concern = make_concern(cast, seen=text)

    assert Keyring.of(concern).open(concern.entries.get(kind=EntryKind.ACCOUNT), "body")["seen"] == text


def test_child_is_sealed_with_a_key_of_their_own(cast: Cast) -> None:
    concern = make_concern(cast)
    person = Link.objects.get(concern=concern).person
    assert person is not None

    assert Keyring.of(person).open(person, "details")["name"] == CHILD.name
    assert person.data_key_id != concern.data_key_id
    assert CHILD.name.encode() not in bytes(person.details)


def test_sealed_value_cannot_be_moved_to_another_row(cast: Cast) -> None:
    concern = make_concern(cast)
    triage, account = concern.entries.all()
    triage.body = account.body

    with pytest.raises(KeyTrouble, match="changed, or sealed with another key"):
        Keyring.of(concern).open(triage, "body")


def test_destroyed_key_leaves_nothing_to_read(cast: Cast) -> None:
    concern = make_concern(cast)
    DataKey.objects.filter(pk=concern.data_key_id).delete()
    concern.refresh_from_db()

    with pytest.raises(KeyTrouble, match="disposed of"):
        Keyring.of(concern).open(concern.entries.all()[1], "body")


def test_entries_are_chained(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    previous = hashchain.START

    for number, entry in enumerate(Entry.objects.filter(concern=concern), start=1):
        expected = hashchain.digest(key=chain_key(), previous=previous, header=header_of(entry), sealed=bytes(entry.body))
        assert (entry.number, bytes(entry.previous_digest), bytes(entry.digest)) == (number, previous, expected)
        previous = expected


def test_home_area_learned_later_moves_the_desk_to_ring(cast: Cast) -> None:
    child = Subject(name="Aria Blackwood", home_area=HomeArea.COUNTY)

    concern = make_concern(cast, answers=DANGER, subjects=(child,))

    assert concern.home_area == HomeArea.COUNTY
    keys = set(Step.objects.filter(concern=concern, state=StepState.WAITING).exclude(contact_key="").values_list("contact_key", flat=True))
    assert "duty_county" in keys
    assert "duty_city" not in keys


def test_leaving_time_is_the_latest_time_to_answer(cast: Cast) -> None:
    leaves = AT + timedelta(minutes=12)

    concern = make_concern(cast, leaves_at=leaves)

    assert waiting(concern, StepKind.ACKNOWLEDGE)[0].due_at == leaves


def test_addendum_gives_the_lead_something_to_read(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="One more thing.", worse=False, at=LATER)

    step = waiting(concern, StepKind.READ_ADDENDUM)[0]
    concern.refresh_from_db()
    assert step.person == cast.lead
    assert concern.acknowledged_at is not None
    assert Message.objects.filter(concern=concern, recipient=cast.lead, kind="addendum").count() == 1


def test_worse_addendum_asks_for_an_answer_again(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="It is worse.", worse=True, at=LATER)

    concern.refresh_from_db()
    assert concern.acknowledged_at is None
    assert [step.person for step in waiting(concern, StepKind.ACKNOWLEDGE)] == [cast.lead]
    assert len(waiting(concern, StepKind.READ_ADDENDUM)) == 1


def test_addendum_opens_a_closed_concern_again(cast: Cast) -> None:
    concern = closed(make_concern(cast), by=cast.lead)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="He came back.", worse=False, at=AT + timedelta(days=2))

    concern.refresh_from_db()
    assert concern.status == Status.REOPENED
    assert concern.next_due_at is not None
    assert [entry.kind for entry in concern.entries.all()][-2:] == [EntryKind.ADDENDUM, EntryKind.REOPENED]


def test_disagreement_goes_to_another_lead_than_the_one_who_decided(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    disagree(by=cast.reporter, concern_id=concern.pk, text="I think we must refer.", at=LATER)

    assert [step.person for step in waiting(concern, StepKind.READ_DISAGREEMENT)] == [cast.deputy]


def test_only_the_author_adds_or_disagrees(cast: Cast) -> None:
    concern = make_concern(cast)

    for stranger in (cast.reporter2, cast.lead, cast.outsider, cast.admin):
        with pytest.raises(NotVisible):
            add_addendum(by=stranger, concern_id=concern.pk, text="x", worse=True, at=LATER)
        with pytest.raises(NotVisible):
            disagree(by=stranger, concern_id=concern.pk, text="x", at=LATER)


def test_step_that_was_not_possible_makes_a_lead_decide(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=DANGER), by=cast.lead)
    step = next(step for step in waiting(concern, StepKind.RING) if step.contact_key == "duty_city")

    do_own_step(by=cast.reporter, concern_id=concern.pk, step_id=step.pk, done=False, outcome="Engaged.", at=LATER)

    step.refresh_from_db()
    assert step.state == StepState.FAILED
    assert any(found.text.startswith("Not possible") and found.person == cast.lead for found in waiting(concern, StepKind.DECIDE))


def test_own_step_is_done_once(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    step = waiting(concern, StepKind.RING)[0]
    do_own_step(by=cast.reporter, concern_id=concern.pk, step_id=step.pk, done=True, outcome="Told them.", reference="EX1", at=LATER)

    with pytest.raises(Refused, match="done already"):
        do_own_step(by=cast.reporter, concern_id=concern.pk, step_id=step.pk, done=True, outcome="Again.", at=LATER)
    assert Entry.objects.filter(concern=concern, kind=EntryKind.STEP_OUTCOME).count() == 1


def test_reporter_cannot_end_a_leads_step(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    step = waiting(concern, StepKind.SPEAK_TO_REPORTER)[0]

    with pytest.raises(Refused):
        do_own_step(by=cast.reporter, concern_id=concern.pk, step_id=step.pk, done=True, outcome="x", at=LATER)


def test_unknown_child_is_allowed(cast: Cast) -> None:
    concern = make_concern(cast, answers=replace(DANGER, danger_now=Answer.NOT_SURE), subjects=())

    assert not Person.objects.filter(links__concern=concern).exists()


def test_time_it_happened_is_kept_with_its_zone(cast: Cast) -> None:
    happened = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the clocks go back that night

    concern = make_concern(cast, happened_at=happened, happened_about=True)
    concern.refresh_from_db()

    assert (concern.happened_at, concern.happened_about) == (happened, True)
