"""What pages are told about contacts, and to whom which of them exist."""

from datetime import date, timedelta
from typing import Any

import pytest

from concerns.actions.centre import set_up_centre
from concerns.actions.contacts import change_contact, retire_contact, verify_contact
from concerns.choices import ContactKey
from concerns.models import Centre, Contact
from concerns.queries.contacts import contact_list, contact_page, contact_row, number_for
from concerns.queries.public_contacts import guide_contacts, talk_page
from tests.contact_makers import PRIVATE_MOBILE, contact_facts, make_contact, make_private_mobile
from tests.factories import AT, Cast


@pytest.fixture
def shipped(cast: Cast) -> Cast:
    set_up_centre(name=cast.centre.name, at=AT)
    return cast


def names(groups: Any) -> set[str]:
    return {row.name for group in groups for row in group.rows}


def test_contact_list_shows_retired_contacts_to_administrators_alone(shipped: Cast) -> None:
    retired = {"Leicestershire Police, old local number", "The Mix"}

    seen = {role: names(contact_list(getattr(shipped, role), at=AT)) & retired for role in ("reporter", "lead", "auditor", "admin")}

    assert seen == {"reporter": set(), "lead": set(), "auditor": set(), "admin": retired}


def test_contact_list_of_another_centre_is_empty(shipped: Cast) -> None:
    assert contact_list(shipped.outsider, at=AT) == ()
    assert contact_list(shipped.nobody, at=AT) == ()


def test_contact_list_shows_colleagues_a_private_number(cast: Cast) -> None:
    make_private_mobile(cast)

    (group,) = contact_list(cast.reporter, at=AT)

    assert [(row.number, row.href, row.is_public) for row in group.rows] == [(PRIVATE_MOBILE, "tel:07700900123", False)]


def test_contact_list_asks_the_same_for_more_contacts(cast: Cast, django_assert_num_queries: Any) -> None:
    make_contact(cast)
    cast.centre.contacts.update(successor=cast.centre.contacts.first())
    del cast.admin._roles_held

    with django_assert_num_queries(2):
        contact_list(cast.admin, at=AT)
    set_up_centre(name="Another", at=AT)
    Contact.objects.exclude(centre=cast.centre).update(centre=cast.centre)
    del cast.admin._roles_held
    with django_assert_num_queries(2):
        assert len(names(contact_list(cast.admin, at=AT))) > 30


@pytest.mark.parametrize(("days", "said"), [(0, ""), (90, ""), (91, "Last checked 18 August 2026"), (None, "Not checked yet")])
def test_contact_is_flagged_after_ninety_days(cast: Cast, days: int | None, said: str) -> None:
    contact = make_contact(cast)
    contact.verified_on = None if days is None else AT.date() - timedelta(days=days)

    assert contact_row(contact, on=AT.date()).stale == said


def test_999_101_and_the_duty_desks_are_never_flagged(shipped: Cast) -> None:
    rows = [row for group in contact_list(shipped.reporter, at=AT) for row in group.rows]

    assert [row.name for row in rows if row.number == "999" and row.stale] == []
    assert {row.key for row in rows if not row.stale} - {""} == {
        "999",
        "999_text",
        "999_bsl",
        "101",
        "duty_city",
        "duty_county",
        "duty_rutland_day",
        "duty_rutland_night",
    }


def test_contact_page_tells_the_history_newest_first(cast: Cast) -> None:
    contact = make_contact(cast)
    change_contact(by=cast.admin, contact=contact, version=1, facts=contact_facts(number="0116 496 0202"), at=AT + timedelta(days=1))
    verify_contact(by=cast.admin, contact=contact, version=2, at=AT + timedelta(days=2))

    page = contact_page(cast.reporter, contact.pk, at=AT + timedelta(days=2))

    assert page is not None
    assert [(change.what, change.by) for change in page.history] == [
        ("Rang it, it is right", "Wei Chen"),
        ("Changed", "Wei Chen"),
        ("Added", "Wei Chen"),
    ]
    assert page.history[1].lines == ("Number: 0116 496 0101 → 0116 496 0202",)
    assert ("Checked", "19 November 2026, by Wei Chen") in page.facts


def test_contact_page_of_a_retired_contact_exists_for_administrators_alone(cast: Cast) -> None:
    contact = retire_contact(by=cast.admin, contact=make_contact(cast), version=1, successor=None, at=AT)

    found = [contact_page(user, contact.pk, at=AT) is not None for user in (cast.admin, cast.reporter, cast.lead, cast.outsider)]

    assert found == [True, False, False, False]


def test_contact_page_asks_the_same_for_a_longer_history(cast: Cast, django_assert_num_queries: Any) -> None:
    contact = make_contact(cast)
    for version in range(1, 31):
        verify_contact(by=cast.admin, contact=contact, version=version, at=AT)

    with django_assert_num_queries(3):
        contact_page(cast.reporter, contact.pk, at=AT)


def test_public_pages_hold_public_contacts_in_use_only(shipped: Cast) -> None:
    make_private_mobile(shipped)
    retire_contact(by=shipped.admin, contact=make_contact(shipped, name="Old line", is_public=True), version=1, successor=None, at=AT)
    make_contact(shipped, name="Harbour", is_public=True)

    talk = talk_page(at=AT)
    guide = {row.name for rows in guide_contacts(at=AT).groups.values() for row in rows}

    for seen in (names(talk.young_people) | names(talk.workers), guide):
        assert {"Harbour", "Louise Wylie", "Childline"} <= seen
        assert not seen & {"Priya Shah, own mobile", "Old line", "The Mix", "Leicestershire Police, old local number"}


def test_talk_page_keeps_what_is_for_workers_out_of_the_young_peoples_part(shipped: Cast) -> None:
    talk = talk_page(at=AT)

    assert "Childline" in names(talk.young_people)
    assert not names(talk.young_people) & names(talk.workers)
    assert {"Leicester City LADO", "Stop It Now", "NSPCC helpline"} <= names(talk.workers)


def test_talk_page_says_whether_every_number_was_checked(shipped: Cast) -> None:
    before = talk_page(at=AT).unchecked
    Contact.objects.filter(centre=shipped.centre).update(verified_on=AT.date())

    assert (before, talk_page(at=AT).unchecked) == (True, False)


def test_public_pages_name_a_service_once_for_two_centres(shipped: Cast) -> None:
    set_up_centre(name="Hilltop Youth Club", at=AT)

    talk = talk_page(at=AT)

    assert [row.name for group in talk.young_people for row in group.rows].count("Childline") == 1


def test_public_pages_name_nobody_where_there_are_many_centres(shipped: Cast) -> None:
    for number in range(3):
        Centre.objects.create(name=f"Youth club {number}")

    talk = talk_page(at=AT)

    assert "Louise Wylie" not in names(talk.young_people)


def test_number_for_is_the_persons_own_contact(shipped: Cast) -> None:
    own = make_private_mobile(shipped)

    assert number_for(shipped.centre, shipped.lead) == own


def test_number_for_falls_back_to_the_centres_team(shipped: Cast) -> None:
    own = make_private_mobile(shipped)
    retire_contact(by=shipped.admin, contact=own, version=1, successor=None, at=AT)

    for user in (shipped.lead, shipped.deputy):
        found = number_for(shipped.centre, user)
        assert found is not None
        assert (found.key, found.number) == (ContactKey.CENTRE_TEAM, "0116 277 9190")


def test_number_for_leaves_out_a_contact_without_a_number_and_other_centres(cast: Cast) -> None:
    make_contact(cast, user=cast.lead, number="", email="lead@example.org")
    elsewhere = cast.outsider.grants.get(role="lead").centre
    Contact.objects.create(centre=elsewhere, key="centre_team", group="3_centre", name="Hilltop", number="0116 496 0009", source="x")

    assert number_for(cast.centre, cast.lead) is None


def test_number_for_asks_once(shipped: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        number_for(shipped.centre, shipped.lead)


def test_contact_row_of_an_unusable_number_has_no_link(cast: Cast) -> None:
    contact = Contact(centre=cast.centre, name="Old row", number="see the noticeboard", source="x")

    assert contact_row(contact, on=date(2026, 11, 17)).href == ""
