"""What attackers type into any box of any form is shown as text, on every page, in every mail, and nowhere else. (S18, S30)"""

import importlib
import pkgutil
from typing import Any

import pytest
from django import forms
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import concerns.forms
from concerns.actions.centre import set_up_centre
from concerns.actions.channels import as_mail
from concerns.actions.letters import write_letter
from concerns.models import Concern, Contact, Draft, Message, User
from tests.browser.corpus import SCRIPTS, WORD, broken, shown
from tests.browser.planting import CHOICES, FILTERS, PARTS, PLACES
from tests.factories import AT, Cast, make_user, signed_in

ALL_AT_ONCE = "\n".join(SCRIPTS)
LOOKS = 3  # concerns and contacts of each sort that are opened; each is shown by the same page
HEADERS = {"Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}


def our_forms() -> dict[str, type[forms.BaseForm]]:
    """Every form of the product."""
    modules = [importlib.import_module(f"concerns.forms.{found.name}") for found in pkgutil.iter_modules(concerns.forms.__path__)]
    return {
        name: thing
        for module in modules
        for name, thing in vars(module).items()
        if isinstance(thing, type) and issubclass(thing, forms.BaseForm) and thing.__module__ == module.__name__
    }


def boxes(form: type[forms.BaseForm]) -> dict[str, int]:
    """The fields of a form that somebody types into, and how much each takes."""
    named = {
        name: field for name, field in form.base_fields.items() if isinstance(field, forms.CharField | forms.TimeField | forms.DateField)
    }
    return {name: getattr(field, "max_length", None) or 50_000 for name, field in named.items()}


def test_every_form_of_the_product_is_tried() -> None:
    assert set(our_forms()) - PARTS == set(PLACES) | set(FILTERS) | CHOICES
    assert {name for name in CHOICES if boxes(our_forms()[name])} == set()


def assert_whole(response: HttpResponse, where: str) -> None:
    assert broken(response.content.decode()) == [], where
    assert response.status_code < 500, where
    assert WORD not in response.cookies, where
    assert [name for name, value in response.headers.items() if WORD in name + value and name != "Location"] == [], where


def payloads(size: int) -> list[str]:
    """Everything at once, which a small box refuses and shows again; and for a small box all that it takes, as many at once as fit."""
    found: list[str] = []
    for script in (script for script in SCRIPTS if len(script) <= size):
        joined = f"{found[-1]} {script}" if found else script
        if found and len(joined) <= size:
            found[-1] = joined
        else:
            found.append(script)
    return [ALL_AT_ONCE] if size > len(ALL_AT_ONCE) else [ALL_AT_ONCE, *found]


@pytest.mark.parametrize("name", PLACES)
def test_what_is_typed_runs_nowhere(cast: Cast, name: str) -> None:
    set_up_centre(name=cast.centre.name, at=AT)
    fields = boxes(our_forms()[name]) or {"login": 254}
    extra = {"login": 254} if name == "SignInForm" else {}

    for field, size in {**fields, **extra}.items():
        for payload in payloads(size):
            client, address, typed = PLACES[name](cast)
            assert_whole(client.post(address, {**typed, field: payload}, follow=True), f"{name}.{field}: {payload[:60]!r}")

    look_everywhere(cast)


@pytest.mark.parametrize("name", PLACES)
def test_form_that_is_refused_shows_what_was_typed_as_text(cast: Cast, name: str) -> None:
    client, address, _ = PLACES[name](cast)
    fields = boxes(our_forms()[name]) or {"login": 254}

    answer = client.post(address, {**dict.fromkeys(fields, ALL_AT_ONCE), "kept_for": ALL_AT_ONCE, "version": ALL_AT_ONCE}, follow=True)

    assert_whole(answer, name)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("payload", SCRIPTS, ids=range(len(SCRIPTS)))
def test_what_stands_in_an_address_runs_nowhere(cast: Cast, name: str, payload: str) -> None:
    client, address, _ = FILTERS[name](cast)
    asked = dict.fromkeys([*our_forms()[name].base_fields, "page", "sort", "next", payload[:80]], payload)

    assert_whole(client.get(address, asked), payload)


def look_everywhere(cast: Cast, *, but: tuple[str, ...] = ()) -> None:
    """Open, as everybody, every page that shows what somebody typed; compose every mail that waits."""
    for who, addresses in pages(cast).items():
        if who in but:
            continue
        client = signed_in(getattr(cast, who)) if who else Client()
        for address in addresses:
            assert_whole(client.get(address), f"{who or 'a stranger'} at {address}")
    for message in Message.objects.select_related("concern", "recipient"):
        assert_plain_mail(as_mail(write_letter(message, at=timezone.now())))


def pages(cast: Cast) -> dict[str, list[str]]:
    found = list(Concern.objects.order_by("-logged_at")[:LOOKS])
    drafts = list(Draft.objects.filter(finished_at=None, owner=cast.reporter)[:LOOKS])
    contacts = list(Contact.objects.order_by("-pk").filter(retired_at=None)[:LOOKS])
    leads = [reverse(name, args=[concern.pk]) for concern in found for name in ("concern", "concern_entry", "concern_close")]
    mine = [reverse("mine", args=[concern.pk]) for concern in found] + [reverse("record", args=[draft.pk]) for draft in drafts]
    kept = [reverse(name, args=[contact.pk]) for contact in contacts for name in ("contact", "contact_edit", "contact_retire")]
    plans = [reverse("plans"), reverse("plan_ladders"), reverse("plan", args=["prompt"]), reverse("plan_edit", args=["prompt"])]
    shared = [reverse(name) for name in ("home", "contacts")]
    return {
        "": [reverse(name) for name in ("home", "talk", "guide_online_grooming", "emergency")],
        "lead": [*shared, reverse("queue"), reverse("people"), reverse("audit"), *leads],
        "reporter": [*shared, *mine],
        "admin": [*shared, reverse("people"), reverse("person_new"), *kept, *plans],
        "auditor": [reverse("audit")],
    }


def assert_plain_mail(mail: EmailMessage) -> None:
    """One plain text, the usual headers, and nothing that anybody typed."""
    message = mail.message()
    assert set(message.keys()) <= HEADERS
    assert (message.get_content_type(), WORD in message.as_string(), "Bcc" in message.as_string()) == ("text/plain", False, False)


def test_page_that_shows_a_payload_shows_it_whole(cast: Cast) -> None:
    """Shows that the other tests look at pages on which the words do stand."""
    client, address, typed = PLACES["EntryForm"](cast)

    page = client.post(address, {**typed, "text": ALL_AT_ONCE}, follow=True).content.decode()

    assert shown(page) >= len(SCRIPTS) // 2
    assert broken(page) == []


@pytest.mark.parametrize(
    "page",
    [
        f"<p>{WORD}</p><script>{WORD}()</script>",
        f"<p onclick='{WORD}'>",
        f"<img src={WORD}>",
        f"<a href='javascript:{WORD}()'>",
        f"<{WORD}>",
        f"<p {WORD}>",
        f"<!-- {WORD} -->",
        f"<p class='{WORD}'>",
        "<p style='color: red'>",
    ],
)
def test_broken_page_is_noticed(page: str) -> None:
    assert broken(page) != []


@pytest.mark.parametrize("payload", SCRIPTS, ids=range(len(SCRIPTS)))
def test_name_of_a_colleague_runs_nowhere_and_forges_no_header(cast: Cast, payload: str) -> None:
    """Names can come from the server's command line as well, which checks less than the form."""
    User.objects.filter(pk=cast.lead.pk).update(name=payload.replace("\x00", "")[:120])
    cast.lead.refresh_from_db()
    PLACES["EntryForm"](cast)

    look_everywhere(cast, but=("", "admin", "auditor"))


@pytest.mark.parametrize(
    "address", ["x@example.org\nBcc: y@evil.example", "x@example.org\r\nSubject: Evil", "x@example.org,y@evil.example", '"x\n"@example.org']
)
def test_address_that_would_forge_a_header_gets_no_mail_beyond_itself(cast: Cast, address: str) -> None:
    user = make_user("Sam", email=address)
    message = Message(centre=cast.centre, recipient=user, kind="role", lane="b_normal", key="k")

    mail = as_mail(write_letter(message, at=timezone.now()))

    try:
        sent: Any = mail.message().as_string()
    except ValueError:
        sent = "refused"
    assert not any(line.lower().startswith(("bcc:", "subject: evil")) for line in str(sent).splitlines())
