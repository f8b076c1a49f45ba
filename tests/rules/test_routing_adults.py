"""Concerns about an adult who works here: who may see them, who is asked, and who is never named."""

import pytest

from concerns.choices import AboutStaff, Answer, ContactKey, HomeArea, Ladder, Level, Question, Role, Vault, Worry
from concerns.rules.desks import ANY_HOUR
from concerns.rules.routing import LEADS_NOT_TOLD, NOBODY_FREE, Ring, alert_ladder, route
from tests.rules.given import STAFF, adult_ladder, contacts_of, make_answers, make_responder, people_of

K = ContactKey


def about(*adults, **changes):
    """Calm answers about listed adults who work here."""
    return make_answers(Worry.OTHER, about_staff=AboutStaff.LISTED, adults=frozenset(adults), **changes)


def test_adult_concern_asks_the_case_manager_first_and_then_the_lado():
    case_manager, lead, trustee = people = adult_ladder()

    found = route(about(STAFF[4]), responders=people)

    assert [ring.contact or ring.responder for ring in found.contacts] == [case_manager, lead, trustee, K.LADO_CITY, K.DUTY_CITY]
    assert (found.level, found.vault, found.plans) == (Level.PROMPT, Vault.ADULT, ("prompt", "adult"))


def test_lado_is_told_within_one_working_day_before_anyone_speaks_to_the_adult():
    found = route(about(STAFF[4]), responders=adult_ladder())

    lado = next(ring for ring in found.contacts if ring.contact == K.LADO_CITY)

    assert lado.when == "Within one working day, before anyone speaks to the adult"
    assert any(warning.startswith("Do not speak to that adult") for warning in found.warnings)


def test_adult_concern_names_nobody_of_the_ordinary_ladder():
    ordinary = [make_responder(number) for number in (1, 2, 3)]

    found = route(about(STAFF[4]), responders=[*ordinary, *adult_ladder()])

    assert people_of(found) == adult_ladder()


def test_adult_concern_never_names_the_centres_own_number():
    assert K.CENTRE_TEAM not in contacts_of(route(about(STAFF[4])))


def test_lead_it_is_about_is_left_out_and_the_others_stay_in_order():
    case_manager, lead, trustee = people = adult_ladder()

    found = route(about(lead.user_id), responders=people)

    assert people_of(found) == [case_manager, trustee]


def test_case_manager_it_is_about_is_left_out():
    case_manager, lead, trustee = people = adult_ladder()

    found = route(about(case_manager.user_id), responders=people)

    assert people_of(found) == [lead, trustee]


def test_nobody_free_of_conflict_shows_the_lado_and_the_duty_desk():
    people = adult_ladder()

    found = route(about(*(person.user_id for person in people)), responders=people)

    assert contacts_of(found) == [K.LADO_CITY, K.DUTY_CITY]
    assert people_of(found) == []
    assert NOBODY_FREE in found.warnings


def test_not_sure_is_kept_from_leads_and_deputies():
    case_manager, _, trustee = people = adult_ladder()
    deputy = make_responder(4, role=Role.DEPUTY, ladder=Ladder.ADULT)

    found = route(make_answers(Worry.OTHER, about_staff=AboutStaff.NOT_SURE), responders=[*people, deputy])

    assert people_of(found) == [case_manager, trustee]
    assert found.vault == Vault.ADULT
    assert found.alert_withheld
    assert LEADS_NOT_TOLD in found.warnings


@pytest.mark.parametrize("about_staff", [AboutStaff.NO, AboutStaff.NOT_LISTED])
def test_alert_is_not_withheld_when_the_worker_is_sure(about_staff):
    assert not route(make_answers(Worry.OTHER, about_staff=about_staff)).alert_withheld


def test_adult_who_is_not_listed_leaves_the_whole_ladder():
    answers = make_answers(Worry.OTHER, about_staff=AboutStaff.NOT_LISTED)

    assert alert_ladder(answers, adult_ladder()) == tuple(adult_ladder())


@pytest.mark.parametrize("danger", [Answer.YES, Answer.NOT_SURE])
def test_adult_hurting_a_child_now_is_an_emergency_in_the_adult_vault(danger):
    people = adult_ladder()

    found = route(about(STAFF[4], danger_now=danger), responders=people)

    assert (found.level, found.vault, found.plans) == (Level.EMERGENCY, Vault.ADULT, ("emergency", "adult"))
    assert contacts_of(found) == [K.POLICE_EMERGENCY, K.DUTY_CITY, K.POLICE_TEXT, K.POLICE_BSL, K.LADO_CITY]
    assert people_of(found) == people


def test_adult_who_may_hurt_somebody_soon_is_urgent():
    found = route(about(STAFF[4], details=dict.fromkeys(Question, Answer.NO) | {Question.HARM_SOON: Answer.YES}))

    assert (found.level, found.vault) == (Level.URGENT, Vault.ADULT)


def test_person_on_two_rungs_is_named_once():
    twice = [
        make_responder(1, ladder=Ladder.ADULT),
        make_responder(1, ladder=Ladder.ADULT, position=3),
        make_responder(2, ladder=Ladder.ADULT),
    ]

    assert alert_ladder(about(STAFF[4]), twice) == (twice[0], twice[2])


@pytest.mark.parametrize(
    ("area", "lado"),
    [
        (HomeArea.CITY, K.LADO_CITY),
        (HomeArea.COUNTY, K.LADO_COUNTY),
        (HomeArea.RUTLAND, K.LADO_RUTLAND),
        (HomeArea.ELSEWHERE, K.LADO_CITY),
        (HomeArea.UNKNOWN, K.LADO_CITY),
    ],
)
def test_lado_follows_the_home_area_and_is_the_citys_when_in_doubt(area, lado):
    assert lado in contacts_of(route(about(STAFF[4], home_area=area)))


@pytest.mark.parametrize(
    ("area", "desks"),
    [
        (HomeArea.CITY, [K.DUTY_CITY]),
        (HomeArea.COUNTY, [K.DUTY_COUNTY]),
        (HomeArea.RUTLAND, [K.DUTY_RUTLAND_DAY, K.DUTY_RUTLAND_NIGHT]),
        (HomeArea.ELSEWHERE, [K.COUNCIL_FINDER, K.POLICE]),
        (HomeArea.UNKNOWN, [K.DUTY_CITY]),
    ],
)
def test_duty_desk_follows_the_home_area(area, desks):
    found = route(make_answers(danger_now=Answer.YES, home_area=area))

    assert contacts_of(found)[1 : 1 + len(desks)] == desks
    assert not ANY_HOUR.isdisjoint(desks)


def test_rutland_desks_say_when_each_of_them_answers():
    found = route(make_answers(Worry.OTHER, home_area=HomeArea.RUTLAND))

    assert [ring.when for ring in found.contacts[-2:]] == ["At any time, in office hours", "At any time, outside office hours"]


@pytest.mark.parametrize(("area", "words"), [(HomeArea.UNKNOWN, "say so"), (HomeArea.ELSEWHERE, "101 answers at any hour")])
def test_home_area_in_doubt_is_said(area, words):
    found = route(make_answers(Worry.OTHER, home_area=area))

    assert any(words in warning for warning in found.warnings)


@pytest.mark.parametrize("names", [{}, {"contact": K.CEOP, "responder": make_responder()}])
def test_ring_names_exactly_one_of_contact_and_person(names):
    with pytest.raises(ValueError, match="one contact or one person"):
        Ring(why="", when="", **names)


@pytest.mark.parametrize(("answers", "people"), [(about(STAFF[4]), adult_ladder()), (make_answers(Worry.OTHER), [])])
def test_missing_people_are_mentioned_on_the_adult_ladder_only(answers, people):
    assert NOBODY_FREE not in route(answers, responders=people).warnings
