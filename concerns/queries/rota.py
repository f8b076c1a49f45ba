"""The rota of a centre: who is on duty now and next, who is away, and what is missing in the coming days."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import FilteredRelation, Q

from concerns.access.standing import ANSWERING, grants_in_force
from concerns.choices import DutySlot
from concerns.models import Centre, Duty, Leave, OpeningSession, User
from concerns.queries.once import asked_once
from concerns.rules.deadlines import LONDON, ONE_DAY, Session
from concerns.rules.rota import Away, DutyRow, Occurrence, Rota, gaps, next_after, occurrences, on_at
from concerns.rules.words import clock_words, counted, date_words, day_words, end_words, time_words

DAYS = 14
NO_SESSIONS = "No session takes place in the next two weeks."


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """One session on one day, in words. `said`: who is on duty and who deputises. `missing`: the part of it that is nobody, or empty."""

    session_id: UUID
    on: date
    when: str
    said: str
    missing: str
    is_on: bool


def people_who_answer(centre: Centre) -> list[User]:
    """Return those who may be put on the rota, by name (one query)."""
    grants = grants_in_force().filter(centre=centre, role__in=ANSWERING).select_related("user").order_by("user__name")
    return list({grant.user_id: grant.user for grant in grants}.values())


def _paper(centre: Centre, *, since: date) -> tuple[dict[UUID, Session], list[DutyRow]]:
    """The weekly sessions, and who is down for them each week or on a date from `since` on (one query)."""
    held = FilteredRelation("duties", condition=Q(duties__only_on=None) | Q(duties__only_on__gte=since))
    columns = ("pk", "weekday", "starts", "ends", "held__slot", "held__user_id", "held__only_on")
    sessions: dict[UUID, Session] = {}
    duties: list[DutyRow] = []
    for pk, weekday, starts, ends, slot, user_id, only_on in (
        OpeningSession.objects.filter(centre=centre).alias(held=held).values_list(*columns)
    ):
        sessions[pk] = Session(weekday=weekday, starts=starts, ends=ends)
        if slot is not None:
            duties.append(DutyRow(session_id=pk, slot=DutySlot(slot), user_id=user_id, only_on=only_on))
    return sessions, duties


@asked_once
def _rota(centre: Centre, *, at: datetime) -> tuple[Rota, list[User]]:
    """What the rota of a centre follows from, from yesterday on, and those who may be on it (three queries; two without any duty)."""
    since = at.astimezone(LONDON).date() - ONE_DAY
    sessions, duties = _paper(centre, since=since)
    able = people_who_answer(centre) if duties else []
    rows = Leave.objects.filter(centre=centre, last_on__gte=since).order_by().values_list("user_id", "first_on", "last_on")
    leave = [Away(user_id=user_id, first_on=first_on, last_on=last_on) for user_id, first_on, last_on in rows]
    return Rota(sessions=sessions, duties=duties, leave=leave, able=frozenset(user.pk for user in able)), able


def on_duty(centre: Centre, *, at: datetime) -> tuple[User, ...]:
    """Return who is on duty in the session that is on at `at`, then who deputises, of those free; nobody outside sessions."""
    rota, able = _rota(centre, at=at)
    return _people(on_at(rota, at=at), able)


def next_on_duty(centre: Centre, *, at: datetime) -> tuple[User, ...]:
    """Return who is on duty, and who deputises, in the next session after `at`, of those free."""
    rota, able = _rota(centre, at=at)
    return _people(_next(rota, at=at), able)


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Who is asked before the list, and who is away today in Europe/London, by id; and the weekly sessions of the centre."""

    first: tuple[UUID, ...]
    away: frozenset[UUID]
    sessions: tuple[Session, ...]


def presence(centre: Centre, *, at: datetime, follows_next: Callable[[], bool]) -> Presence:
    """Return who is on duty, and who is on leave; while no session is on, those of the next one are first, where `follows_next()`."""
    rota, able = _rota(centre, at=at)
    found = on_at(rota, at=at)
    if not found and rota.duties and follows_next():
        found = _next(rota, at=at)
    today = at.astimezone(LONDON).date()
    gone = frozenset(row.user_id for row in rota.leave if row.covers(today))
    first = tuple(user.pk for user in _people(found, able))
    return Presence(first=first, away=gone, sessions=tuple(rota.sessions.values()))


def _next(rota: Rota, *, at: datetime) -> tuple[Occurrence, ...]:
    following = next_after(rota, at=at)
    return (following,) if following else ()


def _people(found: tuple[Occurrence, ...], able: list[User]) -> tuple[User, ...]:
    known = {user.pk: user for user in able}
    ids = [occurrence.people[slot] for slot in DutySlot for occurrence in found]
    return tuple(known[user_id] for user_id in dict.fromkeys(ids) if user_id is not None)


def gaps_ahead(centre: Centre, *, at: datetime, days: int = DAYS) -> tuple[SessionLine, ...]:
    """Return the coming sessions in which nobody is on duty or nobody deputises (three queries)."""
    rota, able = _rota(centre, at=at)
    return tuple(_line(occurrence, able, at=at) for occurrence in gaps(rota, at=at, days=days))


def gaps_between(centre: Centre, *, first_on: date, last_on: date, at: datetime) -> tuple[SessionLine, ...]:
    """Return the gaps of the sessions that start on these days, both included, and are not over (three queries)."""
    days = (last_on - at.astimezone(LONDON).date()).days + 1
    return tuple(line for line in gaps_ahead(centre, at=at, days=days) if line.on >= first_on)


def coming_sessions(centre: Centre, *, at: datetime, days: int = DAYS) -> tuple[SessionLine, ...]:
    """Return the sessions of the coming days, from the one that is on, with who is on duty (three queries)."""
    rota, able = _rota(centre, at=at)
    found = occurrences(rota, first_on=at.astimezone(LONDON).date(), days=days)
    return tuple(_line(occurrence, able, at=at) for occurrence in found if occurrence.ends > at)


def gaps_in(coming: Iterable[SessionLine]) -> int:
    """Return in how many of these sessions somebody is missing."""
    return sum(bool(line.missing) for line in coming)


def gaps_words(count: int) -> str:
    """Return that somebody is missing in so many of the coming sessions, in words, without a full stop."""
    return f"Somebody is missing in {counted(count, 'session')} of the next two weeks"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Who is down for one session, by id ("" for nobody): as was said for the date, or else each week."""

    held: Mapping[DutySlot, str]

    @property
    def mark(self) -> str:
        """What a form carries to tell whether it changed meanwhile."""
        return "/".join(self.held.values())


def shown_for(session: OpeningSession, *, only_on: date | None) -> Shown:
    """Return who is down for a session, each week or on one date (one query, or two)."""
    rows = Duty.objects.filter(session=session, only_on=only_on) or Duty.objects.filter(session=session, only_on=None)
    held = {DutySlot(row.slot): str(row.user_id or "") for row in rows}
    return Shown(held={slot: held.get(slot, "") for slot in DutySlot})


@dataclass(frozen=True, kw_only=True)
class WeeklyLine:
    """One weekly session, in words."""

    session_id: UUID
    when: str
    said: str


def weekly_lines(centre: Centre) -> tuple[WeeklyLine, ...]:
    """Return the weekly sessions with who is on duty each week (two queries)."""
    rows = Duty.objects.filter(session__centre=centre, only_on=None).select_related("user")
    held = {(row.session_id, DutySlot(row.slot)): row.user.name for row in rows if row.user}
    return tuple(
        WeeklyLine(session_id=row.pk, when=times_words(row), said=duty_words({slot: held.get((row.pk, slot), "") for slot in DutySlot}))
        for row in OpeningSession.objects.filter(centre=centre)
    )


def times_words(session: OpeningSession) -> str:
    """Return when a weekly session is: "Tuesday, 5:00pm to 9:00pm"."""
    return f"{session.weekday_name}, {time_words(session.starts)} to {end_words(session.ends)}"


def duty_words(names: Mapping[DutySlot, str], *, without: frozenset[DutySlot] = frozenset()) -> str:
    """Return who is on duty and who deputises, leaving out the slots in `without`: "Priya Shah is on duty, nobody deputises"."""
    does = {DutySlot.FIRST: "is on duty", DutySlot.SECOND: "deputises"}
    words = ", ".join(f"{names[slot] or 'nobody'} {does[slot]}" for slot in DutySlot if slot not in without)
    return words[:1].upper() + words[1:]


def _line(occurrence: Occurrence, able: list[User], *, at: datetime) -> SessionLine:
    known = {user.pk: user.name for user in able}
    names = {slot: known[user_id] if user_id else "" for slot, user_id in occurrence.people.items()}
    day = day_words(occurrence.starts, at=at)
    weekday = f"{occurrence.on:%A} " if day[0].isdigit() else ""
    return SessionLine(
        session_id=occurrence.session_id,
        on=occurrence.on,
        when=f"{weekday}{day}, {clock_words(occurrence.starts)} to {end_words(occurrence.ends.astimezone(LONDON).time())}",
        said=duty_words(names),
        missing=duty_words(names, without=frozenset(DutySlot) - frozenset(occurrence.missing)),
        is_on=occurrence.starts <= at < occurrence.ends,
    )


def leave_ahead(centre: Centre, *, at: datetime) -> list[Leave]:
    """Return the leave that is on or to come, the first first (one query)."""
    today = at.astimezone(LONDON).date()
    return list(Leave.objects.filter(centre=centre, last_on__gte=today).select_related("user"))


@dataclass(frozen=True, kw_only=True)
class DatedLine:
    """What was said for one session on one date, instead of the week."""

    session_id: UUID
    on: date
    when: str
    said: str


def exceptions_ahead(centre: Centre, *, at: datetime) -> list[DatedLine]:
    """Return what was said for single dates from today on, the first first (one query)."""
    today = at.astimezone(LONDON).date()
    rows = Duty.objects.filter(session__centre=centre, only_on__gte=today).select_related("user", "session")
    lines: dict[tuple[date, UUID], dict[DutySlot, Duty]] = {}
    for row in rows.order_by("only_on", "session__starts"):
        if row.only_on:
            lines.setdefault((row.only_on, row.session_id), {})[DutySlot(row.slot)] = row
    return [_dated(on, session_id, held) for (on, session_id), held in lines.items()]


def _dated(on: date, session_id: UUID, held: Mapping[DutySlot, Duty]) -> DatedLine:
    names = {slot: row.user.name if row.user else "" for slot, row in held.items()}
    session = next(iter(held.values())).session
    when = f"{on:%A} {date_words(on)}, {time_words(session.starts)} to {end_words(session.ends)}"
    return DatedLine(session_id=session_id, on=on, when=when, said=duty_words(names, without=frozenset(DutySlot) - names.keys()))
