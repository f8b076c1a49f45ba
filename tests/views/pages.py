"""What the tests of pages share: what a person types into each form, and how a page reads."""

import html
import re
from typing import Any

from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from concerns.access.signin import must_prove
from concerns.models import User
from concerns.rules.triage import questions_for
from tests.factories import PASSWORD, next_code, with_app
from tests.makers import CALM, MARKER

PAGE_ONE = {"worries": ["neglect"], "about_staff": "no", "age_band": "13_17", "home_area": "city"}
PAGE_TWO = {question.value: "no" for question in questions_for(CALM.worries, CALM.about_staff, CALM.age_band)}
RECORD = {"seen": f"{MARKER} seen", "name": "Aria Blackwood", "age": "14", "home_area": "city", "what": "send"}
DANGER_FIELDS = {"about_staff": "no"}
ADDENDUM = {"text": f"{MARKER} remembered", "worse": "no"}
KEPT = "We kept what you wrote. It has not been sent yet: check it, then send it."


def sure(**changes: str) -> dict[str, str]:
    """Page two with every question answered no, but those that are named."""
    return {**PAGE_TWO, **changes}


def new_form(client: Client) -> str:
    """The token of a new form."""
    return str(client.get("/triage/")["Location"].split("/")[-2])


def worry(token: str) -> str:
    return reverse("triage_worry", args=[token])


def now(token: str) -> str:
    return reverse("triage_now", args=[token])


def through(client: Client, token: str, *, two: dict[str, str] = PAGE_TWO, **one: Any) -> Any:
    """Answer both pages, and return the page with whom to ring."""
    asked = client.post(worry(token), {**PAGE_ONE, **one})
    return client.post(asked["Location"], two, follow=True)


def plain(response: HttpResponse) -> str:
    """The words of a page, as a person reads them."""
    body = re.sub(r"<(head|script|textarea)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def title_of(response: HttpResponse) -> str:
    found = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    assert found
    return html.unescape(found[1]).strip()


def typed_in(response: HttpResponse) -> dict[str, list[str]]:
    """What stands in the forms of a page: typed, chosen or ticked, by the name of the field; tokens and empty boxes left out."""
    page = response.content.decode()
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        at = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if at.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        found.setdefault(at.get("name", ""), []).append(html.unescape(at.get("value", "on" if at.get("type") == "checkbox" else "")))
    for name, text in re.findall(r'<textarea\b[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(text))
    for name, options in re.findall(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found.setdefault(name, []).extend(re.findall(r'<option value="([^"]*)"[^>]* selected', options))
    return {name: values for name, values in found.items() if any(values) and name not in ("csrfmiddlewaretoken", "kept_for", "")}


def tokens_of(response: HttpResponse) -> dict[str, str]:
    """The hidden tokens of the page's own form, as the browser sends them back."""
    page = response.content.decode()
    found = {name: re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("csrfmiddlewaretoken", "kept_for")}
    return {name: values[-1] for name, values in found.items() if values}


def end_session() -> None:
    """Let every session run out, as time does."""
    Session.objects.all().delete()


def sign_in(client: Client, user: User, *, to: str) -> HttpResponse:
    """Sign in by the real pages, with a code from an app where the role needs one, and go where they lead."""
    if must_prove(user):
        with_app(user)
    page = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": to}, follow=True)
    if not must_prove(user):
        return page
    return client.post(reverse("mfa_authenticate"), {"code": next_code(user)}, follow=True)


def lost(typed: dict[str, Any], page: HttpResponse) -> dict[str, list[str]]:
    """What was typed and does not stand in the page's form, as it was typed."""
    shown = typed_in(page)
    return {name: values for name, values in lists(typed).items() if sorted(shown.get(name, [])) != sorted(values)}


def lists(fields: dict[str, Any]) -> dict[str, list[str]]:
    """Fields as `typed_in` returns them, without the button's."""
    return {name: value if isinstance(value, list) else [value] for name, value in fields.items() if value and name != "what"}
