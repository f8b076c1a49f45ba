"""Every row of the safeguarding policy, one test case each: the level, whom to ring, and what to mind."""

import pytest

from concerns.choices import AgeBand, Answer, ContactKey, Level, Question, Vault, Worry
from concerns.rules.routing import route
from concerns.rules.routing_table import RULES
from concerns.rules.routing_terms import IMAGE_RULE, NEVER_THE_FAMILY, PARENTS, STAY
from tests.rules.given import contacts_of, make_answers, make_responder, people_of, words_of

K, Q, W = ContactKey, Question, Worry
EMERGENCY_CALLS = [K.POLICE_EMERGENCY, K.DUTY_CITY, K.POLICE_TEXT, K.POLICE_BSL, K.CENTRE_TEAM]

ROWS = {
    "a seriously hurt person": (make_answers(W.INJURY, yes=[Q.SERIOUS_INJURY]), Level.EMERGENCY),
    "a weapon": (make_answers(W.OTHER, yes=[Q.WEAPON]), Level.EMERGENCY),
    "a suicidal act, means or plan": (make_answers(W.SELF_HARM, yes=[Q.SUICIDAL_ACT_OR_PLAN]), Level.EMERGENCY),
    "missing and at risk": (make_answers(W.MISSING, yes=[Q.MISSING_AT_RISK]), Level.EMERGENCY),
    "significant harm suspected": (make_answers(W.NEGLECT, yes=[Q.SIGNIFICANT_HARM]), Level.URGENT),
    "going home soon to the source of harm": (make_answers(W.OTHER, yes=[Q.HOME_TO_HARM]), Level.URGENT),
    "sexual abuse disclosed": (make_answers(W.OTHER, yes=[Q.SEXUAL_DISCLOSURE]), Level.URGENT),
    "sexual abuse suspected": (make_answers(W.SEXUAL_ABUSE), Level.URGENT),
    "sexual activity under 13": (make_answers(W.EXPLOITATION, yes=[Q.UNDER_13_SEXUAL]), Level.URGENT),
    "FGM": (make_answers(W.FGM), Level.URGENT),
    "travel for FGM soon": (make_answers(W.OTHER, yes=[Q.FGM_SOON]), Level.URGENT),
    "thoughts of suicide without a plan": (make_answers(W.OTHER, yes=[Q.SUICIDAL_THOUGHTS]), Level.URGENT),
    "self-harm without a plan": (make_answers(W.SELF_HARM), Level.URGENT),
    "images with threats or payment": (make_answers(W.IMAGES, yes=[Q.IMAGE_THREATS]), Level.URGENT),
    "online contact with threats": (make_answers(W.ONLINE, yes=[Q.IMAGE_THREATS]), Level.URGENT),
    "online contact with an adult": (make_answers(W.ONLINE, yes=[Q.ADULT_ONLINE]), Level.URGENT),
    "online contact with a meeting": (make_answers(W.ONLINE, yes=[Q.MEETING_PLANNED]), Level.URGENT),
    "online contact of an under-13": (make_answers(W.ONLINE, age_band=AgeBand.UNDER_13), Level.URGENT),
    "images of an under-13": (make_answers(W.IMAGES, age_band=AgeBand.UNDER_13), Level.URGENT),
    "images, age not known": (make_answers(W.IMAGES, age_band=AgeBand.UNKNOWN), Level.URGENT),
    "forced marriage or so-called honour": (make_answers(W.HONOUR), Level.URGENT),
    "recent sexual assault": (make_answers(W.EXPLOITATION, yes=[Q.RECENT_ASSAULT]), Level.URGENT),
    "exploitation, harm soon": (make_answers(W.EXPLOITATION, yes=[Q.HARM_SOON]), Level.URGENT),
    "domestic abuse, harm soon": (make_answers(W.DOMESTIC_ABUSE, yes=[Q.HARM_SOON]), Level.URGENT),
    "radicalisation, harm soon": (make_answers(W.RADICALISATION, yes=[Q.HARM_SOON]), Level.URGENT),
    "exploitation": (make_answers(W.EXPLOITATION), Level.PROMPT),
    "domestic abuse": (make_answers(W.DOMESTIC_ABUSE), Level.PROMPT),
    "radicalisation": (make_answers(W.RADICALISATION), Level.PROMPT),
    "images, nothing worse": (make_answers(W.IMAGES), Level.PROMPT),
    "online contact, nothing worse": (make_answers(W.ONLINE), Level.PROMPT),
    "missing before, safe now": (make_answers(W.MISSING), Level.PROMPT),
    "neglect": (make_answers(W.NEGLECT), Level.PROMPT),
    "everything else": (make_answers(W.OTHER), Level.PROMPT),
    "nothing ticked": (make_answers(), Level.PROMPT),
}


@pytest.mark.parametrize(("answers", "level"), ROWS.values(), ids=ROWS.keys())
def test_row_leads_to_its_level_in_the_ordinary_vault(answers, level):
    found = route(answers)

    assert (found.level, found.vault, found.plans) == (level, Vault.ORDINARY, (level.value,))


@pytest.mark.parametrize("danger", [Answer.YES, Answer.NOT_SURE])
def test_danger_now_is_an_emergency_whatever_else_is_said(danger):
    found = route(make_answers(danger_now=danger))

    assert found.level == Level.EMERGENCY
    assert contacts_of(found) == EMERGENCY_CALLS


@pytest.mark.parametrize("row", [row for row, (_, level) in ROWS.items() if level == Level.EMERGENCY])
def test_emergency_rings_999_then_the_duty_desk_then_the_centre(row):
    found = route(ROWS[row][0])

    assert contacts_of(found)[:5] == EMERGENCY_CALLS


def test_emergency_says_how_to_call_without_a_voice():
    found = route(make_answers(danger_now=Answer.YES))

    assert "press 55" in found.contacts[0].why
    assert contacts_of(found)[2:4] == [K.POLICE_TEXT, K.POLICE_BSL]


@pytest.mark.parametrize(
    "row", ["significant harm suspected", "going home soon to the source of harm", "sexual abuse disclosed", "sexual activity under 13"]
)
def test_urgent_row_rings_the_duty_desk_now_and_then_the_lead(row):
    lead = make_responder()

    found = route(ROWS[row][0], responders=[lead])

    assert [ring.contact or ring.responder for ring in found.contacts] == [K.DUTY_CITY, lead]
    assert found.contacts[0].when == "Now"


def test_duty_desk_may_be_rung_without_permission():
    found = route(make_answers(W.NEGLECT, yes=[Q.SIGNIFICANT_HARM]))

    assert "You need nobody’s permission" in found.contacts[0].why


def test_suicidal_thoughts_ask_the_lead_first_and_name_111_and_papyrus():
    lead = make_responder()

    found = route(make_answers(W.SELF_HARM), responders=[lead])

    assert [ring.contact or ring.responder for ring in found.contacts] == [lead, K.HEALTH, K.PAPYRUS, K.DUTY_CITY]
    assert "option 2" in found.contacts[1].why
    assert found.contacts[0].when == "Now, before the young person leaves"


@pytest.mark.parametrize("row", ["thoughts of suicide without a plan", "self-harm without a plan", "a suicidal act, means or plan"])
def test_suicide_and_self_harm_warn_not_to_leave_them_alone(row):
    assert STAY in route(ROWS[row][0]).warnings


@pytest.mark.parametrize("question", [Q.IMAGE_THREATS, Q.ADULT_ONLINE, Q.MEETING_PLANNED, Q.UNDER_13_SEXUAL])
def test_online_threat_rings_desk_and_police_and_reports_to_ceop(question):
    found = route(make_answers(W.IMAGES, yes=[question]))

    assert contacts_of(found) == [K.DUTY_CITY, K.POLICE, K.CENTRE_TEAM]
    assert K.CEOP in [report.contact for report in found.parallel]
    assert any(warning.startswith("Stay with them") for warning in found.warnings)


@pytest.mark.parametrize("yes", [[], [Q.IMAGE_THREATS], [Q.UNDER_13_SEXUAL]])
def test_images_bring_the_image_rule_and_no_upload_at_any_level(yes):
    found = route(make_answers(W.IMAGES, yes=yes))

    assert IMAGE_RULE in found.warnings
    assert not found.uploads_allowed


@pytest.mark.parametrize("verb", ["view", "copy", "print", "forward", "save", "ask for"])
def test_image_rule_names_everything_that_must_not_be_done(verb):
    assert verb in IMAGE_RULE


def test_images_that_may_exist_count_as_images():
    found = route(make_answers(W.ONLINE, unsure=[Q.IMAGES_EXIST]))

    assert IMAGE_RULE in found.warnings
    assert not found.uploads_allowed


def test_images_alone_go_to_the_lead_at_once_and_to_those_who_remove_them():
    lead = make_responder()

    found = route(make_answers(W.IMAGES), responders=[lead])

    assert people_of(found) == [lead]
    assert found.contacts[0].when == "At once"
    assert [report.contact for report in found.parallel] == [K.IWF, K.REPORT_REMOVE, K.CEOP]


def test_concern_without_images_allows_uploads():
    assert route(make_answers(W.NEGLECT)).uploads_allowed


def test_forced_marriage_rings_desk_and_police_and_never_the_family():
    found = route(make_answers(W.HONOUR))

    assert contacts_of(found) == [K.DUTY_CITY, K.POLICE, K.CENTRE_TEAM]
    assert NEVER_THE_FAMILY in found.warnings
    assert [report.contact for report in found.parallel] == [K.FORCED_MARRIAGE_UNIT]


def test_recent_assault_rings_police_and_the_referral_centre_before_washing():
    found = route(make_answers(W.EXPLOITATION, yes=[Q.RECENT_ASSAULT]))

    assert contacts_of(found) == [K.POLICE, K.SARC, K.DUTY_CITY, K.CENTRE_TEAM]
    assert found.contacts[1].when == "Now, before washing"


def test_recent_assault_calls_come_before_the_lead_whatever_else_is_urgent():
    lead = make_responder()

    found = route(make_answers(W.SEXUAL_ABUSE, yes=[Q.RECENT_ASSAULT, Q.SIGNIFICANT_HARM]), responders=[lead])

    assert [ring.contact or ring.responder for ring in found.contacts] == [K.DUTY_CITY, K.POLICE, K.SARC, lead]


def test_radicalisation_names_act_early():
    found = route(make_answers(W.RADICALISATION))

    assert [report.contact for report in found.parallel] == [K.ACT_EARLY]


def test_missing_names_the_police_and_the_runaway_helpline():
    found = route(make_answers(W.MISSING))

    assert [report.contact for report in found.parallel] == [K.POLICE, K.RUNAWAY]


def test_everything_else_tells_the_lead_before_leaving_and_then_the_deputy():
    lead, deputy = make_responder(1), make_responder(2)

    found = route(make_answers(W.OTHER), responders=[deputy, lead])

    assert [ring.contact or ring.responder for ring in found.contacts] == [lead, deputy, K.DUTY_CITY]
    assert found.contacts[0].when == "In person or by phone, before you leave"
    assert found.contacts[2].when == "At any time"


def test_everything_else_names_the_centre_when_nobody_is_on_the_ladder():
    assert contacts_of(route(make_answers(W.OTHER))) == [K.CENTRE_TEAM, K.DUTY_CITY]


def test_parent_suspected_warns_and_asks_why_they_do_not_know():
    found = route(make_answers(W.NEGLECT, yes=[Q.PARENT_SUSPECTED]))

    assert PARENTS in found.warnings
    assert "write down why" in PARENTS


def test_route_to_a_possible_parent_suggests_nowhere_to_tell_them():
    found = route(make_answers(*Worry, yes=Question))

    assert "tell the parent" not in words_of(found).casefold()
    assert "tell their parent" not in words_of(found).casefold()


def test_over_18_keeps_the_desk_and_explains_consent():
    found = route(make_answers(W.NEGLECT, yes=[Q.SIGNIFICANT_HARM], age_band=AgeBand.ADULT))

    assert contacts_of(found)[0] == K.DUTY_CITY
    assert any("adult safeguarding" in warning and "consent" in warning for warning in found.warnings)


def test_reasons_name_every_rule_that_applies_with_its_source():
    found = route(make_answers(W.HONOUR, yes=[Q.WEAPON]))

    assert [reason.text for reason in found.reasons] == [
        "There is, or may be, a weapon.",
        "It may be forced marriage, or so-called honour abuse.",
    ]
    assert all(reason.source for reason in found.reasons)


def test_catch_all_is_the_reason_when_nothing_else_applies():
    assert [reason.text for reason in route(make_answers(W.OTHER)).reasons] == [RULES[-1].reason]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_can_apply_and_can_be_left_out(rule):
    everything = make_answers(*Worry, yes=Question, danger_now=Answer.YES, about_staff="not_listed")
    nothing = make_answers(W.OTHER)

    assert rule.applies(everything)
    assert rule.applies(nothing) == (rule is RULES[-1])


def test_rules_stand_in_the_order_of_their_level():
    levels = [rule.level for rule in RULES]

    assert levels == sorted(levels, key=list(Level).index)
