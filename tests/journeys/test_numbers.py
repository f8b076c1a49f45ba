"""The numbers to ring stay right, and stay in reach."""

from collections.abc import Callable

import pytest

from tests.journeys.visits import DESK, PHONE, PHONE_WITHOUT_SCRIPT, Screen, Visit

pytestmark = pytest.mark.journey
Enter = Callable[..., Visit]

NEW_NUMBERS = {PHONE: "0116 496 0101", DESK: "0116 496 0102", PHONE_WITHOUT_SCRIPT: "0116 496 0103"}  # of Ofcom's fictional range


@pytest.mark.parametrize("screen", [PHONE, DESK, PHONE_WITHOUT_SCRIPT], ids=str)
def test_corrected_number_stands_on_the_emergency_card(enter: Enter, screen: Screen) -> None:
    admin, stranger = enter("admin", screen), enter("", screen)

    admin.open("/contacts/")
    admin.press("Leicestershire First Response")
    admin.press("Change it")
    admin.write("Telephone number", "ring the desk")
    admin.press("Save")
    assert admin.page.title().startswith("Error: ")
    admin.write("Telephone number", NEW_NUMBERS[screen])
    admin.press("Save")

    stranger.open("/emergency/")
    assert NEW_NUMBERS[screen].replace(" ", "") in stranger.numbers()
    assert NEW_NUMBERS[screen] in stranger.read()


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=str)
def test_card_comes_without_a_network(enter: Enter, screen: Screen) -> None:
    worker = enter("reporter", screen, service_workers="allow")
    worker.open("/")
    worker.page.evaluate("navigator.serviceWorker.ready")
    worker.page.wait_for_function("navigator.serviceWorker.controller !== null")

    worker.page.context.set_offline(True)
    worker.open("/triage/")

    assert worker.title() == "Emergency numbers"
    assert worker.numbers()[:2] == ["999", "18000"]
