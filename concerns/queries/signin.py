"""What a person sees of how they sign in, and what waits for a second person about an account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator

from concerns.access.signin import link_id_of
from concerns.choices import AccountChangeKind
from concerns.models import AccountChange, Centre, SignIn, SignInLink, User
from concerns.rules.words import when_words


@dataclass(frozen=True, kw_only=True)
class SignInLine:
    """One sign-in that lasts, in words."""

    id: UUID
    browser: str
    began: str
    seen: str
    is_this: bool


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """One passkey of a person."""

    id: int
    name: str
    added: str
    used: str


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What a person can prove who they are with. `codes_left` counts the recovery codes that were not used."""

    has_app: bool
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.has_app or bool(self.passkeys)


def sign_ins_of(user: User, *, this: UUID | None, at: datetime) -> list[SignInLine]:
    """Return where the person is signed in, the last used first (one query)."""
    rows = SignIn.objects.filter(user=user, ended_at=None)
    return [
        SignInLine(
            id=row.pk,
            browser=row.browser + (", a shared device" if row.is_shared else ""),
            began=when_words(row.began_at, at=at),
            seen=when_words(row.seen_at, at=at),
            is_this=row.pk == this,
        )
        for row in rows
    ]


def factors_of(user: User, *, at: datetime) -> Factors:
    """Return the second factors of a person (one query)."""
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    passkeys = [row for row in rows if row.type == Authenticator.Type.WEBAUTHN]
    return Factors(
        has_app=any(row.type == Authenticator.Type.TOTP for row in rows),
        passkeys=tuple(_passkey(row, at=at) for row in passkeys),
        codes_left=len(codes.wrap().get_unused_codes()) if codes else 0,
    )


def _passkey(row: Authenticator, *, at: datetime) -> Passkey:
    used = when_words(row.last_used_at, at=at) if row.last_used_at else "not used yet"
    return Passkey(id=row.pk, name=row.wrap().name, added=when_words(row.created_at, at=at), used=used)


def link_in_force(token: str, *, at: datetime) -> SignInLink | None:
    """Return the one-time link of an address, or None where it was used, is over, or is none of ours."""
    link_id = link_id_of(token)
    if link_id is None:
        return None
    links = SignInLink.objects.filter(pk=link_id, used_at=None, expires_at__gt=at, user__is_active=True)
    return links.select_related("user").first()


def waiting_account_changes(centre: Centre) -> list[AccountChange]:
    """Return the changes of accounts that wait for a second person."""
    return list(AccountChange.objects.filter(centre=centre, decided_at=None).select_related("user", "proposed_by"))


def change_words(change: AccountChange) -> str:
    """Return what would be changed, in words."""
    if change.kind == AccountChangeKind.EMAIL:
        return f"{change.user.name} signs in with {change.new_email} from then on, in place of {change.user.email}."
    return (
        f"{change.user.name} has lost their phone, passkey or codes, and starts anew: their password and second step end, "
        "and they are sent a link to choose new ones. Speak to them first: is it really them?"
    )
