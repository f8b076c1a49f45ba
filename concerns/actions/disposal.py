"""Disposal: two people end a record. Its keys are destroyed, a tombstone stays, the chain still verifies.

The line in the list outside the database comes first and is on the disk before anything is destroyed; whatever a crash leaves
undone, and whatever a restored backup brings back, is destroyed again by `replay_disposals`. Source: disposal is proposed, approved by
a second person, certified, never automatic; a legal hold wins.
"""

import uuid
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from concerns.access.decisions import require
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.disposal_list import Line, read_lines, write_line
from concerns.actions.escalation import end_steps
from concerns.actions.locking import lock_concern
from concerns.choices import HomeArea, Status, StepState
from concerns.exceptions import NotVisible, Refused, Stale
from concerns.models import Concern, DataKey, Disposal, DisposalProposal, Draft, HeldPost, Link, Message, Person, User
from concerns.queries.retention import due_of
from concerns.rules.headers import moment
from concerns.rules.retention import WORDS, EarlyGround, Rule
from concerns.rules.words import date_words

OPEN = "This concern is open. Only a closed one can be disposed of."
HELD = "This concern must be kept: a hold is on it. Lift the hold first, if it is over."
WAITS = "This was proposed already and waits for a second person."


@recorded
def propose_disposal(*, by: User, concern_id: UUID, rule: Rule, at: datetime, early_ground: EarlyGround | None = None) -> DisposalProposal:
    """Propose to destroy the content of a closed concern. `early_ground` is needed before its time.

    Raises NotVisible or NotAllowed where `by` may not, Refused where it is open, held, not due, proposed already, or under
    another rule.
    """
    concern = lock_concern(by=by, permission=Permission.DISPOSE, concern_id=concern_id)
    _require_disposable(concern, rule=rule, early=early_ground is not None, at=at)
    waiting = DisposalProposal.objects.filter(concern=concern, decided_at=None)
    if waiting.filter(concern_version=concern.version).exists():
        raise Refused(WAITS)
    waiting.update(decided_at=at, decided_by=by, agreed=False)
    proposal = DisposalProposal.objects.create(
        concern=concern,
        concern_version=concern.version,
        rule=rule,
        early_ground=early_ground or "",
        proposed_by=by,
        proposed_at=at,
    )
    audit(by=by, verb="proposed a disposal", subject=concern, at=at, rule=rule, early=early_ground or "")
    return proposal


def _require_disposable(concern: Concern, *, rule: Rule, early: bool, at: datetime) -> None:
    """Raise Refused where a locked concern may not be disposed of. From when it may be is not kept: it would tell a birthday."""
    if concern.is_open:
        raise Refused(OPEN)
    due = due_of(concern)
    if due.holds:
        raise Refused(HELD)
    if rule not in due.rules:
        raise Refused(f"This concern falls under another rule: {'; '.join(WORDS[found] for found in due.rules)}.")
    if not due.is_over(at=at) and not early:
        raise Refused(f"This concern is kept until {date_words(due.on)}. To dispose of it before, name the ground.")


@recorded
def decline_disposal(*, by: User, concern_id: UUID, at: datetime) -> None:
    """End a proposal without agreeing; the one who proposed may take it back. Raises Stale where none waits."""
    concern = lock_concern(by=by, permission=Permission.DISPOSE, concern_id=concern_id)
    if not DisposalProposal.objects.filter(concern=concern, decided_at=None).update(decided_at=at, decided_by=by, agreed=False):
        raise Stale("No disposal of this concern waits for a second person.")
    audit(by=by, verb="declined a disposal", subject=concern, at=at)


@recorded
def approve_disposal(*, by: User, concern_id: UUID, at: datetime) -> Disposal:
    """Agree as the second person, which destroys the content at once and for ever.

    Raises NotAllowed for the one who proposed it, Stale where nothing waits or the concern was changed since, Refused where it was
    opened or held since, KeyTrouble where the list of disposals is damaged. Nothing is destroyed then.
    """
    concern = lock_concern(by=by, permission=Permission.SEE_CONCERN, concern_id=concern_id)
    proposal = DisposalProposal.objects.filter(concern=concern, decided_at=None).select_related("concern", "proposed_by").first()
    if proposal is None:
        require(by, Permission.DISPOSE, concern)
        raise Stale("No disposal of this concern waits for a second person.")
    require(by, Permission.DISPOSE, proposal)
    if proposal.concern_version != concern.version:
        raise Stale("This concern was changed since its disposal was proposed. Look at it, then propose it again.")
    _require_disposable(concern, rule=Rule(proposal.rule), early=bool(proposal.early_ground), at=at)
    proposal.decided_at, proposal.decided_by, proposal.agreed = at, by, True
    proposal.save(update_fields=["decided_at", "decided_by", "agreed"])
    line = _write_down(concern, proposal, by=by, at=at)
    return _end_record(concern, line, by=by, at=at)


def _write_down(concern: Concern, proposal: DisposalProposal, *, by: User, at: datetime) -> Line:
    """Put the disposal on the list, which is on the disk when this returns."""
    keys = {*_keys_of(concern), *_people_of_nothing_else(concern)}
    return write_line(
        known={str(row) for row in Disposal.objects.values_list("pk", flat=True)},
        id=str(uuid.uuid4()),
        centre=str(concern.centre_id),
        concern=str(concern.pk),
        rule=proposal.rule,
        early_ground=proposal.early_ground,
        level=concern.level,
        entries=concern.entries.count(),
        people=Link.objects.filter(concern=concern).values("person").distinct().count(),
        keys=tuple(sorted(str(key) for key in keys if key is not None)),
        proposed_by=str(proposal.proposed_by_id),
        proposed_at=moment(proposal.proposed_at),
        approved_by=str(by.pk),
        approved_at=moment(at),
        unrecoverable_on=(at + timedelta(days=settings.BACKUP_KEEP_DAYS)).date().isoformat(),
    )


def _keys_of(concern: Concern) -> list[UUID | None]:
    """The keys of the concern, of its draft and of what was kept of its forms."""
    drafts = Draft.objects.filter(concern=concern).values_list("data_key_id", flat=True)
    return [concern.data_key_id, *drafts, *_held(concern).values_list("data_key_id", flat=True)]


def _people_of_nothing_else(concern: Concern) -> list[UUID | None]:
    """The keys of the people whom no other concern that still has its key is linked to."""
    kept = Link.objects.filter(concern__data_key__isnull=False).exclude(concern=concern).values("person")
    linked = Person.objects.filter(links__concern=concern).exclude(pk__in=kept.filter(person__isnull=False))
    return list(linked.values_list("data_key_id", flat=True).distinct())


def _held(concern: Concern) -> "QuerySet[HeldPost]":
    """What was kept of forms about the concern, or about its draft."""
    names = Q(path__contains=str(concern.pk))
    for draft_id in Draft.objects.filter(concern=concern).values_list("pk", flat=True):
        names |= Q(path__contains=str(draft_id))
    return HeldPost.objects.filter(names)


def _end_record(concern: Concern, line: Line, *, by: User | None, at: datetime) -> Disposal:
    """Destroy the keys of a locked concern, and what else its header tells; leave the tombstone."""
    keys = DataKey.objects.filter(pk__in=[*line.keys, *(key for key in _keys_of(concern) if key)])
    Person.objects.filter(data_key__in=keys).update(home_area=HomeArea.UNKNOWN)
    _held(concern).delete()
    Draft.objects.filter(concern=concern).update(content=b"", finished_at=at)
    end_steps(concern, state=StepState.CANCELLED, at=at, by=by)
    Message.objects.filter(concern=concern, sent_at=None, dead_at=None).update(dead_at=at)
    keys.delete()
    _blank(concern, at=at)
    disposal = Disposal.objects.filter(concern=concern).first() or _tombstone(concern, line)
    audit(by=by, verb="disposed of a concern", subject=concern, at=at, disposal=line.id, rule=line.rule, line=line.hash)
    return disposal


def _blank(concern: Concern, *, at: datetime) -> None:
    """Keep of the header only what the tombstone and the chain need. A restored backup may hold the concern open: it is closed."""
    concern.data_key_id = concern.data_key = None
    concern.status, concern.closed_at, concern.next_due_at = Status.CLOSED, concern.closed_at or at, None
    concern.happened_at, concern.leaves_at, concern.home_area = None, None, HomeArea.UNKNOWN
    concern.version += 1
    concern.save()


def _tombstone(concern: Concern, line: Line) -> Disposal:
    known = {str(user) for user in User.objects.filter(pk__in=[line.proposed_by, line.approved_by]).values_list("pk", flat=True)}
    disposal = Disposal(
        pk=UUID(line.id),
        concern=concern,
        rule=line.rule,
        early_ground=line.early_ground,
        level=line.level,
        entries=line.entries,
        people=line.people,
        proposed_by_id=UUID(line.proposed_by) if line.proposed_by in known else None,
        proposed_at=datetime.fromisoformat(line.proposed_at),
        approved_by_id=UUID(line.approved_by) if line.approved_by in known else None,
        approved_at=datetime.fromisoformat(line.approved_at),
        unrecoverable_on=date.fromisoformat(line.unrecoverable_on),
        line=line.hash,
    )
    disposal.save()
    return disposal


def replay_disposals(*, by: None, at: datetime) -> int:
    """Destroy what the list says was destroyed and this database still holds; return how many concerns. Done twice, it does nothing.

    It finishes what a crash left undone, and runs after a backup was restored: holds and states that the backup brought back do not
    stop it. Raises KeyTrouble, naming the line, where the list is damaged.
    """
    lines = read_lines()
    done = set(Disposal.objects.values_list("concern_id", flat=True))
    there = set(DataKey.objects.filter(pk__in=[key for line in lines for key in line.keys]).values_list("pk", flat=True))
    unfinished = [line for line in lines if UUID(line.concern) not in done or there & {UUID(key) for key in line.keys}]
    return sum(_replay(line=line, by=by, at=at) for line in unfinished)


@recorded
def _replay(*, line: Line, by: None, at: datetime) -> int:
    try:
        concern = lock_concern(by=by, permission=None, concern_id=UUID(line.concern))
    except NotVisible:  # the backup is older than the concern
        DataKey.objects.filter(pk__in=line.keys).delete()
        return 0
    DisposalProposal.objects.filter(concern=concern, decided_at=None).update(decided_at=at, decided_by=None, agreed=None)
    _end_record(concern, line, by=by, at=at)
    return 1
