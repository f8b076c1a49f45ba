"""The pages of the plans, as those who work with them and administrators meet them. (S16, S27)"""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concerns.actions.centre import set_up_centre
from concerns.choices import ContactKey
from concerns.forms.plans import PlanForm
from concerns.models import Contact, PlanVersion, RoleGrant, Rung
from concerns.queries.plans import plans_in_use, shipped_plans
from concerns.rules.plans import ACKNOWLEDGE
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, make_concern
from tests.plan_makers import changed_plan, keep_version

EDIT = "/plans/prompt/edit/"


@pytest.fixture
def ready(cast: Cast) -> Cast:
    set_up_centre(name=cast.centre.name, at=AT)
    return cast


@pytest.fixture
def admin(ready: Cast) -> Client:
    return signed_in(ready.admin)


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def typed(cast: Cast, key: str = "prompt", **changes: Any) -> dict[str, Any]:
    """What the form sends when only these boxes were changed."""
    form = PlanForm(centre=cast.centre, key=key)
    fields = {name: form[name].value() for name in form.fields if not name.startswith("remove_")}
    return {**{name: "" if value is None else str(value) for name, value in fields.items()}, "reason": "Quicker.", **changes}


def steps_of(cast: Cast, key: str = "prompt") -> dict[str, Any]:
    return {step.key: step for step in plans_in_use(cast.centre)[key].steps}


def test_list_names_each_plan_its_version_and_who_made_it(ready: Cast, admin: Client) -> None:
    admin.post(EDIT, typed(ready, rungs_acknowledge="30, 60"))

    page = text_of(signed_in(ready.lead).get("/plans/"))

    assert "Version 2, by Wei Chen, today" in page
    assert page.count("Version 1, as it ships") == 3
    assert "Change it" not in page


def test_list_shows_what_is_wrong_with_a_plan(ready: Cast, admin: Client) -> None:
    Contact.objects.filter(key=ContactKey.LADO_RUTLAND).update(key="")
    RoleGrant.objects.filter(user=ready.lead, role="lead").update(ended_at=AT)

    page = text_of(admin.get("/plans/"))

    assert page.count("needs “Rutland LADO”") == 1
    assert page.count("Nobody here is a Designated Safeguarding Lead") == 4


def test_plan_is_read_in_words_and_every_version_stays(ready: Cast, admin: Client) -> None:
    admin.post(EDIT, typed(ready, rungs_acknowledge="30, 60"))

    newest, old = text_of(admin.get("/plans/prompt/")), text_of(admin.get("/plans/prompt/versions/1/"))

    assert "the second after 30 minutes while the centre is open. After 60" in newest
    assert ("the third after 120" in old, "This is an older version" in old, "Quicker." in newest) == (True, True, True)
    assert admin.get("/plans/prompt/versions/3/").status_code == 404
    assert admin.get("/plans/other/").status_code == 404


def test_saving_makes_a_new_version_and_says_so(ready: Cast, admin: Client) -> None:
    changes = {
        "text_decide": "Decide together",
        "amount_review": "5",
        "out_of_hours": "next",
        "rungs_acknowledge": "20,40",
        "repeats_acknowledge": "15",
    }

    page = admin.post(EDIT, typed(ready, **changes), follow=True)

    steps = steps_of(ready)
    assert "Version 2 is in use" in text_of(page)
    assert (steps["decide"].text, steps["review"].amount, plans_in_use(ready.centre)["prompt"].out_of_hours) == (
        "Decide together",
        5,
        "next",
    )
    assert (steps[ACKNOWLEDGE].rungs, steps[ACKNOWLEDGE].amount, steps[ACKNOWLEDGE].repeats_minutes) == ((20, 40), 20, 15)
    assert PlanVersion.objects.get(key="prompt", version=2).reason == "Quicker."


def test_form_of_every_plan_sent_back_as_it_is_changes_nothing(ready: Cast, admin: Client) -> None:
    for key in shipped_plans():
        page = admin.post(f"/plans/{key}/edit/", typed(ready, key))

        assert "Nothing is different from the plan in use." in text_of(page)
    assert PlanVersion.objects.count() == 4


def test_step_is_added_and_another_removed(ready: Cast, admin: Client) -> None:
    new = {
        "new_text": "Ask the school",
        "new_kind": "review",
        "new_who": "holder",
        "new_amount": "3",
        "new_clock": "working_days",
        "new_after": "decide",
    }

    admin.post(EDIT, typed(ready, remove_review="on", **new))

    steps = steps_of(ready)
    assert list(steps) == ["tell", "acknowledge", "speak", "decide", "review_2"]
    assert (steps["review_2"].text, steps["review_2"].after, steps["review_2"].contact) == ("Ask the school", "decide", None)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"reason": ""}, "Answer “Why do you change it?”"),
        ({"text_decide": ""}, "Answer “What is to be done?”"),
        ({"amount_decide": "soon"}, "needs a whole number from 0"),
        ({"amount_decide": "-1"}, "needs a whole number from 0"),
        ({"rungs_acknowledge": "60, 50"}, "each more than the one before"),
        ({"rungs_acknowledge": "0, 10"}, "each more than the one before"),
        ({"rungs_acknowledge": "1" * 90}, "each more than the one before"),
        ({"rungs_acknowledge": "90"}, "nobody may be given more than 60 minutes"),
        ({"ceiling_acknowledge": "121"}, "a whole number from 1 to 120"),
        ({"contact_acknowledge": "centre_team"}, "a contact outside the centre"),
        ({"contact_decide": "the pub"}, "Choose one of the answers shown"),
        ({"after_decide": "review"}, "“Decide what happens next, and say why” of “Today” would wait for itself"),
        ({"remove_decide": "on"}, "You remove the step that this one comes after"),
        ({"remove_speak": "on"}, "must keep a step in which the lead speaks"),
        ({"new_text": "Half a step"}, "for the new step, or leave all of it empty"),
        ({"new_contact": "duty_desk"}, "Fill in “What is to be done?” for the new step"),
        ({"new_amount": "30"}, "Fill in “What is to be done?” for the new step"),
        ({"new_who": "holder"}, "Fill in “What is to be done?” for the new step"),
        ({"new_after": "decide"}, "Fill in “What is to be done?” for the new step"),
        ({"new_amount": "9" * 30}, "needs a whole number from 0"),
    ],
)
def test_mistake_is_said_and_everything_typed_is_still_there(ready: Cast, admin: Client, changes: dict[str, str], complaint: str) -> None:
    page = admin.post(EDIT, typed(ready, text_tell="Tell somebody at once", **changes))

    assert complaint in text_of(page)
    assert (page.status_code, b'value="Tell somebody at once"' in page.content) == (422, True)
    assert not PlanVersion.objects.filter(version=2).exists()


def test_stale_form_never_overwrites_and_can_be_sent_again(ready: Cast, admin: Client) -> None:
    mine = typed(ready, text_decide="My words", remove_review="on")
    admin.post(EDIT, typed(ready, text_decide="Their words", rungs_acknowledge="30"))

    page = admin.post(EDIT, mine)

    assert ("Somebody else changed this plan" in text_of(page), "Their words" in text_of(page)) == (True, True)
    assert b'value="My words"' in page.content
    assert steps_of(ready)["decide"].text == "Their words"

    admin.post(EDIT, {**mine, "version": "2"})

    assert (list(steps_of(ready)), steps_of(ready)["decide"].text) == (["tell", "acknowledge", "speak", "decide"], "My words")


@pytest.mark.parametrize("base", ["", "x", "-1", "999", "9" * 40, "²"])
def test_form_with_a_made_up_version_does_no_harm(ready: Cast, admin: Client, base: str) -> None:
    assert admin.post(EDIT, typed(ready, base=base, version=base, text_decide="Else")).status_code == 422
    assert not PlanVersion.objects.filter(version=2).exists()


def test_change_asks_again_who_one_is(ready: Cast) -> None:
    stale = signed_in(ready.admin, fresh=False)

    for address in (EDIT, "/plans/ladders/ordinary/"):
        assert "/accounts/reauthenticate/" in stale.get(address)["Location"]


def test_lists_show_who_can_no_longer_be_asked(ready: Cast) -> None:
    RoleGrant.objects.filter(user=ready.deputy, role="deputy").update(ended_at=AT)

    page = text_of(signed_in(ready.lead).get("/plans/ladders/"))

    assert "Tom Ellis Has left, or has no role in which they answer" in page
    assert "Change this list" not in page


def place(*people: Any, was: Any) -> dict[str, str]:
    return {"was": ",".join(str(user.pk) for user in was)} | {
        f"place_{user.pk}": str(number) for number, user in enumerate(people, start=1)
    }


def test_list_is_put_in_another_order(ready: Cast, admin: Client) -> None:
    was = (ready.lead, ready.deputy, ready.case_manager)

    page = admin.post("/plans/ladders/ordinary/", place(ready.case_manager, ready.lead, was=was), follow=True)

    order = [rung.user for rung in Rung.objects.filter(centre=ready.centre, ladder="ordinary")]
    assert (order, "The list is saved." in text_of(page)) == ([ready.case_manager, ready.lead], True)


@pytest.mark.parametrize(
    ("people", "was", "complaint"),
    [
        ((), ("lead", "deputy", "case_manager"), "leave at least one person on the list"),
        (("lead",), ("lead",), "Now it is: Priya Shah, Tom Ellis, Grace Mensah."),
    ],
)
def test_list_that_cannot_be_saved_says_why(ready: Cast, admin: Client, people: Any, was: Any, complaint: str) -> None:
    sent = place(*(getattr(ready, name) for name in people), was=[getattr(ready, name) for name in was])

    page = admin.post("/plans/ladders/ordinary/", sent)

    assert (complaint in text_of(page), Rung.objects.filter(centre=ready.centre, ladder="ordinary").count()) == (True, 3)


def test_two_people_cannot_have_one_place(ready: Cast, admin: Client) -> None:
    sent = {"was": "x", f"place_{ready.lead.pk}": "1", f"place_{ready.deputy.pk}": "1"}

    assert "Two people cannot have the same place" in text_of(admin.post("/plans/ladders/ordinary/", sent))
    assert admin.get("/plans/ladders/other/").status_code == 404


CASE = {"level": "urgent", "vault": "ordinary", "home_area": "city", "on_day": "17", "on_month": "11", "on_year": "2026", "time": "17:30"}


def asked(client: Client, **changes: Any) -> str:
    return text_of(client.get("/plans/what-would-happen/", {**CASE, **changes}))


def test_what_would_happen_names_people_and_times_and_shows_no_concern(ready: Cast, admin: Client) -> None:
    concern = make_concern(ready, answers=CALM)

    page = asked(admin, reporter=str(ready.reporter.pk), away=[str(ready.lead.pk)])

    assert "Tom Ellis is asked to answer" in page
    assert "again every 10 minutes, until somebody answers" in page
    assert "Sam Okoro: Ring the duty desk" in page
    assert concern.reference not in page


@pytest.mark.parametrize("changes", [{"time": "late"}, {"on_year": "2999"}, {"level": "calm"}, {"reporter": "nobody"}, {"away": ["x"]}])
def test_case_that_makes_no_sense_is_asked_again(ready: Cast, admin: Client, changes: dict[str, Any]) -> None:
    page = asked(admin, **changes)

    assert ("There is a problem" in page, "Who is told" in page) == (True, False)


def test_menu_leads_to_the_plans(ready: Cast) -> None:
    for who in ("admin", "lead", "deputy", "case_manager"):
        assert reverse("plans") in signed_in(getattr(ready, who)).get("/contacts/").content.decode()
    assert reverse("plans") not in signed_in(ready.reporter).get("/contacts/").content.decode()


def test_page_of_a_version_that_cannot_be_read_says_so(ready: Cast, admin: Client) -> None:
    PlanVersion.objects.create(centre=ready.centre, key="prompt", version=2, content={}, made_at=AT)
    keep_version(ready.centre, changed_plan("urgent", repeats_minutes=5))

    assert "cannot be read, so the plan that ships stands in for it" in text_of(admin.get("/plans/prompt/"))
    assert admin.get(EDIT).status_code == 200
