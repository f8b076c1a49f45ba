"""Somebody who works at two centres: each page is about the one where they may do what it is for, not about the first by name."""

import pytest
from django.test import Client
from django.urls import reverse

from concerns.access.standing import centre_of
from concerns.choices import Role
from concerns.models import Centre, Contact, Drill, OpeningSession
from tests.factories import Cast, grant, signed_in
from tests.views.pages import plain

PAGES = ("home", "people", "rota", "plan_ladders", "drills", "unsent", "what_would_happen", "session_new", "leave_new", "contact_new")


@pytest.fixture
def hilltop(cast: Cast) -> Centre:
    """Another centre, before the first by name, at which the administrator and the lead are members of staff and no more."""
    elsewhere = centre_of(cast.outsider)
    assert elsewhere is not None and elsewhere.name < cast.centre.name
    for user in (cast.admin, cast.lead):
        grant(user, elsewhere, Role.REPORTER)
    return elsewhere


@pytest.fixture
def admin(cast: Cast, hilltop: Centre) -> Client:
    return signed_in(cast.admin)


@pytest.mark.parametrize("page", PAGES)
def test_administrator_of_the_second_finds_their_own_people_and_nobody_of_the_first(cast: Cast, admin: Client, page: str) -> None:
    shown = admin.get(reverse(page))

    assert shown.status_code == 200
    assert cast.outsider.name not in plain(shown)


def test_administrator_works_at_the_second(cast: Cast, hilltop: Centre, admin: Client) -> None:
    OpeningSession.objects.filter(weekday=2).delete()

    admin.post(reverse("person_new"), {"name": "Ivo Brandt", "email": "ivo@example.org"})
    admin.post(reverse("session_new"), {"weekday": "2", "starts": "5pm", "ends": "9pm"})
    admin.post(reverse("drill_new"), {"level": "prompt"})

    assert "Ivo Brandt" in plain(admin.get(reverse("people")))
    assert OpeningSession.objects.get(weekday=2).centre == cast.centre
    assert Drill.objects.get().centre == cast.centre


def test_rota_is_that_of_the_centre_where_one_keeps_it(cast: Cast, hilltop: Centre) -> None:
    client = signed_in(cast.lead)
    session = cast.centre.sessions.get(weekday=1)

    page = client.post(reverse("rota_week", args=[session.pk]), {"first": cast.deputy.pk, "second": "", "was": "/"}, follow=True)

    assert "Tom Ellis is on duty" in plain(page)
    assert f'href="{reverse("rota_week", args=[session.pk])}"' in client.get(reverse("rota")).content.decode()


def test_member_of_staff_of_both_still_reads_the_contacts_of_both(cast: Cast, hilltop: Centre) -> None:
    for centre in (cast.centre, hilltop):
        Contact.objects.create(centre=centre, name=f"Clinic of {centre.name}", number="0116 496 0000", group=Contact.Group.HEALTH)

    page = plain(signed_in(cast.lead).get(reverse("contacts")))

    assert [f"Clinic of {centre.name}" in page for centre in (cast.centre, hilltop)] == [True, True]
