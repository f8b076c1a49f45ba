"""What holds for every route, whatever was answered."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from concerns.choices import AboutStaff, AgeBand, Answer, ContactKey, HomeArea, Level, Question, Role, Vault, Worry
from concerns.rules.desks import ANY_HOUR, DUTY_DESKS
from concerns.rules.levels import SEVERITY
from concerns.rules.routing import level_of, route
from concerns.rules.routing_terms import IMAGE_RULE
from tests.rules.given import any_answers, any_responders, contacts_of, mostly_calm_answers, people_of

EITHER = st.one_of(any_answers(), mostly_calm_answers())


def seriousness(answers):
    """0 is the most serious level."""
    return SEVERITY.index(level_of(answers))


def with_answer(answers, question, answer):
    return replace(answers, details={**answers.details, question: answer})


@given(any_answers(), any_responders(), st.sampled_from([Answer.YES, Answer.NOT_SURE]))
def test_danger_always_gives_999_first_in_either_vault(answers, responders, danger):
    found = route(replace(answers, danger_now=danger), responders=responders)

    assert found.level == Level.EMERGENCY
    assert found.contacts[0].contact == ContactKey.POLICE_EMERGENCY


@given(EITHER, any_responders())
def test_999_is_first_exactly_when_it_is_an_emergency(answers, responders):
    found = route(answers, responders=responders)

    assert (found.contacts[0].contact == ContactKey.POLICE_EMERGENCY) == (found.level == Level.EMERGENCY)


@given(EITHER, st.sampled_from(Question))
def test_not_sure_is_never_calmer_than_yes(answers, question):
    unsure, sure = with_answer(answers, question, Answer.NOT_SURE), with_answer(answers, question, Answer.YES)

    assert seriousness(unsure) <= seriousness(sure)


@given(EITHER)
def test_not_sure_about_danger_is_never_calmer_than_yes(answers):
    unsure, sure = (replace(answers, danger_now=danger) for danger in (Answer.NOT_SURE, Answer.YES))

    assert level_of(unsure) == level_of(sure)


@given(EITHER, st.sampled_from(Question), st.sampled_from([(Answer.NO, Answer.NOT_SURE), (Answer.NOT_SURE, Answer.YES)]))
def test_worse_answer_never_lowers_the_level(answers, question, change):
    before, after = (with_answer(answers, question, answer) for answer in change)

    assert seriousness(after) <= seriousness(before)


@given(EITHER, st.sampled_from(Worry))
def test_one_more_worry_never_lowers_the_level(answers, worry):
    more = replace(answers, worries=answers.worries | {worry})

    assert seriousness(more) <= seriousness(answers)


@given(EITHER, st.sampled_from(Question))
def test_relevant_question_left_open_counts_as_not_sure(answers, question):
    left_open = replace(answers, details={key: given for key, given in answers.details.items() if key != question})
    unsure = with_answer(answers, question, Answer.NOT_SURE)

    assert seriousness(unsure) <= seriousness(left_open) <= seriousness(with_answer(answers, question, Answer.NO))


@given(EITHER, st.sampled_from(AgeBand))
def test_unknown_age_is_never_calmer_than_any_age(answers, age_band):
    unknown, known = (replace(answers, age_band=band) for band in (AgeBand.UNKNOWN, age_band))

    assert seriousness(unknown) <= seriousness(known)


@given(EITHER, any_responders())
def test_route_never_contains_an_adult_it_is_about(answers, responders):
    found = route(answers, responders=responders)

    assert answers.adults.isdisjoint(person.user_id for person in people_of(found))


@given(EITHER, any_responders())
def test_route_names_only_people_of_its_own_ladder(answers, responders):
    found = route(answers, responders=responders)

    assert {person.ladder.value for person in people_of(found)} <= {found.vault.value}


@given(any_answers(about_staff=AboutStaff.NOT_SURE), any_responders())
def test_worker_who_is_not_sure_is_never_sent_to_a_lead_or_deputy(answers, responders):
    found = route(answers, responders=responders)

    assert {person.role for person in people_of(found)}.isdisjoint({Role.LEAD, Role.DEPUTY})


@given(EITHER, any_responders())
def test_route_always_has_a_number_that_answers_at_any_hour(answers, responders):
    found = route(answers, responders=responders)

    assert not ANY_HOUR.isdisjoint(contacts_of(found))


@given(EITHER, any_responders())
def test_duty_desk_follows_the_home_area(answers, responders):
    desks = {contact for contacts in DUTY_DESKS.values() for contact in contacts} - {ContactKey.POLICE}

    found = route(answers, responders=responders)

    assert [contact for contact in contacts_of(found) if contact in desks] == [c for c in DUTY_DESKS[answers.home_area] if c in desks]


@given(EITHER)
def test_home_area_changes_neither_level_nor_vault(answers):
    routes = [route(replace(answers, home_area=area)) for area in HomeArea]

    assert len({(found.level, found.vault, found.plans) for found in routes}) == 1


@given(EITHER)
def test_adult_vault_exactly_when_it_may_be_about_staff(answers):
    found = route(answers)

    assert (found.vault == Vault.ADULT) == (answers.about_staff != AboutStaff.NO)
    assert ("adult" in found.plans) == (found.vault == Vault.ADULT)


@given(EITHER, any_responders())
def test_nobody_and_nothing_is_named_twice(answers, responders):
    found = route(answers, responders=responders)

    people = [person.user_id for person in people_of(found)]
    for named in (people, contacts_of(found), found.warnings, found.parallel):
        assert len(set(named)) == len(named)


@given(EITHER, any_responders(), st.randoms(use_true_random=False))
def test_people_are_named_by_position_however_they_are_listed(answers, responders, random):
    shuffled = random.sample(responders, len(responders))

    found = route(answers, responders=shuffled)

    positions = [person.position for person in people_of(found)]
    assert positions == sorted(positions)


@given(EITHER)
def test_uploads_are_allowed_exactly_without_the_image_rule(answers):
    found = route(answers)

    assert found.uploads_allowed == (IMAGE_RULE not in found.warnings)


@given(EITHER)
def test_urgent_and_emergency_always_offer_the_duty_desk_and_a_reason(answers):
    found = route(answers)

    assert set(DUTY_DESKS[answers.home_area]) - {ContactKey.POLICE} <= set(contacts_of(found))
    assert found.reasons
