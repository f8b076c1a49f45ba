"""The public pages for young people and workers: every service is there, nothing private ever is."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from concerns.actions.centre import set_up_centre
from concerns.actions.contacts import retire_contact
from concerns.models import Contact
from concerns.queries.shipped import shipped_contacts
from tests.contact_makers import PRIVATE_MOBILE, make_contact, make_private_mobile
from tests.factories import AT, Cast, signed_in
from tests.views.test_contacts import assert_headings_in_order, text_of

PAGES = ["/talk/", "/guides/online-grooming/"]
PUBLIC = [row.fields for row in shipped_contacts() if not row.is_retired]


@pytest.fixture
def shipped(cast: Cast) -> Cast:
    set_up_centre(name=cast.centre.name, at=AT)
    return cast


@pytest.mark.parametrize("page", PAGES)
def test_public_page_begins_with_999_and_a_way_out(shipped: Cast, page: str) -> None:
    html = Client().get(page).content.decode()

    assert re.findall(r'href="(tel:[^"]+)"', html)[0] == "tel:999"
    assert "data-exit" in html
    assert_headings_in_order(html.encode())


def test_talk_page_shows_every_public_contact(shipped: Cast) -> None:
    text = text_of(Client().get("/talk/").content)

    groups_elsewhere = {Contact.Group.EMERGENCY}  # the card has those
    assert [f["name"] for f in PUBLIC if f["group"] not in groups_elsewhere and str(f["name"]) not in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_public_page_shows_nothing_private_or_retired_even_to_colleagues(shipped: Cast, page: str) -> None:
    make_private_mobile(shipped)
    old = make_contact(shipped, name="Old counselling line", number="0116 496 0888", is_public=True)
    retire_contact(by=shipped.admin, contact=old, version=1, successor=None, at=AT)

    for client in (Client(), signed_in(shipped.lead), signed_in(shipped.admin)):
        html = client.get(page).content.decode()
        leaks = (
            PRIVATE_MOBILE,
            "07700900123",
            "priya.private",
            "own mobile",
            "Old counselling",
            "0116 222 2222",
            "0808 808 4994",
            "The Mix",
        )
        assert [word for word in leaks if word in html] == []


@pytest.mark.parametrize("page", PAGES)
def test_public_page_says_how_old_a_check_is(shipped: Cast, page: str) -> None:
    Contact.objects.filter(name="Childline").update(verified_on=(AT - timedelta(days=400)).date())

    assert "Last checked 13 October 2025" in text_of(Client().get(page).content)


def test_shout_is_reached_by_text_not_by_a_call(shipped: Cast) -> None:
    html = Client().get("/talk/").content.decode()

    assert 'href="sms:85258"' in html
    assert "tel:85258" not in html


@pytest.mark.parametrize(
    "words",
    [
        "trick, force or pressure a young person into something sexual",
        "met in an online game",
        "asked them for a nude picture",
        "talked to them about sex, and it did not feel right",
        "on a webcam, and then the person turned nasty",
        "will share pictures unless they get more",
        "wants to meet them",
        "Stay calm.",
        "Reassure them.",
        "Ask who they are talking to",
        "ask their friends, or a teacher",
        "their name, school, address or pictures",
        "block or unfriend",
        "Report it to the app or game, and to CEOP",
        "Do not look at, copy, print, forward, save or ask for a sexual picture",
    ],
)
def test_guide_covers_what_the_centre_teaches(shipped: Cast, words: str) -> None:
    assert words in text_of(Client().get("/guides/online-grooming/").content).replace(" .", ".").replace(" ,", ",")


def test_guide_names_every_place_to_report_or_turn_to(shipped: Cast) -> None:
    text = text_of(Client().get("/guides/online-grooming/").content)

    named = [
        "CEOP",
        "Internet Watch Foundation",
        "Report Remove",
        "101",
        "0800 555 111",
        "0800 1111",
        "SHOUT to 85258",
        "0808 800 5000",
        "help@nspcc.org.uk",
        "0808 1000 900",
        "Your doctor (GP)",
        "Mental Health Foundation",
        "Mind",
        "British Association for Counselling and Psychotherapy",
        "0116 454 1004",
        "0116 277 9190",
        "Instagram",
        "Snapchat",
    ]
    assert [word for word in named if word not in text] == []


def test_guide_speaks_to_workers_first_and_young_people_second(shipped: Cast) -> None:
    html = Client().get("/guides/online-grooming/").content.decode()

    assert html.index('id="workers"') < html.index('id="young-people"') < html.index('id="report"')


@pytest.mark.parametrize("page", PAGES)
def test_public_page_without_a_centre_still_names_999(db: None, page: str) -> None:
    assert 'href="tel:999"' in Client().get(page).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_public_page_has_no_link_that_says_only_website(shipped: Cast, page: str) -> None:
    links = re.findall(r"<a\b[^>]*>(.*?)</a>", Client().get(page).content.decode(), re.DOTALL)

    texts = [" ".join(re.sub(r"<[^>]+>", "", link).split()).lower() for link in links]
    assert not {"website", "here", "click here", "more", "read more"} & set(texts)
