"""Disposal: two people, after its time, never under a hold; keys, drafts and names are gone, the chain still verifies. (S28, S22)"""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from concerns.access.keyring import Keyring
from concerns.actions.casework import acknowledge_concern
from concerns.actions.disposal import approve_disposal, decline_disposal, propose_disposal, replay_disposals
from concerns.actions.disposal_list import read_lines
from concerns.actions.drafts import save_draft
from concerns.actions.held import hold_post
from concerns.actions.holds import lift_hold, set_hold
from concerns.actions.recording import add_addendum
from concerns.choices import LinkRole, StepKind, StepWho, Worry
from concerns.exceptions import KeyTrouble, NotAllowed, NotVisible, Refused, Stale
from concerns.models import AuditEvent, Concern, Conflict, DataKey, Disposal, DisposalProposal, Draft, HeldPost, Link, Person, Step, User
from concerns.queries.chains import verify
from concerns.rules.retention import EarlyGround, HoldGround, Rule
from tests.disposals import LATER, SOON, disposed, make_closed, proposed, second_lead
from tests.factories import AT, Cast
from tests.makers import CALM, CHILD, MARKER, about, make_concern


def seen(concern: Concern) -> str:
    return str(Keyring.of(concern).open(concern.entries.get(number=2), "body")["seen"])


def propose(cast: Cast, concern: Concern, **changes: Any) -> DisposalProposal:
    return propose_disposal(**{"by": cast.lead, "concern_id": concern.pk, "rule": Rule.CHILD, "at": LATER, **changes})


def test_disposal_destroys_the_keys_of_the_record_and_of_the_person(cast: Cast) -> None:
    concern = make_closed(cast)
    other = make_closed(cast)
    person = Person.objects.get(links__concern=concern)

    tombstone = disposed(cast, concern)

    person.refresh_from_db()
    assert (concern.is_disposed, person.data_key_id) == (True, None)
    assert DataKey.objects.count() == 2  # the other concern's, and its person's
    with pytest.raises(KeyTrouble, match="disposed of"):
        seen(concern)
    assert MARKER in seen(other)
    assert (tombstone.entries, tombstone.people, tombstone.level) == (concern.entries.count(), 1, "prompt")
    assert (tombstone.proposed_by, tombstone.approved_by) == (cast.lead, second_lead(cast))


def test_chains_verify_after_a_disposal(cast: Cast) -> None:
    concern = make_closed(cast)

    disposed(cast, concern)

    assert verify().faults == ()
    row = AuditEvent.objects.get(verb="disposed of a concern")
    assert row.detail["line"] == Disposal.objects.get().line == read_lines()[0].hash


def test_person_of_another_concern_keeps_their_name(cast: Cast) -> None:
    concern, other = make_closed(cast), make_concern(cast)
    person = Person.objects.get(links__concern=concern)
    Link.objects.create(concern=other, person=person, role=LinkRole.SIBLING, made_at=AT, made_by=cast.lead)

    disposed(cast, concern)

    person.refresh_from_db()
    assert Keyring.of(person).open(person, "details")["name"] == "Aria Blackwood"


def test_person_goes_with_the_last_concern_that_they_are_linked_to(cast: Cast) -> None:
    concern, other = make_closed(cast), make_closed(cast)
    person = Person.objects.get(links__concern=concern)
    Link.objects.create(concern=other, person=person, role=LinkRole.SIBLING, made_at=AT, made_by=cast.lead)

    disposed(cast, concern)
    disposed(cast, other)

    assert DataKey.objects.count() == 0


def test_drafts_and_kept_forms_go_with_the_record(cast: Cast) -> None:
    concern = make_closed(cast)
    draft = Draft.objects.get(concern=concern)
    Draft.objects.filter(pk=draft.pk).update(data_key=Keyring().new_key(at=AT), finished_at=None)
    draft.refresh_from_db()
    Keyring.of(draft).seal(draft, "content", {})
    draft.save()
    save_draft(by=cast.reporter, draft_id=draft.pk, part="record", content={"seen": [MARKER]}, at=AT)
    for path in (f"/concerns/{concern.pk}/entry/", f"/record/{draft.pk}/"):
        hold_post(by=cast.lead, path=path, fields={"text": [MARKER]}, at=AT)

    disposed(cast, concern)

    draft.refresh_from_db()
    assert (draft.data_key_id, bytes(draft.content), HeldPost.objects.count(), DataKey.objects.count()) == (None, b"", 0, 0)


def test_header_keeps_nothing_that_the_tombstone_does_not_need(cast: Cast) -> None:
    concern = make_closed(cast, happened_at=AT, leaves_at=AT + timedelta(hours=1))

    disposed(cast, concern)

    assert (concern.happened_at, concern.leaves_at, concern.home_area) == (None, None, "unknown")


@pytest.mark.parametrize("who", ["lead", "deputy", "reporter", "reporter2", "admin", "trustee", "auditor", "outsider", "nobody", "vetoed"])
def test_wrong_person_cannot_agree(cast: Cast, who: str) -> None:
    concern = proposed(cast, make_closed(cast))
    vetoed = second_lead(cast)
    Conflict.objects.create(concern=concern, user=vetoed, reason=b"x", declared_by=vetoed, declared_at=AT)
    user = vetoed if who == "vetoed" else getattr(cast, who)

    with pytest.raises(NotAllowed if who == "lead" else NotVisible):
        approve_disposal(by=User.objects.get(pk=user.pk), concern_id=concern.pk, at=LATER)

    assert MARKER in seen(concern)
    assert not Disposal.objects.exists()
    assert read_lines() == []


def test_wrong_person_cannot_propose(cast: Cast) -> None:
    concern = make_closed(cast)

    for user in (cast.deputy, cast.reporter, cast.admin, cast.trustee, cast.auditor, cast.outsider, cast.nobody, cast.case_manager):
        with pytest.raises(NotVisible):
            propose(cast, concern, by=user)

    assert not DisposalProposal.objects.exists()


def test_case_manager_who_may_see_it_agrees(cast: Cast) -> None:
    concern = proposed(cast, make_closed(cast))
    Step.objects.create(
        concern=concern, key="k", kind=StepKind.DECIDE, text="x", who=StepWho.HOLDER, person=cast.case_manager, state="done", created_at=AT
    )

    approve_disposal(by=cast.case_manager, concern_id=concern.pk, at=LATER)

    assert Disposal.objects.get().approved_by == cast.case_manager


def test_only_a_closed_concern_whose_time_is_over(cast: Cast) -> None:
    concern, open_one = make_closed(cast), make_concern(cast)

    with pytest.raises(Refused, match="is kept until 17 November 2051"):
        propose(cast, concern, at=SOON)
    with pytest.raises(Refused, match="Only a closed one"):
        propose(cast, open_one)
    with pytest.raises(Refused, match="another rule"):
        propose(cast, concern, rule=Rule.ADULT)


def test_before_its_time_only_on_a_ground(cast: Cast) -> None:
    concern = make_closed(cast)

    propose(cast, concern, at=SOON, early_ground=EarlyGround.WRONG_PERSON)
    tombstone = approve_disposal(by=second_lead(cast), concern_id=concern.pk, at=SOON)

    assert (tombstone.early_ground, tombstone.unrecoverable_on) == ("wrong_person", (SOON + timedelta(days=35)).date())


def test_sexual_abuse_and_adults_are_kept_longer_than_a_childs_file(cast: Cast) -> None:
    abuse = make_concern(cast, answers=replace(CALM, worries=frozenset({Worry.SEXUAL_ABUSE})))
    Concern.objects.filter(pk=abuse.pk).update(status="acknowledged", acknowledged_at=AT)
    Concern.objects.filter(pk=abuse.pk).update(status="closed")

    with pytest.raises(Refused, match="kept until 17 November 2101"):
        propose(cast, abuse)
    with pytest.raises(Refused, match="another rule"):
        propose(cast, make_closed(cast, answers=about(cast.reporter2)))


def test_own_terms_with_a_reason_are_used(cast: Cast, settings: Any) -> None:
    concern = make_closed(cast)
    Path(settings.RETENTION_FILE).write_text('child_birthday = 30\nreason = "Our insurer asks for it."\n')

    with pytest.raises(Refused, match="kept until 17 November 2056"):
        propose(cast, concern)
    Path(settings.RETENTION_FILE).write_text("child_birthday = 1\n")
    with pytest.raises(Refused, match="Say with `reason`"):
        propose(cast, concern)


def test_no_birthday_is_kept_with_a_proposal(cast: Cast) -> None:
    """The day on which a child's file may go is their 25th birthday: it stands neither in the proposal nor in the audit log. (S21)"""
    born = date(2012, 5, 3)
    concern = make_closed(cast, subjects=(replace(CHILD, born_on=born),))

    with pytest.raises(Refused, match="is kept until 3 May 2037"):
        propose(cast, concern, at=SOON)
    propose(cast, concern, at=LATER)

    kept = str([*DisposalProposal.objects.values(), *AuditEvent.objects.values("detail")])
    assert "2037-05" not in kept
    assert "datetime.date(" not in kept


def test_hold_wins_and_takes_the_proposal_back(cast: Cast) -> None:
    concern = proposed(cast, make_closed(cast))
    other = second_lead(cast)

    set_hold(by=other, concern_id=concern.pk, ground=HoldGround.POLICE, at=LATER)

    with pytest.raises(Stale, match="No disposal"):
        approve_disposal(by=other, concern_id=concern.pk, at=LATER)
    with pytest.raises(Refused, match="must be kept"):
        propose(cast, concern)
    with pytest.raises(Refused, match="already"):
        set_hold(by=other, concern_id=concern.pk, ground=HoldGround.POLICE, at=LATER)
    lift_hold(by=cast.lead, concern_id=concern.pk, ground=HoldGround.POLICE, at=LATER)
    assert propose(cast, concern).agreed is None
    assert [row.verb for row in AuditEvent.objects.filter(verb__contains="hold").order_by("number")] == ["set a hold", "lifted a hold"]


def test_deputy_and_vetoed_lead_set_no_hold(cast: Cast) -> None:
    concern = make_closed(cast)
    vetoed = second_lead(cast)
    Conflict.objects.create(concern=concern, user=vetoed, reason=b"x", declared_by=vetoed, declared_at=AT)

    for user in (cast.deputy, vetoed, cast.admin):
        with pytest.raises(NotVisible):
            set_hold(by=user, concern_id=concern.pk, ground=HoldGround.COURT, at=AT)


def test_what_was_added_since_undoes_the_proposal(cast: Cast) -> None:
    concern = proposed(cast, make_closed(cast), at=LATER)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text=MARKER, worse=False, at=LATER)

    with pytest.raises(Stale, match="changed since"):
        approve_disposal(by=second_lead(cast), concern_id=concern.pk, at=LATER)

    assert MARKER in seen(concern)


def test_proposal_can_be_declined_and_is_not_made_twice(cast: Cast) -> None:
    concern = proposed(cast, make_closed(cast))

    with pytest.raises(Refused, match="already"):
        propose(cast, concern)
    decline_disposal(by=cast.lead, concern_id=concern.pk, at=LATER)
    with pytest.raises(Stale):
        decline_disposal(by=cast.lead, concern_id=concern.pk, at=LATER)

    assert MARKER in seen(concern)


def test_nothing_can_be_done_to_what_was_disposed_of(cast: Cast) -> None:
    concern = make_closed(cast)
    disposed(cast, concern)

    for act in (
        lambda: add_addendum(by=cast.reporter, concern_id=concern.pk, text=MARKER, worse=True, at=LATER),
        lambda: propose(cast, concern),
        lambda: set_hold(by=cast.lead, concern_id=concern.pk, ground=HoldGround.COURT, at=LATER),
        lambda: acknowledge_concern(by=cast.lead, concern_id=concern.pk, at=LATER),
    ):
        with pytest.raises(NotAllowed, match="disposed of"):
            act()

    assert not Concern.objects.open().filter(pk=concern.pk).exists()


def test_unknown_concern_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotVisible):
        propose_disposal(by=cast.lead, concern_id=uuid.uuid4(), rule=Rule.CHILD, at=LATER)


def test_worker_has_nothing_to_replay_after_a_whole_disposal(cast: Cast) -> None:
    disposed(cast, make_closed(cast))

    assert replay_disposals(by=None, at=LATER) == 0
    assert Disposal.objects.count() == 1
