"""The leads' queue: most pressing first by the stored due time; the same number of queries for one row and for a page of them.

Pages go by the last row's due time and id, so that a deep page costs no more than the first.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When

from concerns.access.keyring import Keyring
from concerns.access.scopes import visible_concerns
from concerns.access.unfinished import may_be_told, unfinished_of_others
from concerns.choices import Level, LinkRole, Status, Vault
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, Draft, Link, Person, User
from concerns.rules.levels import SEVERITY
from concerns.rules.words import due_words, span_words, when_words

PAGE_ROWS = 25
SHOWN_UNFINISHED = 20
LOOKED_AT = 200  # those that are hidden must not push others out of sight
UNREADABLE = "Not readable"
DISPOSED = "Disposed of"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the queue is narrowed to. Empty fields narrow nothing; closed concerns show only where asked for."""

    status: str = ""
    level: str = ""
    vault: str = ""
    mine: bool = False
    unacknowledged: bool = False

    @property
    def is_on(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One concern in the queue, in words. `waits`: for how long nobody has answered, or empty."""

    id: UUID
    reference: str
    about: str
    level: Level
    status: Status
    vault: Vault
    lead: str
    logged: str
    due: str
    is_late: bool
    is_answered: bool
    waits: str


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """One page of the queue; `before` and `after` are cursors, empty at the ends."""

    rows: tuple[QueueRow, ...]
    before: str
    after: str


def _narrowed(user: User, filters: Filters) -> QuerySet[Concern]:
    found = visible_concerns(user).filter(is_drill=False)
    found = found.filter(status=filters.status) if filters.status else found.exclude(status=Status.CLOSED)
    if filters.level:
        found = found.filter(level=filters.level)
    if filters.vault:
        found = found.filter(vault=filters.vault)
    if filters.mine:
        found = found.filter(lead=user)
    if filters.unacknowledged:
        found = found.filter(acknowledged_at=None).exclude(status=Status.CLOSED)
    return found


def _read_cursor(text: str) -> tuple[datetime, UUID] | None:
    """A cursor is the time in ISO 8601 and the id; anything else is no cursor, and the first page is shown."""
    moment, _, row = text.partition("_")
    try:
        read = datetime.fromisoformat(moment)
        return (read.astimezone(UTC), UUID(row)) if read.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def queue_page(user: User, filters: Filters, *, at: datetime, after: str = "", before: str = "") -> QueuePage:
    """Return one page of the queue (five queries, however many rows)."""
    closed = filters.status == Status.CLOSED
    column = "closed_at" if closed else "next_due_at"
    cursor = _read_cursor(before or after)
    backwards = bool(before) and cursor is not None
    newest_first = closed != backwards  # closed concerns are shown the last closed first
    found = _narrowed(user, filters).select_related("lead")
    if cursor is not None:
        beyond = "lt" if newest_first else "gt"
        moment, row = cursor
        found = found.filter(Q(**{f"{column}__{beyond}": moment}) | Q(**{column: moment, "pk__gt" if not backwards else "pk__lt": row}))
    order = ("-" if newest_first else "") + column
    rows = list(found.order_by(order, "-pk" if backwards else "pk")[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    if backwards:
        rows.reverse()
    return QueuePage(
        rows=tuple(_row(concern, names, at=at) for concern, names in zip(rows, names_of(rows), strict=True)),
        before=_cursor(rows[0], column) if rows and (more if backwards else cursor is not None) else "",
        after=_cursor(rows[-1], column) if rows and (backwards or more) else "",
    )


def is_another(concern: Concern, reference: str, *, user: User) -> bool:
    """Whether the reference is that of another concern that the person may see (one query)."""
    return visible_concerns(user).filter(reference=reference).exclude(pk=concern.pk).exists()


def unanswered(user: User, *, at: datetime, limit: int = 10) -> tuple[QueueRow, ...]:
    """Return the concerns that nobody has answered, the most serious first: no backlog of late steps may hide an emergency."""
    severity = Case(*(When(level=level, then=rank) for rank, level in enumerate(SEVERITY)), default=len(SEVERITY))
    found = _narrowed(user, Filters(unacknowledged=True)).select_related("lead").order_by(severity, "next_due_at", "pk")
    rows = list(found[:limit])
    return tuple(_row(concern, names, at=at) for concern, names in zip(rows, names_of(rows), strict=True))


def most_pressing(user: User, *, at: datetime, limit: int = 5) -> tuple[QueueRow, ...]:
    """Return what a lead's home shows: what nobody has answered, then what is due next."""
    first = unanswered(user, at=at, limit=limit)
    seen = {row.id for row in first}
    return (*first, *(row for row in queue_page(user, Filters(), at=at).rows if row.id not in seen))[:limit]


def _cursor(concern: Concern, column: str) -> str:
    return f"{getattr(concern, column).isoformat()}_{concern.pk}"


def names_of(concerns: list[Concern]) -> list[str]:
    """Return whom each concern is about: names and ages of those harmed, opened with one keyring (two queries)."""
    links = Link.objects.filter(concern__in=concerns, role=LinkRole.HARMED, person__isnull=False, ended_at=None).select_related("person")
    people = [(link.concern_id, link.person) for link in links.order_by("made_at") if link.person]
    keyring = Keyring.of(*(person for _, person in people))
    names: dict[UUID, list[str]] = {}
    for concern_id, person in people:
        names.setdefault(concern_id, []).append(_name(keyring, person))
    return [DISPOSED if concern.is_disposed else "; ".join(names.get(concern.pk, [])) for concern in concerns]


def _name(keyring: Keyring, person: Person) -> str:
    try:
        details = keyring.open(person, "details")
    except KeyTrouble:
        return UNREADABLE
    return ", ".join(part for part in (details.get("name") or "Name not known", details.get("age")) if part)


def _row(concern: Concern, about: str, *, at: datetime) -> QueueRow:
    return QueueRow(
        id=concern.pk,
        reference=concern.reference,
        about=about,
        level=Level(concern.level),
        status=Status(concern.status),
        vault=Vault(concern.vault),
        lead=concern.lead.name if concern.lead else "",
        logged=when_words(concern.logged_at, at=at),
        due=due_words(concern.next_due_at, at=at) if concern.next_due_at else "",
        is_late=concern.next_due_at is not None and concern.next_due_at < at,
        is_answered=concern.acknowledged_at is not None,
        waits="" if concern.acknowledged_at else span_words(at - concern.clock_started_at),
    )


def unfinished_records(user: User) -> list[Draft]:
    """Return the unfinished records that leads may know of, oldest first: who has one and since when, nothing of its content.

    One about an adult here is hidden from whoever would not be alerted of it: from that adult before all. (Two queries.)
    """
    rows = list(unfinished_of_others(user).select_related("owner", "concern").order_by("touched_at")[:LOOKED_AT])
    keyring = Keyring.of(*rows)
    return [draft for draft in rows if may_be_told(user, draft, keyring)][:SHOWN_UNFINISHED]
