"""Changing the level, closing, and opening again. Lowering a level, and closing an emergency or urgent concern, wait for a second person.

Source: second person to close or to lower: not the author, not the first closer; where no other lead is free, the case manager.
"""

from datetime import datetime
from uuid import UUID

from concerns.access.decisions import require
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.casework import move_holding
from concerns.actions.entries import write_entry
from concerns.actions.escalation import end_steps, keep_lane
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.next_due import set_next_due
from concerns.actions.opening import restart_clock
from concerns.actions.outbox import OVER_ONCE_CLOSED, queue_message, withdraw
from concerns.actions.recording import reopen
from concerns.actions.steps import add_step, in_working_days
from concerns.choices import ClosingOutcome, EntryKind, Level, MessageKind, Status, StepKind, StepState, StepWho, Vault
from concerns.exceptions import NotVisible, Refused, Stale
from concerns.models import Concern, Entry, Proposal, Step, User
from concerns.queries.escalation import must_leave_answer, second_people
from concerns.queries.plans import versions_to_follow
from concerns.rules.levels import lowers, plans_of
from concerns.rules.moves import may_move

UNREAD = (StepKind.ACKNOWLEDGE, StepKind.READ_ADDENDUM, StepKind.READ_DISAGREEMENT)
NEWS = "Something is new since this was proposed. Somebody must answer the alert, or read what was added, before you can agree."


@recorded
def change_level(*, by: User, concern_id: UUID, version: int, to: Level, reason: str, at: datetime) -> Entry:
    """Raise the level at once, which starts the clock again; lowering it waits for a second person.

    Raises Stale, or Refused where the level is that one already or a proposal is waiting.
    """
    concern = lock_concern(by=by, permission=Permission.CHANGE_LEVEL, concern_id=concern_id, version=version)
    if to == concern.level:
        raise Refused(f"The level is “{to.label}” already.")
    lowering = lowers(Level(concern.level), to)
    body = {"from": concern.get_level_display(), "to": to.label, "reason": reason, "proposed": "yes" if lowering else "no"}
    entry = write_entry(by=by, concern=concern, kind=EntryKind.LEVEL_CHANGE, body=body, at=at, keyring=Keyring.of(concern))
    if lowering:
        _propose(concern, by=by, entry=entry, kind=Proposal.Kind.LOWER, at=at, to_level=to)
    else:
        _set_level(concern, to)
        restart_clock(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="proposed a lower level" if lowering else "raised the level", subject=concern, at=at, to=to)
    return entry


def _set_level(concern: Concern, level: Level) -> None:
    concern.level = level
    concern.plans = list(plans_of(level, Vault(concern.vault)))
    concern.plan_versions = versions_to_follow(concern)
    concern.save(update_fields=["level", "plans", "plan_versions"])
    keep_lane(concern)


@recorded
def close_concern(
    *, by: User, concern_id: UUID, version: int, outcome: ClosingOutcome, reason: str, at: datetime, duplicate_of: str = ""
) -> Entry:
    """Close a concern that is not pressing; propose it to a second person where it is, or where `by` recorded it.

    Raises Stale, or Refused where nobody has answered it yet or a proposal is waiting.
    """
    concern = lock_concern(by=by, permission=Permission.CLOSE, concern_id=concern_id, version=version)
    if not may_move(Status(concern.status), Status.CLOSED) or concern.acknowledged_at is None:
        raise Refused("Answer the alert first. Nobody has answered it yet.")
    _require_answer_to_reporter(concern, by=by)
    body = {"outcome": outcome.label, "reason": reason, **({"duplicate_of": duplicate_of} if duplicate_of else {})}
    alone = not concern.is_pressing and by.pk != concern.logged_by_id
    kind = EntryKind.CLOSED if alone else EntryKind.CLOSE_PROPOSED
    entry = write_entry(by=by, concern=concern, kind=kind, body=body, at=at, keyring=Keyring.of(concern))
    if alone:
        _close(concern, by=by, at=at)
    else:
        _propose(concern, by=by, entry=entry, kind=Proposal.Kind.CLOSE, at=at, outcome=outcome)
    save_concern(concern)
    audit(by=by, verb="closed" if alone else "proposed to close", subject=concern, at=at, outcome=outcome)
    return entry


@recorded
def open_again(*, by: User, concern_id: UUID, version: int, reason: str, at: datetime) -> Concern:
    """Open a closed concern again: `by` has it from now on. Raises Stale, or Refused where it is open."""
    concern = lock_concern(by=by, permission=Permission.REOPEN, concern_id=concern_id, version=version)
    if not reopen(concern, by=by, at=at, keyring=Keyring.of(concern), reason=reason):
        raise Refused("This concern is open already.")
    move_holding(concern, to=by, at=at)
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="opened again", subject=concern, at=at)
    return concern


def _require_answer_to_reporter(concern: Concern, *, by: User) -> None:
    """Raise Refused while “I do not agree” waits for somebody else: who decided cannot end it by closing."""
    waits = Step.objects.filter(concern=concern, kind=StepKind.READ_DISAGREEMENT, state=StepState.WAITING).select_related("person")
    for step in waits:
        step.concern = concern
        if step.person not in (None, by) or must_leave_answer(by, step):
            raise Refused(f"{concern.logged_by} does not agree, and {step.person or 'somebody else'} must answer that first.")


def _close(concern: Concern, *, by: User, at: datetime) -> None:
    end_steps(concern, state=StepState.CANCELLED, at=at, by=by)
    withdraw(at=at, concern=concern, kind__in=OVER_ONCE_CLOSED)
    Proposal.objects.filter(concern=concern, decided_at=None).update(decided_at=at, decided_by=by, agreed=False)
    concern.status, concern.closed_at, concern.next_due_at = Status.CLOSED, at, None
    concern.save(update_fields=["status", "closed_at", "next_due_at"])


def _propose(concern: Concern, *, by: User, entry: Entry, kind: Proposal.Kind, at: datetime, **fields: str) -> None:
    if Proposal.objects.filter(concern=concern, kind=kind, decided_at=None).exists():
        raise Refused("This was proposed already and waits for a second person.")
    proposal = Proposal.objects.create(concern=concern, kind=kind, entry=entry, proposed_by=by, proposed_at=at, **fields)
    people = second_people(concern, first=by)
    add_step(
        concern,
        kind=StepKind.SECOND_PERSON,
        key=f"second_{kind}",
        text=f"Agree or not, as the second person: {proposal.get_kind_display().lower()}",
        at=at,
        who=StepWho.HOLDER if people else StepWho.EVERYBODY,
        person=people[0] if people else None,
        **in_working_days(1, at=at),
    )
    if people:
        queue_message(recipient=people[0], kind=MessageKind.ASKED, key=f"{proposal.pk}:second", at=at, concern=concern)
    set_next_due(concern, at=at)


@recorded
def decide_proposal(*, by: User, concern_id: UUID, proposal_id: UUID, agree: bool, reason: str, at: datetime) -> Entry:
    """Agree, or not, as the second person.

    Raises NotAllowed for the first person and the author, Stale where it was decided, Refused where one would agree to what
    was proposed before the newest was answered or read.
    """
    concern = lock_concern(by=by, permission=Permission.SEE_CONCERN, concern_id=concern_id)
    proposal = Proposal.objects.select_related("concern").filter(concern=concern, pk=proposal_id).first()
    if proposal is None:
        raise NotVisible("Not found.")
    require(by, Permission.SECOND, proposal)
    news = Step.objects.filter(concern=concern, state=StepState.WAITING, kind__in=UNREAD, created_at__gte=proposal.proposed_at)
    if agree and proposal.decided_at is None and news.exists():
        raise Refused(NEWS)
    decided = Proposal.objects.filter(pk=proposal.pk, decided_at=None).update(decided_at=at, decided_by=by, agreed=agree)
    if not decided:
        raise Stale("Somebody else has decided this already.")
    end_steps(concern, state=StepState.DONE, at=at, by=by, kind=StepKind.SECOND_PERSON, key=f"second_{proposal.kind}")
    return _carry_out(concern, proposal, by=by, agree=agree, reason=reason, at=at)


def _carry_out(concern: Concern, proposal: Proposal, *, by: User, agree: bool, reason: str, at: datetime) -> Entry:
    closing = proposal.kind == Proposal.Kind.CLOSE
    agreed_kind = EntryKind.CLOSED if closing else EntryKind.LEVEL_CHANGE
    body = {"agreed": "yes" if agree else "no", "what": proposal.get_kind_display(), "reason": reason}
    kind = agreed_kind if agree else EntryKind.DECISION
    entry = write_entry(by=by, concern=concern, kind=kind, body=body, at=at, keyring=Keyring.of(concern), corrects=None)
    if agree and closing:
        _close(concern, by=by, at=at)
    elif agree:
        _set_level(concern, Level(proposal.to_level))
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="agreed as second person" if agree else "did not agree as second person", subject=concern, at=at, kind=proposal.kind)
    return entry
