"""A worry about a lead: that lead meets it nowhere, and the case manager answers."""

from collections.abc import Callable

import pytest

from tests.journeys.conftest import App
from tests.journeys.visits import DESK, PHONE, PHONE_WITHOUT_SCRIPT, Screen, Visit

pytestmark = pytest.mark.journey
Enter = Callable[..., Visit]


@pytest.mark.core_journey
@pytest.mark.parametrize("screen", [PHONE, DESK, PHONE_WITHOUT_SCRIPT], ids=str)
def test_concern_about_a_lead_is_hidden_from_them(app: App, enter: Enter, screen: Screen) -> None:
    worker, lead, chair = (enter(who, screen) for who in ("reporter", "lead", "chair"))

    worker.open("/triage/")
    worker.choose("What are you worried about?", "Something else")
    worker.choose("Is it about someone who works or volunteers here?", "Yes, and I will choose their name")
    worker.choose("If it is, who?", "Priya Shah, Designated Safeguarding Lead (DSL)")
    worker.choose("How old is the young person?", "13 to 17")
    worker.choose("Where does the young person live?", "Leicester city")
    worker.press("Go on")
    for question in worker.page.get_by_role("main").get_by_role("group").all():
        question.get_by_label("No", exact=True).check()
    worker.press("Show me whom to ring")
    assert "07700900101" not in worker.numbers()  # her own number

    worker.press("Write it down")
    worker.write("What did you see or hear?", "She drove a boy home alone, again.")
    worker.press("Send it to a lead")
    reference = worker.reference()
    letter = app.letters.wait(to="chair@example.org", about=reference)

    chair.open(letter.link)
    assert "She drove a boy home alone, again." in chair.read()
    chair.press("I am answering this")
    app.letters.wait(to="reporter@example.org", about=reference)
    chair.open("/concerns/")
    assert reference in chair.read()

    lead.open("/concerns/")
    assert reference not in lead.read()
    lead.open("/")
    assert reference not in lead.read()
    assert lead.open(letter.link) == 404
    assert (reference in lead.read(), "Priya" in lead.read()) == (False, False)
    assert {letter.to for letter in app.letters.about(reference)} == {"chair@example.org", "reporter@example.org"}
