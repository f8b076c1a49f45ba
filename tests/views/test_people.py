"""People and roles in pages: nobody gives themselves power, and a mistake is said and not lost. (S6)"""

import re
from typing import Any

import pytest
from django.urls import reverse

from concerns.actions.roles import propose_role
from concerns.choices import Role
from concerns.models import RoleGrant, User
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import MARKER, make_concern
from tests.views.pages import lost, plain, title_of

PEOPLE = reverse("people")
NEW = reverse("person_new")
PERSON = {"name": "Nadia Haddad", "email": "nadia@example.org"}


def proposed(cast: Cast, role: Role = Role.DEPUTY) -> RoleGrant:
    return propose_role(by=cast.admin, centre=cast.centre, user=cast.reporter2, role=role, at=AT)


def decide(grant_id: Any) -> str:
    return reverse("role_decide", args=[grant_id])


def test_admin_adds_a_person_who_may_record_and_no_more(cast: Cast) -> None:
    page = signed_in(cast.admin).post(NEW, PERSON, follow=True)

    made = User.objects.get(email="nadia@example.org")
    assert page.request["PATH_INFO"] == PEOPLE
    assert ("Nadia Haddad" in plain(page), made.has_usable_password()) == (True, False)
    assert [row.role for row in made.grants.all()] == [Role.REPORTER]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Fill in “Full name”"),
        ({"name": " \t "}, "Fill in “Full name”"),
        ({"name": "x" * 121}, "“Full name” can be 120 characters at most. You have written 121."),
        ({"email": ""}, "Fill in “Work e-mail address”"),
        ({"email": "nadia at example"}, "Enter an e-mail address in the correct form, such as name@example.org"),
        ({"email": "nadia@example.org\x00,b@example.org"}, "Enter an e-mail address in the correct form"),
    ],
)
def test_new_person_with_a_mistake_is_not_made_and_what_was_typed_stays(cast: Cast, wrong: dict[str, str], said: str) -> None:
    before = User.objects.count()

    page = signed_in(cast.admin).post(NEW, {**PERSON, **wrong})

    kept = {name: value for name, value in {**PERSON, **wrong}.items() if value.strip() and "\x00" not in value}
    assert (page.status_code, said in plain(page), User.objects.count()) == (422, True, before)
    assert lost(kept, page) == {}
    assert title_of(page) == "Error: Add a person – Our youth centre"


def test_address_that_is_in_use_is_refused_in_words(cast: Cast) -> None:
    page = signed_in(cast.admin).post(NEW, {**PERSON, "email": cast.lead.email.upper()})

    assert "Somebody has an account with this e-mail address already." in plain(page)
    assert lost({"name": PERSON["name"]}, page) == {}


@pytest.mark.parametrize(
    "name", ["Siân ap Rhys", "عمر", "王小明", "O’Neil-Łukasz", "<script>alert(1)</script>", '"><img src=x>', "{{ 7|add:7 }}"]
)
def test_name_in_any_script_is_shown_as_it_was_typed_and_never_runs(cast: Cast, name: str) -> None:
    client = signed_in(cast.admin)
    client.post(NEW, {**PERSON, "name": name})
    propose_role(by=cast.admin, centre=cast.centre, user=User.objects.get(name=name), role=Role.DEPUTY, at=AT)

    pages = [
        client.get(PEOPLE),
        signed_in(cast.lead).get(PEOPLE),
        client.get(reverse("person_role", args=[User.objects.get(name=name).pk])),
    ]

    assert [name in plain(page) for page in pages] == [True] * 3
    assert [re.findall(r"<script>|<img", page.content.decode()) for page in pages] == [[]] * 3


@pytest.mark.parametrize(("role", "waits"), [(Role.TRUSTEE, False), (Role.LEAD, True), (Role.AUDITOR, True)])
def test_powerful_role_waits_for_a_second_person(cast: Cast, role: Role, waits: bool) -> None:
    client = signed_in(cast.admin)

    page = client.post(reverse("person_role", args=[cast.reporter2.pk]), {"role": role}, follow=True)

    given = RoleGrant.objects.get(user=cast.reporter2, role=role)
    assert (given.confirmed_at is None, "waits to be confirmed" in plain(page)) == (waits, waits)
    assert decide(given.pk) not in page.content.decode()


def test_holder_confirms_and_the_role_is_in_force(cast: Cast) -> None:
    waiting = proposed(cast)
    client = signed_in(cast.lead)

    offered = client.get(PEOPLE)
    client.post(decide(waiting.pk), {"decision": "confirm"})

    waiting.refresh_from_db()
    who = f"Ana Petrova, who signs in as {cast.reporter2.email}"
    assert f"Wei Chen proposed that {who}, becomes: Deputy Designated Safeguarding Lead (DDSL)." in plain(offered)
    assert (waiting.confirmed_by, waiting.ended_at) == (cast.lead, None)


@pytest.mark.parametrize("decision", [None, "", "confirmed", "CONFIRM", "\x00"])
def test_decision_that_is_neither_decides_nothing(cast: Cast, decision: str | None) -> None:
    waiting = proposed(cast)

    page = signed_in(cast.lead).post(decide(waiting.pk), {} if decision is None else {"decision": decision}, follow=True)

    waiting.refresh_from_db()
    assert (waiting.confirmed_at, waiting.ended_at) == (None, None)
    assert "Nothing was decided. Press “Confirm” or “Refuse”." in plain(page)


def test_second_decision_says_that_it_was_decided(cast: Cast) -> None:
    waiting = proposed(cast)
    signed_in(cast.lead).post(decide(waiting.pk), {"decision": "confirm"})

    page = signed_in(cast.deputy).post(decide(waiting.pk), {"decision": "refuse"}, follow=True)

    waiting.refresh_from_db()
    assert ("This was decided already." in plain(page), waiting.ended_at) == (True, None)


def test_person_it_is_for_cannot_confirm_it(cast: Cast) -> None:
    own = propose_role(by=cast.admin, centre=cast.centre, user=cast.auditor, role=Role.LEAD, at=AT)
    client = signed_in(cast.auditor)

    page, refused = client.get(PEOPLE), client.post(decide(own.pk), {"decision": "confirm"})

    own.refresh_from_db()
    assert (decide(own.pk) in page.content.decode(), own.confirmed_at) == (False, None)
    assert "Somebody who holds a powerful role must confirm this" in plain(refused)


@pytest.mark.parametrize("typed", [{}, {"role": ""}, {"role": "king"}, {"role": "\x00"}])
def test_role_that_does_not_exist_is_not_given(cast: Cast, typed: dict[str, str]) -> None:
    page = signed_in(cast.admin).post(reverse("person_role", args=[cast.reporter2.pk]), typed)

    assert page.status_code == 422
    assert "Choose a role" in plain(page) or "Choose one of the answers shown" in plain(page)
    assert [row.role for row in cast.reporter2.grants.all()] == [Role.REPORTER]


def test_role_held_already_is_refused_in_words(cast: Cast) -> None:
    page = signed_in(cast.admin).post(reverse("person_role", args=[cast.reporter2.pk]), {"role": "reporter"})

    assert "Ana Petrova has this role already, or it waits to be confirmed." in plain(page)


def test_last_lead_stays(cast: Cast) -> None:
    last = RoleGrant.objects.get(user=cast.lead, role=Role.LEAD)
    client = signed_in(cast.admin)

    ended = client.post(reverse("role_end", args=[last.pk]), follow=True)
    disabled = client.post(reverse("person_disable", args=[cast.lead.pk]), follow=True)

    cast.lead.refresh_from_db()
    assert ["This is the centre’s only lead." in plain(page) for page in (ended, disabled)] == [True, True]
    assert (cast.lead.is_active, RoleGrant.objects.filter(user=cast.lead, ended_at=None).count()) == (True, 2)


def test_admin_cannot_disable_themselves(cast: Cast) -> None:
    page = signed_in(cast.admin).post(reverse("person_disable", args=[cast.admin.pk]), follow=True)

    cast.admin.refresh_from_db()
    assert ("You cannot disable your own account." in plain(page), cast.admin.is_active) == (True, True)


def test_disabled_person_is_signed_out_by_it(cast: Cast) -> None:
    theirs = signed_in(cast.reporter2)

    page = signed_in(cast.admin).post(reverse("person_disable", args=[cast.reporter2.pk]), follow=True)

    assert "cannot sign in" in plain(page)
    assert theirs.get(reverse("triage"))["Location"].startswith("/accounts/login/")


def test_people_of_another_centre_do_not_exist(cast: Cast) -> None:
    client = signed_in(cast.admin)

    pages = [client.get(PEOPLE), client.get(reverse("person_role", args=[cast.outsider.pk]))]
    pages += [client.post(reverse("person_disable", args=[cast.outsider.pk]))]

    cast.outsider.refresh_from_db()
    assert [page.status_code for page in pages] == [200, 404, 404]
    assert ["Lena Novak" in page.content.decode() for page in pages] == [False] * 3
    assert cast.outsider.is_active


def test_who_confirms_roles_sees_what_waits_and_nobody_else(cast: Cast) -> None:
    proposed(cast)
    lead_of_two = grant(make_user("Ola Both"), cast.centre, Role.TRUSTEE)

    page, refused = signed_in(cast.lead).get(PEOPLE), signed_in(lead_of_two).get(PEOPLE)

    assert ("Ana Petrova" in plain(page), "Rosa Klein" in plain(page), cast.trustee.email in plain(page)) == (True, False, False)
    assert (refused.status_code, "Ana Petrova" in plain(refused)) == (404, False)


def test_people_pages_say_nothing_of_any_concern(cast: Cast) -> None:
    concern = make_concern(cast)
    client = signed_in(cast.admin)

    pages = [client.get(path) for path in (PEOPLE, NEW, reverse("person_role", args=[cast.reporter.pk]))]

    assert [word for page in pages for word in (concern.reference, MARKER, "Aria") if word in page.content.decode()] == []


@pytest.mark.parametrize("method", ["get", "head"])
def test_role_cannot_be_decided_by_a_link(cast: Cast, method: str) -> None:
    waiting = proposed(cast)

    page = getattr(signed_in(cast.lead), method)(reverse("role_decide", args=[waiting.pk]))

    waiting.refresh_from_db()
    assert (page.status_code, page["Allow"], waiting.confirmed_at, waiting.ended_at) == (405, "POST", None, None)


@pytest.mark.parametrize(("name", "words"), [("role_end", "End the role"), ("person_disable", "Disable the account of Ana Petrova?")])
def test_taking_away_is_asked_first_and_changes_nothing_until_it_is_sent(cast: Cast, name: str, words: str) -> None:
    waiting, client = proposed(cast), signed_in(cast.admin)
    address = reverse(name, args=[cast.reporter2.pk if name == "person_disable" else waiting.pk])

    asked = client.get(address)
    waiting.refresh_from_db()
    cast.reporter2.refresh_from_db()
    assert words in plain(asked)
    assert (waiting.ended_at, cast.reporter2.is_active) == (None, True)

    client.post(address)
    waiting.refresh_from_db()
    cast.reporter2.refresh_from_db()
    assert waiting.ended_at is not None or not cast.reporter2.is_active


def test_name_of_a_colleague_is_refused_in_words_with_what_was_typed(cast: Cast) -> None:
    answer = signed_in(cast.admin).post(NEW, {"name": "priya shah", "email": "other@example.org"})

    assert answer.status_code == 422
    assert "There is somebody called Priya Shah here already. Write the name so that both can be told apart" in plain(answer)
    assert 'value="priya shah"' in answer.content.decode() and 'value="other@example.org"' in answer.content.decode()
