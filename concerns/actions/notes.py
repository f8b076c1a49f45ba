"""What one session tells the next: sealed with a key of its own, shown to those who answer alerts, and gone after four weeks."""

from datetime import datetime

from concerns.access.decisions import require
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.exceptions import NotVisible
from concerns.models import Centre, HandoverNote, User
from concerns.queries.notes import KEPT


@recorded
def write_note(*, by: User, centre: Centre, text: str, at: datetime) -> HandoverNote:
    """Seal a note for those who answer alerts at the centre. Raises NotAllowed where the person does not."""
    require(by, Permission.SESSION_NOTES, centre)
    keyring = Keyring()
    note = HandoverNote(centre=centre, author=by, data_key=keyring.new_key(at=at), written_at=at)
    keyring.seal(note, "body", {"text": text})
    note.save(force_insert=True)
    audit(by=by, verb="wrote a hand-over note", subject=note, at=at)
    return note


@recorded
def remove_note(*, by: User, note: HandoverNote, at: datetime) -> None:
    """Remove one's own note, with its key, as when it says too much. Raises NotVisible for anybody else's, and for one that is gone."""
    found = HandoverNote.objects.select_for_update(of=("self",)).filter(pk=note.pk).first()
    if found is None:
        raise NotVisible("Not found.")
    require(by, Permission.SESSION_NOTES, found)
    audit(by=by, verb="removed a hand-over note", subject=found, at=at)
    _destroy(found)


@recorded
def purge_notes(*, by: None, at: datetime) -> int:
    """Remove every note whose four weeks are over, with its key, and return how many there were."""
    rows = list(HandoverNote.objects.filter(written_at__lte=at - KEPT)[:100])
    for note in rows:
        _destroy(note)
    if rows:
        audit(by=by, verb="purged hand-over notes", subject=None, at=at, count=len(rows))
    return len(rows)


def _destroy(note: HandoverNote) -> None:
    key = note.data_key
    note.delete()
    if key is not None:
        key.delete()
