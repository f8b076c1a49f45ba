"""What came of a step: it is written down, what follows it starts, and where it was not possible a lead decides what to do."""

from datetime import datetime

from concerns.access.keyring import Keyring
from concerns.actions.audit import audit
from concerns.actions.entries import write_entry
from concerns.actions.escalation import end_step, step_for_lead
from concerns.actions.locking import save_concern
from concerns.actions.next_due import set_next_due, start_following
from concerns.choices import EntryKind, StepKind, StepState
from concerns.models import Concern, Entry, Step, User
from concerns.queries.escalation import holder_or_next
from concerns.rules.moving import LEAD_HAS


def write_outcome(concern: Concern, step: Step, *, by: User, done: bool, outcome: str, reference: str, at: datetime) -> Entry:
    """End a waiting step of a locked concern with its outcome. What follows it starts; where it was not done, a lead decides what to do."""
    body = {"step": step.text, "done": "yes" if done else "no", "outcome": outcome, "reference": reference}
    entry = write_entry(by=by, concern=concern, kind=EntryKind.STEP_OUTCOME, body=body, at=at, keyring=Keyring.of(concern))
    end_step(step, state=StepState.DONE if done else StepState.FAILED, by=by, at=at, entry=entry)
    holder = holder_or_next(concern, at=at) or by
    start_following(concern, done=step.key, holder=holder, at=at)
    if not done:
        step_for_lead(
            concern,
            kind=StepKind.DECIDE,
            text=f"Not possible: {step.text}. Decide what to do instead",
            due_at=at + LEAD_HAS[concern.is_pressing],
            at=at,
        )
    set_next_due(concern, at=at)
    save_concern(concern)
    audit(by=by, verb="ended a step", subject=concern, at=at, kind=step.kind, done=done)
    return entry
