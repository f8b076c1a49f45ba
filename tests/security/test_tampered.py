"""Sealed values under attack: changed, cut off, moved to another row, column, concern or table, or given another key's id: the page
says so in place of the text, shows the rest, and the log names the row, never its text. (S21, S22)"""

import json
import logging
import os
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from concerns.access.keyring import Keyring
from concerns.actions.casework import add_entry
from concerns.actions.conflicts import declare_conflict
from concerns.actions.held import hold_post, open_held_post
from concerns.choices import EntryKind
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, Conflict, DataKey, Draft, Entry, HeldPost, Link, Person
from concerns.queries.chains import verify
from concerns.rules import sealing
from concerns.triggers import install, remove
from tests.factories import AT, Cast, signed_in
from tests.makers import MARKER, answered, make_concern, make_draft
from tests.views.pages import plain

SECRET = "quartz-lantern"
CHANGED = "This part of the record cannot be opened: it was changed, or sealed with another key."
DAMAGED = "This part of the record is damaged: it does not begin as a sealed value does."


def set_raw(row: Any, column: str, value: bytes) -> None:
    """Write a column behind the product's back, as whoever has the database can."""
    remove()
    with connection.cursor() as cursor:
        key = row.pk.hex if connection.vendor == "sqlite" else str(row.pk)
        cursor.execute(f'UPDATE {row._meta.db_table} SET "{column}" = %s WHERE id = %s', [value, key])
    install()
    row.refresh_from_db()


def flipped(sealed: bytes, place: int) -> bytes:
    changed = bytearray(sealed)
    changed[place] ^= 1
    return bytes(changed)


def with_key_id(sealed: bytes, key_id: UUID) -> bytes:
    return sealed[:1] + key_id.bytes + sealed[17:]


Attack = Callable[[Entry, "World"], bytes]


class World:
    """Two concerns that a lead works on, with an entry to attack, another beside it, a conflict, two people and a draft."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.concern = answered(make_concern(cast), by=cast.lead)
        self.other = answered(make_concern(cast, seen=f"{SECRET} elsewhere"), by=cast.lead)
        self.entry = self.concern.entries.get(kind=EntryKind.ACCOUNT)
        self.note = add_entry(by=cast.lead, concern_id=self.concern.pk, kind=EntryKind.NOTE, text=f"{SECRET} note", at=AT)
        declare_conflict(by=cast.deputy, concern_id=self.concern.pk, reason=f"{SECRET} reason", at=AT)
        self.conflict = Conflict.objects.get()
        self.person, self.stranger = (Person.objects.get(links__concern=concern) for concern in (self.concern, self.other))
        self.draft = Draft.objects.get(pk=make_draft(cast, by=cast.reporter2))

    def page(self) -> HttpResponse:
        return signed_in(self.cast.lead).get(reverse("concern", args=[self.concern.pk]))


ATTACKS: dict[str, tuple[Attack, str]] = {
    "a bit of the text": (lambda entry, world: flipped(bytes(entry.body), 40), CHANGED),
    "a bit of the tag": (lambda entry, world: flipped(bytes(entry.body), -1), CHANGED),
    "a bit of the nonce": (lambda entry, world: flipped(bytes(entry.body), 20), CHANGED),
    "the version": (lambda entry, world: flipped(bytes(entry.body), 0), DAMAGED),
    "another row": (lambda entry, world: bytes(world.note.body), CHANGED),
    "another column and table, the same key": (lambda entry, world: bytes(world.conflict.reason), CHANGED),
    "another concern": (lambda entry, world: bytes(world.other.entries.get(number=entry.number).body), CHANGED),
    "another table": (lambda entry, world: bytes(world.person.details), CHANGED),
    "a draft": (lambda entry, world: bytes(world.draft.content), CHANGED),
    "the last byte cut off": (lambda entry, world: bytes(entry.body)[:-1], CHANGED),
    "only the header left": (lambda entry, world: bytes(entry.body)[:29], CHANGED),
    "half a header": (lambda entry, world: bytes(entry.body)[:20], DAMAGED),
    "nothing": (lambda entry, world: b"", DAMAGED),
    "more at the end": (lambda entry, world: bytes(entry.body) + b"x", CHANGED),
    "the id of another key": (lambda entry, world: with_key_id(bytes(entry.body), world.other.data_key_id or uuid4()), CHANGED),
    "the id of no key": (lambda entry, world: with_key_id(bytes(entry.body), uuid4()), CHANGED),
    "random bytes": (lambda entry, world: b"\x01" + os.urandom(200), CHANGED),
    "plain text": (lambda entry, world: json.dumps({"text": "forged"}).encode(), DAMAGED),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacked_entry_says_so_and_the_rest_is_shown(cast: Cast, name: str, caplog: pytest.LogCaptureFixture) -> None:
    world = World(cast)
    attack, words = ATTACKS[name]

    set_raw(world.entry, "body", attack(world.entry, world))
    page = plain(world.page())

    assert words in page
    assert MARKER not in page
    assert "forged" not in page
    assert f"{SECRET} note" in page
    assert "Aria Blackwood" in page
    assert f"concerns_entry.body of row {world.entry.pk} cannot be opened" in caplog.text
    assert MARKER not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("name", [name for name in ATTACKS if name != "nothing"])
def test_attacked_entry_is_named_by_the_chain_as_well(cast: Cast, name: str) -> None:
    world = World(cast)

    set_raw(world.entry, "body", ATTACKS[name][0](world.entry, world))

    assert verify().faults == (f"Entry {world.entry.number} of concern {world.concern.pk} was changed, removed or put in another order.",)


def test_swapped_names_are_not_shown_in_each_others_place(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    """The whole row of one person's sealed details, and even the key it is sealed with, put into another's row."""
    world = World(cast)
    Keyring.of(world.stranger).seal(world.stranger, "details", {"name": "Bruno Castle", "age": "", "born_on": ""})
    world.stranger.save()

    set_raw(world.person, "details", bytes(world.stranger.details))
    Person.objects.filter(pk=world.stranger.pk).update(data_key=None)
    Person.objects.filter(pk=world.person.pk).update(data_key=world.stranger.data_key_id)
    page = plain(world.page())
    queue = plain(signed_in(cast.lead).get(reverse("queue")))

    assert "Bruno Castle" not in page + queue
    assert CHANGED in page
    assert "Not readable" in queue
    assert f"{MARKER} seen" in page
    assert f"concerns_person.details of row {world.person.pk}" in caplog.text


def test_damaged_data_key_closes_its_concern_and_no_other(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    world = World(cast)
    DataKey.objects.filter(pk=world.concern.data_key_id).update(wrapped=b"\x00" * 60)
    DataKey.objects.filter(pk=world.person.data_key_id).update(wrapped=b"short")
    client = signed_in(cast.lead)

    page = plain(world.page())
    other = plain(client.get(reverse("concern", args=[world.other.pk])))
    queue = client.get(reverse("queue"))

    assert page.count("A data key cannot be opened with this master key.") > 3
    assert MARKER not in page
    assert f"{SECRET} elsewhere" in other
    assert (queue.status_code, "Not readable" in plain(queue), "Aria Blackwood" in plain(queue)) == (200, True, True)
    assert f"data key {world.concern.data_key_id} cannot be unwrapped with master key k1" in caplog.text


def test_swapped_data_keys_open_nothing(cast: Cast) -> None:
    world = World(cast)
    first, second = DataKey.objects.get(pk=world.concern.data_key_id), DataKey.objects.get(pk=world.other.data_key_id)
    first.wrapped, second.wrapped = second.wrapped, first.wrapped
    first.save()
    second.save()

    page = plain(world.page())

    assert MARKER not in page
    assert SECRET not in page


def test_nothing_is_written_under_a_damaged_key_and_what_was_typed_is_kept(cast: Cast) -> None:
    world = World(cast)
    DataKey.objects.filter(pk=world.concern.data_key_id).update(wrapped=b"\x00" * 60)
    before = Entry.objects.count()

    page = signed_in(cast.lead).post(reverse("concern_entry", args=[world.concern.pk]), {"kind": "note", "text": f"{SECRET} new"})

    assert Entry.objects.count() == before
    assert "A data key cannot be opened with this master key." in plain(page)
    assert f"{SECRET} new" in page.content.decode()


def test_damaged_draft_stops_no_leads_home(cast: Cast) -> None:
    """Whom it is about cannot be known, so it is told to those alone whom "not sure" would be told to."""
    world = World(cast)
    set_raw(world.draft, "content", flipped(bytes(world.draft.content), 40))
    Draft.objects.update(told_lead_at=AT)

    lead, manager = (signed_in(user).get(reverse("home")) for user in (cast.lead, cast.case_manager))

    assert (lead.status_code, manager.status_code) == (200, 200)
    assert ("Ana Petrova" in plain(lead), "Ana Petrova" in plain(manager)) == (False, True)


def test_damaged_draft_says_so_to_its_owner_and_names_whom_to_tell(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    world = World(cast)
    set_raw(world.draft, "content", flipped(bytes(world.draft.content), 40))
    client = signed_in(cast.reporter2)
    client.raise_request_exception = False

    page = client.get(reverse("record", args=[world.draft.pk]))

    assert page.status_code == 500
    assert "What you had typed cannot be opened any more" in plain(page)
    assert "999" in plain(page)
    assert f"concerns_draft.content of row {world.draft.pk}" in caplog.text


def test_damaged_kept_form_is_shown_empty(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    world, at = World(cast), timezone.now()
    path = reverse("concern_entry", args=[world.concern.pk])
    hold_post(by=cast.lead, path=path, fields={"text": [SECRET]}, at=at)
    held = HeldPost.objects.get()
    set_raw(held, "content", flipped(bytes(held.content), 40))

    page = signed_in(cast.lead).get(path)

    assert (page.status_code, SECRET in page.content.decode()) == (200, False)
    assert open_held_post(by=cast.lead, path=path, at=at) == {}
    assert f"concerns_heldpost.content of row {held.pk}" in caplog.text


def test_links_to_a_person_of_another_concern_show_that_person_and_no_words(cast: Cast) -> None:
    """A link can be forged by whoever writes to the database; it shows a name that is sealed for that person, and is in no chain."""
    world = World(cast)
    Link.objects.filter(concern=world.concern).update(person=world.stranger)

    page = plain(world.page())

    assert f"{SECRET} elsewhere" not in page


@pytest.mark.parametrize("size", [0, 1, 16, 28, 29, 30, 44, 45])
def test_sealed_value_of_any_length_is_refused_in_words(size: int) -> None:
    key, key_id, row = os.urandom(32), uuid4(), uuid4()
    sealed = sealing.seal(b"x", key=key, key_id=key_id, table="t", column="c", row=row)
    assert len(sealed) == 46

    with pytest.raises(KeyTrouble, match="This part of the record"):
        sealing.unseal(sealed[:size], key=key, table="t", column="c", row=row)


@pytest.mark.parametrize("size", [0, 1, 11, 12, 13, 59])
def test_wrapped_key_of_any_length_is_refused_in_words(size: int) -> None:
    master, key_id = os.urandom(32), uuid4()
    wrapped = sealing.wrap(os.urandom(32), master=master, data_key_id=key_id)
    assert len(wrapped) == 60

    with pytest.raises(KeyTrouble, match="data key"):
        sealing.unwrap(wrapped[:size], master=master, data_key_id=key_id)


def test_log_of_a_damaged_row_is_an_error(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    world = World(cast)
    set_raw(world.entry, "body", b"")

    with caplog.at_level(logging.ERROR):
        world.page()

    assert {record.levelname for record in caplog.records if "cannot be opened" in record.message} == {"ERROR"}
    assert Concern.objects.filter(pk=world.concern.pk).exists()
