"""Referrals as pages show them: those of a concern, what the record knows already, and the sheet to copy out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from concerns.access.keyring import Keyring
from concerns.choices import EntryKind, HomeArea, LinkRole, StepKind, StepState
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, Entry, Link, Referral, Step, User
from concerns.queries.entries import Section
from concerns.rules.desks import Desk, resolve
from concerns.rules.referrals import BY_PHONE, HEADINGS, HOW, RUN_BY_REFERRALS
from concerns.rules.words import when_words

SOMEBODY_ELSE = "Somebody else"


@dataclass(frozen=True, kw_only=True)
class ReferralLine:
    """One referral of a concern: to whom, when, and whether its answer is waited for."""

    id: UUID
    to: str
    when: str
    waits: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A referral section by section. `trouble` says why it cannot be read."""

    line: ReferralLine
    sections: tuple[Section, ...]
    trouble: str = ""


def run_by_a_referral(concern: Concern) -> frozenset[str]:
    """Return the kinds of waiting steps that a referral runs, while what was said is still to be written down; otherwise none.

    A plan that starts again does not ask for these a second time. After that it does: there may be something new to ring about.
    """
    waiting = Step.objects.filter(concern=concern, state=StepState.WAITING, plan="", kind__in=RUN_BY_REFERRALS)
    kinds = frozenset(waiting.values_list("kind", flat=True))
    return kinds if StepKind.WRITE_FOLLOW_UP in kinds else frozenset()


def unanswered(concern: Concern) -> QuerySet[Referral]:
    """Return the referrals of a concern whose answer is waited for, the newest first; a call and what writes it down are one."""
    return Referral.objects.filter(concern=concern, answered_at=None, follows=None)


def calls_to_write_down(concern: Concern) -> list[Referral]:
    """Return the calls that are not answered and not written down, the newest first. Raises KeyTrouble where they cannot be read."""
    keyring, waits = Keyring.of(concern), unanswered(concern).filter(written_down=None).select_related("entry__concern")
    return [referral for referral in waits if keyring.open(referral.entry, "body").get("how") == HOW[BY_PHONE]]


def referrals_of(concern: Concern, *, at: datetime) -> list[ReferralLine]:
    """Return the referrals of a concern, the newest first (one query)."""
    return [_line(referral, at=at) for referral in Referral.objects.filter(concern=concern)]


def _line(referral: Referral, *, at: datetime) -> ReferralLine:
    to = referral.get_to_display() if referral.to else SOMEBODY_ELSE
    return ReferralLine(
        id=referral.pk, to=to, when=when_words(referral.made_at, at=at), waits=referral.answered_at is None and referral.follows_id is None
    )


def referral_of(concern: Concern, referral_id: UUID) -> Referral | None:
    """Return one referral of a concern, with what was said; None where it has no such one (one query)."""
    return Referral.objects.filter(concern=concern, pk=referral_id).select_related("entry__concern").first()


def sheet_of(referral: Referral, *, at: datetime) -> Sheet:
    """Return a referral to copy out, in the order in which the duty desk asks."""
    line = _line(referral, at=at)
    try:
        body = Keyring.of(referral.entry).open(referral.entry, "body")
    except KeyTrouble as trouble:
        return Sheet(line=line, sections=(), trouble=str(trouble))
    return Sheet(line=line, sections=tuple(Section(heading=HEADINGS[name], text=body[name]) for name in HEADINGS if body.get(name)))


def known_for_referral(concern: Concern, user: User) -> dict[str, str]:
    """Return what the record knows already of what the duty desk asks, as a form begins with it. Who asks may read the concern."""
    desk = resolve(Desk.DUTY_DESK, HomeArea(concern.home_area))[0]
    known = {"to": desk.value, "how": "phone", "referred_by": user.name, "child": _children(concern)}
    entry = Entry.objects.filter(concern=concern, kind=EntryKind.ACCOUNT).select_related("concern").first()
    try:
        account = Keyring.of(entry).open(entry, "body") if entry else {}
    except KeyTrouble:
        account = {}
    happened = [account.get(name, "") for name in ("seen", "said")]
    return known | {"events": "\n\n".join(text for text in happened if text), "parents_know": account.get("parents", "")}


def _children(concern: Concern) -> str:
    links = Link.objects.filter(concern=concern, role=LinkRole.HARMED, ended_at=None, person__isnull=False).select_related("person")
    return "\n".join(text for text in (_child(link) for link in links.order_by("made_at")) if text)


def _child(link: Link) -> str:
    person = link.person
    if person is None:
        return ""
    try:
        details = Keyring.of(person).open(person, "details")
    except KeyTrouble:
        return ""
    age = f"age {details['age']}" if details.get("age") else ""
    born = f"born {details['born_on']}" if details.get("born_on") else ""
    return ", ".join(str(part) for part in (details.get("name"), age, born) if part)
