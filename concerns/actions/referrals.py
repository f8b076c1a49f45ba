"""Referrals to the council: what was said is kept, its clocks start, and what was answered ends them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F

from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.entries import write_entry
from concerns.actions.escalation import end_step
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.next_due import set_next_due, start_following
from concerns.actions.steps import add_step
from concerns.choices import ContactKey, EntryKind, HomeArea, Status, StepKind, StepState, StepWho
from concerns.exceptions import Refused
from concerns.models import Concern, Entry, Referral, Step, User
from concerns.queries.escalation import holder_of, holder_or_next
from concerns.queries.referrals import calls_to_write_down, unanswered
from concerns.rules.moves import may_move
from concerns.rules.moving import first_look
from concerns.rules.referrals import (
    EARLIER,
    HEADINGS,
    HOW,
    IN_WRITING,
    ClockedStep,
    CouncilDecision,
    answer_clock,
    disagreement_ladder,
    same_desk,
    written_follow_up,
)

NOT_YET = "This time has not come yet. Say when it happened."
TOO_EARLY = "This is more than a day before the concern was recorded. Check the day."
BEFORE_REFERRAL = "This is before the referral was made. Check the day and the time."
ANSWERED = "The answer to this referral was recorded already. Add what is new to the record."
NO_REFERRAL = "There is no such referral in this concern."
NOTHING_SAID = "Say what was said, and to whom."
WAITS_FOR_ANSWER = (StepKind.COUNCIL_DECISION, StepKind.CHASE)


@recorded
def record_referral(
    *, by: User, concern_id: UUID, version: int, to: ContactKey | str, made_at: datetime, details: Mapping[str, str], at: datetime
) -> Referral:
    """Keep a referral, sealed, and start the council's clock from `made_at`. `to` is empty for somebody whom `details` names.

    `details` holds what `rules.referrals.HEADINGS` names; `how` is "phone" or "writing". What is written to a desk whose answer to a
    call is waited for writes that call down: the clock goes on, and one answer ends both. Raises Stale, or Refused where the time
    cannot be right or nothing was said.
    """
    concern = lock_concern(by=by, permission=Permission.REFER, concern_id=concern_id, version=version)
    _check_referral(concern, to, made_at, details, at=at)
    is_first = not Referral.objects.filter(concern=concern).exists()
    entry = write_entry(
        by=by,
        concern=concern,
        kind=EntryKind.REFERRAL,
        body=_body(to, details),
        at=at,
        keyring=Keyring.of(concern),
        happened_at=made_at,
    )
    follows = _call_to_write_down(concern, to, made_at) if details.get("how") == IN_WRITING else None
    referral = Referral.objects.create(concern=concern, to=to, entry=entry, recorded_by=by, made_at=made_at, follows=follows)
    _end_the_call(concern, to, by=by, entry=entry, at=at)
    _start_clocks(concern, referral, is_first=is_first, in_writing=details.get("how") == IN_WRITING, at=at)
    if may_move(Status(concern.status), Status.REFERRED):
        concern.status = Status.REFERRED
    set_next_due(concern, at=at)
    save_concern(concern, "status")
    audit(by=by, verb="recorded a referral", subject=concern, at=at, to=to or "other")
    return referral


def _check_referral(concern: Concern, to: str, made_at: datetime, details: Mapping[str, str], *, at: datetime) -> None:
    if made_at > at:
        raise Refused(NOT_YET)
    if made_at < concern.logged_at - EARLIER:
        raise Refused(TOO_EARLY)
    if not details.get("was_said") or not (to or details.get("spoken_to")):
        raise Refused(NOTHING_SAID)


def _body(to: ContactKey | str, details: Mapping[str, str]) -> dict[str, str]:
    """What is sealed, in the order of the headings; what is empty is left out."""
    named = {**details, "desk": ContactKey(to).label if to else "", "how": HOW.get(details.get("how", ""), "")}
    return {name: named[name] for name in HEADINGS if named.get(name)}


def _call_to_write_down(concern: Concern, to: ContactKey | str, made_at: datetime) -> Referral | None:
    """The latest call to the same desk that is not answered, and not written down."""
    here = same_desk(to, HomeArea(concern.home_area))
    return next((call for call in calls_to_write_down(concern) if call.to in here and call.made_at <= made_at), None)


def _end_the_call(concern: Concern, to: ContactKey | str, *, by: User, entry: Entry, at: datetime) -> None:
    """The waiting step to ring this desk, or to tell this LADO, is done; what follows it starts."""
    calls = Step.objects.filter(concern=concern, state=StepState.WAITING, kind__in=(StepKind.RING, StepKind.LADO))
    for step in calls.filter(contact_key__in=same_desk(to, HomeArea(concern.home_area))):
        end_step(step, state=StepState.DONE, by=by, at=at, entry=entry)
        start_following(concern, done=step.key, holder=holder_of(concern) or by, at=at)


def _start_clocks(concern: Concern, referral: Referral, *, is_first: bool, in_writing: bool, at: datetime) -> None:
    by, to = referral.recorded_by, referral.to
    person = holder_of(concern) or by
    if in_writing:
        here = same_desk(to, HomeArea(concern.home_area))
        if all(call.to in here for call in calls_to_write_down(concern)):  # what is to be written to another desk is not done by this
            _end(concern, (StepKind.WRITE_FOLLOW_UP,), by=by, entry=referral.entry, at=at)
    elif not (is_first and _has_written(concern, referral.made_at)):
        _run(concern, (written_follow_up(referral.made_at),), to=to, person=person, later=is_first, at=at)
    if referral.follows is None:
        _run(concern, answer_clock(referral.made_at), to=to, person=person, later=is_first, at=at)


def wait_again(concern: Concern, *, at: datetime) -> None:
    """Wait again for what a locked concern was closed on, now that it is open again: its referrals count anew from `at`."""
    newest, person = unanswered(concern).first(), holder_or_next(concern, at=at)
    if newest is not None:
        _run(concern, answer_clock(at), to=newest.to, person=person, later=False, at=at)
    for call in calls_to_write_down(concern)[:1]:
        _run(concern, (written_follow_up(at),), to=call.to, person=person, later=False, at=at)


def _has_written(concern: Concern, since: datetime) -> bool:
    done = Step.objects.filter(concern=concern, kind=StepKind.WRITE_FOLLOW_UP, state=StepState.DONE)
    return done.filter(ended_at__gte=since).exists()


def _end(concern: Concern, kinds: tuple[StepKind, ...], *, by: User, entry: Entry, at: datetime) -> None:
    """The waiting steps of these kinds are done, all at once: one does not start the next. What else follows them starts."""
    waiting = list(Step.objects.filter(concern=concern, state=StepState.WAITING, kind__in=kinds))
    ended = [step.key for step in waiting if end_step(step, state=StepState.DONE, by=by, at=at, entry=entry)]
    for key in ended:
        start_following(concern, done=key, holder=holder_of(concern) or by, at=at)


def _run(concern: Concern, clocks: tuple[ClockedStep, ...], *, to: str, person: User | None, later: bool, at: datetime) -> None:
    """Give waiting steps the times of these clocks, kind by kind and in order, and add those that are missing, for this person.

    A time that ran already is put off only where `later` says so: a second referral never gives the first more time.
    """
    waiting: dict[str, list[Step]] = {}
    rows = Step.objects.filter(concern=concern, state=StepState.WAITING, kind__in={clock.kind for clock in clocks})
    for step in rows.order_by(F("due_at").asc(nulls_last=True), "created_at", "id"):
        waiting.setdefault(step.kind, []).append(step)
    for clock in clocks:
        found = waiting.get(clock.kind)
        if found:
            _retime(found.pop(0), clock, person=person, to=to, later=later)
        else:
            add_step(
                concern,
                kind=clock.kind,
                text=clock.text,
                at=at,
                key=clock.key,
                who=StepWho.HOLDER if person else StepWho.EVERYBODY,
                person=person,
                contact_key=to,
                clock=clock.clock,
                amount=clock.amount,
                due_at=clock.due_at,
            )


def _retime(step: Step, clock: ClockedStep, *, person: User | None, to: str, later: bool) -> None:
    """Let a step run from a referral. From then on it is the referral's: no plan that starts again, or changes, takes its time away."""
    step.plan, step.after = "", ""
    step.due_at = clock.due_at if later or step.due_at is None else min(step.due_at, clock.due_at)
    if step.kind == StepKind.DISAGREE:
        step.text = clock.text
    step.person = step.person or person
    if step.person is None:
        step.who = StepWho.EVERYBODY
    elif step.who == StepWho.EVERYBODY:
        step.who = StepWho.HOLDER
    if to and later:
        step.contact_key = to
    step.moves_at = first_look(kind=StepKind(step.kind), who=StepWho(step.who), due=step.due_at)
    step.save(update_fields=["plan", "after", "due_at", "moves_at", "text", "person", "who", "contact_key"])


@recorded
def record_council_answer(
    *,
    by: User,
    concern_id: UUID,
    referral_id: UUID,
    what: str,
    decision: CouncilDecision,
    answered_at: datetime,
    at: datetime,
    agrees: bool = True,
) -> Entry:
    """Keep what was answered to a referral, or to the call that it writes down. Once no other waits, what waited for it is done.

    Who does not agree goes up the disagreement ladder: its rungs run from the answer. Raises Refused where it was answered already,
    or the time cannot be right.
    """
    concern = lock_concern(by=by, permission=Permission.REFER, concern_id=concern_id)
    referral = _unanswered(concern, referral_id, answered_at, at=at)
    body = {"council_decision": str(decision), "was_said": what, "agrees": "yes" if agrees else "no"}
    entry = write_entry(
        by=by, concern=concern, kind=EntryKind.COUNCIL_ANSWER, body=body, at=at, keyring=Keyring.of(concern), happened_at=answered_at
    )
    referral.answered_at, referral.answer = answered_at, entry
    referral.save(update_fields=["answered_at", "answer"])
    _end_waiting(concern, referral, by=by, agrees=agrees, at=at)
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="recorded the council’s answer", subject=concern, at=at, agrees=agrees)
    return entry


def _unanswered(concern: Concern, referral_id: UUID, answered_at: datetime, *, at: datetime) -> Referral:
    found = Referral.objects.filter(concern=concern, pk=referral_id).select_related("follows").first()
    if found is None:
        raise Refused(NO_REFERRAL)
    referral = found.follows or found
    if referral.answered_at is not None:
        raise Refused(ANSWERED)
    if answered_at > at:
        raise Refused(NOT_YET)
    if answered_at < referral.made_at:
        raise Refused(BEFORE_REFERRAL)
    return referral


def _end_waiting(concern: Concern, referral: Referral, *, by: User, agrees: bool, at: datetime) -> None:
    entry, answered_at = referral.answer, referral.answered_at
    if entry is None or answered_at is None:
        return
    if not unanswered(concern).exists():
        _end(concern, WAITS_FOR_ANSWER if not agrees else (*WAITS_FOR_ANSWER, StepKind.DISAGREE), by=by, entry=entry, at=at)
    if not agrees:
        person = holder_of(concern) or by
        _run(concern, disagreement_ladder(answered_at), to=referral.to, person=person, later=False, at=at)
