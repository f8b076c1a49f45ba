"""Entries in words: what a timeline says of each, with its sealed body opened. Shared by every page that shows a record."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from concerns.access.keyring import Keyring
from concerns.choices import AboutStaff, AgeBand, Answer, ContactKey, EntryKind, HomeArea, Question, Role, Worry
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, Entry
from concerns.rules import referrals
from concerns.rules.desks import Desk
from concerns.rules.words import happened_words, when_words

HEADINGS = {
    "seen": "What was seen or heard",
    "said": "What was said, in their own words",
    "think": "What the worker thinks",
    "seemed": "How they seemed",
    "done": "What was done so far",
    "where": "Where",
    "present": "Who was there",
    "others": "Also about",
    "still_here": "Are they still here?",
    "told": "Told in person or by phone",
    "parents": "Parents or carers",
    "happened_words": "About the time",
    "text": "",
    "reason": "Reason",
    "worse": "Is it worse now?",
    "outcome": "Outcome",
    "reference": "Reference",
    "from": "From",
    "to": "To",
    "what": "What",
    "agreed": "Agreed",
    "duplicate_of": "Duplicate of",
    "people": "Who can see it",
    "note": "Note",
    "accepted": "Taken over",
    "person": "Who had answered",
    "step": "What was to be done",
    "council_decision": "What they decided",
    "agrees": "Do we agree?",
    **{name: heading for name, heading in referrals.HEADINGS.items() if name != "reference"},
}
TONES = {EntryKind.DISAGREEMENT: "danger", EntryKind.CLOSED: "done", EntryKind.CORRECTION: "quiet", EntryKind.ACKNOWLEDGEMENT: "done"}


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, which may be empty, and a text."""

    heading: str
    text: str


@dataclass(frozen=True, kw_only=True)
class TimelineItem:
    """One entry in words; `number` names it within the concern.

    A correction of an entry that stands on the same page shows it as `before`, which is entry `before_number`; that one names its
    corrections in `corrected_by`.
    """

    id: UUID
    number: int
    title: str
    by: str
    when: str
    iso: str
    tone: str
    sections: tuple[Section, ...]
    before: tuple[Section, ...] = ()
    before_number: int = 0
    corrected_by: tuple[int, ...] = ()


def entry_of(concern: Concern, entry_id: UUID) -> Entry | None:
    """Return one entry of a concern; None where it has no such one (one query)."""
    return Entry.objects.filter(concern=concern, pk=entry_id).first()


def entries_in_words(entries: list[Entry], keyring: Keyring, *, at: datetime) -> tuple[TimelineItem, ...]:
    """Return entries in words, corrections beside what they correct. Nothing but these entries is shown: what a person may not read
    is not opened because a correction points at it."""
    items = {entry.pk: entry_in_words(entry, keyring, at=at) for entry in entries}
    corrections: dict[UUID, list[int]] = {}
    for entry in sorted(entries, key=lambda entry: entry.number):
        if entry.corrects_id in items:
            corrections.setdefault(entry.corrects_id, []).append(entry.number)
    return tuple(
        _beside(items[entry.pk], items.get(entry.corrects_id) if entry.corrects_id else None, tuple(corrections.get(entry.pk, ())))
        for entry in entries
    )


def _beside(item: TimelineItem, before: TimelineItem | None, corrected_by: tuple[int, ...]) -> TimelineItem:
    if before is None:
        return replace(item, corrected_by=corrected_by)
    return replace(item, corrected_by=corrected_by, before=before.sections, before_number=before.number)


def entry_in_words(entry: Entry, keyring: Keyring, *, at: datetime) -> TimelineItem:
    """Return an entry in words; where its key was destroyed or its text damaged, it says so in place of the text."""
    kind = EntryKind(entry.kind)
    role = f", {Role(entry.author_role).label}" if entry.author_role and entry.author_role != Role.REPORTER else ""
    try:
        body = keyring.open(entry, "body")
        title, sections = _title(entry, kind, body), _sections(entry, kind, body, at=at)
    except KeyTrouble as trouble:
        title, sections = kind.label, (Section(heading="", text=str(trouble)),)
    return TimelineItem(
        id=entry.pk,
        number=entry.number,
        title=title,
        by=f"{entry.author.name}{role}" if entry.author else "",
        when=when_words(entry.written_at, at=at),
        iso=entry.written_at.isoformat(),
        tone=TONES.get(kind, "plain"),
        sections=sections,
    )


def _title(entry: Entry, kind: EntryKind, body: dict[str, Any]) -> str:
    if kind == EntryKind.STEP_OUTCOME:
        return f"{'Done' if body.get('done') == 'yes' else 'Not possible'}: {body.get('step', '')}"
    if kind == EntryKind.LEVEL_CHANGE and body.get("proposed") == "yes":
        return "Lower level proposed"
    return f"{kind.label} to entry {entry.corrects.number}" if entry.corrects else str(kind.label)


def _sections(entry: Entry, kind: EntryKind, body: dict[str, Any], *, at: datetime) -> tuple[Section, ...]:
    if kind == EntryKind.TRIAGE:
        return _triage(body)
    hidden = {"step", "done", "proposed"} if kind in (EntryKind.STEP_OUTCOME, EntryKind.LEVEL_CHANGE) else set()
    happened = [Section(heading="When it happened", text=happened_words(entry.happened_at, at=at))] if entry.happened_at else []
    texts = [Section(heading=HEADINGS.get(name, name), text=_plain(text)) for name, text in body.items() if text and name not in hidden]
    return (*happened, *texts)


def _plain(value: Any) -> str:
    return {"yes": "Yes", "no": "No"}.get(value, str(value))


def _triage(body: dict[str, Any]) -> tuple[Section, ...]:
    """The answers as they were given, then what followed from them: a court may ask for both."""
    answers = body["answers"]
    asked = [f"Is anyone in danger now? {Answer(answers['danger_now']).label}."]
    asked.append(f"Is it about someone who works or volunteers here? {AboutStaff(answers['about_staff']).label}.")
    asked += [f"{question.label} {Answer(answers['details'][question]).label}." for question in Question if question in answers["details"]]
    worries = ", ".join(Worry(worry).label for worry in answers["worries"])
    lives = f"Age: {AgeBand(answers['age_band']).label}; lives in: {HomeArea(answers['home_area']).label}"
    rang = ", ".join("the duty desk" if key == Desk.DUTY_DESK else ContactKey(key).label for key in body.get("rang", ()))
    sections = {
        "Worried about": worries,
        "The young person": lives,
        "Rung already": rang,
        "Answers": "\n".join(asked),
        "Why this level": "\n".join(body.get("reasons", ())),
    }
    return tuple(Section(heading=heading, text=text) for heading, text in sections.items() if text)
