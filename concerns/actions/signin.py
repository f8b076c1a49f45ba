"""Signing in and out: each sign-in is a row that can be ended from anywhere; a code from an app counts once."""

import base64
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from concerns.access.signin import open_secret
from concerns.access.standing import centre_of
from concerns.actions.audit import audit, recorded
from concerns.actions.limits import forget_attempts
from concerns.actions.outbox import queue_message
from concerns.choices import MessageKind, SignInEnd
from concerns.exceptions import KeyTrouble
from concerns.models import LastCode, SignIn, User
from concerns.rules.signin import counter_of

log = logging.getLogger(__name__)
TOUCH_EVERY = timedelta(minutes=1)
KEEP_ENDED = timedelta(days=90)
CODES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


@recorded
def begin_sign_in(*, by: User, browser: str, is_shared: bool, proved: bool, at: datetime) -> SignIn:
    """Note that the person signed in; `proved` where this sign-in included a second factor."""
    sign_in = SignIn.objects.create(
        user=by, browser=browser[:60], is_shared=is_shared, began_at=at, seen_at=at, proved_at=at if proved else None
    )
    audit(by=by, verb="signed in", subject=sign_in, at=at, centre=centre_of(by), second_factor=proved, shared=is_shared)
    return sign_in


def touch_sign_in(sign_in: SignIn, *, at: datetime) -> None:
    """Note that the person is still there, at most once a minute: nothing of the record changes, so there is no audit row."""
    if at - sign_in.seen_at >= TOUCH_EVERY:
        SignIn.objects.filter(pk=sign_in.pk, seen_at__lt=at).update(seen_at=at)


@recorded
def prove_sign_in(*, by: User, sign_in_id: UUID, at: datetime) -> None:
    """Note that this sign-in has proved a second factor by now."""
    if SignIn.objects.filter(pk=sign_in_id, user=by, ended_at=None, proved_at=None).update(proved_at=at):
        audit(by=by, verb="proved a second factor", subject=by, at=at, centre=centre_of(by))


@recorded
def end_sign_in(*, by: User, sign_in_id: UUID, why: SignInEnd, at: datetime) -> None:
    """End one sign-in of one's own. Another's, and one that has ended, stay as they are."""
    if _end(SignIn.objects.filter(pk=sign_in_id, user=by), why, at):
        audit(by=by, verb="ended a sign-in", subject=by, at=at, centre=centre_of(by), why=why)


@recorded
def end_other_sign_ins(*, by: User, but: UUID, at: datetime) -> int:
    """End every sign-in of one's own but this one, and return how many there were."""
    count = _end(SignIn.objects.filter(user=by).exclude(pk=but), SignInEnd.ENDED, at)
    audit(by=by, verb="ended their other sign-ins", subject=by, at=at, centre=centre_of(by), count=count)
    return count


def end_all_sign_ins(user: User, *, why: SignInEnd, at: datetime) -> int:
    """End every sign-in of a person whose password, roles or account changed; the action that does so leaves the audit row."""
    return _end(SignIn.objects.filter(user=user), why, at)


def _end(sign_ins: "QuerySet[SignIn]", why: SignInEnd, at: datetime) -> int:
    return sign_ins.filter(ended_at=None).update(ended_at=at, why_ended=why)


@recorded
def note_failed_sign_in(*, by: None, user: User | None, what: str, at: datetime) -> None:
    """Note a wrong password or code; `user` is whose account it was, if anybody's. The same work either way."""
    audit(by=by, verb="failed to sign in", subject=user, at=at, what=what)


def accept_code(user: User, typed: str, *, at: datetime) -> Authenticator | None:
    """Use up a code from the person's app, or a recovery code, and return which it was; None where it is not right or was used.

    A code from an app counts once: the counter is raised in one conditional statement, so that of two at the same moment one
    wins, and an older code never counts again.
    """
    factors = Authenticator.objects.filter(user=user, type__in=CODES).order_by("-type")
    return next((factor for factor in factors if _accepts(factor, typed, at=at)), None)


def _accepts(factor: Authenticator, typed: str, *, at: datetime) -> bool:
    """Whether this factor takes the code; one whose secret was damaged takes none, which is logged without the secret."""
    try:
        if factor.type == Authenticator.Type.TOTP:
            return accept_app_code(factor.user, open_secret(factor.data["secret"]), typed, at=at)
        return bool(factor.wrap().validate_code(typed.strip()))
    except KeyTrouble:
        log.error("the secret of second factor %s is damaged", factor.pk)
        return False


def accept_app_code(user: User, secret: str, typed: str, *, at: datetime) -> bool:
    """Use up a code made from this secret (base 32): True once for each code."""
    counter = counter_of(base64.b32decode(secret, casefold=True), typed, at=at)
    if counter is None:
        return False
    LastCode.objects.get_or_create(user=user)
    return LastCode.objects.filter(user=user, counter__lt=counter).update(counter=counter) == 1


@recorded
def tell_of_factor_change(*, by: User, verb: str, at: datetime) -> None:
    """Leave an audit row of a change of the second factors, and mail their owner, who may not have made it."""
    audit(by=by, verb=verb, subject=by, at=at, centre=centre_of(by))
    tell_owner(by, what=verb, at=at)


def tell_owner(user: User, *, what: str, at: datetime) -> None:
    """Mail a person that something about how they sign in was changed."""
    centre = centre_of(user)
    if centre is not None:
        queue_message(recipient=user, kind=MessageKind.ACCOUNT, key=f"account:{user.pk}:{what}:{at.isoformat()}", at=at, centre=centre)


def purge_sign_ins(*, at: datetime) -> int:
    """Remove tries, sessions and sign-ins that are of no use any more, and return how many rows there were."""
    old: Sequence[int] = (
        forget_attempts(at=at),
        Session.objects.filter(expire_date__lt=at).delete()[0],
        SignIn.objects.filter(seen_at__lt=at - KEEP_ENDED).delete()[0],
    )
    return sum(old)
