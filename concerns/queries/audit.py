"""The audit log as pages show it: who did what, when, without any case text, and without the numbers of the chain.

Pages go by the id of their last row, which says nothing about what lies between.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from concerns.access.permissions import Permission
from concerns.access.scopes import visible_audit, visible_concerns
from concerns.access.standing import centres_with
from concerns.choices import Role
from concerns.models import AuditEvent, Centre, Concern, Contact, RefusalCount, RoleGrant, User
from concerns.rules.audit import FAILED_SIGN_IN, REFUSAL, verbs_of, words_of
from concerns.rules.deadlines import LONDON
from concerns.rules.words import day_words, when_words

PAGE_ROWS = 25
COUNTS_SHOWN = 10
SYSTEM = "system"
SYSTEM_WORDS = "The system"
SOMEBODY = "Somebody"


@dataclass(frozen=True, kw_only=True)
class AuditFilters:
    """What the log is narrowed to; empty fields narrow nothing. `person` is an id, or "system"."""

    person: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None
    concern: Concern | None = None

    @property
    def is_on(self) -> bool:
        return self != AuditFilters()


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One row in words. `concern_id` is set where the reader may open the concern's page."""

    who: str
    what: str
    when: str
    reference: str
    concern_id: UUID | None
    about: str


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """One page of the log; `before` and `after` are cursors, empty at the ends."""

    rows: tuple[AuditRow, ...]
    before: str
    after: str


def audit_page(user: User, filters: AuditFilters, *, at: datetime, after: str = "", before: str = "") -> AuditPage:
    """Return one page of what the person may read, newest first (five queries, however many rows)."""
    found = _narrowed(visible_audit(user), filters)
    edge = _edge(user, before or after)
    backwards = bool(before) and edge is not None
    if edge is not None:
        found = found.filter(_newer_than(edge) if backwards else _older_than(edge))
    order = ("at", "number") if backwards else ("-at", "-number")
    rows = list(found.order_by(*order).select_related("by", "concern")[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    if backwards:
        rows.reverse()
    return AuditPage(
        rows=_in_words(user, rows, at=at),
        before=str(rows[0].pk) if rows and (more if backwards else edge is not None) else "",
        after=str(rows[-1].pk) if rows and (backwards or more) else "",
    )


def _narrowed(found: "QuerySet[AuditEvent]", filters: AuditFilters) -> "QuerySet[AuditEvent]":
    if filters.person:
        found = found.filter(by=None if filters.person == SYSTEM else UUID(filters.person))
    if filters.kind:
        found = found.filter(verb__in=verbs_of(filters.kind))
    if filters.since:
        found = found.filter(at__gte=datetime.combine(filters.since, time(), LONDON))
    if filters.until:
        found = found.filter(at__lt=datetime.combine(filters.until + timedelta(days=1), time(), LONDON))
    return found.filter(concern=filters.concern) if filters.concern else found


def _edge(user: User, cursor: str) -> AuditEvent | None:
    """The row at the edge of the page before; none where the cursor is no id of a row that the person may read."""
    try:
        row = UUID(cursor)
    except ValueError:
        return None
    return visible_audit(user).filter(pk=row).first()


def _older_than(edge: AuditEvent) -> Q:
    return Q(at__lt=edge.at) | Q(at=edge.at, number__lt=edge.number)


def _newer_than(edge: AuditEvent) -> Q:
    return Q(at__gt=edge.at) | Q(at=edge.at, number__gt=edge.number)


def _in_words(user: User, rows: list[AuditEvent], *, at: datetime) -> tuple[AuditRow, ...]:
    """Rows in words: the concerns that the reader may open, and the colleagues and contacts that the rows are about."""
    open_to_them = set(
        visible_concerns(user).filter(pk__in=[row.concern_id for row in rows if row.concern_id]).values_list("pk", flat=True)
    )
    ids = [subject for row in rows if (subject := _subject(row))]
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    names |= dict(Contact.objects.filter(pk__in=ids).values_list("pk", "name"))
    return tuple(
        AuditRow(
            who=row.by.name if row.by else SOMEBODY if row.verb == FAILED_SIGN_IN else SYSTEM_WORDS,
            what=_what(row),
            when=when_words(row.at, at=at),
            reference=row.concern.reference if row.concern else "",
            concern_id=row.concern_id if row.concern_id in open_to_them else None,
            about=names.get(subject, "") if (subject := _subject(row)) else "",
        )
        for row in rows
    )


def _what(row: AuditEvent) -> str:
    """The verb in words; with the page of a refusal, and the role of what was done with a role."""
    words = words_of(row.verb)
    if row.verb == REFUSAL:
        return f"{words} to “{row.detail.get('view', '').replace('_', ' ')}”"
    role = row.detail.get("role", "")
    return f"{words}: {Role(role).label}" if row.subject_type == "rolegrant" and role in Role.values else words


def _subject(row: AuditEvent) -> UUID | None:
    """The colleague or the contact that a row is about; the colleague whose role it is."""
    if row.detail.get("user"):
        return UUID(row.detail["user"])
    return row.subject_id if row.subject_type in ("user", "contact") else None


def concern_named(user: User, reference: str) -> Concern | None:
    """Return the concern of this reference, where the person may see it; a hidden one is as good as none."""
    return visible_concerns(user).filter(reference=reference).first()


def people_of_the_log(user: User) -> list[tuple[str, str]]:
    """Return the choices of the filter: everybody who holds or held a role at the reader's centres, and the system."""
    grants = RoleGrant.objects.filter(centre__in=centres_with(user, Permission.READ_AUDIT)).values("user")
    return [(SYSTEM, SYSTEM_WORDS), *((str(pk), name) for pk, name in User.objects.filter(pk__in=grants).values_list("pk", "name"))]


def counted_refusals(user: User, centre: Centre, *, at: datetime) -> list[str]:
    """Return, newest first, what was counted and has no row of its own: the floods of others, strangers and unknown addresses."""
    colleagues = RoleGrant.objects.filter(centre=centre).values("user")
    counts = RefusalCount.objects.filter(Q(user=None) | Q(user__in=colleagues)).exclude(user=user).select_related("user")
    return [_counted(row, at=at) for row in counts[:COUNTS_SHOWN]]


def _counted(row: RefusalCount, *, at: datetime) -> str:
    day = day_words(datetime.combine(row.on, time(12), LONDON), at=at)
    return f"{day}: {row.user.name if row.user else 'strangers, or no such page'}, {row.count}"
