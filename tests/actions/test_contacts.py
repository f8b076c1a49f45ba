"""Who keeps the contacts, what is refused, and what every change leaves behind. (S6, S36)"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concerns.actions.centre import set_up_centre
from concerns.actions.contacts import add_contact, change_contact, retire_contact, verify_contact
from concerns.choices import ContactKey
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import AuditEvent, Centre, Contact, ContactChange
from tests.contact_makers import contact_facts, make_contact
from tests.factories import AT, Cast

LATER = AT + timedelta(days=1)


@pytest.fixture
def shipped(cast: Cast) -> Cast:
    """The cast, at a centre with the shipped contacts."""
    set_up_centre(name=cast.centre.name, at=AT)
    return cast


def by_key(cast: Cast, key: ContactKey) -> Contact:
    return Contact.objects.get(centre=cast.centre, key=key, retired_at=None)


def typed(contact: Contact, **changes: Any) -> Any:
    """The facts of a contact as its form would send them."""
    names = ("group", "name", "job", "user", "number", "url", "email", "area", "audience", "purpose", "hours", "source", "is_public", "key")
    return contact_facts(**{**{name: getattr(contact, name) for name in names}, **changes})


@pytest.mark.parametrize("role", ["reporter", "lead", "deputy", "case_manager", "trustee", "auditor"])
def test_add_contact_is_for_administrators(cast: Cast, role: str) -> None:
    with pytest.raises(NotAllowed):
        add_contact(by=getattr(cast, role), centre=cast.centre, facts=contact_facts(), at=AT)

    assert not Contact.objects.exists()


def test_change_contact_of_another_centre_does_not_exist(cast: Cast) -> None:
    contact = make_contact(cast)

    for act in (
        lambda: change_contact(by=cast.outsider, contact=contact, version=1, facts=contact_facts(name="Theirs"), at=AT),
        lambda: verify_contact(by=cast.outsider, contact=contact, version=1, at=AT),
        lambda: retire_contact(by=cast.outsider, contact=contact, version=1, successor=None, at=AT),
    ):
        with pytest.raises(NotVisible):
            act()
    contact.refresh_from_db()
    assert (contact.name, contact.verified_on, contact.retired_at) == ("Harbour Counselling", None, None)


def test_add_contact_is_remembered_and_audited(cast: Cast) -> None:
    contact = make_contact(cast)

    change = ContactChange.objects.get(contact=contact)
    event = AuditEvent.objects.get(subject_id=contact.pk)
    assert (change.kind, change.by, change.at, change.detail["number"]) == ("added", cast.admin, AT, ["", "0116 496 0101"])
    assert (event.verb, event.by, event.centre, event.detail) == ("contact added", cast.admin, cast.centre, {})


def test_change_contact_remembers_each_field_from_and_to(cast: Cast) -> None:
    contact = make_contact(cast)

    changed = change_contact(
        by=cast.admin, contact=contact, version=1, facts=contact_facts(number="0116 496 0202", is_public=True, user=cast.lead), at=LATER
    )

    change = ContactChange.objects.get(contact=contact, kind="changed")
    assert change.detail == {"number": ["0116 496 0101", "0116 496 0202"], "is_public": [False, True], "user": ["", "Priya Shah"]}
    assert changed.version == 2


def test_change_contact_without_a_difference_leaves_nothing(cast: Cast) -> None:
    contact = make_contact(cast)

    change_contact(by=cast.admin, contact=contact, version=1, facts=contact_facts(), at=LATER)

    contact.refresh_from_db()
    assert (contact.version, ContactChange.objects.count()) == (1, 1)


def test_verify_contact_notes_day_and_person(cast: Cast) -> None:
    contact = verify_contact(by=cast.admin, contact=make_contact(cast), version=1, at=AT)

    contact.refresh_from_db()
    assert (contact.verified_on, contact.verified_by) == (AT.date(), cast.admin)
    assert ContactChange.objects.filter(contact=contact, kind="verified", by=cast.admin, at=AT).count() == 1


@pytest.mark.parametrize(("changes", "still"), [({"number": "0116 496 0202"}, False), ({"purpose": "Talking helps."}, True)])
def test_change_contact_asks_for_a_new_check_where_the_way_changed(cast: Cast, changes: dict[str, str], still: bool) -> None:
    contact = verify_contact(by=cast.admin, contact=make_contact(cast), version=1, at=AT)

    changed = change_contact(by=cast.admin, contact=contact, version=2, facts=contact_facts(**changes), at=LATER)

    assert (changed.verified_on is not None, changed.verified_by is not None) == (still, still)


def test_change_contact_refuses_a_stale_form(cast: Cast) -> None:
    contact = make_contact(cast)
    change_contact(by=cast.admin, contact=contact, version=1, facts=contact_facts(number="0116 496 0202"), at=AT)

    with pytest.raises(Stale):
        change_contact(by=cast.admin, contact=contact, version=1, facts=contact_facts(number="0116 496 0303"), at=LATER)

    contact.refresh_from_db()
    assert contact.number == "0116 496 0202"


def test_verify_contact_refuses_when_the_number_rung_is_not_the_number_now(cast: Cast) -> None:
    contact = make_contact(cast)
    change_contact(by=cast.admin, contact=contact, version=1, facts=contact_facts(number="0116 496 0202"), at=AT)

    with pytest.raises(Stale):
        verify_contact(by=cast.admin, contact=contact, version=1, at=LATER)

    contact.refresh_from_db()
    assert contact.verified_on is None


def test_retired_contact_cannot_be_changed(cast: Cast) -> None:
    contact = retire_contact(by=cast.admin, contact=make_contact(cast), version=1, successor=None, at=AT)

    with pytest.raises(Stale):
        change_contact(by=cast.admin, contact=contact, version=2, facts=contact_facts(name="Back again"), at=LATER)

    contact.refresh_from_db()
    assert contact.name == "Harbour Counselling"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"number": ""}, "at least one way"),
        ({"number": "ring the office"}, "not a telephone number"),
        ({"number": "0116 496 0101; rm -rf"}, "not a telephone number"),
        ({"url": "javascript:alert(1)"}, "begins with https"),
        ({"url": "ftp://example.org/"}, "begins with https"),
    ],
)
def test_add_contact_refuses_what_nobody_can_use(cast: Cast, facts: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        make_contact(cast, **facts)

    assert not Contact.objects.exists()


def test_add_contact_refuses_a_colleague_of_another_centre(cast: Cast) -> None:
    with pytest.raises(Refused, match="works at this centre"):
        make_contact(cast, user=cast.outsider)


def test_add_contact_refuses_a_key_that_is_taken(shipped: Cast) -> None:
    with pytest.raises(Refused, match="“Childline” already stands for"):
        make_contact(shipped, key=ContactKey.CHILDLINE.value)


@pytest.mark.parametrize("key", list(ContactKey))
def test_retire_contact_never_leaves_a_key_without_a_contact(shipped: Cast, key: ContactKey) -> None:
    contact = by_key(shipped, key)

    with pytest.raises(Refused, match="there must always be a contact for it"):
        retire_contact(by=shipped.admin, contact=contact, version=1, successor=None, at=AT)

    assert by_key(shipped, key) == contact


@pytest.mark.parametrize("changes", [{"key": ""}, {"key": "111"}, {"number": "", "email": "desk@example.org"}])
def test_change_contact_never_leaves_a_key_without_its_number(shipped: Cast, changes: dict[str, str]) -> None:
    desk = by_key(shipped, ContactKey.DUTY_CITY)
    retired_111 = by_key(shipped, ContactKey.HEALTH)
    Contact.objects.filter(pk=retired_111.pk).update(key="")

    with pytest.raises(Refused, match="Leicester city duty desk"):
        change_contact(by=shipped.admin, contact=desk, version=1, facts=typed(desk, **changes), at=AT)

    desk.refresh_from_db()
    assert (desk.key, desk.number) == ("duty_city", "0116 454 1004")


def test_retire_contact_moves_the_key_to_its_successor(shipped: Cast) -> None:
    desk, new_desk = by_key(shipped, ContactKey.DUTY_CITY), make_contact(shipped, name="New duty desk")

    retired = retire_contact(by=shipped.admin, contact=desk, version=1, successor=new_desk, at=LATER)

    assert by_key(shipped, ContactKey.DUTY_CITY) == new_desk
    assert (retired.retired_at, retired.successor, retired.key) == (LATER, new_desk, "")
    assert ContactChange.objects.get(contact=desk, kind="retired").detail == {
        "successor": ["", "New duty desk"],
        "key": ["Leicester city duty desk", ""],
    }
    assert ContactChange.objects.get(contact=new_desk, kind="changed").detail == {"key": ["", "Leicester city duty desk"]}


def test_retire_contact_refuses_a_successor_with_a_key_of_its_own(shipped: Cast) -> None:
    with pytest.raises(Refused, match="can stand for one thing only"):
        retire_contact(
            by=shipped.admin,
            contact=by_key(shipped, ContactKey.DUTY_CITY),
            version=1,
            successor=by_key(shipped, ContactKey.DUTY_COUNTY),
            at=AT,
        )

    assert by_key(shipped, ContactKey.DUTY_CITY).name == "Leicester City Duty and Advice Service"


def test_retire_contact_refuses_a_successor_that_cannot_be_rung(shipped: Cast) -> None:
    web_only = make_contact(shipped, number="", url="https://example.org/")

    with pytest.raises(Refused, match="needs a number too"):
        retire_contact(by=shipped.admin, contact=by_key(shipped, ContactKey.DUTY_CITY), version=1, successor=web_only, at=AT)

    assert by_key(shipped, ContactKey.DUTY_CITY).number == "0116 454 1004"


@pytest.mark.parametrize("which", ["itself", "retired", "elsewhere"])
def test_retire_contact_refuses_a_successor_that_is_not_in_use_here(cast: Cast, which: str) -> None:
    contact = make_contact(cast)
    theirs = Contact.objects.create(
        centre=Centre.objects.get(name="Hilltop Youth Club"), group="6_health", name="Theirs", number="1", source="x"
    )
    successor = {
        "itself": contact,
        "retired": make_contact(cast, name="Old", number="0116 496 0404"),
        "elsewhere": theirs,
    }[which]
    if which == "retired":
        retire_contact(by=cast.admin, contact=successor, version=1, successor=None, at=AT)

    with pytest.raises(Refused, match="in use"):
        retire_contact(by=cast.admin, contact=contact, version=1, successor=successor, at=AT)


def test_change_of_a_duty_desk_rewrites_the_card(
    shipped: Cast, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.CARD_FILE = tmp_path / "new" / "card.html"
    desk = by_key(shipped, ContactKey.DUTY_CITY)

    with django_capture_on_commit_callbacks(execute=True):
        change_contact(by=shipped.admin, contact=desk, version=1, facts=typed(desk, number="0116 496 0999"), at=AT)

    card = settings.CARD_FILE.read_text()
    assert "tel:01164960999" in card
    assert "tel:01164541004" not in card


def test_change_is_saved_though_the_card_cannot_be_written(
    shipped: Cast, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.CARD_FILE = tmp_path / "file" / "card.html"
    contact = make_contact(shipped)

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        change_contact(by=shipped.admin, contact=contact, version=1, facts=contact_facts(name="Harbour"), at=AT)

    contact.refresh_from_db()
    assert (len(callbacks), contact.name) == (1, "Harbour")
