"""A new centre: what it starts with, and that starting again changes nothing."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from concerns.actions.centre import set_up_centre
from concerns.exceptions import NotAllowed
from concerns.models import AuditEvent, Centre, Contact, ContactChange, OpeningSession, PlanVersion
from concerns.queries.plans import read_version, shipped_plans
from concerns.queries.shipped import shipped_contacts
from tests.contact_makers import make_contact
from tests.factories import AT, Cast


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values()) for model in (Centre, Contact, ContactChange, OpeningSession, PlanVersion, AuditEvent)
    ]


@pytest.mark.django_db
def test_set_up_centre_starts_with_contacts_and_opening_times() -> None:
    centre = set_up_centre(name="Riverside Youth Centre", at=AT)

    assert centre.contacts.count() == len(shipped_contacts())
    assert [(s.weekday, s.starts, s.ends) for s in centre.sessions.all()] == [
        (1, time(17), time(21)),
        (3, time(17), time(21)),
        (5, time(10), time(13)),
    ]
    assert AuditEvent.objects.get().verb == "centre set up"


@pytest.mark.django_db
def test_set_up_centre_keeps_the_plans_that_ship_as_version_one() -> None:
    centre = set_up_centre(name="Riverside Youth Centre", at=AT)

    rows = PlanVersion.objects.filter(centre=centre, version=1, made_by=None)
    assert {row.key: read_version(row) for row in rows} == shipped_plans()


@pytest.mark.django_db
def test_set_up_centre_begins_the_history_of_every_contact() -> None:
    centre = set_up_centre(name="Riverside Youth Centre", at=AT)

    kinds = list(ContactChange.objects.filter(contact__centre=centre, at=AT, by=None).values_list("kind", flat=True))
    assert (kinds.count("added"), kinds.count("retired"), len(kinds)) == (len(shipped_contacts()) - 2, 2, len(shipped_contacts()))


@pytest.mark.django_db
def test_set_up_centre_retires_the_old_numbers_in_favour_of_the_new() -> None:
    centre = set_up_centre(name="Riverside Youth Centre", at=AT)

    retired = {contact.number: contact.successor.number for contact in centre.contacts.exclude(retired_at=None) if contact.successor}
    assert retired == {"0116 222 2222": "101", "0808 808 4994": "SHOUT to 85258"}


@pytest.mark.django_db
def test_set_up_centre_again_changes_nothing() -> None:
    set_up_centre(name="Riverside Youth Centre", at=AT)
    before = everything()

    set_up_centre(name="Riverside Youth Centre", at=AT)

    assert everything() == before


def test_set_up_centre_leaves_what_a_centre_already_has(cast: Cast) -> None:
    kept = make_contact(cast)

    set_up_centre(name=cast.centre.name, at=AT)

    assert (list(cast.centre.contacts.all()), cast.centre.sessions.count()) == ([kept], 2)


def test_set_up_centre_by_a_person_needs_the_right(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        set_up_centre(by=cast.reporter, name=cast.centre.name, at=AT)

    assert not cast.centre.contacts.exists()


@pytest.mark.django_db
def test_setup_centre_command_names_the_centre(capsys: Any, settings: Any, tmp_path: Path) -> None:
    call_command("setup_centre", "--name", "Hilltop Youth Club")

    assert capsys.readouterr().out.startswith("Hilltop Youth Club is set up, with 46 contacts.")
