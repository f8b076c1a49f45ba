"""What the tests of the rules start from: calm answers, made-up people, and strategies for any of both."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from concerns.choices import AboutStaff, AgeBand, Answer, ContactKey, HomeArea, Ladder, Question, Role, Worry
from concerns.rules.routing import Responder, Route
from concerns.rules.triage import Answers, questions_for

STAFF = tuple(UUID(int=number) for number in range(1, 6))


def make_answers(*worries: Worry, yes: Iterable[Question] = (), unsure: Iterable[Question] = (), **changes: Any) -> Answers:
    """Answers of a worker who says no to everything relevant, except the questions named; a teenager from the city."""
    about_staff, age_band = changes.get("about_staff", AboutStaff.NO), changes.get("age_band", AgeBand.TEEN)
    details = dict.fromkeys(questions_for(worries, about_staff, age_band), Answer.NO)
    details |= dict.fromkeys(yes, Answer.YES) | dict.fromkeys(unsure, Answer.NOT_SURE)
    fields = {"danger_now": Answer.NO, "about_staff": about_staff, "home_area": HomeArea.CITY, "age_band": age_band, "details": details}
    return Answers(**{**fields, "worries": frozenset(worries), **changes})


def make_responder(number: int = 1, **changes: Any) -> Responder:
    """Person `number` of the ordinary ladder, a lead, at that position."""
    fields = {
        "user_id": STAFF[number - 1],
        "name": f"Person {number}",
        "role": Role.LEAD,
        "number": "0116 496 0000",
        "position": number,
        "ladder": Ladder.ORDINARY,
    }
    return Responder(**{**fields, **changes})


def adult_ladder() -> list[Responder]:
    """Case manager, lead, second trustee, in that order."""
    roles = (Role.CASE_MANAGER, Role.LEAD, Role.CASE_MANAGER)
    return [make_responder(number, role=role, ladder=Ladder.ADULT) for number, role in enumerate(roles, start=1)]


def contacts_of(route: Route) -> list[ContactKey]:
    """The contacts to ring, in their order, without the people."""
    return [ring.contact for ring in route.contacts if ring.contact]


def people_of(route: Route) -> list[Responder]:
    """The people to ring, in their order."""
    return [ring.responder for ring in route.contacts if ring.responder]


def words_of(route: Route) -> str:
    """Everything the worker reads."""
    rings = [f"{ring.why} {ring.when}" for ring in route.contacts]
    reports = [f"{report.text} {report.within}" for report in route.parallel]
    return " ".join([*(reason.text for reason in route.reasons), *rings, *reports, *route.warnings])


@st.composite
def any_answers(draw: st.DrawFn, **fixed: Any) -> Answers:
    """Any answers at all, with or without those to the follow-up questions; `fixed` fields stay."""
    about_staff = fixed.get("about_staff", draw(st.sampled_from(AboutStaff)))
    least, most = (1 if about_staff == AboutStaff.LISTED else 0), (0 if about_staff == AboutStaff.NO else 3)
    fields = {
        "danger_now": draw(st.sampled_from(Answer)),
        "about_staff": about_staff,
        "adults": draw(st.frozensets(st.sampled_from(STAFF), min_size=least, max_size=most)),
        "worries": draw(st.frozensets(st.sampled_from(Worry), max_size=4)),
        "details": draw(st.dictionaries(st.sampled_from(Question), st.sampled_from(Answer))),
        "home_area": draw(st.sampled_from(HomeArea)),
        "age_band": draw(st.sampled_from(AgeBand)),
    }
    return Answers(**{**fields, **fixed})


@st.composite
def mostly_calm_answers(draw: st.DrawFn, **fixed: Any) -> Answers:
    """Answers in which most questions are answered with no, so that the calmer levels come up as well."""
    answers = draw(any_answers(**fixed))
    calm = dict.fromkeys(Question, Answer.NO)
    few = draw(st.dictionaries(st.sampled_from(Question), st.sampled_from(Answer), max_size=2))
    return Answers(**{**vars(answers), "danger_now": Answer.NO, "details": calm | few, **fixed})


@st.composite
def any_responders(draw: st.DrawFn) -> list[Responder]:
    """Any people, on any ladder, in any order, one person on several rungs included."""
    return draw(
        st.lists(
            st.builds(
                make_responder,
                st.integers(1, len(STAFF)),
                role=st.sampled_from([Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER, Role.TRUSTEE]),
                ladder=st.sampled_from(Ladder),
                position=st.integers(1, 5),
            ),
            max_size=8,
        )
    )
