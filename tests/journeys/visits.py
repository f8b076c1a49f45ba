"""A person at a screen: goes where they go, presses what they press, and checks every page that they come to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from concerns.rules.practice import DEMO_DOMAIN, DEMO_PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = "rules => axe.run({ runOnly: rules, resultTypes: ['violations', 'incomplete'] })"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => Number(heading.tagName[1]))"
REFERENCE = re.compile(r"\bC-\d\d-[0-9A-Z]{4}\b")


@cache
def axe_core() -> str:
    """The accessibility checker's script."""
    import axe_playwright_python  # here, for a machine without it skips the journeys

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


@dataclass(frozen=True)
class Screen:
    """What somebody holds in their hand, or has on their desk."""

    width: int
    height: int
    script: bool = True

    def __str__(self) -> str:
        return f"{self.width}px" + ("" if self.script else " without JavaScript")


PHONE, DESK, PHONE_WITHOUT_SCRIPT = Screen(390, 844), Screen(1280, 900), Screen(390, 844, script=False)


def problems(found: Mapping[str, Any]) -> list[str]:
    """What axe found, and what it could not decide, in words: both count."""
    return [
        f"{kind}: {rule['id']} at {node['target']}: {node.get('failureSummary', '')}"
        for kind in ("violations", "incomplete")
        for rule in found[kind]
        for node in rule["nodes"]
    ]


@dataclass
class Visit:
    """One person's window. `open`, `press` and `sign_in` lead to a page, and check it."""

    page: "Page"
    home: str
    twin: "Page | None" = None
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: "ConsoleMessage") -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(message.text)

    def open(self, address: str) -> int:
        """Go to an address; return the status of the answer."""
        answer = self.page.goto(address if "://" in address else self.home + address)
        self.check()
        return answer.status if answer else 0

    def press(self, name: str) -> None:
        """Press the button or the link of this name, which leads to a page."""
        with self.page.expect_navigation():
            self.button(name).click()
        self.check()

    def button(self, name: str) -> "Locator":
        exactly = re.compile(rf"^{re.escape(name)}\s*(:.*)?$")
        page = self.page.locator(".page")
        return page.get_by_role("button", name=exactly).or_(page.get_by_role("link", name=exactly)).first

    def choose(self, question: str, answer: str) -> None:
        """Choose one answer of a group of them, or tick it."""
        self.page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()

    def pick(self, question: str, answer: str) -> None:
        """Pick one answer from a list that opens."""
        self.page.get_by_label(question).select_option(label=answer)

    def write(self, question: str, text: str) -> None:
        self.page.get_by_label(question, exact=True).fill(text)

    def read(self) -> str:
        """The words of the page."""
        return self.page.get_by_role("main").inner_text()

    def title(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    def reference(self) -> str:
        """The reference of the concern that the page is about."""
        found = REFERENCE.search(self.page.title())
        assert found, f"{self.page.title()} names no concern."
        return found[0]

    def numbers(self) -> list[str]:
        """The telephone numbers that the page offers to ring, in its order."""
        links = self.page.get_by_role("main").locator('a[href^="tel:"]').all()
        return [(link.get_attribute("href") or "").removeprefix("tel:") for link in links]

    def sign_in(self, who: str) -> None:
        self.page.get_by_label("Email").fill(who + DEMO_DOMAIN)
        self.page.get_by_label("Password").fill(DEMO_PASSWORD)
        self.press("Sign in")
        if self.title() == "Second step":
            shown = re.search(r"the code is (\d{6})", self.read())
            assert shown, "practice shows the code"
            self.page.get_by_label("Code").fill(shown[1])
            self.press("Sign in")

    def check(self) -> None:
        """Hold the page to the bar that every page meets: WCAG 2.2 AA, one heading that leads, no sideways scrolling, no error."""
        where = f"{self.page.title()} ({self.page.url})"
        page = self._checked_page()
        page.evaluate(axe_core())
        assert problems(page.evaluate(RUN_AXE, RULES)) == [], where
        assert page.evaluate(TOO_WIDE) <= 0, f"{where} scrolls sideways"
        levels = page.evaluate(HEADINGS)
        assert levels.count(1) == 1, where
        assert all(below - above <= 1 for above, below in zip(levels, levels[1:], strict=False)), f"{where}: headings {levels}"
        assert self.errors == [], where

    def _checked_page(self) -> "Page":
        """The page itself; where JavaScript is off, the same markup in a window in which the checker can run, without our script."""
        if self.twin is None:
            return self.page
        markup = self.page.content()
        self.twin.route("**/*.js", lambda route: route.abort())
        self.twin.route(self.page.url, lambda route: route.fulfill(body=markup, content_type="text/html; charset=utf-8"))
        self.twin.goto(self.page.url)
        self.twin.unroute_all()
        return self.twin


@dataclass
class Door:
    """Lets people in. Who has signed in once in this browser need not do it again."""

    browser: "Browser"
    home: str
    signed_in: dict[str, Any] = field(default_factory=dict)
    contexts: list["BrowserContext"] = field(default_factory=list)

    def enter(self, who: str, screen: Screen, **options: Any) -> Visit:
        """A window of this person; "" is a stranger who has not signed in."""
        if who and who not in self.signed_in:
            visit = self._window(DESK)
            visit.open("/accounts/login/")
            visit.sign_in(who)
            self.signed_in[who] = visit.page.context.storage_state()
        return self._window(screen, **({"storage_state": self.signed_in[who]} if who else {}), **options)

    def forget(self, who: str) -> None:
        """Let this person sign in again next time."""
        self.signed_in.pop(who, None)

    def _window(self, screen: Screen, **options: Any) -> Visit:
        return Visit(self._page(screen, **options), self.home, None if screen.script else self._page(replace(screen, script=True)))

    def _page(self, screen: Screen, **options: Any) -> "Page":
        settings = {"service_workers": "block", "locale": "en-GB", "timezone_id": "Europe/London", **options}
        size = {"width": screen.width, "height": screen.height}
        context = self.browser.new_context(viewport=size, java_script_enabled=screen.script, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        return context.new_page()

    def close(self) -> None:
        """Close every window."""
        while self.contexts:
            self.contexts.pop().close()
