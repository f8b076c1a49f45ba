"""One concern as pages show it: what to do next, the facts, the timeline; for leads all of it, for its author their own part."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from concerns.access.keyring import Keyring
from concerns.choices import ContactKey, EntryKind, LinkRole, StepKind, StepState, StepWho
from concerns.exceptions import KeyTrouble
from concerns.models import AuditEvent, Concern, Entry, Link, Proposal, Step, User
from concerns.queries.entries import TimelineItem, entries_in_words
from concerns.queries.rings import RingLine, contacts_by_key, line_of
from concerns.rules.words import due_words, happened_words, when_words

OPENED = "opened the page of"
NOT_A_FORM = (StepKind.ACKNOWLEDGE, StepKind.SECOND_PERSON, StepKind.ACCEPT_HANDOVER)
"""Steps that have buttons of their own on the page of the concern."""


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """One step in words, with the contact to ring where it has one."""

    id: UUID
    text: str
    who: str
    due: str
    is_late: bool
    state: StepState
    is_due: bool
    can_be_done: bool
    is_mine: bool
    is_handover: bool
    ring: RingLine | None


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """Somebody linked to the concern, in words."""

    name: str
    role: str
    details: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Everything about one concern that a page shows. `later` are the steps whose turn comes when another is done."""

    items: tuple[TimelineItem, ...]
    steps: tuple[StepLine, ...]
    later: tuple[StepLine, ...] = ()
    people: tuple[PersonLine, ...] = ()
    proposals: tuple[Proposal, ...] = field(default=())


def lead_timeline(user: User, concern: Concern, *, at: datetime) -> Timeline:
    """Return the whole concern (seven queries, however many entries). The caller has decided that the person may see it."""
    if concern.is_disposed:
        return Timeline(items=(), steps=())
    keyring = Keyring()
    steps = steps_of(user, concern, at=at)
    return Timeline(
        items=_items(Entry.objects.filter(concern=concern), concern, keyring, at=at),
        steps=tuple(step for step in steps if step.is_due),
        later=tuple(step for step in steps if not step.is_due),
        people=_people(concern, keyring),
        proposals=tuple(Proposal.objects.filter(concern=concern, decided_at=None).select_related("proposed_by", "entry")),
    )


def author_timeline(user: User, concern: Concern, *, at: datetime) -> Timeline:
    """Return what the author may see: their own words, replies to them and corrections of those, and the steps that are theirs."""
    if concern.is_disposed:
        return Timeline(items=(), steps=())
    own = Entry.objects.filter(concern=concern, author=user).values_list("pk", flat=True)
    entries = Entry.objects.filter(pk__in=[*own, *_replies(concern)])
    mine = tuple(step for step in steps_of(user, concern, at=at) if step.is_mine)
    return Timeline(items=_items(entries, concern, Keyring(), at=at), steps=mine)


def _replies(concern: Concern) -> set[UUID]:
    """The replies to the author, with every correction of one: a reply must not stand alone once it was found wrong."""
    rows = Entry.objects.filter(concern=concern, kind__in=(EntryKind.REPLY, EntryKind.CORRECTION)).order_by("number")
    found: set[UUID] = set()
    for entry_id, kind, corrects in rows.values_list("pk", "kind", "corrects"):
        if kind == EntryKind.REPLY or corrects in found:
            found.add(entry_id)
    return found


def own_words(user: User, concern: Concern, *, at: datetime) -> Timeline:
    """Return only what the person wrote themselves: all that a vetoed author keeps."""
    return Timeline(items=_items(Entry.objects.filter(concern=concern, author=user), concern, Keyring(), at=at), steps=())


def first_account(user: User, concern: Concern) -> dict[str, Any]:
    """Return the headed texts of the written record that the person sent, or nothing (two queries)."""
    entry = Entry.objects.filter(concern=concern, author=user, kind=EntryKind.ACCOUNT).select_related("concern").first()
    return Keyring.of(entry).open(entry, "body") if entry else {}


def _items(entries: "QuerySet[Entry]", concern: Concern, keyring: Keyring, *, at: datetime) -> tuple[TimelineItem, ...]:
    rows = list(entries.select_related("author", "corrects").order_by("-number"))
    for entry in rows:
        entry.concern = concern
    keyring.fetch([concern])
    return entries_in_words(rows, keyring, at=at)


def _people(concern: Concern, keyring: Keyring) -> tuple[PersonLine, ...]:
    links = list(Link.objects.filter(concern=concern, ended_at=None).select_related("person", "user").order_by("made_at"))
    keyring.fetch([link.person for link in links if link.person])
    return tuple(_person(link, keyring) for link in links)


def _person(link: Link, keyring: Keyring) -> PersonLine:
    role = LinkRole(link.role).label
    if link.person is None:
        return PersonLine(name=link.user.name if link.user else "", role=role, details="Works or volunteers here")
    try:
        details = keyring.open(link.person, "details")
    except KeyTrouble as trouble:
        return PersonLine(name=str(trouble), role=role, details="")
    born = f"born {details['born_on']}" if details.get("born_on") else ""
    known = [part for part in (details.get("age"), born, link.person.get_home_area_display()) if part]
    return PersonLine(name=details.get("name") or "Name not known", role=role, details=", ".join(known))


def steps_of(user: User, concern: Concern, *, at: datetime) -> tuple[StepLine, ...]:
    """Return the waiting steps, those with a due time first (two queries)."""
    rows = list(Step.objects.filter(concern=concern, state=StepState.WAITING).select_related("person"))
    contacts = contacts_by_key(concern.centre, {row.contact_key for row in rows if row.contact_key})
    rows.sort(key=lambda row: (row.due_at is None, row.due_at or at))
    return tuple(_step(row, user, {key: line_of(contact) for key, contact in contacts.items()}, at=at) for row in rows)


def _due(row: Step, user: User, *, at: datetime) -> str:
    """When a step is due, in words. To the one who wrote the concern down, what has waited is due now: nobody counts their minutes."""
    if row.due_at is None:
        return "When the step before it is done"
    if row.due_at < at and row.who == StepWho.REPORTER and row.person_id == user.pk:
        return "now"
    return due_words(row.due_at, at=at)


def _step(row: Step, user: User, lines: dict[str, RingLine], *, at: datetime) -> StepLine:
    return StepLine(
        id=row.pk,
        text=row.text,
        who=row.person.name if row.person else "" if row.due_at is None else "Everybody who can answer",
        due=_due(row, user, at=at),
        is_late=row.due_at is not None and row.due_at < at,
        state=StepState(row.state),
        is_due=row.due_at is not None,
        can_be_done=row.due_at is not None and row.kind not in NOT_A_FORM,
        is_mine=row.person_id == user.pk,
        is_handover=row.kind == StepKind.ACCEPT_HANDOVER,
        ring=lines.get(ContactKey(row.contact_key)) if row.contact_key else None,
    )


def facts_of(concern: Concern, timeline: Timeline, *, at: datetime) -> list[dict[str, str]]:
    """Return the facts of a concern as question and answer, for a summary list."""
    if concern.is_drill:
        return [{"key": "Started by", "value": f"{concern.logged_by.name}, {when_words(concern.logged_at, at=at)}"}]
    about = " (about)" if concern.happened_about else ""
    rows = {
        "Recorded by": f"{concern.logged_by.name}, {when_words(concern.logged_at, at=at)}",
        "Lead": concern.lead.name if concern.lead else "Nobody yet",
        "Happened": f"{happened_words(concern.happened_at, at=at)}{about}" if concern.happened_at else "Not said",
        "Lives in": concern.get_home_area_display(),
        "Leaves": when_words(concern.leaves_at, at=at) if concern.leaves_at else "Not said",
        "Written account": when_words(concern.recorded_at, at=at) if concern.recorded_at else "Not written yet",
    }
    if concern.is_disposed:  # what was said of these is gone: "not said" would be untrue
        rows = {key: value for key, value in rows.items() if key not in ("Happened", "Lives in", "Leaves")}
    people = [
        {"key": person.role, "value": f"{person.name} ({person.details})" if person.details else person.name} for person in timeline.people
    ]
    return [*people, *({"key": key, "value": value} for key, value in rows.items())]


def seen_by(concern: Concern, *, at: datetime) -> list[str]:
    """Return who has opened the page of the concern, and when last, by name (one query)."""
    opened = AuditEvent.objects.filter(concern=concern, verb=OPENED, by__isnull=False).values("by__name").annotate(last=Max("at"))
    return [f"{row['by__name']}: last opened {when_words(row['last'], at=at)}" for row in opened.order_by("by__name")]
