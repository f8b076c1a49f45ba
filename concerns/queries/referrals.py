"""Referrals as pages show them: those of a concern, what the record knows already, and the sheet to copy out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from concerns.access.keyring import Keyring
from concerns.choices import EntryKind, HomeArea, LinkRole
from concerns.exceptions import KeyTrouble
from concerns.models import Concern, Entry, Link, Referral, User
from concerns.queries.entries import Section
from concerns.rules.desks import Desk, resolve
from concerns.rules.referrals import HEADINGS
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


def referrals_of(concern: Concern, *, at: datetime) -> list[ReferralLine]:
    """Return the referrals of a concern, the newest first (one query)."""
    return [_line(referral, at=at) for referral in Referral.objects.filter(concern=concern)]


def _line(referral: Referral, *, at: datetime) -> ReferralLine:
    to = referral.get_to_display() if referral.to else SOMEBODY_ELSE
    return ReferralLine(id=referral.pk, to=to, when=when_words(referral.made_at, at=at), waits=referral.answered_at is None)


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
