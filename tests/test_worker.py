"""The worker: unanswered alerts move on, one after the other, and never stop by themselves; reminders; clean-up. (S33, S34)"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from concerns import triggers
from concerns.actions.casework import acknowledge_concern
from concerns.actions.reminders import show_leads
from concerns.choices import MessageKind, StepKind, StepState, StepWho
from concerns.models import Attempt, Concern, Conflict, Draft, Heartbeat, Message, Step
from concerns.queries.health import health_now
from concerns.queries.queue import unfinished_records
from concerns.worker import move_on_due, tick
from tests.factories import AT, Cast
from tests.makers import CALM, DANGER, URGENT, about, make_concern, make_draft

MINUTE = timedelta(minutes=1)


def asked(concern: Concern) -> list[str]:
    """Who was asked, rung by rung: a name, or "everybody"."""
    steps = Step.objects.filter(concern=concern, kind=StepKind.ACKNOWLEDGE).order_by("rung")
    return [step.person.name if step.person else step.who for step in steps]


def run(minutes: int) -> None:
    """Let the worker come round once a minute for so many minutes after AT."""
    for minute in range(1, minutes + 1):
        tick(at=AT + minute * MINUTE)


def test_silence_goes_up_the_ladder_and_then_to_everybody_without_end(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)

    run(9)
    assert asked(concern) == ["Priya Shah"]
    run(10)
    assert asked(concern) == ["Priya Shah", "Tom Ellis"]
    run(60)

    assert asked(concern) == ["Priya Shah", "Tom Ellis", "Grace Mensah", "everybody", "everybody", "everybody", "everybody"]
    last = Step.objects.get(concern=concern, state=StepState.WAITING, kind=StepKind.ACKNOWLEDGE)
    told = Message.objects.filter(key__startswith=str(last.pk)).values_list("recipient__name", flat=True)
    assert sorted(told) == ["Grace Mensah", "Priya Shah", "Sam Okoro", "Tom Ellis"]


def test_moving_on_twice_at_the_same_time_asks_one_person(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)

    moved = [move_on_due(at=AT + 10 * MINUTE) for _ in range(3)]

    assert moved == [1, 0, 0]
    assert len(asked(concern)) == 2


def test_answer_stops_the_ladder(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    run(10)
    acknowledge_concern(by=cast.deputy, concern_id=concern.pk, at=AT + 11 * MINUTE)

    run(40)

    assert asked(concern) == ["Priya Shah", "Tom Ellis"]


def test_vetoed_person_is_passed_over_without_trace(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    Conflict.objects.create(concern=concern, user=cast.deputy, reason=b"x", declared_by=cast.lead, declared_at=AT)

    run(40)

    assert asked(concern)[:3] == ["Priya Shah", "Grace Mensah", "everybody"]
    assert not Message.objects.filter(concern=concern, recipient=cast.deputy).exists()


def test_disabled_account_is_passed_over(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    cast.deputy.is_active = False
    cast.deputy.save()

    run(10)

    assert asked(concern) == ["Priya Shah", "Grace Mensah"]


def test_adult_it_is_about_never_comes_up(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.lead, answers=URGENT))

    run(90)

    assert "Priya Shah" not in asked(concern)
    assert not Message.objects.filter(concern=concern, recipient=cast.lead).exists()


def test_prompt_concern_of_a_thursday_does_not_wait_until_tuesday(cast: Cast) -> None:
    thursday = AT + timedelta(days=2, hours=3)  # 20:30, half an hour before the session ends
    concern = make_concern(cast, answers=CALM, at=thursday)

    tick(at=thursday + 31 * MINUTE)

    assert asked(concern) == ["Priya Shah", "Tom Ellis"]


def test_worker_that_stood_still_for_three_days_goes_on(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)

    tick(at=AT + timedelta(days=3))

    waiting = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING)
    assert waiting.due_at is not None and waiting.due_at > AT + timedelta(days=3)


def test_one_bad_step_blocks_no_other(cast: Cast) -> None:
    bad, good = make_concern(cast, answers=DANGER), make_concern(cast, answers=DANGER)
    Concern.objects.filter(pk=bad.pk).update(plans=["no such plan"])

    move_on_due(at=AT + 10 * MINUTE)

    assert len(asked(good)) == 2
    assert len(asked(bad)) == 1


def test_unfinished_record_mails_its_author_after_30_minutes_once(cast: Cast) -> None:
    make_draft(cast)

    run(29)
    assert Message.objects.filter(kind=MessageKind.UNFINISHED).count() == 0
    run(60)

    assert [message.recipient for message in Message.objects.filter(kind=MessageKind.UNFINISHED)] == [cast.reporter]


@pytest.mark.parametrize(("minutes", "shown"), [(119, False), (121, True)])
def test_leads_see_that_there_is_an_unfinished_record_after_two_hours(cast: Cast, minutes: int, shown: bool) -> None:
    draft_id = make_draft(cast, at=AT)

    tick(at=AT + minutes * MINUTE)

    found = unfinished_records(cast.lead)
    assert [draft.pk for draft in found] == ([draft_id] if shown else [])


def test_leads_see_it_at_the_end_of_the_session(cast: Cast) -> None:
    nearly = AT + timedelta(hours=3)  # 20:30; the session ends at 21:00
    make_draft(cast, at=nearly)

    tick(at=nearly + 29 * MINUTE)
    assert not Draft.objects.exclude(told_lead_at=None).exists()
    tick(at=nearly + 31 * MINUTE)

    assert Draft.objects.exclude(told_lead_at=None).count() == 1


def test_each_round_leaves_a_heartbeat(cast: Cast) -> None:
    tick(at=AT)
    tick(at=AT + MINUTE)

    assert set(Heartbeat.objects.values_list("name", "at")) == {("worker", AT + MINUTE), ("mail", AT + MINUTE)}


def test_everybody_step_is_for_everybody(cast: Cast) -> None:
    make_concern(cast, answers=DANGER)
    run(31)

    assert Step.objects.filter(who=StepWho.EVERYBODY, state=StepState.WAITING).count() == 1


def test_step_that_the_database_refuses_blocks_no_other_and_no_mail(cast: Cast) -> None:
    bad, good = make_concern(cast, answers=DANGER), make_concern(cast, answers=DANGER)
    refuse_changes("concerns_step", "concern_id", bad.pk)

    tick(at=AT + 10 * MINUTE)

    assert (len(asked(bad)), len(asked(good))) == (1, 2)
    assert Message.objects.filter(concern=good).exclude(attempts=0).exists()
    beats = {("worker", AT + 10 * MINUTE), ("mail", AT + 10 * MINUTE), ("stuck", AT + 10 * MINUTE)}
    assert set(Heartbeat.objects.values_list("name", "at")) == beats


def refuse_changes(table: str, column: str, pk: UUID) -> None:
    """Let the database itself refuse every change to rows of one table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            refuse = "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            cursor.execute(f"CREATE TRIGGER refused BEFORE UPDATE ON {table} WHEN NEW.{column} = '{pk.hex}' {refuse}")
        else:
            call = f"EXECUTE FUNCTION {triggers.FUNCTION}()"
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"CREATE TRIGGER refused BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NEW.{column} = '{pk}') {call}")


def test_step_that_cannot_be_moved_on_raises_the_alarm(cast: Cast) -> None:
    bad = make_concern(cast, answers=DANGER)
    Concern.objects.filter(pk=bad.pk).update(plans=["no such plan"])

    tick(at=AT + 10 * MINUTE)

    assert "could not be passed on" in health_now(at=AT + 11 * MINUTE).alarm
    assert health_now(at=AT + 71 * MINUTE).steps


def test_one_bad_draft_stops_no_other_and_not_the_heartbeat(cast: Cast) -> None:
    bad, good = make_draft(cast), make_draft(cast)
    refuse_changes("concerns_draft", "id", bad)

    tick(at=AT + 121 * MINUTE)

    seen = Draft.objects.filter(pk=good, told_lead_at__isnull=False, reminded_at__isnull=False)
    assert seen.exists()
    assert Heartbeat.objects.filter(name="worker", at=AT + 121 * MINUTE).exists()


def test_many_fresh_drafts_do_not_hide_an_old_one_from_leads(cast: Cast) -> None:
    old = make_draft(cast)
    for _ in range(6):
        make_draft(cast, at=AT + timedelta(hours=2))

    show_leads(by=None, at=AT + timedelta(hours=2, minutes=1), limit=5)

    assert [draft.pk for draft in Draft.objects.exclude(told_lead_at=None)] == [old]


def test_worker_that_cron_starts_also_does_the_work_beside_the_alerts(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.CARD_FILE = tmp_path / "emergency.html"
    Attempt.objects.create(bucket="old", at=timezone.now() - timedelta(days=1))

    call_command("run_worker", "--once", skip_checks=True)

    assert settings.CARD_FILE.exists()
    assert not Attempt.objects.exists()
