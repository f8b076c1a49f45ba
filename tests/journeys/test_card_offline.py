"""A phone that has seen the card once keeps it: with the server gone, or not answering."""

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.outage_servers import Site, Web

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

KEPT = """async () => {
  const shelves = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const requests = await Promise.all(shelves.map((shelf) => shelf.keys()));
  return requests.flat().map((request) => new URL(request.url).pathname);
}"""

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def site(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site.at(tmp_path_factory.mktemp("card"))
    site.set_up()
    return site


@pytest.fixture
def served(site: Site) -> Iterator[Web]:
    with site.served() as web:
        yield web


@pytest.fixture
def page(served: Web, browser: "Browser") -> Iterator["Page"]:
    """A browser that has opened the card once."""
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{served.port}/emergency/")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    yield page
    page.close()


def is_styled(page: "Page") -> bool:
    """Whether the danger panel has its own colour."""
    colour: str = page.evaluate("getComputedStyle(document.querySelector('.danger-panel')).backgroundColor")
    return colour != "rgba(0, 0, 0, 0)"


def test_card_stays_when_the_server_is_gone(served: Web, page: "Page") -> None:
    served.signal(signal.SIGSTOP)
    served.signal(signal.SIGKILL)

    for path in ("/emergency/", "/", "/triage/"):
        page.goto(f"http://127.0.0.1:{served.port}{path}")
        assert page.get_by_role("heading", level=1).inner_text() == "Emergency numbers"
        assert page.locator('a[href="tel:999"]').count() == 1
        assert is_styled(page)


def test_card_comes_while_the_server_does_not_answer(served: Web, page: "Page") -> None:
    served.signal(signal.SIGSTOP)

    page.goto(f"http://127.0.0.1:{served.port}/emergency/", timeout=60_000)

    assert page.get_by_role("heading", level=1).inner_text() == "Emergency numbers"
    assert is_styled(page)


def test_browser_keeps_the_card_and_its_style_sheet_alone(served: Web, page: "Page") -> None:
    for path in ("/", "/talk/", "/guides/online-grooming/", "/emergency/"):
        page.goto(f"http://127.0.0.1:{served.port}{path}")

    kept = page.evaluate(KEPT)

    assert sorted(path.split(".")[0] for path in kept) == ["/emergency/", "/static/ui/app"]
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
