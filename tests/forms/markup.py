"""Reads the HTML of a form as a browser or a screen reader would: ids, what refers to them, what can take focus."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

FOCUSABLE = {"input", "select", "textarea", "button"}


@dataclass
class Markup(HTMLParser):
    """Every element as (tag, attributes), in order, and the text of each heading, label, legend, link and message."""

    html: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]

    def referred_to(self, attribute: str) -> list[str]:
        """Every id that an attribute names, such as those in aria-describedby."""
        return [name for _, attrs in self.elements for name in attrs.get(attribute, "").split()]

    @property
    def focusable_ids(self) -> set[str]:
        return {
            attrs["id"]
            for tag, attrs in self.elements
            if tag in FOCUSABLE and "id" in attrs and "disabled" not in attrs and attrs.get("type") != "hidden"
        }

    @property
    def fragment_links(self) -> list[str]:
        return [attrs["href"][1:] for tag, attrs in self.elements if tag == "a" and attrs.get("href", "").startswith("#")]

    def of(self, element_id: str) -> dict[str, str]:
        """The attributes of the element with this id."""
        return next(attrs for _, attrs in self.elements if attrs.get("id") == element_id)
