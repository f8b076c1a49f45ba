"""A worry about a young person, from the first tap to the answer: somebody in danger, and somebody contacted online."""

from collections.abc import Callable

import pytest

from tests.journeys.conftest import App
from tests.journeys.visits import DESK, PHONE, PHONE_WITHOUT_SCRIPT, Screen, Visit

pytestmark = pytest.mark.journey
on_each_screen = pytest.mark.parametrize("screen", [PHONE, DESK, PHONE_WITHOUT_SCRIPT], ids=str)
Enter = Callable[..., Visit]

ABOUT_STAFF = "Is it about someone who works or volunteers here?"
SEEN = "Her lip was cut & swollen on the left. She held her arm still."
NAME = "Łucja O’Brien-Nowak"


def write_record(worker: Visit, *, seen: str, name: str) -> None:
    worker.write("What did you see or hear?", seen)
    worker.write("What is the young person’s full name?", name)
    worker.press("Send it to a lead")


@pytest.mark.core_journey
@on_each_screen
def test_danger_is_rung_recorded_and_answered(app: App, enter: Enter, screen: Screen) -> None:
    worker, lead = enter("reporter", screen), enter("lead", screen)

    worker.open("/")
    assert worker.numbers()[0] == "999"
    assert worker.page.get_by_role("main").locator("form").count() == 0  # nothing is asked before the number stands there
    worker.press("Yes")
    assert worker.numbers()[:2] == ["999", "01164541004"]

    worker.choose("Whom have you rung?", "I have rung 999")
    worker.choose(ABOUT_STAFF, "No")
    worker.press("Ask a lead to answer")
    reference = worker.reference()
    letter = app.letters.wait(to="lead@example.org", about=reference)
    assert letter.subject == f"URGENT Safeguarding {reference}: please answer"

    worker.press("Write it down")
    write_record(worker, seen=SEEN, name=NAME)
    assert worker.title() == reference
    assert "Nobody has answered yet" in worker.read()
    assert worker.numbers()[0] == "07700900101"  # whom to ring until somebody answers

    lead.open(letter.link)
    assert (SEEN in lead.read(), NAME in lead.read()) == (True, True)
    lead.press("I am answering this")
    worker.open(worker.page.url)
    assert "Priya Shah has it: answered" in worker.read()
    assert "07700900101" not in worker.numbers()
    assert [about for about in app.letters.about(reference) if NAME in about.text or "lip" in about.text] == []


@on_each_screen
def test_online_grooming_is_recorded_worked_on_and_closed(app: App, enter: Enter, screen: Screen) -> None:
    worker, lead = enter("reporter2", screen), enter("lead", screen)

    worker.open("/")
    worker.press("No")
    worker.choose("What are you worried about?", "Someone contacting them online")
    worker.choose(ABOUT_STAFF, "No")
    worker.choose("How old is the young person?", "13 to 17")
    worker.choose("Where does the young person live?", "Leicester city")
    worker.press("Go on")
    for question in worker.page.get_by_role("main").get_by_role("group").all():
        question.get_by_label("No", exact=True).check()
    worker.press("Show me whom to ring")
    assert worker.title() == "Tell a lead before you leave today"
    assert worker.numbers()[0] == "07700900101"

    worker.press("Write it down")
    write_record(worker, seen="A stranger from a game asks her to move to another chat.", name="Amina Yusuf")
    letter = app.letters.wait(to="lead@example.org", about=worker.reference())
    assert letter.subject == f"Safeguarding {worker.reference()}: please answer"

    lead.open(letter.link)
    lead.press("I am answering this")
    lead.press("Add to the record")
    lead.choose("What is it?", "Reply to the person who recorded it")
    lead.write("What do you want to record?", "Thank you. I talked to her and her father.")
    lead.press("Add to the record")
    lead.press("Close")
    lead.choose("How did it end?", "Supported by the centre")
    lead.press("Close")
    assert lead.page.title().startswith("Error: ")  # no concern is closed without a reason
    lead.write("Why can it be closed?", "She blocked him. Her father knows. CEOP has the report.")
    lead.press("Close")
    assert "Nothing: this concern is closed." in lead.read()

    worker.open(worker.page.url)
    assert "Closed" in worker.read()
    assert "Thank you. I talked to her and her father." in worker.read()
    assert "CEOP has the report" not in worker.read()
