"""Signing in as people do: by invitation, with an app, with a passkey; and leaving a screen that others may look at. (S11, S13, S15)"""

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

import pytest

from concerns.rules.signin import code_at, counter_at
from tests.journeys.conftest import App
from tests.journeys.visits import DESK, PHONE, Door, Screen, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.journey
Enter = Callable[..., Visit]

PASSWORD = "seven brown otters swim"
TYPED = "She asked me not to tell her uncle."
LONG_AGO = """
from datetime import timedelta
from django.utils import timezone
from concerns.models import SignIn
SignIn.objects.filter(user__email="{who}@example.org", ended_at=None).update(seen_at=timezone.now() - timedelta(seconds={seconds}))
"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def sign_in_anew(app: App, visit: Visit, who: str) -> None:
    """Sign in though the codes of this minute are used: a person would wait for the next one."""
    app.site.run("from concerns.models import LastCode\nLastCode.objects.all().delete()")
    visit.sign_in(who)


def add_person(admin: Visit, name: str, email: str) -> None:
    admin.open("/people/new/")
    admin.write("Full name", name)
    admin.write("Work e-mail address", email)
    admin.press("Add")


def enter_password(visit: Visit, email: str) -> None:
    visit.write("Email", email)
    visit.write("Password", PASSWORD)
    visit.press("Sign in")


def with_device(visit: Visit) -> None:
    """Give the window a device that keeps passkeys and asks for a finger."""
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def shown_secret(visit: Visit) -> bytes:
    return base64.b32decode(visit.page.locator("code.secret").inner_text())


def start_entry(lead: Visit) -> str:
    """Open a concern of the lead's and begin to write an entry; return the address."""
    worker_made = lead.page.locator("a", has_text=re.compile(r"^C-\d\d-"))
    lead.open("/concerns/")
    with lead.page.expect_navigation():
        worker_made.first.click()
    answer = lead.button("I am answering this")
    if answer.is_visible():
        lead.press("I am answering this")
    lead.press("Add to the record")
    lead.write("What do you want to record?", TYPED)
    return lead.page.url


def record_urgent(worker: Visit) -> None:
    worker.open("/")
    worker.press("Not sure")
    worker.choose("Is it about someone who works or volunteers here?", "No")
    worker.press("Ask a lead to answer")


def typed_text(visit: Visit) -> str:
    return visit.page.get_by_label("What do you want to record?").input_value()


def test_invited_person_chooses_a_password_and_a_new_trustee_adds_an_app(app: App, enter: Enter) -> None:
    admin, person = enter("admin", DESK), enter("", PHONE)
    add_person(admin, "Nia Holt", "nia@example.org")

    link = app.letters.wait(to="nia@example.org", about="Choose your password").link
    person.open(link)
    person.write("New password", PASSWORD)
    person.write("The same once more", PASSWORD)
    person.press("Save my password")
    enter_password(person, "nia@example.org")
    assert person.title() == "Is anyone in danger now?"

    card = admin.page.locator(".person", has_text="Nia Holt")
    with admin.page.expect_navigation():
        card.get_by_role("link", name="Give a role").click()
    admin.choose("Which role?", "Trustee")
    admin.press("Give this role")

    person.open("/contacts/")
    assert person.title() == "Sign in"
    enter_password(person, "nia@example.org")
    assert person.title() == "Add a second step"
    person.press("Use an app")
    secret = shown_secret(person)
    person.write("Code that your app shows", code_at(secret, counter_at(datetime.now(UTC))))
    person.press("Use this app")
    assert person.title() == "Recovery codes"
    assert len(person.page.locator(".codes code").all()) == 10
    person.press("I have written them down")
    person.open("/contacts/")
    assert person.title() == "Contacts"
    assert enter("", PHONE).open(link) == 410


def test_passkey_signs_in_without_a_password(app: App, door: Door, enter: Enter) -> None:
    door.forget("deputy")
    deputy = enter("", DESK)
    with_device(deputy)
    deputy.open("/accounts/login/")
    sign_in_anew(app, deputy, "deputy")
    deputy.open("/accounts/second-step/passkeys/new/")
    deputy.page.get_by_label("What do you call this device?").fill("Desk")
    deputy.press("Add a passkey")
    deputy.open("/accounts/")
    assert "Passkey “Desk”" in deputy.read()

    deputy.page.get_by_role("button", name="Sign out").click()
    deputy.page.wait_for_url("**/signed-out/**")
    deputy.open("/accounts/login/?next=/concerns/")
    deputy.press("Sign in with a passkey")

    deputy.page.wait_for_url("**/concerns/")
    assert deputy.title() == "Concerns"
    assert deputy.errors == []


def test_passkey_made_for_another_site_is_refused(app: App, door: Door, enter: Enter) -> None:
    door.forget("chair")
    chair = enter("", DESK)
    with_device(chair)
    chair.open("/accounts/login/")
    sign_in_anew(app, chair, "chair")
    chair.open("/accounts/second-step/passkeys/new/")
    chair.page.route("**/passkeys/new/", from_another_site)

    chair.press("Add a passkey")

    assert "That did not work." in chair.read()
    chair.page.unroute_all()
    chair.open("/accounts/")
    assert "A passkey: none" in chair.read()


def from_another_site(route: "Route") -> None:
    """Send what the device answered as if it had been asked by another site."""
    sent = parse_qs(route.request.post_data or "")
    if route.request.method != "POST":
        return route.continue_()
    credential = json.loads(sent["credential"][0])
    said = json.loads(base64.urlsafe_b64decode(credential["response"]["clientDataJSON"] + "=="))
    said["origin"] = "https://evil.example"
    credential["response"]["clientDataJSON"] = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    sent["credential"] = [json.dumps(credential)]
    return route.continue_(post_data=urlencode(sent, doseq=True))


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=str)
def test_hide_and_lock_keeps_what_was_typed_for_its_owner(app: App, door: Door, enter: Enter, screen: Screen) -> None:
    record_urgent(enter("reporter", PHONE))
    door.forget("lead")
    lead = enter("", screen)
    lead.open("/accounts/login/")
    sign_in_anew(app, lead, "lead")
    address = start_entry(lead)
    if screen is PHONE:
        lead.page.get_by_text("Menu", exact=True).click()

    lead.page.get_by_role("button", name="Hide and lock").click()
    lead.page.wait_for_url("**/signed-out/**")
    lead.page.go_back()
    assert TYPED not in lead.page.locator("body").inner_text()
    lead.open(address)
    sign_in_anew(app, lead, "lead")

    assert (lead.page.url, typed_text(lead)) == (address, TYPED)


def test_idle_page_warns_and_then_hides_with_what_was_typed_kept(app: App, door: Door, enter: Enter) -> None:
    record_urgent(enter("reporter", PHONE))
    door.forget("lead")
    lead = enter("", DESK)
    lead.page.clock.install()
    lead.open("/accounts/login/")
    sign_in_anew(app, lead, "lead")
    address = start_entry(lead)

    app.site.run(LONG_AGO.format(who="lead", seconds=29 * 60))
    lead.page.clock.fast_forward("29:00")
    dialog = lead.page.get_by_role("dialog")
    dialog.wait_for()
    dialog.get_by_role("button", name="Stay signed in").click()
    dialog.wait_for(state="hidden")
    app.site.run(LONG_AGO.format(who="lead", seconds=31 * 60))
    lead.page.clock.fast_forward("31:00")

    lead.page.wait_for_url("**/signed-out/**")
    assert "nothing happened for a while" in lead.read()
    lead.press("Sign in")
    sign_in_anew(app, lead, "lead")
    assert (lead.page.url, typed_text(lead)) == (address, TYPED)
    door.forget("lead")
