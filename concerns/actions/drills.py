"""Drills: a practice concern on the real chain. Real people are asked, by real mails marked as a drill, until one of them answers.

It asks nobody to ring anyone. A real emergency ends it: nothing may stand beside that.
"""

from datetime import datetime
from uuid import UUID, uuid4

from concerns.access.decisions import require
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.entries import write_entry
from concerns.actions.escalation import ask_next, end_steps, set_next_due
from concerns.actions.outbox import queue_message
from concerns.actions.references import save_with_reference
from concerns.choices import ASKING, DrillEnd, EntryKind, HomeArea, Ladder, Level, MessageKind, Status, StepState, Vault
from concerns.exceptions import NotVisible, Refused
from concerns.models import Centre, Concern, Drill, Message, Rung, User
from concerns.queries.drills import real_alert_waits
from concerns.queries.plans import versions_to_follow
from concerns.rules.levels import plans_of

TEXT = "This is a drill. Nothing in it is real. Whoever is asked answers it as they would answer a real alert."
RUNNING = "A drill is running already. Wait until it is answered, or end it."


@recorded
def start_drill(*, by: User, centre: Centre, level: Level, at: datetime) -> Drill:
    """Start a drill: the first person on the list is asked, as for a real concern of this level; who starts it is not asked.

    Where a real alert of an emergency or urgent concern waits for an answer, the drill is over before it begins, without any mail.
    Raises Refused where one is running.
    """
    require(by, Permission.RUN_DRILL, centre)
    Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    if Drill.objects.filter(centre=centre, ended_at=None).exists():
        raise Refused(RUNNING)
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
    drill = Drill.objects.create(centre=centre, concern=concern, started_by=by, started_at=at)
    write_entry(by=by, concern=concern, kind=EntryKind.NOTE, body={"text": TEXT}, at=at, keyring=keyring)
    audit(by=by, verb="started a drill", subject=drill, at=at, centre=centre, level=level)
    if real_alert_waits(centre):
        _end(drill, why=DrillEnd.ENDED, at=at)
    else:
        ask_next(concern, at=at)
        set_next_due(concern, at=at)
    return drill


@recorded
def end_drill(*, by: User, drill_id: UUID, at: datetime) -> Drill:
    """End a running drill that nobody has answered. Raises NotVisible for one of another centre, Refused where it is over."""
    drill = Drill.objects.select_related("concern__centre", "centre").filter(pk=drill_id).first()
    if drill is None:
        raise NotVisible("Not found.")
    require(by, Permission.RUN_DRILL, drill.centre)
    Concern.objects.select_for_update(no_key=True).get(pk=drill.concern_id)
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
    """End the drill that is running at a centre where somebody is in danger now. Part of opening a concern."""
    for drill in Drill.objects.select_related("concern").filter(centre=centre, ended_at=None):
        _end(drill, why=DrillEnd.ENDED, at=at)


def _end(drill: Drill, *, why: DrillEnd, at: datetime) -> None:
    if not Drill.objects.filter(pk=drill.pk, ended_at=None).update(ended_at=at, ended_why=why):
        return
    concern = drill.concern
    end_steps(concern, state=StepState.CANCELLED, at=at)
    Concern.objects.filter(pk=concern.pk).update(status=Status.CLOSED, closed_at=at, next_due_at=None)
    Message.objects.filter(concern=concern, sent_at=None).delete()
    asked = User.objects.filter(messages__concern=concern, messages__kind__in=ASKING, is_active=True).distinct()
    for user in asked:
        queue_message(recipient=user, kind=MessageKind.DRILL_OVER, key=f"{drill.pk}:{user.pk}", at=at, concern=concern)
