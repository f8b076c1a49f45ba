"""Nothing typed is lost: sessions that end and tokens that are refused in the middle of a form. (S13)"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.access.keyring import Keyring
from concerns.actions.held import hold_post, open_held_post
from concerns.choices import ContactKey
from concerns.models import Concern, Contact, DataKey, Draft, Entry, HeldPost, User
from concerns.views.held import kept_for
from concerns.worker import tick
from tests.contact_makers import make_contact
from tests.factories import Cast, let_in, signed_in
from tests.makers import MARKER, answered, make_concern, make_draft
from tests.views.pages import (
    ADDENDUM,
    DANGER_FIELDS,
    KEPT,
    PAGE_ONE,
    RECORD,
    end_session,
    lists,
    lost,
    plain,
    sign_in,
    tokens_of,
    typed_in,
)

CONTACT = {
    "name": f"{MARKER} line",
    "number": "0116 496 0303",
    "group": "6_health",
    "audience": "everyone",
    "source": "s",
    "position": "100",
}


@dataclass(frozen=True)
class Form:
    """One form of the product: where it stands, who fills it in, what they type."""

    address: str
    user: User
    typed: dict[str, Any]


def record(cast: Cast) -> Form:
    return Form(reverse("record", args=[make_draft(cast)]), cast.reporter, {**RECORD, "happened_on_day": "31", "happened_on_month": "2"})


def page_one(cast: Cast) -> Form:
    return Form(reverse("triage_worry", args=[uuid.uuid4()]), cast.reporter, PAGE_ONE)


def danger(cast: Cast) -> Form:
    return Form(reverse("triage_now", args=[uuid.uuid4()]), cast.reporter, {**DANGER_FIELDS, "rang": ["999"]})


def addendum(cast: Cast) -> Form:
    return Form(reverse("mine_add", args=[make_concern(cast).pk]), cast.reporter, ADDENDUM)


def entry(cast: Cast) -> Form:
    concern = answered(make_concern(cast), by=cast.lead)
    return Form(reverse("concern_entry", args=[concern.pk]), cast.lead, {"kind": "decision", "text": MARKER, "reason": "Because."})


def closing(cast: Cast) -> Form:
    concern = answered(make_concern(cast), by=cast.lead)
    typed = {"outcome": "early_help", "reason": MARKER, "version": str(concern.version)}
    return Form(reverse("concern_close", args=[concern.pk]), cast.lead, typed)


def contact_edit(cast: Cast) -> Form:
    return Form(reverse("contact_edit", args=[make_contact(cast).pk]), cast.admin, {**CONTACT, "version": "1"})


def contact_new(cast: Cast) -> Form:
    return Form(reverse("contact_new"), cast.admin, {**CONTACT, "is_public": "on"})


def contact_retire(cast: Cast) -> Form:
    successor = make_contact(cast, name="Successor")
    typed = {"successor": str(successor.pk), "version": "1"}
    return Form(reverse("contact_retire", args=[make_contact(cast).pk]), cast.admin, typed)


def person_new(cast: Cast) -> Form:
    return Form(reverse("person_new"), cast.admin, {"name": f"{MARKER} Person", "email": "new.person@example.org"})


FORMS = [record, page_one, danger, addendum, entry, closing, contact_edit, contact_new, contact_retire, person_new]
each_form = pytest.mark.parametrize("make", FORMS, ids=lambda make: make.__name__)


def written() -> tuple[int, int, int, int]:
    """How much there is of what only a form that was really sent makes."""
    drafts_with_triage = sum(1 for draft in Draft.objects.exclude(data_key=None) if Keyring.of(draft).open(draft, "content").get("triage"))
    return Concern.objects.count(), Entry.objects.count(), Contact.objects.filter(name__contains=MARKER).count(), drafts_with_triage


def send_after_the_end(form: Form, client: Client) -> Any:
    """Open the form, let the session run out, send it."""
    page = client.get(form.address)
    end_session()
    return client.post(form.address, {**form.typed, **tokens_of(page)})


@each_form
def test_form_sent_after_the_session_ended_is_given_back_after_signing_in(cast: Cast, make: Callable[[Cast], Form]) -> None:
    form = make(cast)
    client, before = signed_in(form.user), written()

    refused = send_after_the_end(form, client)
    page = sign_in(client, form.user, to=refused["Location"].split("next=")[1])

    assert refused["Location"] == f"/accounts/login/?next={form.address}"
    assert page.request["PATH_INFO"] == form.address
    assert lost(form.typed, page) == {}
    assert KEPT in plain(page)
    assert written() == before


@each_form
def test_form_given_back_can_be_sent_and_is_then_forgotten(cast: Cast, make: Callable[[Cast], Form]) -> None:
    form = make(cast)
    client = signed_in(form.user)
    send_after_the_end(form, client)
    sign_in(client, form.user, to=form.address)

    done = client.post(form.address, {**form.typed, "happened_on_day": "", "happened_on_month": ""})

    assert done.status_code == 302
    assert not HeldPost.objects.exists()


@each_form
def test_form_of_one_person_is_not_given_to_the_next(cast: Cast, make: Callable[[Cast], Form]) -> None:
    form = make(cast)
    client = signed_in(form.user)
    send_after_the_end(form, client)
    other = next(user for user in (cast.deputy, cast.case_manager) if user != form.user)

    page = sign_in(client, other, to=form.address)

    assert MARKER not in page.content.decode()
    assert KEPT not in plain(page)
    assert HeldPost.objects.get().owner == form.user


@each_form
def test_form_with_a_refused_token_is_given_back(cast: Cast, make: Callable[[Cast], Form]) -> None:
    form = make(cast)
    client, before = Client(enforce_csrf_checks=True), written()
    let_in(client, form.user)
    note = tokens_of(client.get(form.address))["kept_for"]

    refused = client.post(form.address, {**form.typed, "csrfmiddlewaretoken": "x" * 64, "kept_for": note})
    page = client.get(form.address)

    assert (refused.status_code, f'href="{form.address}"' in refused.content.decode()) == (403, True)
    assert "Nothing is lost, but it has not been sent." in plain(refused)
    assert lost(form.typed, page) == {}
    assert written() == before


@each_form
def test_form_with_a_refused_token_and_no_session_is_kept_once(cast: Cast, make: Callable[[Cast], Form]) -> None:
    form = make(cast)

    refused = Client(enforce_csrf_checks=True).post(form.address, {**form.typed, "kept_for": kept_for(form.user)})

    assert (refused.status_code, MARKER in refused.content.decode()) == (403, False)
    assert [held.owner for held in HeldPost.objects.all()] == [form.user]
    assert lost(form.typed, signed_in(form.user).get(form.address)) == {}


def test_old_form_sent_under_the_next_persons_session_stays_its_owners(cast: Cast) -> None:
    form = addendum(cast)
    client = Client(enforce_csrf_checks=True)
    let_in(client, cast.reporter2)

    refused = client.post(form.address, {**form.typed, "kept_for": kept_for(form.user)})

    assert HeldPost.objects.get().owner == form.user
    assert "Nothing is lost" not in plain(refused)
    assert open_held_post(by=cast.reporter2, path=form.address, at=timezone.now()) == {}


@pytest.mark.parametrize("note", ["", "forged", "{pk}", "{pk}:1xyz:AAAA"])
@pytest.mark.parametrize("with_session", [True, False])
def test_form_without_a_true_note_is_not_kept(cast: Cast, note: str, with_session: bool) -> None:
    form = addendum(cast)
    client = Client(enforce_csrf_checks=True)
    if with_session:
        let_in(client, form.user)

    refused = client.post(form.address, {**form.typed, "kept_for": note.format(pk=form.user.pk)})

    assert refused.status_code == 403
    assert "Open the page again and send the form from there." in plain(refused)
    assert not HeldPost.objects.exists()


def test_note_of_a_disabled_account_keeps_nothing(cast: Cast) -> None:
    form = addendum(cast)
    note = kept_for(form.user)
    User.objects.filter(pk=form.user.pk).update(is_active=False)

    Client().post(form.address, {**form.typed, "kept_for": note})

    assert not HeldPost.objects.exists()


def test_kept_form_is_gone_after_an_hour(cast: Cast) -> None:
    form = addendum(cast)
    hold_post(by=form.user, path=form.address, fields=lists(form.typed), at=timezone.now() - timedelta(minutes=61))

    page = signed_in(form.user).get(form.address)

    assert MARKER not in page.content.decode()
    assert KEPT not in plain(page)


def test_worker_destroys_what_is_over_with_its_key(cast: Cast) -> None:
    at = timezone.now()
    for minutes in (61, 59):
        hold_post(by=cast.reporter, path=f"/{minutes}/", fields={"text": [MARKER]}, at=at - timedelta(minutes=minutes))
    old, young = HeldPost.objects.order_by("held_at")
    old_key = old.data_key_id

    tick(at=at)

    assert [held.pk for held in HeldPost.objects.all()] == [young.pk]
    assert not DataKey.objects.filter(pk=old_key).exists()
    assert DataKey.objects.filter(pk=young.data_key_id).exists()


def test_kept_form_is_sealed(cast: Cast) -> None:
    form = addendum(cast)
    send_after_the_end(form, signed_in(form.user))

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM concerns_heldpost")
        cells = [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for row in cursor.fetchall() for cell in row]

    assert len(cells) > 5
    assert MARKER.encode() not in b"".join(cells)


def test_record_that_saves_itself_after_the_session_ended_is_given_back_on_its_page(cast: Cast) -> None:
    draft_id = make_draft(cast)
    client = signed_in(cast.reporter)
    note = tokens_of(client.get(reverse("record", args=[draft_id])))
    end_session()

    client.post(reverse("record_autosave", args=[draft_id]), {**RECORD, **note})
    page = sign_in(client, cast.reporter, to=reverse("record", args=[draft_id]))

    assert typed_in(page)["seen"] == [RECORD["seen"]]
    client.post(reverse("record_autosave", args=[draft_id]), {**RECORD, "seen": "newer"})
    assert typed_in(client.get(reverse("record", args=[draft_id])))["seen"] == ["newer"]


@pytest.mark.parametrize("name", ["concern_acknowledge", "concern_take", "contact_verify"])
def test_button_pressed_after_the_session_ended_leads_back_to_its_page(cast: Cast, name: str) -> None:
    concern, contact = make_concern(cast), make_contact(cast, key=ContactKey.CEOP)
    things = {"concern_acknowledge": concern, "concern_take": concern, "contact_verify": contact}
    backs = {"contact_verify": reverse("contact", args=[contact.pk])}
    user = cast.lead if name.startswith("concern") else cast.admin
    address = reverse(name, args=[things[name].pk])

    refused = Client().post(address, {"version": "1", "kept_for": kept_for(user)})
    page = sign_in(Client(), user, to=refused["Location"].split("next=")[1])

    back = backs.get(name, reverse("concern", args=[concern.pk]))
    assert (page.status_code, f'href="{back}"' in page.content.decode()) == (405, True)
    assert "Nothing was sent" in plain(page)
    assert not HeldPost.objects.exists()


def test_password_is_never_kept(cast: Cast) -> None:
    typed = {"login": cast.reporter.email, "password": MARKER, "kept_for": kept_for(cast.reporter)}

    for name in ("account_login", "account_change_password", "account_reauthenticate"):
        Client(enforce_csrf_checks=True).post(reverse(name), typed)

    assert not HeldPost.objects.exists()
