"""Drills: a practice concern on the real chain. Real people are asked, by real mails marked as a drill, until one of them answers.

It asks nobody to ring anyone. A real emergency ends it, where all of those who answer alerts may know of that: where it is hidden from one
of them, the drill starts, goes on and ends like any other, and says nothing. Whoever ends a drill locks its concern first, then the
drill, so that nobody waits for the other in a ring.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from concerns.access.decisions import require
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.entries import write_entry
from concerns.actions.escalation import ask_next, end_steps, pass_on
from concerns.actions.locking import lock_concern
from concerns.actions.next_due import set_next_due
from concerns.actions.outbox import queue_message
from concerns.actions.references import save_with_reference
from concerns.choices import ASKING, DrillEnd, EntryKind, HomeArea, Ladder, Level, MessageKind, Status, StepState, StepWho, Vault
from concerns.exceptions import NotVisible, Refused
from concerns.models import Centre, Concern, Drill, Message, Rung, Step, User
from concerns.queries.drills import is_stopped_by_a_real_alert, waits_for
from concerns.queries.ladder import free_people
from concerns.queries.plans import versions_to_follow
from concerns.rules.levels import plans_of

TEXT = "This is a drill. Nothing in it is real. Whoever is asked answers it as they would answer a real alert."
RUNNING = "A drill is running already. Wait until it is answered, or end it."
SERIOUS = "Somebody waits for an answer to a real alert. Answer that first: a drill can wait."
NOBODY = "Nobody else is on the list of people whom alerts go to, so nobody can be asked."
FIRST_LOOK = timedelta(minutes=2)


@recorded
def start_drill(*, by: User, centre: Centre, level: Level, at: datetime) -> Drill:
    """Start a drill: the first person on the list is asked, as for a real concern of this level; who starts it is not asked.

    Raises Refused where one is running, where nobody else can be asked, or where `by` knows of a real alert that waits for an answer.
    """
    require(by, Permission.RUN_DRILL, centre)
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    if Drill.objects.filter(centre=centre, ended_at=None).exists():
        raise Refused(RUNNING)
    if waits_for(by, centre):
        raise Refused(SERIOUS)
    concern = _practice_concern(by=by, centre=centre, level=level, at=at)
    if not free_people(concern):
        raise Refused(NOBODY)
    drill = Drill.objects.create(centre=centre, concern=concern, started_by=by, started_at=at)
    audit(by=by, verb="started a drill", subject=drill, at=at, centre=centre, level=level)
    step = ask_next(concern, at=at)
    if is_stopped_by_a_real_alert(concern):
        Step.objects.filter(pk=step.pk).update(moves_at=at + FIRST_LOOK)
    set_next_due(concern, at=at)
    return drill


def _practice_concern(*, by: User, centre: Centre, level: Level, at: datetime) -> Concern:
    keyring = Keyring()
    concern = Concern(
        centre=centre,
        data_key=keyring.new_key(at=at),
        draft_token=uuid4(),
        level=level,
        vault=Vault.ORDINARY,
        plans=list(plans_of(level, Vault.ORDINARY)),
        ladder=[str(pk) for pk in Rung.objects.filter(centre=centre, ladder=Ladder.ORDINARY).values_list("user", flat=True)],
        is_drill=True,
        home_area=HomeArea.UNKNOWN,
        logged_by=by,
        logged_at=at,
        clock_started_at=at,
        next_due_at=at,
    )
    concern.plan_versions = versions_to_follow(concern)
    save_with_reference(concern)
    write_entry(by=by, concern=concern, kind=EntryKind.NOTE, body={"text": TEXT}, at=at, keyring=keyring)
    return concern


@recorded
def end_drill(*, by: User, drill_id: UUID, at: datetime) -> Drill:
    """End a running drill that nobody has answered. Raises NotVisible for one of another centre, Refused where it is over."""
    drill = Drill.objects.select_related("concern__centre", "centre").filter(pk=drill_id).first()
    if drill is None:
        raise NotVisible("Not found.")
    require(by, Permission.RUN_DRILL, drill.centre)
    lock_concern(by=None, permission=None, concern_id=drill.concern_id)
    drill.refresh_from_db(fields=["ended_at"])
    if drill.ended_at is not None:
        raise Refused("This drill is over already.")
    _end(drill, why=DrillEnd.ENDED, at=at)
    audit(by=by, verb="ended a drill", subject=drill, at=at, centre=drill.centre)
    return drill


def end_answered_drill(concern: Concern, *, at: datetime) -> None:
    """End the drill of a locked concern that somebody has just answered."""
    _end(Drill.objects.select_related("concern").get(concern=concern), why=DrillEnd.ANSWERED, at=at)
    concern.refresh_from_db()


def end_for_a_real_one(centre: Centre, *, at: datetime) -> None:
    """End the drill that is running at a centre where somebody may be in danger now, where that is hidden from nobody in it.

    One that starts at the same moment is not seen here: it ends when the next person would be asked.
    """
    for drill in Drill.objects.select_related("concern", "centre").filter(centre=centre, ended_at=None):
        if is_stopped_by_a_real_alert(lock_concern(by=None, permission=None, concern_id=drill.concern_id)):
            _end_by_itself(drill, at=at)


def move_drill_on(*, by: None, concern: Concern, step: Step, at: datetime) -> bool:
    """Do what silence asks for in a drill, whose concern is locked: ask the next person; end it once everybody was asked in vain.

    It ends before that where a real alert waits of which all may know who see the drill.
    """
    if step.who == StepWho.EVERYBODY or is_stopped_by_a_real_alert(concern):
        _end_by_itself(Drill.objects.select_related("concern", "centre").get(concern=concern), at=at)
        return True
    if step.due_at is not None and step.due_at > at:
        Step.objects.filter(pk=step.pk).update(moves_at=step.due_at)
        return False
    return pass_on(by=by, concern=concern, step=step, at=at) is not None


def _end_by_itself(drill: Drill, *, at: datetime) -> None:
    if _end(drill, why=DrillEnd.ENDED, at=at):
        audit(by=None, verb="ended a drill", subject=drill, at=at, centre=drill.centre)


def _end(drill: Drill, *, why: DrillEnd, at: datetime) -> bool:
    """End a drill whose concern is locked; False where it was over already."""
    if not Drill.objects.filter(pk=drill.pk, ended_at=None).update(ended_at=at, ended_why=why):
        return False
    concern = drill.concern
    end_steps(concern, state=StepState.CANCELLED, at=at)
    Concern.objects.filter(pk=concern.pk).update(status=Status.CLOSED, closed_at=at, next_due_at=None)
    Message.objects.filter(concern=concern, sent_at=None).delete()
    asked = User.objects.filter(messages__concern=concern, messages__kind__in=ASKING, is_active=True).distinct()
    for user in asked:
        queue_message(recipient=user, kind=MessageKind.DRILL_OVER, key=f"{drill.pk}:{user.pk}", at=at, concern=concern)
    return True
