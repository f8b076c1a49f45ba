"""What a lead has to do is with somebody who is there: who answered, else who is on duty and not away; and they alone are rung."""

from datetime import timedelta

import pytest
from django.urls import reverse

from concerns.actions.casework import acknowledge_concern
from concerns.actions.conflicts import declare_conflict
from concerns.actions.handover import answer_handover, hand_over
from concerns.actions.recording import do_own_step
from concerns.choices import TAKE_IT, Status, StepKind, StepState
from concerns.models import Concern, Heartbeat, Leave, Message, Step, User
from concerns.queries.ladder import responders_now
from concerns.queries.rings import ring_now
from concerns.worker import move_on_due
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, URGENT, answered, make_concern, make_draft
from tests.queries.test_duty import put_on_duty
from tests.views.pages import plain

MINUTE = timedelta(minutes=1)


def is_away(cast: Cast, user: User) -> None:
    today = AT.date()
    Leave.objects.create(centre=cast.centre, user=user, first_on=today, last_on=today, made_by=user, made_at=AT)


def waiting(concern: Concern, **only: object) -> Step:
    return Step.objects.select_related("person").get(concern=concern, state=StepState.WAITING, **only)


def left_alone(cast: Cast) -> Concern:
    """An emergency that the deputy answered, and cannot go on with five minutes later; the lead, first on the list, is away."""
    is_away(cast, cast.lead)
    concern = answered(make_concern(cast, answers=DANGER), by=cast.deputy)
    Step.objects.filter(concern=concern, kind=StepKind.SPEAK_TO_REPORTER, state=StepState.WAITING).update(state=StepState.DONE)
    Concern.objects.filter(pk=concern.pk).update(acknowledged_by=cast.case_manager)  # who handed it over to the deputy
    declare_conflict(by=cast.deputy, concern_id=concern.pk, reason="My nephew.", at=AT + 5 * MINUTE)
    concern.refresh_from_db()
    return concern


@pytest.mark.parametrize("answers", [URGENT, DANGER, CALM])
def test_who_answers_has_what_a_lead_has_to_do(cast: Cast, answers: object) -> None:
    concern = answered(make_concern(cast, answers=answers), by=cast.deputy)  # type: ignore[arg-type]

    mine = Step.objects.filter(concern=concern, state=StepState.WAITING, who="holder", due_at__isnull=False)
    assert set(mine.values_list("person", flat=True)) == {cast.deputy.pk}


def test_before_the_answer_it_is_with_somebody_who_is_not_away(cast: Cast) -> None:
    is_away(cast, cast.lead)

    assert waiting(make_concern(cast, answers=URGENT), kind=StepKind.WRITE_FOLLOW_UP).person == cast.deputy


def test_emergency_that_nobody_has_any_more_is_asked_of_who_is_there_within_ten_minutes(cast: Cast) -> None:
    step = waiting(left_alone(cast), key=TAKE_IT)

    assert (step.person, step.due_at) == (cast.case_manager, AT + 15 * MINUTE)


def test_who_does_not_take_it_is_passed_over_without_a_reminder(cast: Cast) -> None:
    concern = left_alone(cast)

    move_on_due(at=AT + 15 * MINUTE)

    assert waiting(concern, key=TAKE_IT).person == cast.lead


def test_reporter_of_an_emergency_that_nobody_has_any_more_is_told_whom_to_ring(cast: Cast) -> None:
    concern = left_alone(cast)

    found = ring_now(concern, at=AT + 6 * MINUTE)
    Concern.objects.filter(pk=concern.pk).update(lead=cast.case_manager)
    concern.refresh_from_db()

    assert found and (found.name, "Nobody has this concern at the moment" in found.note) == ("Grace Mensah", True)
    assert ring_now(concern, at=AT + 6 * MINUTE) is None


def test_what_was_not_possible_is_decided_by_who_is_asked_at_that_moment(cast: Cast) -> None:
    is_away(cast, cast.lead)
    concern = make_concern(cast, answers=DANGER)
    ring = Step.objects.filter(concern=concern, kind=StepKind.RING, state=StepState.WAITING, person=cast.reporter)[0]

    do_own_step(by=cast.reporter, concern_id=concern.pk, step_id=ring.pk, done=False, outcome="No signal.", at=AT + MINUTE)

    step = waiting(concern, kind=StepKind.DECIDE)
    assert (step.person, step.due_at) == (cast.deputy, AT + 11 * MINUTE)


def test_nobody_who_is_away_is_named_to_be_rung(cast: Cast) -> None:
    is_away(cast, cast.lead)
    concern = make_concern(cast, answers=DANGER)
    Step.objects.filter(concern=concern, kind=StepKind.ACKNOWLEDGE).update(person=None, who="everybody")

    found = ring_now(concern, at=AT + MINUTE)

    assert found and found.name == "Tom Ellis"


@pytest.mark.parametrize(("away", "duty", "names"), [(True, False, ["Tom Ellis", "Grace Mensah"]), (False, True, ["Grace Mensah"])])
def test_whom_to_ring_begins_with_who_is_here(cast: Cast, away: bool, duty: bool, names: list[str]) -> None:
    if away:
        is_away(cast, cast.lead)
    if duty:
        put_on_duty(cast, cast.case_manager)

    found = [person.name for person in responders_now(cast.centre, reporter=cast.reporter, at=AT) if person.ladder == "ordinary"]

    assert found[: len(names)] == names
    assert ("Priya Shah" in found) == (not away)


@pytest.mark.parametrize("fault", ["worker", "mail"])
def test_reporter_learns_that_nobody_else_is_asked_at_the_moment(cast: Cast, fault: str) -> None:
    """The first mail left; then the worker, or mail, stood still."""
    concern = make_concern(cast, answers=DANGER)
    Message.objects.filter(concern=concern).update(sent_at=AT)
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": AT + 45 * MINUTE})
    Heartbeat.objects.update_or_create(name="mail", defaults={"at": AT + 45 * MINUTE})
    well = ring_now(concern, at=AT + 45 * MINUTE)
    Heartbeat.objects.filter(name=fault).update(at=AT)

    found = ring_now(concern, at=AT + 45 * MINUTE)

    assert well and "cannot ask anybody else" not in well.note
    assert found and "the app cannot ask anybody else at the moment" in found.note and "0116 454 1004" in found.note


def test_after_silence_it_is_new_again(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    move_on_due(at=AT + 32 * MINUTE)

    concern.refresh_from_db()
    assert (concern.acknowledged_at, concern.status) == (None, Status.NEW)


def test_who_takes_over_what_nobody_has_answered_has_answered_it(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    Concern.objects.filter(pk=concern.pk).update(lead=cast.lead)  # who had it before it became worse
    concern.refresh_from_db()
    hand_over(by=cast.lead, concern_id=concern.pk, version=concern.version, to=cast.deputy, note="Please.", at=AT + MINUTE)

    answer_handover(
        by=cast.deputy,
        concern_id=concern.pk,
        step_id=waiting(concern, kind=StepKind.ACCEPT_HANDOVER).pk,
        accept=True,
        reason="",
        at=AT + 2 * MINUTE,
    )

    concern.refresh_from_db()
    assert (concern.acknowledged_by, concern.lead, concern.status) == (cast.deputy, cast.deputy, Status.ACKNOWLEDGED)
    assert waiting(concern, kind=StepKind.SPEAK_TO_REPORTER).person == cast.deputy


def test_route_page_names_nobody_who_is_away(cast: Cast) -> None:
    draft = make_draft(cast, answers=CALM)
    client = signed_in(cast.reporter)
    before = plain(client.get(reverse("triage_route", args=[draft])))
    Leave.objects.create(centre=cast.centre, user=cast.lead, first_on="2020-01-01", last_on="2100-01-01", made_by=cast.lead, made_at=AT)

    after = plain(client.get(reverse("triage_route", args=[draft])))

    assert ["Priya Shah" in page for page in (before, after)] == [True, False]


def test_lead_who_has_it_already_keeps_it_whoever_answers(cast: Cast) -> None:
    concern = make_concern(cast, answers=URGENT)
    Concern.objects.filter(pk=concern.pk).update(lead=cast.lead)

    acknowledge_concern(by=cast.deputy, concern_id=concern.pk, at=AT + MINUTE)

    concern.refresh_from_db()
    assert (concern.lead, waiting(concern, kind=StepKind.WRITE_FOLLOW_UP).person) == (cast.lead, cast.lead)
