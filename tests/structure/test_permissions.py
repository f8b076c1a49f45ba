"""Every address is guarded, and who may open it equals the one table, for every person and both ways of asking. (S1, S2, S6)"""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from concerns.actions.accounts import propose_account_change
from concerns.actions.closing import change_level
from concerns.actions.drills import start_drill
from concerns.actions.notes import write_note
from concerns.actions.referrals import record_referral
from concerns.actions.rota import add_leave
from concerns.choices import AccountChangeKind, ContactKey, Level, LinkRole, MessageKind, Role, Vault
from concerns.models import Concern, Contact, Link, Message, RoleGrant, SignIn, Step, User
from tests.factories import AT, Cast, grant, make_cast, make_user, signed_in
from tests.makers import CALM, URGENT, about, answered, make_concern, make_draft, queued
from tests.structure.permission_table import ADULT_TABLE, FOR_THE_HOLDER, KNOWN, OF_A_CENTRE, ON_THE_CASE, PERSONAS, TABLE

DOCS = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
UNKNOWN = uuid.UUID("00000000-0000-4000-8000-000000000000")


def patterns() -> list[URLPattern]:
    """Every address of the product."""
    found: list[URLPattern] = []

    def walk(items: list[object]) -> None:
        for item in items:
            if isinstance(item, URLPattern):
                found.append(item)
            else:
                walk(item.url_patterns)  # type: ignore[attr-defined]

    walk(get_resolver().url_patterns)
    return found


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: str(pattern.name))
def test_address_declares_who_may_open_it(pattern: URLPattern) -> None:
    view = pattern.callback

    declared = [getattr(view, name, None) for name in ("permission", "public", "signed_in")]

    assert any(declared)
    assert getattr(view, "login_required", True) == (getattr(view, "public", None) is None)


def test_table_names_every_address() -> None:
    assert {pattern.name for pattern in patterns()} == set(TABLE)


ENDS_SIGN_INS = ("account_logout", "account_lock", "account_end_one", "account_end_others")


class World:
    """One centre with a concern, a draft, a contact and a proposed role; every persona has a client."""

    def __init__(self, cast: Cast, *, vault: Vault = Vault.ORDINARY) -> None:
        self.cast = cast
        self.clients: dict[str, Client] = {}
        self.people: dict[str, User] = {name: getattr(cast, name) for name in PERSONAS if hasattr(cast, name)}
        self.people["vetoed"] = grant(make_user("Noor Khan"), cast.centre, Role.REPORTER, Role.LEAD)
        answers = URGENT if vault == Vault.ORDINARY else about(self.people["vetoed"], answers=URGENT)
        self.concern = answered(make_concern(cast, answers=answers), by=cast.lead)
        Link.objects.get_or_create(
            concern=self.concern, user=self.people["vetoed"], role=LinkRole.MAY_HAVE_HARMED, defaults={"made_at": AT, "made_by": cast.lead}
        )
        change_level(by=cast.lead, concern_id=self.concern.pk, version=self.concern.version, to=Level.PROMPT, reason="Calmer.", at=AT)
        self.concern.refresh_from_db()
        self.referral = record_referral(
            by=cast.lead,
            concern_id=self.concern.pk,
            version=self.concern.version,
            to=ContactKey.DUTY_COUNTY,
            made_at=AT,
            details={"was_said": "We agreed.", "how": "phone"},
            at=AT + timedelta(minutes=5),
        )
        self.draft = make_draft(cast)
        self.contact = Contact.objects.create(
            centre=cast.centre, group="7_young_people", name="A line", number="01632 960001", source="Test"
        )
        self.proposed = RoleGrant.objects.create(
            centre=cast.centre, user=cast.trustee, role=Role.DEPUTY, proposed_by=cast.admin, proposed_at=AT
        )

        today = timezone.localdate()
        self.leave = add_leave(by=cast.admin, centre=cast.centre, user=cast.case_manager, first_on=today, last_on=today, at=AT)
        self.note = write_note(by=cast.lead, centre=cast.centre, text="Ring the school.", at=AT)
        self.drill = start_drill(by=cast.admin, centre=cast.centre, level=Level.PROMPT, at=AT)
        self.failed = queued(recipient=cast.deputy, kind=MessageKind.ROLE, key="a mail that failed", at=AT, centre=cast.centre)
        Message.objects.filter(pk=self.failed.pk).update(failed_at=AT)
        self.change = propose_account_change(
            by=cast.admin, centre=cast.centre, user=cast.trustee, kind=AccountChangeKind.LOST_DEVICE, at=AT
        )

    def arguments(self, pattern: URLPattern, *, unknown: bool = False) -> dict[str, object]:
        """What an address names in this world. Only what it names is looked up."""
        name, concern = str(pattern.name), self.concern
        known: dict[str, Callable[[], object]] = {
            "concern_id": lambda: concern.pk,
            "concern_ref": lambda: concern.pk,
            "draft_id": lambda: self.draft,
            "referral_id": lambda: self.referral.pk,
            "entry_id": lambda: _first(concern.entries.all()),
            "step_id": lambda: _first(concern.steps.filter(who="reporter") if name.startswith("mine") else _waiting_steps(concern)),
            "proposal_id": lambda: concern.proposals.get().pk,
            "contact_id": lambda: self.contact.pk,
            "user_id": lambda: self.cast.reporter2.pk,
            "grant_id": lambda: self.proposed.pk if name == "role_decide" else RoleGrant.objects.get(user=self.cast.reporter2).pk,
            "change_id": lambda: self.change.pk,
            "sign_in_id": lambda: SignIn.objects.filter(user=self.cast.reporter).values_list("pk", flat=True).first() or uuid.uuid4(),
            "message_id": lambda: self.failed.pk,
            "drill_id": lambda: self.drill.pk,
            "session_id": lambda: self.cast.centre.sessions.get(weekday=1).pk,
            "day": lambda: (timezone.localdate() + timedelta(days=(1 - timezone.localdate().weekday()) % 7)).isoformat(),
            "leave_id": lambda: self.leave.pk,
            "note_id": lambda: self.note.pk,
            "pk": lambda: 1,
            "uidb36": lambda: "1",
            "key": lambda: "set-password",
            "plan_key": lambda: "prompt",
            "ladder_key": lambda: "ordinary",
            "version": lambda: 1,
            "token": lambda: "x" if name == "account_link" else uuid.uuid4(),
        }
        parts = pattern.pattern.converters.keys()
        return {part: UNKNOWN if unknown and part.endswith("_id") else known[part]() for part in parts}

    def client(self, persona: str) -> Client:
        client = Client() if persona == "anonymous" else signed_in(self.people[persona])
        client.raise_request_exception = True
        return client

    def open_client(self, persona: str, name: str) -> Client:
        """The browser of a person, used again from address to address; a fresh one where the address may end its sign-in."""
        if name in ENDS_SIGN_INS:
            return self.client(persona)
        if persona not in self.clients:
            self.clients[persona] = self.client(persona)
        return self.clients[persona]

    def ask(self, persona: str, pattern: URLPattern, method: str, address: str) -> str:
        """What the product answers: "in", "sign in", "403" or "404"."""
        response = getattr(self.open_client(persona, str(pattern.name)), method)(address)
        if response.status_code == 302 and "/accounts/login/?next=" in response.headers["Location"]:
            return "sign in"
        return str(response.status_code) if response.status_code in (403, 404) else "in"


def _waiting_steps(concern: Concern) -> QuerySet[Step]:
    return concern.steps.filter(state="waiting").exclude(kind="second_person")


def _first(rows: QuerySet[Any]) -> object:
    found = rows.first()
    assert found
    return found.pk


def expected(pattern: URLPattern, persona: str, table: dict[str, frozenset[str]]) -> str:
    """What the table says for this person."""
    name = str(pattern.name)
    if persona in table[name]:
        return "in"
    if persona == "anonymous":
        return "sign in"
    one_thing = any(part.endswith("_id") for part in pattern.pattern.converters)
    stranger = persona in ("outsider", "nobody")
    if name in FOR_THE_HOLDER:
        return "403" if persona in ON_THE_CASE else "404"
    if name in KNOWN:
        return "404" if stranger else "403"
    if name in ("people", "kept_words"):
        return "403" if persona == "nobody" else "404"
    if name in ("person_role", "person_disable", "person_invite", "person_lost_device", "person_email"):
        return "403"
    if name in ("role_end", "role_decide", "account_change_decide", *OF_A_CENTRE):
        return "404" if stranger else "403"
    return "404" if one_thing else "403"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_gets_in_equals_the_table(method: str) -> None:
    world = World(make_cast())

    wrong = differences(world, [pattern for pattern in patterns() if _harmless(pattern, method)], method, TABLE)

    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_gets_in_to_a_concern_about_an_adult_equals_the_table(method: str) -> None:
    world = World(make_cast(), vault=Vault.ADULT)
    chosen = [pattern for pattern in patterns() if pattern.name in ADULT_TABLE]

    wrong = differences(world, chosen, method, ADULT_TABLE)

    assert wrong == {}


def differences(world: World, chosen: list[URLPattern], method: str, table: dict[str, frozenset[str]]) -> dict[tuple[str, str], str]:
    """Where the product and the table do not agree: address and person, what the product answered, what the table wants."""
    addresses = [(pattern, reverse(str(pattern.name), kwargs=world.arguments(pattern))) for pattern in chosen]
    asked = {
        (str(pattern.name), who): (world.ask(who, pattern, method, address), expected(pattern, who, table))
        for pattern, address in addresses
        for who in PERSONAS
    }
    return {key: f"{answer}, not {wanted}" for key, (answer, wanted) in asked.items() if answer != wanted}


def _harmless(pattern: URLPattern, method: str) -> bool:
    """Posts that would end the world that the other rows need are tried by tests of their own."""
    return method == "get" or pattern.name not in ("person_disable", "role_end", "draft_discard", "contact_retire", "leave_end")


@pytest.mark.django_db
def test_a_hidden_thing_and_an_unknown_id_give_the_same_page() -> None:
    world = World(make_cast())
    pages = [pattern for pattern in patterns() if "concern_id" in pattern.pattern.converters or "draft_id" in pattern.pattern.converters]

    for pattern in pages:
        client = world.client("reporter2")
        hidden = client.get(reverse(str(pattern.name), kwargs=world.arguments(pattern)))
        unknown = client.get(reverse(str(pattern.name), kwargs=world.arguments(pattern, unknown=True)))

        assert (hidden.status_code, without_tokens(hidden)) == (404, without_tokens(unknown)), pattern.name


def without_tokens(response: HttpResponse) -> str:
    """A page without the values that differ each time it is shown."""
    return re.sub(r'(data-seconds-left="\d+"|value="[^"]{20,}"|(?<=name="lock_path" )value="[^"]*")', "", response.content.decode())


@pytest.mark.django_db
def test_ids_inside_a_concern_resolve_through_their_parent() -> None:
    """(S3)"""
    world = World(make_cast())
    other = answered(make_concern(world.cast, answers=URGENT), by=world.cast.lead)
    nested = [pattern for pattern in patterns() if {"concern_id", "step_id"} <= set(pattern.pattern.converters)]
    nested += [pattern for pattern in patterns() if {"concern_id", "entry_id"} <= set(pattern.pattern.converters)]
    nested += [pattern for pattern in patterns() if {"concern_id", "referral_id"} <= set(pattern.pattern.converters)]

    for pattern in nested:
        arguments = {**world.arguments(pattern), "concern_id": other.pk}
        client = world.client("reporter" if str(pattern.name).startswith("mine") else "lead")
        client.post(reverse(str(pattern.name), kwargs=arguments), {"done": "yes", "outcome": "planted", "text": "planted"})

    assert not world.concern.steps.filter(state="done").exclude(kind="acknowledge").exists()
    assert not world.concern.entries.filter(kind="correction").exists()


def permissions_page() -> str:
    """docs/permissions.md, written from the table."""
    lines = [
        "# Who may open what",
        "",
        "Written from `tests/structure/permission_table.py`, which the suite holds the product to; `script/docs` writes it again.",
        "Whoever is not ticked is asked to sign in, sees “not found” where the thing does not exist for them, or is told why not.",
        "The concern is about a young person and was recorded by *reporter*; *vetoed* is a lead who may have harmed; *outsider* is a",
        "lead of another centre. For a concern about an adult who works here, *case_manager* takes the place of *deputy*.",
        "",
        "| address | " + " | ".join(name.replace("_", " ") for name in PERSONAS) + " |",
        "|---" * (len(PERSONAS) + 1) + "|",
    ]
    for pattern in patterns():
        ticks = ["✓" if who in TABLE[str(pattern.name)] else "" for who in PERSONAS]
        address = reverse(str(pattern.name), kwargs={name: _shown(name) for name in pattern.pattern.converters})
        for name in pattern.pattern.converters:
            address = address.replace(str(_shown(name)), f"‹{name}›")
        lines.append(f"| `{address}` | " + " | ".join(ticks) + " |")
    return "\n".join(lines) + "\n"


def _shown(name: str) -> object:
    if name in ("uidb36", "key"):
        return f"x{name}"
    if name in ("pk", "version"):
        return 987654
    return uuid.uuid5(uuid.NAMESPACE_DNS, name)


def test_the_permissions_page_is_fresh() -> None:
    assert DOCS.read_text() == permissions_page()


def test_an_admin_sees_no_concern_and_no_count(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    client = signed_in(cast.admin)

    pages = [client.get(reverse(name)).content.decode() for name in ("home", "people", "contacts")]

    assert concern.reference not in "".join(pages)
    assert "Concerns" not in "".join(pages)
