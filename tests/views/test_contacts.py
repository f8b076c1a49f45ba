"""The pages of the contacts, as people with each role meet them."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concerns.actions.centre import set_up_centre
from concerns.actions.contacts import change_contact, retire_contact, verify_contact
from concerns.choices import ContactKey
from concerns.models import Contact, ContactChange
from tests.contact_makers import PRIVATE_MOBILE, contact_facts, make_contact, make_private_mobile
from tests.factories import AT, Cast, signed_in


@pytest.fixture
def shipped(cast: Cast) -> Cast:
    set_up_centre(name=cast.centre.name, at=AT)
    return cast


def sent(**changes: Any) -> dict[str, Any]:
    """What the form sends for a new contact."""
    fields = {
        "name": "Harbour Counselling",
        "number": "0116 496 0101",
        "group": "6_health",
        "audience": "everyone",
        "source": "Their own website",
        "position": "100",
        "version": "1",
    }
    return {**fields, **changes}


def address(name: str, contact: Contact) -> str:
    return reverse(name, kwargs={"contact_id": contact.pk})


def text_of(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))


def without_token(html: bytes) -> bytes:
    """A page without what differs each time it is shown, and without its own address in the form that locks."""
    return re.sub(rb'(data-seconds-left|name="(csrfmiddlewaretoken|kept_for|lock_path)" value)="[^"]+"', b"", html)


def levels(html: bytes) -> list[int]:
    return [int(level) for level in re.findall(rb"<h([1-6])\b", html)]


def assert_headings_in_order(html: bytes) -> None:
    found = levels(html)
    assert (found.count(1), [b - a for a, b in zip([1, *found], found, strict=False) if b - a > 1]) == (1, [])


@pytest.mark.parametrize("role", ["reporter", "lead", "deputy", "case_manager", "trustee", "auditor"])
def test_contact_list_offers_no_change_to_those_who_may_not(shipped: Cast, role: str) -> None:
    page = signed_in(getattr(shipped, role)).get("/contacts/")

    text = text_of(page.content)
    assert "0116 454 1004" in text
    assert not [word for word in ("Add a contact", "The Mix", "0116 222 2222", "need to be checked") if word in text]


def test_contact_list_shows_an_administrator_what_to_check_and_what_is_retired(shipped: Cast) -> None:
    page = signed_in(shipped.admin).get("/contacts/")

    text = text_of(page.content)
    assert "37 contacts need to be checked" in text
    assert "Use instead: Police, not an emergency" in text
    assert 'href="tel:01162222222"' not in page.content.decode()
    assert_headings_in_order(page.content)


def test_contact_list_asks_the_same_for_more_contacts(cast: Cast, django_assert_max_num_queries: Any) -> None:
    make_contact(cast)
    client = signed_in(cast.admin)
    with django_assert_max_num_queries(20) as few:
        client.get("/contacts/")
    for number in range(30):
        make_contact(cast, name=f"Service {number}")
    with django_assert_max_num_queries(20) as many:
        client.get("/contacts/")

    assert len(many) == len(few)


def test_contact_pages_send_strangers_to_sign_in(shipped: Cast) -> None:
    contact = make_private_mobile(shipped)

    for name in ("contact", "contact_edit", "contact_retire"):
        answer = Client().get(address(name, contact))
        assert (answer.status_code, PRIVATE_MOBILE in answer.content.decode()) == (302, False)


def test_contact_page_shows_history_and_no_change_to_a_reporter(cast: Cast) -> None:
    contact = make_contact(cast)
    change_contact(by=cast.admin, contact=contact, version=1, facts=contact_facts(number="0116 496 0202"), at=AT)

    page = signed_in(cast.reporter).get(address("contact", contact))

    text = text_of(page.content)
    assert "Number: 0116 496 0101 → 0116 496 0202" in text
    assert "I checked it today" not in text
    assert_headings_in_order(page.content)


def test_contact_page_of_another_centre_looks_like_an_unknown_one(cast: Cast) -> None:
    contact = make_private_mobile(cast)
    client = signed_in(cast.outsider)

    theirs, unknown = client.get(address("contact", contact)), client.get("/contacts/00000000-0000-4000-8000-000000000000/")

    assert (theirs.status_code, without_token(theirs.content)) == (404, without_token(unknown.content))
    assert PRIVATE_MOBILE not in theirs.content.decode()


def test_retired_contact_does_not_exist_for_a_reporter(cast: Cast) -> None:
    contact = retire_contact(by=cast.admin, contact=make_contact(cast), version=1, successor=None, at=AT)

    found = [signed_in(user).get(address("contact", contact)).status_code for user in (cast.reporter, cast.admin)]

    assert found == [404, 200]


@pytest.mark.parametrize("name", ["contact_edit", "contact_verify", "contact_retire"])
def test_contact_change_by_a_lead_is_forbidden_and_does_nothing(cast: Cast, name: str) -> None:
    contact = make_contact(cast)

    answer = signed_in(cast.lead).post(address(name, contact), sent(name="Mine now"))

    contact.refresh_from_db()
    assert (answer.status_code, contact.name, contact.version) == (403, "Harbour Counselling", 1)


def test_new_contact_is_added_and_waits_for_its_check(cast: Cast) -> None:
    answer = signed_in(cast.admin).post("/contacts/new/", sent(user=str(cast.lead.pk), is_public="on"), follow=True)

    contact = Contact.objects.get()
    assert (contact.centre, contact.user, contact.is_public, contact.verified_on) == (cast.centre, cast.lead, True, None)
    assert "Not checked yet" in text_of(answer.content)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "ask at the desk"}, "That is not a telephone number. Write it as people ring it, for example 0116 496 0000."),
        ({"url": "javascript:alert(1)"}, "A web address begins with https:// or http://."),
        ({"url": "ftp://example.org/list"}, "A web address begins with https:// or http://."),
        ({"url": "harbour"}, "A web address begins with https:// or http://."),
        ({"email": "harbour at example"}, "Write the e-mail address like name@example.org."),
        ({"number": ""}, "Give at least one way to reach them: a number, a web address or an e-mail address."),
        ({"name": ""}, "Fill in “Name”"),
        ({"purpose": "x" * 301}, "“What it is for” can be 300 characters at most. You have written 301."),
        ({"key": "childline"}, "“Childline” already stands for “Childline”. Retire it and name this one as what replaces it."),
    ],
)
def test_new_contact_form_says_what_to_do_and_keeps_what_was_typed(shipped: Cast, wrong: dict[str, str], said: str) -> None:
    before = Contact.objects.count()
    typed = sent(hours="Until the moon is full", **wrong)

    page = signed_in(shipped.admin).post("/contacts/new/", typed)

    html = page.content.decode()
    kept = [
        value
        for value in ("Until the moon is full", *wrong.values())
        if value and f'value="{value}"' not in html and f">{value}" not in html
    ]
    assert Contact.objects.count() == before
    assert said in text_of(page.content).replace("&#x27;", "'")
    assert [value for value in kept if value != "childline"] == []
    assert "<title>Error: Add a contact" in html


def test_edit_form_shows_what_the_contact_says(cast: Cast) -> None:
    contact = make_contact(cast, purpose="Someone to talk to")

    html = signed_in(cast.admin).get(address("contact_edit", contact)).content.decode()

    assert all(word in html for word in ("Someone to talk to", "0116 496 0101", 'name="version" value="1"'))


def test_edit_form_saves(cast: Cast) -> None:
    contact = make_contact(cast)

    answer = signed_in(cast.admin).post(address("contact_edit", contact), sent(number="0116 496 0202"))

    contact.refresh_from_db()
    assert (answer["Location"], contact.number, contact.version) == (address("contact", contact), "0116 496 0202", 2)


def test_edit_form_that_is_stale_saves_nothing_and_shows_both_versions(cast: Cast) -> None:
    contact = make_contact(cast)
    change_contact(by=cast.admin, contact=contact, version=1, facts=contact_facts(number="0116 496 0202"), at=AT)
    client = signed_in(cast.admin)

    page = client.post(address("contact_edit", contact), sent(number="0116 496 0303"))

    contact.refresh_from_db()
    assert contact.number == "0116 496 0202"
    assert "Somebody else changed this contact after you opened it." in text_of(page.content)
    assert "Telephone number 0116 496 0202" in text_of(page.content)
    assert 'value="0116 496 0303"' in page.content.decode()
    again = client.post(address("contact_edit", contact), sent(number="0116 496 0303", version="2"))
    contact.refresh_from_db()
    assert (again.status_code, contact.number) == (302, "0116 496 0303")
    assert 'name="version" value="2"' in page.content.decode()


def test_edit_form_without_its_version_saves_nothing(cast: Cast) -> None:
    contact = make_contact(cast)

    page = signed_in(cast.admin).post(address("contact_edit", contact), sent(name="Blind", version=""))

    contact.refresh_from_db()
    assert (page.status_code, contact.name) == (200, "Harbour Counselling")


def test_verify_button_notes_who_and_when(cast: Cast) -> None:
    contact = make_contact(cast)

    page = signed_in(cast.admin).post(address("contact_verify", contact), {"version": "1"}, follow=True)

    contact.refresh_from_db()
    assert contact.verified_by == cast.admin
    assert ContactChange.objects.filter(contact=contact, kind="verified").count() == 1
    assert "Rang it, it is right by Wei Chen" in text_of(page.content)


@pytest.mark.parametrize("version", ["0", "", "nonsense", "2"])
def test_verify_button_of_another_version_notes_nothing(cast: Cast, version: str) -> None:
    contact = make_contact(cast)

    page = signed_in(cast.admin).post(address("contact_verify", contact), {"version": version}, follow=True)

    contact.refresh_from_db()
    assert contact.verified_on is None
    assert "Nothing was saved." in text_of(page.content)


@pytest.mark.parametrize(
    ("group", "said", "unsaid"),
    [("1_emergency", "Never ring 999 as a test", "Ring the number"), ("6_health", "Ring the number", "as a test")],
)
def test_nobody_is_asked_to_ring_999_as_a_test(cast: Cast, group: str, said: str, unsaid: str) -> None:
    contact = make_contact(cast, group=group)

    text = text_of(signed_in(cast.admin).get(address("contact", contact)).content)

    assert (said in text, unsaid in text) == (True, False)


def test_verify_by_following_a_link_is_not_possible(cast: Cast) -> None:
    contact = make_contact(cast)

    answer = signed_in(cast.admin).get(address("contact_verify", contact))

    contact.refresh_from_db()
    assert (answer.status_code, contact.verified_on) == (405, None)


def test_retire_form_refuses_to_leave_a_key_without_a_contact(shipped: Cast) -> None:
    desk = Contact.objects.get(key=ContactKey.DUTY_CITY)

    page = signed_in(shipped.admin).post(address("contact_retire", desk), {"version": "1", "successor": ""})

    desk.refresh_from_db()
    assert desk.retired_at is None
    assert "so there must always be a contact for it. Choose the contact that replaces it." in text_of(page.content)


def test_retire_form_moves_the_key_to_what_replaces_it(shipped: Cast) -> None:
    desk, new_desk = Contact.objects.get(key=ContactKey.DUTY_CITY), make_contact(shipped, name="New desk")

    page = signed_in(shipped.admin).post(address("contact_retire", desk), {"version": "1", "successor": str(new_desk.pk)}, follow=True)

    new_desk.refresh_from_db()
    assert new_desk.key == ContactKey.DUTY_CITY
    assert "Use instead: New desk" in text_of(page.content)


def test_retire_form_that_is_stale_keeps_the_contact(cast: Cast) -> None:
    contact = make_contact(cast)
    verify_contact(by=cast.admin, contact=contact, version=1, at=AT)

    page = signed_in(cast.admin).post(address("contact_retire", contact), {"version": "1", "successor": ""})

    contact.refresh_from_db()
    assert contact.retired_at is None
    assert "Somebody else changed this contact" in text_of(page.content)


@pytest.mark.parametrize("name", ["contact_edit", "contact_retire"])
def test_retired_contact_has_no_forms(cast: Cast, name: str) -> None:
    contact = retire_contact(by=cast.admin, contact=make_contact(cast), version=1, successor=None, at=AT)

    assert signed_in(cast.admin).post(address(name, contact), sent(version="2")).status_code == 404
    contact.refresh_from_db()
    assert contact.version == 2


def test_contact_pages_escape_what_was_typed(cast: Cast) -> None:
    contact = make_contact(cast, name='<img src=x onerror="alert(1)">', purpose="{{ 7|add:7 }}<script>1</script>")
    client = signed_in(cast.admin)

    for path in ("/contacts/", address("contact", contact), address("contact_edit", contact), address("contact_retire", contact)):
        html = client.get(path).content.decode()
        assert "<img src=x" not in html
        assert "<script>1" not in html


def test_contact_forms_have_one_heading_and_labels_for_every_field(shipped: Cast) -> None:
    html = signed_in(shipped.admin).get("/contacts/new/").content

    controls = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', html.decode())) - {"id_version"}
    labels = set(re.findall(r'<label[^>]* for="([^"]+)"', html.decode()))
    assert controls <= labels
    assert_headings_in_order(html)
