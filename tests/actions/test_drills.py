"""Drills: the real chain, marked as a drill in every mail, timed, never among real concerns, and over when it is serious."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.actions.casework import acknowledge_concern
from concerns.actions.drills import end_drill, start_drill
from concerns.actions.letters import write_letter
from concerns.choices import DrillEnd, Level, MessageKind, StepKind, StepState
from concerns.exceptions import NotAllowed, NotVisible, Refused
from concerns.models import Drill, Message, Step
from concerns.queries.drills import drill_is_due, drill_reports
from concerns.queries.health import health_now
from concerns.queries.mine import my_concerns
from concerns.queries.queue import Filters, most_pressing, queue_page
from concerns.worker import move_on_due
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, make_concern

MINUTE = timedelta(minutes=1)


@pytest.fixture
def drill(cast: Cast) -> Drill:
    return start_drill(by=cast.admin, centre=cast.centre, level=Level.EMERGENCY, at=AT)


def mails(drill: Drill, kind: MessageKind) -> list[Message]:
    found = Message.objects.filter(concern=drill.concern, kind=kind).select_related("recipient", "concern", "centre")
    return list(found.order_by("queued_at", "recipient__name"))


def test_first_person_of_the_list_is_asked_by_a_mail_that_says_it_is_a_drill(cast: Cast, drill: Drill) -> None:
    (alert,) = mails(drill, MessageKind.ALERT)

    letter = write_letter(alert, at=AT)

    assert (alert.recipient, letter.subject) == (cast.lead, f"DRILL Safeguarding {drill.concern.reference}: please answer")
    assert letter.body.startswith("This is a drill.")


def test_drill_asks_nobody_to_ring_anyone(cast: Cast, drill: Drill) -> None:
    assert [step.kind for step in drill.concern.steps.all()] == [StepKind.ACKNOWLEDGE]


def test_silence_goes_up_the_real_ladder(cast: Cast, drill: Drill) -> None:
    for minute in range(1, 41):
        move_on_due(at=AT + minute * MINUTE)

    asked = Step.objects.filter(concern=drill.concern).order_by("rung")
    assert [step.person.name if step.person else "all" for step in asked][:4] == ["Priya Shah", "Tom Ellis", "Grace Mensah", "all"]


def test_answer_ends_it_and_those_who_were_asked_are_told(cast: Cast, drill: Drill) -> None:
    move_on_due(at=AT + 10 * MINUTE)
    Message.objects.update(sent_at=AT)
    acknowledge_concern(by=cast.deputy, concern_id=drill.concern_id, at=AT + 12 * MINUTE)

    drill.refresh_from_db()
    drill.concern.refresh_from_db()
    assert (drill.ended_why, drill.concern.is_open) == (DrillEnd.ANSWERED, False)
    assert [mail.recipient for mail in mails(drill, MessageKind.DRILL_OVER)] == [cast.lead, cast.deputy]


def test_report_times_every_rung(cast: Cast, drill: Drill) -> None:
    Message.objects.update(sent_at=AT + timedelta(seconds=2), opened_at=AT + 4 * MINUTE)
    move_on_due(at=AT + 10 * MINUTE)
    acknowledge_concern(by=cast.deputy, concern_id=drill.concern_id, at=AT + 12 * MINUTE)

    (report,) = drill_reports(cast.centre, at=AT + 20 * MINUTE)

    assert report.result == "Tom Ellis answered after 12 min 0 s"
    assert [(rung.who, rung.asked, rung.mail, rung.opened, rung.result) for rung in report.rungs] == [
        ("Priya Shah", "0 s", "2 s", "4 min 0 s", "no answer in time"),
        ("Tom Ellis", "10 min 0 s", "not sent", "not opened", "answered"),
    ]


def test_report_says_who_answered_while_somebody_else_was_asked(cast: Cast, drill: Drill) -> None:
    acknowledge_concern(by=cast.deputy, concern_id=drill.concern_id, at=AT + MINUTE)

    ((rung,),) = [report.rungs for report in drill_reports(cast.centre, at=AT + 20 * MINUTE)]

    assert (rung.who, rung.result) == ("Priya Shah", "Tom Ellis answered")


def test_drill_is_in_no_list_of_real_concerns(cast: Cast, drill: Drill) -> None:
    mine = start_drill_of_lead(cast, drill)

    rows = [*queue_page(cast.deputy, Filters(), at=AT).rows, *most_pressing(cast.deputy, at=AT)]

    assert rows == []
    assert my_concerns(cast.lead, at=AT) == []
    assert mine.concern.logged_by == cast.lead


def start_drill_of_lead(cast: Cast, other: Drill) -> Drill:
    end_drill(by=cast.admin, drill_id=other.pk, at=AT)
    return start_drill(by=cast.lead, centre=cast.centre, level=Level.URGENT, at=AT)


def test_drill_that_nobody_answers_raises_no_alarm(cast: Cast, drill: Drill) -> None:
    assert health_now(at=AT + 5 * MINUTE).mail


def test_real_emergency_ends_a_drill(cast: Cast, drill: Drill) -> None:
    make_concern(cast, answers=DANGER, at=AT + MINUTE)

    drill.refresh_from_db()
    assert (drill.ended_at, drill.ended_why) == (AT + MINUTE, DrillEnd.ENDED)
    assert not Step.objects.filter(concern=drill.concern, state=StepState.WAITING).exists()


def test_drill_goes_on_beside_a_concern_that_is_not_pressing(cast: Cast, drill: Drill) -> None:
    make_concern(cast, answers=CALM)

    drill.refresh_from_db()
    assert drill.ended_at is None


def test_one_drill_runs_at_a_time(cast: Cast, drill: Drill) -> None:
    with pytest.raises(Refused, match="running already"):
        start_drill(by=cast.lead, centre=cast.centre, level=Level.PROMPT, at=AT)


def test_drill_can_be_ended_once(cast: Cast, drill: Drill) -> None:
    end_drill(by=cast.lead, drill_id=drill.pk, at=AT + MINUTE)

    with pytest.raises(Refused, match="over already"):
        end_drill(by=cast.lead, drill_id=drill.pk, at=AT + 2 * MINUTE)


@pytest.mark.parametrize(("name", "refusal"), [("reporter", NotAllowed), ("auditor", NotAllowed), ("outsider", NotVisible)])
def test_others_start_no_drill(cast: Cast, name: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        start_drill(by=getattr(cast, name), centre=cast.centre, level=Level.PROMPT, at=AT)


@pytest.mark.parametrize(("days", "due"), [(29, False), (30, True)])
def test_drill_is_due_after_a_month(cast: Cast, drill: Drill, days: int, due: bool) -> None:
    assert drill_is_due(cast.centre, at=AT + timedelta(days=days)) is due


def test_pages_start_show_and_end_a_drill(cast: Cast) -> None:
    admin = signed_in(cast.admin)

    admin.post(reverse("drill_new"), {"level": "urgent"})
    shown = admin.get(reverse("drills")).content.decode()
    admin.post(reverse("drill_end", args=[Drill.objects.get().pk]))

    assert "Running: nobody has answered yet" in shown and "no answer yet" in shown
    assert "Start a drill" not in shown
    assert Drill.objects.get().ended_at is not None


def test_running_drill_stands_above_the_queue(cast: Cast) -> None:
    drill = start_drill(by=cast.admin, centre=cast.centre, level=Level.PROMPT, at=timezone.now())

    page = signed_in(cast.lead).get(reverse("queue")).content.decode()

    assert f"A drill is running: {drill.concern.reference}" in page
