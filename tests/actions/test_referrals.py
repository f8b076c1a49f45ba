"""The council's clock: a referral starts it, an answer ends it, on plans with and without steps for it. (S27)"""

from datetime import UTC, datetime, timedelta

import pytest

from concerns.access.keyring import Keyring
from concerns.actions.conflicts import declare_conflict
from concerns.actions.referrals import record_council_answer, record_referral
from concerns.choices import ContactKey, EntryKind, Status, StepKind, StepState
from concerns.exceptions import NotVisible, Refused, Stale
from concerns.models import Concern, Entry, Referral, Step
from concerns.rules.deadlines import LONDON
from concerns.rules.referrals import IN_WRITING, LADDER, CouncilDecision
from tests.factories import AT, Cast
from tests.makers import CALM, URGENT, about, answered, make_concern

CALLED = AT + timedelta(minutes=30)
LATER = AT + timedelta(hours=1)
SAID = {"spoken_to": "Ruth Adeyemi", "was_said": "They will ring back.", "how": "phone"}
COUNCIL = (StepKind.WRITE_FOLLOW_UP, StepKind.COUNCIL_DECISION, StepKind.CHASE, StepKind.DISAGREE)


def refer(
    cast: Cast, concern: Concern, *, made_at: datetime = CALLED, at: datetime = LATER, to: str = "duty_city", **more: str
) -> Referral:
    concern.refresh_from_db()
    return record_referral(
        by=cast.lead, concern_id=concern.pk, version=concern.version, to=to, made_at=made_at, details={**SAID, **more}, at=at
    )


def reply(cast: Cast, referral: Referral, *, agrees: bool = True, after: timedelta = timedelta(hours=4)) -> Entry:
    when = referral.made_at + after
    return record_council_answer(
        by=cast.lead,
        concern_id=referral.concern_id,
        referral_id=referral.pk,
        what="An assessment.",
        decision=CouncilDecision.ENQUIRY,
        answered_at=when,
        at=when + timedelta(minutes=5),
        agrees=agrees,
    )


def waiting(concern: Concern) -> dict[str, list[datetime]]:
    """The times of the waiting steps of the council's clock, by kind."""
    rows = Step.objects.filter(concern=concern, state=StepState.WAITING, kind__in=COUNCIL).order_by("due_at")
    found: dict[str, list[datetime]] = {}
    for row in rows:
        assert row.due_at is not None and row.moves_at == row.due_at and row.person is not None
        found.setdefault(row.kind, []).append(row.due_at)
    return found


def working_days(start: datetime, days: int) -> datetime:
    """The same local time so many days later, past a week-end. No bank holiday lies near the dates of these tests."""
    day = start.astimezone(LONDON)
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day.astimezone(UTC)


def clocks(start: datetime) -> dict[str, list[datetime]]:
    return {
        StepKind.WRITE_FOLLOW_UP: [start + timedelta(hours=24)],
        StepKind.COUNCIL_DECISION: [working_days(start, 1)],
        StepKind.CHASE: [working_days(start, 3)],
        StepKind.DISAGREE: [working_days(start, days) for days in (4, 5, 6)],
    }


@pytest.mark.parametrize("answers", [URGENT, CALM], ids=["a plan with council steps", "a plan without"])
def test_every_clock_runs_from_the_referral(cast: Cast, answers: object) -> None:
    concern = answered(make_concern(cast, answers=answers), by=cast.lead)  # type: ignore[arg-type]

    refer(cast, concern)

    concern.refresh_from_db()
    rungs = Step.objects.filter(concern=concern, kind=StepKind.DISAGREE).order_by("due_at")
    assert waiting(concern) == clocks(CALLED)
    assert [step.text for step in rungs] == list(LADDER)
    assert concern.status == Status.REFERRED
    assert concern.next_due_at == min(Step.objects.exclude(due_at=None).filter(state="waiting").values_list("due_at", flat=True))


def test_call_to_the_desk_is_done_and_holds_what_was_said(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    referral = refer(cast, concern, events="He said so.", child="Aria", duty_by="Tom Reed", unknown="x", religion="")

    call = Step.objects.get(concern=concern, kind=StepKind.RING, contact_key=ContactKey.DUTY_CITY)
    body = Keyring.of(referral.entry).open(referral.entry, "body")
    assert (call.state, call.entry) == (StepState.DONE, referral.entry)
    assert list(body) == ["desk", "spoken_to", "how", "was_said", "child", "events", "duty_by"]
    assert (referral.entry.kind, referral.entry.happened_at) == (EntryKind.REFERRAL, CALLED)


def test_call_to_another_desk_leaves_the_plans_own(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    refer(cast, concern, to="duty_county")

    assert Step.objects.get(concern=concern, kind=StepKind.RING).state == StepState.WAITING


def test_lado_is_told_and_the_outcome_is_asked_for(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=about(cast.reporter2)), by=cast.lead)

    refer(cast, concern, to="lado_city")

    assert Step.objects.get(concern=concern, kind=StepKind.LADO).state == StepState.DONE
    assert Step.objects.get(concern=concern, kind=StepKind.OUTCOME).due_at is not None
    assert waiting(concern) == clocks(CALLED)


def test_referral_in_writing_needs_no_follow_up(cast: Cast) -> None:
    urgent, calm = (answered(make_concern(cast, answers=answers), by=cast.lead) for answers in (URGENT, CALM))

    for concern in (urgent, calm):
        refer(cast, concern, how=IN_WRITING)

    assert Step.objects.get(kind=StepKind.WRITE_FOLLOW_UP).state == StepState.DONE
    for concern in (urgent, calm):
        assert StepKind.WRITE_FOLLOW_UP not in waiting(concern)


def test_answer_ends_what_waited_for_it(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    referral = refer(cast, concern)

    entry = reply(cast, referral)

    referral.refresh_from_db()
    ended = Step.objects.filter(concern=concern, kind__in=COUNCIL[1:])
    assert (referral.answered_at, referral.answer) == (CALLED + timedelta(hours=4), entry)
    assert list(waiting(concern)) == [StepKind.WRITE_FOLLOW_UP]
    assert {(step.state, step.entry_id) for step in ended} == {(StepState.DONE, entry.pk)}


def test_concern_without_other_steps_gets_a_review(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    referral = refer(cast, concern, how=IN_WRITING)
    Step.objects.filter(concern=concern, state=StepState.WAITING).exclude(kind__in=COUNCIL).update(state=StepState.DONE)

    reply(cast, referral)

    concern.refresh_from_db()
    review = Step.objects.get(concern=concern, state=StepState.WAITING)
    assert (review.kind, review.due_at) == (StepKind.REVIEW, concern.next_due_at)


def test_who_does_not_agree_goes_up_the_ladder_from_the_answer(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    referral = refer(cast, concern, how=IN_WRITING)

    reply(cast, referral, agrees=False)

    answered_at = CALLED + timedelta(hours=4)
    assert waiting(concern) == {StepKind.DISAGREE: [working_days(answered_at, days) for days in (1, 2, 3)]}


def test_second_referral_never_gives_the_first_more_time(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    first = refer(cast, concern)
    second = refer(cast, concern, to="lado_city", made_at=CALLED + timedelta(hours=20), at=CALLED + timedelta(hours=21))

    assert waiting(concern) == clocks(CALLED)
    reply(cast, first)
    assert waiting(concern) == clocks(CALLED)
    reply(cast, second)
    assert list(waiting(concern)) == [StepKind.WRITE_FOLLOW_UP]


def test_referral_after_an_answer_starts_anew(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    reply(cast, refer(cast, concern, how=IN_WRITING))
    again = CALLED + timedelta(days=7)

    refer(cast, concern, made_at=again, at=again)

    assert waiting(concern) == clocks(again)


@pytest.mark.parametrize(
    ("made_at", "more", "words"),
    [
        (LATER + timedelta(minutes=1), {}, "has not come yet"),
        (AT - timedelta(days=2), {}, "more than a day before"),
        (CALLED, {"was_said": ""}, "Say what was said"),
        (CALLED, {"to": "", "spoken_to": ""}, "and to whom"),
    ],
)
def test_referral_that_cannot_be_is_refused(cast: Cast, made_at: datetime, more: dict[str, str], words: str) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    with pytest.raises(Refused, match=words):
        refer(cast, concern, made_at=made_at, **more)
    assert not Referral.objects.exists()


def test_answer_that_cannot_be_is_refused(cast: Cast) -> None:
    concern, other = (answered(make_concern(cast), by=cast.lead) for _ in range(2))
    referral, elsewhere = refer(cast, concern), refer(cast, other)
    fields = {"by": cast.lead, "concern_id": concern.pk, "what": "No.", "decision": CouncilDecision.OTHER, "at": LATER}

    for pk, when, words in (
        (referral.pk, LATER + timedelta(minutes=1), "has not come yet"),
        (referral.pk, CALLED - timedelta(minutes=1), "before the referral was made"),
        (elsewhere.pk, LATER, "no such referral"),
    ):
        with pytest.raises(Refused, match=words):
            record_council_answer(referral_id=pk, answered_at=when, **fields)  # type: ignore[arg-type]
    reply(cast, referral)
    with pytest.raises(Refused, match="recorded already"):
        reply(cast, referral)


def test_form_that_is_stale_or_somebody_kept_out_changes_nothing(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    fields = {"concern_id": concern.pk, "to": "duty_city", "made_at": CALLED, "details": SAID, "at": LATER}

    with pytest.raises(Stale):
        record_referral(by=cast.lead, version=concern.version - 1, **fields)  # type: ignore[arg-type]
    referral = refer(cast, concern)
    declare_conflict(by=cast.lead, concern_id=concern.pk, reason="My neighbour.", at=LATER)
    for person in (cast.lead, cast.reporter, cast.admin):
        with pytest.raises(NotVisible):
            record_referral(by=person, version=concern.version, **fields)  # type: ignore[arg-type]
    with pytest.raises(NotVisible):
        reply(cast, referral)
    assert cast.lead not in {step.person for step in Step.objects.filter(concern=concern, state=StepState.WAITING)}
