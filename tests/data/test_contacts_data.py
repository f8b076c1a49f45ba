"""The shipped contacts: everything the centre's own pages and our sources name is there, once, and can be reached."""

import pytest
from django.core.validators import URLValidator

from concerns.choices import ContactKey
from concerns.models import Contact
from concerns.queries.shipped import shipped_contacts
from concerns.rules.contacts import tel_href

ROWS = shipped_contacts()
LIVE = {row.fields["name"]: row.fields for row in ROWS if not row.is_retired}
NUMBERS = [row.fields["number"] for row in ROWS if row.fields.get("number")]
ADDRESSES = [row.fields["url"] for row in ROWS if row.fields.get("url")]

# name, number: as the sources print them
EXPECTED_NUMBERS = [
    ("Police, ambulance or fire", "999"),
    ("999 when you cannot speak", "999"),
    ("999 by text relay", "18000"),
    ("Leicester City Duty and Advice Service", "0116 454 1004"),
    ("Leicestershire First Response", "0116 305 0005"),
    ("Rutland duty desk, by day", "01572 758 407"),
    ("Rutland duty desk, out of hours", "0116 305 0005"),
    ("Leicester City LADO", "0116 454 2440"),
    ("Leicestershire LADO", "0116 305 4141"),
    ("Rutland LADO", "01572 758 407"),
    ("Our safeguarding team", "0116 277 9190"),
    ("Louise Wylie", "0116 277 9190"),
    ("Keanan Bartram", "0116 277 9190"),
    ("Paul Carlton", "0116 277 9190"),
    ("Police, not an emergency", "101"),
    ("Crimestoppers", "0800 555 111"),
    ("NHS mental health crisis line", "111, option 2"),
    ("Papyrus HOPELINE247", "0800 068 4141"),
    ("Samaritans", "116 123"),
    ("Childline", "0800 1111"),
    ("Shout", "SHOUT to 85258"),
    ("Runaway Helpline", "116 000"),
    ("NSPCC helpline", "0808 800 5000"),
    ("NSPCC whistleblowing advice line", "0800 028 0285"),
    ("Stop It Now", "0808 1000 900"),
    ("ACT Early", "0800 011 3764"),
]
EXPECTED_PAGES = [
    "999 in British Sign Language",
    "Find the council for any address",
    "CEOP",
    "Internet Watch Foundation",
    "Report Remove",
    "Sexual assault referral centres",
    "Your doctor (GP)",
    "Mind",
    "Mental Health Foundation",
    "British Association for Counselling and Psychotherapy",
    "Instagram",
    "Snapchat",
    "TikTok",
    "WhatsApp",
    "YouTube",
]


@pytest.mark.parametrize(("name", "number"), EXPECTED_NUMBERS)
def test_shipped_contact_has_the_number_of_its_source(name: str, number: str) -> None:
    assert LIVE[name]["number"] == number


@pytest.mark.parametrize("name", EXPECTED_PAGES)
def test_shipped_contact_without_a_number_has_its_own_page(name: str) -> None:
    assert str(LIVE[name]["url"]).startswith("https://")


@pytest.mark.parametrize(("name", "job"), [("Louise Wylie", "(DSL)"), ("Keanan Bartram", "(DSL)"), ("Paul Carlton", "(DDSL)")])
def test_shipped_leads_are_public_members_of_the_centre(name: str, job: str) -> None:
    lead = LIVE[name]

    assert (lead["group"], lead["is_public"]) == (Contact.Group.CENTRE, True)
    assert str(lead["job"]).endswith(job)


def test_every_key_has_exactly_one_contact_in_use() -> None:
    keys = [fields["key"] for fields in LIVE.values() if "key" in fields]

    assert sorted(map(str, keys)) == sorted(ContactKey.values)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_shipped_number_can_be_rung(number: str) -> None:
    assert tel_href(number).startswith(("tel:", "sms:"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_shipped_address_is_secure(address: str) -> None:
    URLValidator(schemes=["https"])(address)

    assert address.startswith("https://")


def test_old_numbers_are_retired_and_name_what_replaces_them() -> None:
    retired = {row.fields["number"]: LIVE[row.successor]["number"] for row in ROWS if row.is_retired}

    assert retired == {"0116 222 2222": "101", "0808 808 4994": "SHOUT to 85258"}


def test_retired_numbers_are_given_by_no_contact_in_use() -> None:
    retired = {row.fields["number"] for row in ROWS if row.is_retired}

    assert not retired & {fields.get("number") for fields in LIVE.values()}
    assert not [row for row in ROWS if row.is_retired and row.fields["is_public"]]


def test_nothing_shipped_claims_to_have_been_checked() -> None:
    assert not [row for row in ROWS if row.fields.keys() & {"verified_on", "verified_by"}]


def test_every_shipped_contact_fits_its_columns_and_lists() -> None:
    for row in ROWS:
        row.unsaved().clean_fields(exclude=["centre", "user", "verified_on", "verified_by", "successor"])

    assert len({row.fields["name"] for row in ROWS}) == len(ROWS)
