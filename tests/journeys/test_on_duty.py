"""A lead's evening: the rota, a drill, a referral with its answer, and the concern given to a colleague."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from concerns.rules.deadlines import LONDON
from tests.journeys.test_hard_days import NARROW, open_urgent_concern
from tests.journeys.visits import DESK, PHONE_WITHOUT_SCRIPT, Screen, Visit

pytestmark = pytest.mark.journey
Enter = Callable[..., Visit]
SCREENS = [NARROW, DESK, PHONE_WITHOUT_SCRIPT]


def say_now(lead: Visit) -> None:
    """Fill in that it happened today, this very minute."""
    now = datetime.now(LONDON)
    for question, value in (("Day", now.day), ("Month", now.month), ("Year", now.year)):
        lead.write(question, str(value))
    lead.write("At what time?", f"{now:%I:%M%p}")


def follow(visit: Visit, begins: str) -> None:
    """Follow the first link whose words begin like this: the rest says to those who do not see the page what it belongs to."""
    found = visit.page.get_by_role("main").get_by_role("link", name=re.compile(f"^{re.escape(begins)}")).first
    visit.open(found.get_attribute("href") or "")


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_council_is_told_answers_and_the_concern_goes_to_a_colleague(enter: Enter, screen: Screen) -> None:
    worker, lead, deputy = enter("reporter", screen), enter("lead", screen), enter("deputy", screen)
    open_urgent_concern(worker)
    worker.write("What did the young person say?", "“I don’t want to go home.”")
    worker.press("Send it to a lead")
    reference = worker.title()
    lead.open("/concerns/")
    lead.press(reference)
    lead.press("I am answering this")

    lead.press("Record a referral")
    lead.write("What was said?", "They ring back tomorrow.")
    lead.press("Record the referral")
    assert lead.page.title().startswith("Error: ")
    say_now(lead)
    lead.press("Record the referral")
    follow(lead, "Referral sheet")
    assert "They ring back tomorrow." in lead.read()
    lead.press("Back")
    follow(lead, "What did they answer?")
    say_now(lead)
    lead.choose("What did they decide?", "They will not do anything more")
    lead.write("What did they say?", "It does not meet the threshold.")
    lead.choose("Do you agree?", "No, I do not agree with them")
    lead.press("Record the answer")
    assert "speak to the worker and their manager" in lead.read()

    lead.press("Hand over")
    lead.choose("Who do you ask to take it over?", "Tom Ellis")
    lead.write("What do they need to know?", "Ring their manager tomorrow.")
    lead.press("Ask them")
    deputy.open("/")
    deputy.press(reference)
    follow(deputy, "Take it over, or give it back")
    deputy.choose("Do you take it over?", "Yes, I take it over")
    deputy.press("Answer")
    assert "Ring their manager tomorrow." in deputy.read()
    worker.open("/mine/")


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_drill_is_started_answered_and_timed(enter: Enter, screen: Screen) -> None:
    admin, lead = enter("admin", screen), enter("lead", screen)
    admin.open("/drills/")
    admin.press("Start a drill")
    admin.press("Start the drill")

    lead.open("/drills/")
    lead.open("/")
    follow(lead, "A drill is running")
    lead.press("I am answering this")

    admin.open("/drills/")
    assert "answered after" in admin.read()


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_rota_says_who_is_on_duty_and_who_is_missing(enter: Enter, screen: Screen) -> None:
    admin, lead = enter("admin", screen), enter("lead", screen)
    admin.open("/rota/")
    admin.press("Add a session")
    admin.pick("Which day of the week?", "Sunday")
    admin.write("When does it start?", "nine")
    admin.write("When does it end?", "8pm")
    admin.press("Add it")
    assert admin.page.title().startswith("Error: ")
    admin.write("When does it start?", "6pm")
    admin.press("Add it")
    assert "These sessions are without somebody" in admin.read()

    lead.open("/rota/")
    lead.press("Change who is on duty every Sunday, 6:00pm to 8:00pm")
    lead.pick("Who is on duty?", "Priya Shah")
    lead.press("Save")
    lead.press("Somebody is away")
    lead.press("Save")
    assert lead.page.title().startswith("Error: ")
    lead.press("Back")
    lead.press("Write a note")
    lead.write("What should they know?", "The side door sticks.")
    lead.press("Leave the note")
    assert "The side door sticks." in lead.read()
    lead.press("Remove my note")

    admin.open("/rota/")
    admin.press("Change the times of Sunday, 6:00pm to 8:00pm")
    admin.press("Back")
    admin.press("Remove Sunday, 6:00pm to 8:00pm")
    admin.press("Remove it")
    for address in ("/plans/", "/plans/urgent/", "/plans/urgent/edit/", "/plans/ladders/", "/plans/what-would-happen/", "/unsent/"):
        admin.open(address)
