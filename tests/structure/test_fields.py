"""Every column of every table is in the inventory: sealed, plain with its reason, or purged. A new one fails until listed. (S21)"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.utils import timezone

from concerns.actions.held import hold_post, purge_held_posts
from concerns.actions.notes import purge_notes, write_note
from concerns.actions.signin import purge_sign_ins
from concerns.models import Attempt, DataKey, HandoverNote, HeldPost, SignIn
from tests.factories import Cast, let_in
from tests.structure.field_inventory import BARE, TABLES, listed, record_page

DOCS = Path(__file__).resolve().parents[2] / "docs" / "record.md"
FREE_TEXT = (models.TextField, models.BinaryField)


def every_model() -> dict[str, type[models.Model]]:
    return {model.__name__: model for model in apps.get_models(include_auto_created=True)}


def columns() -> set[str]:
    """Every column, also numbers, dates and links between rows."""
    return {f"{name}.{field.name}" for name, model in every_model().items() for field in model._meta.concrete_fields}


def sealed() -> list[str]:
    return [name for name, kept in listed().items() if kept.how == "sealed"]


def test_every_column_is_in_the_inventory() -> None:
    assert columns() == set(listed())


def test_no_column_is_listed_twice() -> None:
    for rows in TABLES.values():
        names = [name for group in rows for name in group.split()]
        assert len(names) == len(set(names))


@pytest.mark.django_db
def test_every_table_of_the_database_is_in_the_inventory() -> None:
    """Also those that no model stands for."""
    known = {model._meta.db_table for model in every_model().values()} | set(BARE)

    assert set(connection.introspection.table_names(include_views=True)) <= known


def test_sealed_columns_are_binary_and_their_rows_have_ids_made_here() -> None:
    found = {name: every_model()[name.split(".")[0]] for name in sealed()}

    kinds = {type(model._meta.get_field(name.split(".")[1])) for name, model in found.items()}
    keys = {type(model._meta.pk) for model in found.values()}

    assert kinds == {models.BinaryField}
    assert keys == {models.UUIDField}
    assert sorted(sealed()) == ["Conflict.reason", "Draft.content", "Entry.body", "HandoverNote.body", "HeldPost.content", "Person.details"]


def test_boxes_without_a_limit_are_sealed_or_known() -> None:
    """A new column in which a whole story has room must be sealed, unless it is one of these."""
    wide = {
        f"{name}.{field.name}"
        for name, model in every_model().items()
        for field in model._meta.concrete_fields
        if isinstance(field, FREE_TEXT)
    }

    digests = {name for name in wide if name.endswith("digest")}

    assert wide - set(sealed()) - digests == {"DataKey.wrapped", "Session.session_data"}


def test_every_reason_says_something() -> None:
    assert {kept.how for kept in listed().values()} == {"sealed", "plain", "purge"}
    assert min(len(kept.why) for kept in listed().values()) > 10


def test_record_page_is_fresh() -> None:
    assert DOCS.read_text() == record_page()


def test_what_is_listed_as_purged_goes(cast: Cast, client) -> None:  # type: ignore[no-untyped-def]
    let_in(client, cast.lead)
    hold_post(by=cast.lead, path="/concerns/", fields={"text": ["zebra"]}, at=timezone.now())
    write_note(by=cast.lead, centre=cast.centre, text="zebra", at=timezone.now())
    Attempt.objects.create(bucket="x" * 40, at=timezone.now())
    keys = DataKey.objects.count()
    later = timezone.now() + timedelta(days=91)

    purge_held_posts(by=None, at=later)
    purge_sign_ins(at=later)
    purge_notes(by=None, at=later)

    assert [model.objects.count() for model in (HeldPost, HandoverNote, SignIn, Attempt, Session)] == [0, 0, 0, 0, 0]
    assert DataKey.objects.count() == keys - 2
