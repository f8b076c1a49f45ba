"""An open page empties itself once its reader may no longer see it, without being touched. (S5)"""

from collections.abc import Callable

import pytest

from tests.journeys.conftest import App
from tests.journeys.visits import DESK, Visit

pytestmark = pytest.mark.journey


def test_open_page_leaves_when_its_reader_has_stepped_back_in_another_tab(app: App, enter: Callable[..., Visit]) -> None:
    worker, lead = enter("reporter", DESK), enter("lead", DESK)
    worker.open("/")
    worker.press("Yes")
    worker.choose("Is it about someone who works or volunteers here?", "No")
    worker.press("Ask a lead to answer")
    reference = worker.reference()
    lead.open(app.letters.wait(to="lead@example.org", about=reference).link)
    assert reference in lead.read()

    other = lead.page.context.new_page()
    other.goto(f"{lead.page.url}conflict/")
    other.get_by_label("Why are you too close to it?").fill("She is my niece.")
    other.get_by_role("button", name="Hide it from me").click()
    lead.page.evaluate("dispatchEvent(new Event('focus'))")
    lead.page.wait_for_url("**/concerns/")

    assert reference not in lead.read()
    other.close()
