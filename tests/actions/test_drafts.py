"""Drafts and kept forms: sealed, the owner's alone, gone when they are no longer needed."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from concerns.access.keyring import Keyring
from concerns.actions.drafts import discard_draft, save_draft, start_draft
from concerns.actions.held import MOST_AT_ONCE, drop_held_posts, hold_post, open_held_post, purge_held_posts
from concerns.exceptions import NotVisible
from concerns.models import DataKey, Draft, HeldPost
from tests.factories import AT, Cast
from tests.makers import DANGER, MARKER, make_draft

HOUR = timedelta(hours=1)
TYPED = {"seen": [MARKER], "happened_on_day": ["31"], "worries": ["a", "b"]}


def save(cast: Cast, draft_id: uuid.UUID, at=AT) -> Draft:  # type: ignore[no-untyped-def]
    return save_draft(by=cast.reporter, draft_id=draft_id, part="record", content=TYPED, at=at)


def test_draft_gives_back_just_what_was_typed_valid_or_not(cast: Cast) -> None:
    draft = save(cast, make_draft(cast))

    assert Keyring.of(draft).open(draft, "content")["record"] == TYPED


def test_nothing_of_a_draft_stands_in_the_database_in_the_clear(cast: Cast) -> None:
    save(cast, make_draft(cast))

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM concerns_draft")
        rows = [bytes(row[0]) for row in cursor.fetchall()]

    assert rows and all(MARKER.encode() not in row for row in rows)


def test_late_autosave_cannot_bring_a_sent_draft_back(cast: Cast) -> None:
    draft_id = make_draft(cast)
    discard_draft(by=cast.reporter, draft_id=draft_id, at=AT)

    draft = save(cast, draft_id)

    assert (draft.data_key_id, bytes(draft.content)) == (None, b"")


def test_discarded_draft_takes_its_key_with_it(cast: Cast) -> None:
    before = DataKey.objects.count()
    draft_id = make_draft(cast)

    discard_draft(by=cast.reporter, draft_id=draft_id, at=AT)

    assert DataKey.objects.count() == before


def test_draft_of_a_concern_that_exists_cannot_be_thrown_away(cast: Cast) -> None:
    draft_id = make_draft(cast, answers=DANGER)

    with pytest.raises(NotVisible):
        discard_draft(by=cast.reporter, draft_id=draft_id, at=AT)


def test_starting_twice_makes_one_draft(cast: Cast) -> None:
    token = uuid.uuid4()

    drafts = {start_draft(by=cast.reporter, centre=cast.centre, draft_id=token, at=AT).pk for _ in range(2)}

    assert drafts == {token}


def test_kept_form_is_given_back_to_its_owner_on_its_page_only(cast: Cast) -> None:
    hold_post(by=cast.reporter, path="/record/x/", fields=TYPED, at=AT)

    assert open_held_post(by=cast.reporter, path="/record/x/", at=AT) == TYPED
    assert open_held_post(by=cast.reporter, path="/record/y/", at=AT) == {}
    assert open_held_post(by=cast.reporter2, path="/record/x/", at=AT) == {}


def test_kept_form_is_sealed(cast: Cast) -> None:
    held = hold_post(by=cast.reporter, path="/record/x/", fields=TYPED, at=AT)

    assert MARKER.encode() not in bytes(HeldPost.objects.get(pk=held.pk).content)


def test_kept_form_is_gone_after_an_hour_with_its_key(cast: Cast) -> None:
    before = DataKey.objects.count()
    hold_post(by=cast.reporter, path="/record/x/", fields=TYPED, at=AT)

    assert open_held_post(by=cast.reporter, path="/record/x/", at=AT + HOUR) == {}
    assert purge_held_posts(by=None, at=AT + HOUR) == 1
    assert (HeldPost.objects.count(), DataKey.objects.count()) == (0, before)


def test_kept_form_is_dropped_once_it_was_sent(cast: Cast) -> None:
    hold_post(by=cast.reporter, path="/record/x/", fields=TYPED, at=AT)

    assert drop_held_posts(by=cast.reporter, path="/record/x/", at=AT) == 1
    assert not HeldPost.objects.exists()


def test_newer_form_takes_the_place_of_the_older_one_of_its_page(cast: Cast) -> None:
    before = DataKey.objects.count()
    hold_post(by=cast.reporter, path="/record/x/", fields={"seen": ["old"]}, at=AT)

    hold_post(by=cast.reporter, path="/record/x/", fields=TYPED, at=AT + HOUR / 2)

    assert open_held_post(by=cast.reporter, path="/record/x/", at=AT + HOUR) == TYPED
    assert (HeldPost.objects.count(), DataKey.objects.count()) == (1, before + 1)


def test_kept_forms_of_one_person_are_limited(cast: Cast) -> None:
    for number in range(MOST_AT_ONCE + 3):
        hold_post(by=cast.reporter, path=f"/record/{number}/", fields=TYPED, at=AT + number * timedelta(seconds=1))

    assert HeldPost.objects.filter(owner=cast.reporter).count() == MOST_AT_ONCE
    assert open_held_post(by=cast.reporter, path=f"/record/{MOST_AT_ONCE + 2}/", at=AT) == TYPED
