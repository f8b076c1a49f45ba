"""Nobody is led to another site, whatever an address or a form says where to go next. (S20, S30)"""

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.browser.corpus import ADDRESSES, Reader
from tests.browser.test_csrf import persona_for
from tests.factories import PASSWORD, Cast, let_in, make_cast, next_code, with_app
from tests.structure.test_permissions import World, patterns

NAMES = ("next", "lock_path", "path", "url", "redirect_to", "return", "back", "known", "page", "to")
TRICKS = ("//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert('evil.example')")
OURS = {"testserver"}


def led_to(response: HttpResponse) -> str:
    """Where a browser would go, read as leniently as browsers read: the host, or "" for nowhere."""
    place = response.headers.get("Location", "")
    lenient = "".join(c for c in place if c not in "\t\r\n\x00").strip().replace("\\", "/")
    target = urlsplit(urljoin("http://testserver/accounts/login/", lenient))
    return "" if target.scheme in ("http", "https") and target.hostname in OURS else target.geturl()


class Links(Reader):
    """The places that a page leads to, or sends its forms to."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[str] = []

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name in ("href", "src", "action", "formaction") or (name == "content" and "url=" in value.lower()):
            self.places.append(value)


def led_by(response: HttpResponse) -> list[str]:
    """Where the page itself leads, if not within ours."""
    links = Links()
    if "html" in response.headers.get("Content-Type", ""):
        links.feed(response.content.decode())
    lenient = ["".join(c for c in place if c not in "\t\r\n").strip().replace("\\", "/") for place in links.places]
    hosts = [(place, urlsplit(urljoin("http://testserver/", place))) for place in lenient]
    return [place for place, parts in hosts if (parts.hostname and "evil" in parts.hostname) or parts.scheme in ("javascript", "data")]


def assert_stays(response: HttpResponse, trick: str) -> None:
    assert (led_to(response), led_by(response)) == ("", []), repr(trick)
    assert "\n" not in str(response.headers) or "evil=1" not in str(response.cookies)
    assert "evil" not in response.cookies
    assert all("evil" not in unquote(value) for name, value in response.headers.items() if name not in ("Location",))


@pytest.fixture
def fresh(cast: Cast) -> Cast:
    with_app(cast.lead)
    return cast


@pytest.mark.parametrize("trick", ADDRESSES, ids=repr)
def test_signing_in_leads_to_no_other_site(fresh: Cast, trick: str) -> None:
    client = Client()
    page = client.get(reverse("account_login"), {"next": trick})
    after = client.post(reverse("account_login"), {"login": fresh.reporter.email, "password": PASSWORD, "next": trick})
    again = client.get(reverse("account_login"), {"next": trick})

    for response in (page, after, again):
        assert_stays(response, trick)
    assert after.status_code == 302


@pytest.mark.parametrize("trick", ADDRESSES, ids=repr)
def test_second_step_and_proving_again_lead_to_no_other_site(fresh: Cast, trick: str) -> None:
    client = Client()
    first = client.post(f"{reverse('account_login')}", {"login": fresh.lead.email, "password": PASSWORD, "next": trick})
    second = client.post(reverse("mfa_authenticate"), {"code": next_code(fresh.lead), "next": trick})
    stale = Client()
    let_in(stale, fresh.lead, fresh=False)
    asked = stale.get(reverse("account_reauthenticate"), {"next": trick})
    proved = stale.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": trick})

    for response in (first, second, asked, proved):
        assert_stays(response, trick)


@pytest.mark.parametrize("trick", ADDRESSES, ids=repr)
def test_leaving_and_locking_lead_to_no_other_site(fresh: Cast, trick: str) -> None:
    for name in ("account_logout", "account_lock", "account_left", "account_signed_out"):
        client = Client()
        let_in(client, fresh.reporter)
        for response in (client.get(reverse(name), dict.fromkeys(NAMES, trick)), client.post(reverse(name), dict.fromkeys(NAMES, trick))):
            assert_stays(response, trick)


@pytest.mark.django_db
@pytest.mark.parametrize("trick", TRICKS)
def test_no_address_at_all_leads_to_another_site(trick: str) -> None:
    world = World(make_cast())
    wanted = dict.fromkeys(NAMES, trick)

    for pattern in patterns():
        client = world.client(persona_for(str(pattern.name)))
        address = reverse(str(pattern.name), kwargs=world.arguments(pattern))
        assert_stays(client.get(address, wanted), f"{pattern.name}: {trick}")
        if pattern.name not in ("person_disable", "role_end", "draft_discard", "contact_retire"):
            assert_stays(client.post(address, wanted, headers={"referer": "https://evil.example/"}), f"{pattern.name}: {trick}")


@pytest.mark.parametrize("trick", ["https://testserver/contacts/", "/contacts/", "/contacts/?next=//evil.example"])
def test_good_places_are_still_led_to(fresh: Cast, trick: str) -> None:
    """Shows that the other tests could fail: what is within ours is followed."""
    after = Client().post(reverse("account_login"), {"login": fresh.reporter.email, "password": PASSWORD, "next": trick}, secure=True)

    assert urlsplit(after.headers["Location"]).path == "/contacts/"


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "//evil.example%2f..", "///evil.example/accounts/login"])
def test_address_that_lacks_its_slash_is_not_completed_into_another_site(db: None, path: str) -> None:
    response = Client().generic("GET", path)

    assert_stays(response, path)
