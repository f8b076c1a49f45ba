"""Drafts: what a worker has typed and not yet sent, sealed on the server with a key of the draft's own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from concerns.access.decisions import require
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.exceptions import NotVisible
from concerns.models import Centre, Draft, User


def lock_draft(*, by: User, draft_id: UUID) -> Draft:
    """Return the person's own draft, locked until the transaction ends. Raises NotVisible for anybody else's."""
    draft = Draft.objects.select_for_update(of=("self",)).select_related("centre").filter(pk=draft_id).first()
    if draft is None:
        raise NotVisible("Not found.")
    require(by, Permission.USE_DRAFT, draft)
    return draft


def start_draft(*, by: User, centre: Centre, draft_id: UUID, at: datetime) -> Draft:
    """Make the draft of this form, or return it where the form was sent before. Raises NotVisible for somebody else's."""
    require(by, Permission.RECORD_CONCERN, centre)
    if not Draft.objects.filter(pk=draft_id).exists():
        try:
            with transaction.atomic():
                _make(by=by, centre=centre, draft_id=draft_id, at=at)
        except IntegrityError:
            pass  # the same form was sent twice at once; the other one made it
    draft = Draft.objects.select_related("centre").get(pk=draft_id)
    require(by, Permission.USE_DRAFT, draft)
    return draft


def _make(*, by: User, centre: Centre, draft_id: UUID, at: datetime) -> None:
    keyring = Keyring()
    draft = Draft(pk=draft_id, centre=centre, owner=by, data_key=keyring.new_key(at=at), created_at=at, touched_at=at)
    keyring.seal(draft, "content", {})
    draft.save(force_insert=True)
    audit(by=by, verb="started a record", subject=draft, at=at)


@recorded
def save_draft(*, by: User, draft_id: UUID, part: str, content: dict[str, Any], at: datetime) -> Draft:
    """Keep what was typed in one part of the draft (`triage` or `record`), just as it was typed.

    Saving a draft that is finished changes nothing, so that a late autosave cannot bring it back.
    """
    draft = lock_draft(by=by, draft_id=draft_id)
    if draft.finished_at is not None:
        return draft
    keyring = Keyring.of(draft)
    before = keyring.open(draft, "content")
    keyring.seal(draft, "content", {**before, part: content})
    if part not in before:  # one audit row for a part, not one for every pause in typing
        audit(by=by, verb="saved a draft", subject=draft, at=at, part=part)
    draft.touched_at, draft.reminded_at, draft.told_lead_at = at, None, None
    draft.save(update_fields=["content", "touched_at", "reminded_at", "told_lead_at"])
    return draft


def finish_draft(draft: Draft, *, at: datetime) -> None:
    """Mark a locked draft as sent and destroy its key: its words stand in the record now."""
    key = draft.data_key
    draft.finished_at, draft.data_key, draft.content = at, None, b""
    draft.save(update_fields=["finished_at", "data_key", "content"])
    if key is not None:
        key.delete()


@recorded
def discard_draft(*, by: User, draft_id: UUID, at: datetime) -> None:
    """Throw an unsent draft away, with its key. A draft whose concern exists already stays, and raises NotVisible."""
    draft = lock_draft(by=by, draft_id=draft_id)
    if draft.concern_id is not None or draft.finished_at is not None:
        raise NotVisible("Not found.")
    finish_draft(draft, at=at)
    audit(by=by, verb="discarded a draft", subject=draft, at=at)
