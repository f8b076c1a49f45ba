"""Who is asked next, and a model of a whole ladder in which anything happens in any order. (S33)

The model keeps what the record keeps, and decides by the product's own rules; `script/soak` lets Hypothesis try much longer.
"""

import os
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from concerns.choices import StepKind, StepWho
from concerns.rules.asking import in_turn, next_to_ask
from concerns.rules.deadlines import Session
from concerns.rules.escalation import LadderSpec, ladder_of, rung_due
from concerns.rules.moving import first_look, rung_deadline
from concerns.rules.plans import load_plans

STAFF = tuple(UUID(int=number) for number in range(1, 6))
PEOPLE, SOME = st.sampled_from(STAFF), st.frozensets(st.sampled_from(STAFF))
OPENED = datetime(2026, 10, 24, 17, 30, tzinfo=UTC)  # the evening before the clocks go back
CLUB = (Session(weekday=1, starts=time(18), ends=time(21)), Session(weekday=5, starts=time(18), ends=time(21)))
LADDERS = [ladder for plan in load_plans().values() for step in plan.steps if (ladder := ladder_of(step))]
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(minutes=181)
RUNS = int(os.environ.get("SOAK_RUNS", "200"))


def test_those_on_duty_are_asked_first_and_the_silent_last():
    one, two, three, four, five = STAFF

    assert in_turn(STAFF, duty=[four, two], silent={one}) == (four, two, three, five, one)


def test_who_is_away_is_passed_over_without_a_gap():
    assert in_turn(STAFF[:3], gone={STAFF[0]}) == STAFF[1:3]


def test_those_away_are_asked_where_nobody_else_is_there():
    assert in_turn(STAFF[:2], gone=set(STAFF)) == STAFF[:2]


def test_nobody_is_next_once_each_was_asked():
    assert next_to_ask(STAFF[:2], asked=STAFF[:2]) is None


def test_who_is_free_once_everybody_was_asked_is_asked_with_the_others():
    assert next_to_ask(STAFF[:3], asked=[*STAFF[:2], None]) is None


@given(SOME, SOME, st.lists(PEOPLE, unique=True), SOME)
def test_the_order_holds_the_same_people_whatever_their_turn(free, gone, duty, silent):
    order = in_turn(sorted(free), gone=gone, duty=duty, silent=silent)

    assert set(order) == (free - gone or free)
    assert len(order) == len(set(order))


@given(st.permutations(STAFF), SOME, st.lists(PEOPLE, unique=True), SOME)
def test_duty_and_silence_decide_and_then_the_list(listed, gone, duty, silent):
    order = in_turn(listed, gone=gone, duty=duty, silent=silent)

    assert [person in silent for person in order] == sorted(person in silent for person in order)
    for loud in (True, False):
        ready = [person for person in order if (person not in silent) == loud]
        assert ready == [p for p in duty if p in ready] + [p for p in listed if p in ready and p not in duty]


class OneConcern(RuleBasedStateMachine):
    """One concern, from its opening to an answer, to silence, to the next answer."""

    @initialize(ladder=st.sampled_from(LADDERS), listed=st.permutations(STAFF), leaves=st.one_of(st.none(), st.integers(-30, 200)))
    def opens(self, ladder: LadderSpec, listed: list[UUID], leaves: int | None) -> None:
        self.ladder, self.listed = ladder, listed
        self.leaves_at = None if leaves is None else OPENED + timedelta(minutes=leaves)
        self.hidden, self.gone, self.silent = set[UUID](), set[UUID](), set[UUID]()
        self.duty: list[UUID] = []
        self.now = self.latest = self.opened = OPENED
        self.asked: list[UUID | None] = []
        self.order_then: list[tuple[UUID, ...]] = []
        self.gone_then: list[frozenset[UUID]] = []
        self.spans: list[tuple[datetime, datetime]] = []
        self.is_answered = False
        self.ask()

    def free(self) -> list[UUID]:
        return [person for person in self.listed if person not in self.hidden]

    def due(self, rung: int) -> datetime:
        if rung < 0:
            return self.opened
        return rung_due(self.ladder, rung, opened_at=self.opened, sessions=CLUB, leaves_at=self.leaves_at)

    def ask(self) -> None:
        """Ask the next person, as the worker does, and note whom it could have asked."""
        order = in_turn(self.free(), gone=self.gone, duty=self.duty, silent=self.silent)
        rung = len(self.asked)
        person = next_to_ask(order, asked=self.asked)
        ends = rung_deadline(due=self.due(rung), before=self.due(rung - 1), at=self.now)
        looks = first_look(kind=StepKind.ACKNOWLEDGE, who=StepWho.LADDER, due=ends)
        assert looks is not None
        self.asked.append(person)
        self.order_then.append(order)
        self.gone_then.append(frozenset(self.gone))
        self.spans.append((self.now, looks))

    def looks(self) -> None:
        if not self.is_answered and self.spans[-1][1] <= self.now:
            self.ask()

    @rule(minutes=st.sampled_from([1, 9, 10, 11, 30, 60, 61, 120, 1440, 4320]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.latest = max(self.now, self.latest)
        self.looks()

    @rule(minutes=st.integers(1, 90))
    def clock_is_put_back(self, minutes: int) -> None:
        self.now = max(self.opened, self.now - timedelta(minutes=minutes))
        self.looks()

    @rule(person=PEOPLE)
    def concern_is_hidden_from(self, person: UUID) -> None:
        """Whoever is being asked and may not know by now is taken out at once."""
        self.hidden.add(person)
        if not self.is_answered and self.asked[-1] == person:
            self.ask()

    @rule(person=PEOPLE)
    def goes_away_or_cannot_be_reached(self, person: UUID) -> None:
        self.gone.add(person)

    @rule(person=PEOPLE)
    def comes_back(self, person: UUID) -> None:
        self.gone.discard(person)

    @rule(duty=st.lists(PEOPLE, max_size=2, unique=True))
    def session_begins(self, duty: list[UUID]) -> None:
        self.duty = duty

    @precondition(lambda self: not self.is_answered and self.asked[-1] is not None)
    @rule()
    def person_answers(self) -> None:
        self.is_answered = True

    @precondition(lambda self: self.is_answered)
    @rule()
    def answer_is_followed_by_silence(self) -> None:
        silent = self.asked[-1]
        assert silent is not None
        self.silent.add(silent)
        self.opened, self.is_answered = self.now, False
        self.asked, self.order_then, self.gone_then, self.spans = [], [], [], []
        self.ask()

    @invariant()
    def somebody_is_asked_until_there_is_an_answer(self) -> None:
        assert self.is_answered or self.spans[-1][1] > min(self.now, self.latest)

    @invariant()
    def nobody_waits_longer_than_the_longest_rung(self) -> None:
        assert all(SHORTEST <= ends - asked_at <= LONGEST for asked_at, ends in self.spans)

    @invariant()
    def nobody_is_asked_who_may_not_know(self) -> None:
        assert self.is_answered or self.asked[-1] not in self.hidden

    @invariant()
    def nobody_is_asked_twice_by_name(self) -> None:
        named = [person for person in self.asked if person is not None]
        assert len(named) == len(set(named))

    @invariant()
    def everybody_is_asked_only_once_each_who_could_be_was(self) -> None:
        if None in self.asked:
            first = self.asked.index(None)
            assert set(self.order_then[first]) <= set(self.asked[:first])

    @invariant()
    def everybody_is_asked_from_then_on_until_there_is_an_answer(self) -> None:
        if None in self.asked:
            assert set(self.asked[self.asked.index(None) :]) == {None}

    @invariant()
    def who_was_silent_is_asked_after_all_the_others(self) -> None:
        for rung, person in enumerate(self.asked):
            if person in self.silent:
                assert set(self.order_then[rung]) - self.silent <= set(self.asked[:rung])

    @invariant()
    def who_is_away_is_asked_by_name_only_where_all_are(self) -> None:
        for rung, person in enumerate(self.asked):
            if person in self.gone_then[rung]:
                assert set(self.order_then[rung]) <= self.gone_then[rung]

    @invariant()
    def who_is_on_duty_is_asked_before_who_is_not(self) -> None:
        for rung, person in enumerate(self.asked):
            before = self.order_then[rung]
            if person is not None:
                assert set(before[: before.index(person)]) <= set(self.asked[:rung])

    @invariant()
    def rungs_follow_each_other_without_a_gap(self) -> None:
        for (_, ends), (asked_at, _), person in zip(self.spans, self.spans[1:], self.asked, strict=False):
            assert asked_at >= ends or person in self.hidden

    @invariant()
    def every_time_is_one_of_the_whole_world(self) -> None:
        assert all(ends.tzinfo is not None for _, ends in self.spans)


def test_in_no_order_of_events_is_somebody_left_waiting():
    run_state_machine_as_test(
        OneConcern,
        settings=settings(
            max_examples=RUNS, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
        ),
    )
