"""When things go wrong for the person at the screen: the session ends while they write, or the phone is very narrow."""

from collections.abc import Callable

import pytest

from tests.journeys.visits import DESK, PHONE, Door, Screen, Visit

pytestmark = pytest.mark.journey
Enter = Callable[..., Visit]

NARROW = Screen(320, 640)
SAID = "“I don’t want to go home.”\nShe said it twice."


def open_urgent_concern(worker: Visit) -> None:
    """From the first page to the record of a new concern: two presses and one answer."""
    worker.open("/")
    worker.press("Not sure")
    worker.choose("Is it about someone who works or volunteers here?", "No")
    worker.press("Ask a lead to answer")
    worker.press("Write it down")


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=str)
def test_record_typed_before_the_session_ended_is_given_back(door: Door, enter: Enter, screen: Screen) -> None:
    door.forget("reporter2")
    worker, elsewhere = enter("reporter2", screen), enter("reporter2", screen)
    open_urgent_concern(worker)
    worker.write("What did the young person say?", SAID)

    elsewhere.open("/accounts/logout/")
    elsewhere.press("Sign out")
    worker.press("Send it to a lead")
    assert worker.title() == "Sign in"
    worker.sign_in("reporter2")

    assert worker.page.get_by_label("What did the young person say?").input_value() == SAID
    assert "It has not been sent yet" in worker.read()
    worker.press("Send it to a lead")
    assert "She said it twice." in worker.read()
    door.forget("reporter2")


def test_pages_fit_the_narrowest_phone(enter: Enter) -> None:
    """Every step checks that the page does not scroll sideways."""
    worker, lead, admin, stranger = (enter(who, NARROW) for who in ("reporter", "lead", "admin", ""))
    open_urgent_concern(worker)
    worker.write("What do you think about it?", "Pneumonoultramicroscopicsilicovolcanoconiosis" * 3)
    worker.press("Send it to a lead")
    reference = worker.title()
    for name in ("Add something, or say it is worse", "I do not agree"):
        worker.press(name)
        worker.press("Back")
    worker.open("/triage/")

    lead.open("/concerns/")
    lead.press(reference)
    lead.press("I am answering this")
    for name in ("Add to the record", "Change the level", "Record what came of it", "Close"):
        lead.press(name)
        lead.press("Back")

    for address in ("/people/", "/people/new/", "/contacts/", "/contacts/new/"):
        admin.open(address)
    for address in ("/", "/emergency/", "/talk/", "/guides/online-grooming/", "/accounts/login/", "/accounts/password/reset/"):
        stranger.open(address)


def test_record_sent_without_a_network_stays_on_the_screen(enter: Enter) -> None:
    worker = enter("reporter", PHONE)
    open_urgent_concern(worker)
    worker.write("What did the young person say?", SAID)

    worker.page.context.set_offline(True)
    worker.page.get_by_role("button", name="Send it to a lead").click()
    said = worker.page.get_by_role("alert").inner_text()
    kept = worker.page.get_by_label("What did the young person say?").input_value()
    worker.page.context.set_offline(False)
    worker.press("Send it to a lead")

    assert "Nothing was sent, and what you typed is still here" in said
    assert kept == SAID
    assert "She said it twice." in worker.read()
