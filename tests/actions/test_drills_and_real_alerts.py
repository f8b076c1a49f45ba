"""A drill beside a real alert: the real one comes first, the drill tells nobody of it, and nobody takes the drill for real."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from concerns.actions.closing import change_level
from concerns.actions.conflicts import declare_conflict
from concerns.actions.drills import start_drill
from concerns.actions.opening import triage_again
from concerns.actions.recording import add_addendum, disagree
from concerns.choices import DrillEnd, Level, MessageKind, Role, StepState
from concerns.exceptions import NotAllowed, Refused
from concerns.models import AuditEvent, Concern, Conflict, Drill, Message, RoleGrant
from concerns.queries.rings import ring_now
from concerns.worker import move_on_due
from tests.factories import AT, Cast, signed_in
from tests.makers import ACCOUNT, CALM, DANGER, URGENT, about, answered, make_concern

MINUTE = timedelta(minutes=1)


def drill_by(cast: Cast, name: str = "admin") -> Drill:
    return start_drill(by=getattr(cast, name), centre=cast.centre, level=Level.EMERGENCY, at=AT)


def hidden_from(cast: Cast, name: str) -> Concern:
    """A real emergency that does not exist for this lead or deputy."""
    concern = make_concern(cast, answers=DANGER)
    user = getattr(cast, name)
    Conflict.objects.create(concern=concern, user=user, declared_by=user, declared_at=AT, reason=b"")
    return concern


def raised(cast: Cast, concern: Concern) -> None:
    change_level(by=cast.deputy, concern_id=concern.pk, version=concern.version, to=Level.URGENT, reason="Worse.", at=AT + 5 * MINUTE)


def asked_again(cast: Cast, concern: Concern) -> None:
    triage_again(by=cast.reporter, concern_id=concern.pk, answers=URGENT, at=AT + 5 * MINUTE)


@pytest.mark.parametrize("gets_worse", [raised, asked_again])
def test_concern_that_gets_worse_ends_a_drill(cast: Cast, gets_worse: Callable[[Cast, Concern], None]) -> None:
    concern = answered(make_concern(cast, answers=CALM), by=cast.deputy)
    drill = drill_by(cast)

    gets_worse(cast, concern)

    drill.refresh_from_db()
    assert (drill.ended_at, drill.ended_why) == (AT + 5 * MINUTE, DrillEnd.ENDED)


def test_said_to_be_worse_ends_a_drill(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.deputy)
    drill = drill_by(cast)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="Worse.", worse=True, at=AT + 5 * MINUTE)

    drill.refresh_from_db()
    assert drill.ended_at == AT + 5 * MINUTE


def test_end_that_nobody_pressed_stands_in_the_audit_log(cast: Cast) -> None:
    drill = drill_by(cast)

    make_concern(cast, answers=DANGER, at=AT + MINUTE)

    (row,) = AuditEvent.objects.filter(verb="ended a drill")
    assert (row.subject_id, row.by, row.at) == (drill.pk, None, AT + MINUTE)


def test_who_knows_of_a_real_alert_is_asked_to_answer_that_first(cast: Cast) -> None:
    make_concern(cast, answers=DANGER)

    with pytest.raises(Refused, match="Answer that first"):
        drill_by(cast, "lead")


@pytest.mark.parametrize("name", ["admin", "lead"])
def test_who_may_not_know_of_a_real_alert_starts_a_drill_like_any_other(cast: Cast, name: str) -> None:
    hidden_from(cast, "lead")

    drill = drill_by(cast, name)

    drill.refresh_from_db()
    assert (drill.ended_at, Message.objects.filter(concern=drill.concern, kind=MessageKind.ALERT).count()) == (None, 1)


@pytest.mark.parametrize("who", ["lead", "deputy", "case_manager"])
def test_drill_says_nothing_of_a_real_alert_that_is_hidden_from_somebody_in_it(cast: Cast, who: str) -> None:
    """Neither one that waits when it starts, nor one that comes later, ends it, mails anybody or stands in the audit log."""
    hidden_from(cast, who)
    drill = drill_by(cast, "admin")
    make_concern(cast, answers=about(getattr(cast, who), answers=DANGER), at=AT + MINUTE)

    for minute in (2, 9, 10, 11):
        move_on_due(at=AT + minute * MINUTE)

    drill.refresh_from_db()
    mails = Message.objects.filter(concern=drill.concern).order_by("queued_at").values_list("recipient", "kind")
    assert (drill.ended_at, list(mails)) == (None, [(cast.lead.pk, MessageKind.ALERT), (cast.deputy.pk, MessageKind.NUDGE)])
    assert not AuditEvent.objects.filter(verb="ended a drill").exists()


def test_drill_beside_a_real_alert_is_over_soon_and_nobody_else_is_asked(cast: Cast) -> None:
    make_concern(cast, answers=DANGER)
    drill = drill_by(cast)

    move_on_due(at=AT + 2 * MINUTE)

    drill.refresh_from_db()
    assert (drill.ended_at, drill.ended_why) == (AT + 2 * MINUTE, DrillEnd.ENDED)
    assert not drill.concern.steps.filter(state=StepState.WAITING).exists()
    assert AuditEvent.objects.filter(verb="ended a drill", by=None).count() == 1


def test_drill_goes_on_when_the_real_alert_was_answered_meanwhile(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    drill = drill_by(cast)
    answered(concern, by=cast.lead, at=AT + MINUTE)

    move_on_due(at=AT + 2 * MINUTE)
    move_on_due(at=AT + 10 * MINUTE)

    assert [step.person for step in drill.concern.steps.order_by("rung")] == [cast.lead, cast.deputy]


def test_drill_and_alert_of_the_same_moment_do_not_stay_beside_each_other(cast: Cast) -> None:
    """Neither transaction sees the other: the drill ends when the next person would be asked."""
    drill = drill_by(cast)
    make_concern(cast, answers=DANGER, at=AT)
    Drill.objects.filter(pk=drill.pk).update(ended_at=None, ended_why="")
    drill.concern.steps.update(state=StepState.WAITING)
    Concern.objects.filter(pk=drill.concern_id).update(status="new", next_due_at=AT + 10 * MINUTE)

    move_on_due(at=AT + 10 * MINUTE)

    assert Drill.objects.get().ended_at == AT + 10 * MINUTE


def test_drill_ends_by_itself_once_everybody_was_asked(cast: Cast) -> None:
    drill = drill_by(cast)

    for minute in range(1, 60):
        move_on_due(at=AT + minute * MINUTE)

    drill.refresh_from_db()
    assert (drill.ended_at, drill.ended_why) == (AT + 40 * MINUTE, DrillEnd.ENDED)


def test_database_holds_one_running_drill(cast: Cast) -> None:
    drill = drill_by(cast)
    other = make_concern(cast)

    with pytest.raises(IntegrityError), transaction.atomic():
        Drill.objects.create(centre=cast.centre, concern=other, started_by=drill.started_by, started_at=AT)


def test_drill_that_nobody_can_be_asked_in_is_refused(cast: Cast) -> None:
    RoleGrant.objects.filter(role__in=(Role.DEPUTY, Role.CASE_MANAGER)).update(ended_at=AT)

    with pytest.raises(Refused, match="nobody can be asked"):
        drill_by(cast, "lead")

    assert (Drill.objects.count(), Message.objects.count()) == (0, 0)


def test_drill_tells_neither_trustees_nor_who_started_it_that_nobody_answers(cast: Cast) -> None:
    drill = drill_by(cast, "lead")
    RoleGrant.objects.filter(role__in=(Role.DEPUTY, Role.CASE_MANAGER)).update(ended_at=AT)

    move_on_due(at=AT + 10 * MINUTE)

    told = Message.objects.values_list("recipient__name", "kind")
    assert sorted(told) == [("Tom Ellis", "alert")]
    assert ring_now(drill.concern, at=AT) is None


@pytest.mark.parametrize("is_over", [False, True])
def test_drill_cannot_be_added_to_or_worked_on(cast: Cast, is_over: bool) -> None:
    drill = drill_by(cast, "lead")
    if is_over:
        answered(drill.concern, by=cast.deputy)
    pk = drill.concern_id

    for does in (
        lambda: add_addendum(by=cast.lead, concern_id=pk, text="x", worse=True, at=AT),
        lambda: disagree(by=cast.lead, concern_id=pk, text="x", at=AT),
        lambda: triage_again(by=cast.lead, concern_id=pk, answers=DANGER, at=AT),
        lambda: raised(cast, drill.concern),
    ):
        with pytest.raises(NotAllowed, match="This is a drill"):
            does()

    with pytest.raises(Refused, match="This is a drill"):
        declare_conflict(by=cast.deputy, concern_id=pk, reason="x", at=AT)


def test_pages_of_a_drill_offer_nothing_but_the_answer(cast: Cast) -> None:
    drill = start_drill(by=cast.lead, centre=cast.centre, level=Level.EMERGENCY, at=timezone.now())

    own = signed_in(cast.lead).get(f"/mine/{drill.concern_id}/").content.decode()
    asked = signed_in(cast.deputy).get(f"/concerns/{drill.concern_id}/").content.decode()

    assert [words for words in ("Add something", "I do not agree", "ring-panel") if words in own] == []
    assert [
        words for words in ("too close", "Then speak to", "Restrict", "Correct", "Lives in", "ring the duty desk") if words in asked
    ] == []
    assert "I am answering this" in asked and ACCOUNT.where not in asked
