"""Sign-ins as rows, codes that count once, secrets that stand nowhere in the open. (S11, S14, S21, S26)"""

import base64
from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.models import Session
from django.utils import timezone

from concerns.access.signin import SECRETS_KEY_ID, link_id_of, link_token, must_prove, open_secret, seal_secret
from concerns.actions.keys import rewrap_data_keys
from concerns.actions.limits import bucket_of, take
from concerns.actions.signin import (
    accept_code,
    begin_sign_in,
    end_all_sign_ins,
    end_other_sign_ins,
    end_sign_in,
    note_failed_sign_in,
    prove_sign_in,
    purge_sign_ins,
    touch_sign_in,
)
from concerns.choices import Role, SignInEnd
from concerns.exceptions import KeyTrouble
from concerns.models import Attempt, AuditEvent, DataKey, SignIn, User
from concerns.rules.signin import Limit, code_at, counter_at
from tests.factories import APP_SECRET, AT, Cast, grant, make_user, next_code, with_app

MINUTE = timedelta(minutes=1)
FIVE = Limit(5, timedelta(minutes=5))


def begin(user: User, **options: object) -> SignIn:
    return begin_sign_in(**{"by": user, "browser": "Chrome on Android", "is_shared": False, "proved": True, "at": AT, **options})


def verbs(user: User) -> list[str]:
    return list(AuditEvent.objects.filter(by=user).order_by("number").values_list("verb", flat=True))


def test_sign_in_is_noted_with_its_end(cast: Cast) -> None:
    sign_in = begin(cast.lead)

    end_sign_in(by=cast.lead, sign_in_id=sign_in.pk, why=SignInEnd.ENDED, at=AT + MINUTE)

    sign_in.refresh_from_db()
    assert (sign_in.ended_at, sign_in.why_ended) == (AT + MINUTE, SignInEnd.ENDED)
    assert verbs(cast.lead) == ["signed in", "ended a sign-in"]


def test_nobody_ends_another_persons_sign_in(cast: Cast) -> None:
    theirs = begin(cast.lead)

    end_sign_in(by=cast.deputy, sign_in_id=theirs.pk, why=SignInEnd.ENDED, at=AT)
    end_other_sign_ins(by=cast.deputy, but=begin(cast.deputy).pk, at=AT)

    theirs.refresh_from_db()
    assert theirs.ended_at is None


def test_ending_all_others_leaves_this_one(cast: Cast) -> None:
    this, others = begin(cast.lead), [begin(cast.lead), begin(cast.lead)]

    assert end_other_sign_ins(by=cast.lead, but=this.pk, at=AT) == 2

    assert list(SignIn.objects.filter(ended_at=None)) == [this]
    assert {row.why_ended for row in SignIn.objects.filter(pk__in=[row.pk for row in others])} == {SignInEnd.ENDED}


def test_an_end_is_never_moved(cast: Cast) -> None:
    sign_in = begin(cast.lead)
    end_all_sign_ins(cast.lead, why=SignInEnd.PASSWORD, at=AT)

    end_all_sign_ins(cast.lead, why=SignInEnd.ROLE, at=AT + MINUTE)

    sign_in.refresh_from_db()
    assert (sign_in.ended_at, sign_in.why_ended) == (AT, SignInEnd.PASSWORD)


def test_being_there_is_written_once_a_minute(cast: Cast) -> None:
    sign_in = begin(cast.lead)

    for seconds in (59, 60, 3):
        touch_sign_in(sign_in, at=AT + timedelta(seconds=seconds))

    sign_in.refresh_from_db()
    assert sign_in.seen_at == AT + MINUTE


def test_second_factor_proved_later_counts_for_this_sign_in_only(cast: Cast) -> None:
    this, other = begin(cast.lead, proved=False), begin(cast.lead, proved=False)

    prove_sign_in(by=cast.lead, sign_in_id=this.pk, at=AT + MINUTE)
    prove_sign_in(by=cast.deputy, sign_in_id=other.pk, at=AT + MINUTE)

    assert list(SignIn.objects.order_by("seen_at").values_list("proved_at", flat=True).filter(pk=this.pk)) == [AT + MINUTE]
    other.refresh_from_db()
    assert other.proved_at is None


def test_code_counts_once(cast: Cast) -> None:
    with_app(cast.lead)
    now = timezone.now()
    code = code_at_now(now)

    assert accept_code(cast.lead, code, at=now) is not None
    assert accept_code(cast.lead, code, at=now) is None


def code_at_now(at: datetime, away: int = 0) -> str:
    return code_at(base64.b32decode(APP_SECRET), counter_at(at) + away)


def test_code_that_was_used_does_not_count_32_seconds_later(cast: Cast) -> None:
    """A cache that remembers for 30 seconds, with a window of 90, takes it again."""
    with_app(cast.lead)
    code = code_at_now(AT)
    assert accept_code(cast.lead, code, at=AT) is not None

    assert accept_code(cast.lead, code, at=AT + timedelta(seconds=32)) is None
    assert accept_code(cast.lead, code_at_now(AT, -1), at=AT) is None
    assert accept_code(cast.lead, code_at_now(AT, 1), at=AT + timedelta(seconds=32)) is not None


def test_code_of_another_person_does_not_count(cast: Cast) -> None:
    Authenticator.objects.create(user=cast.lead, type="totp", data={"secret": seal_secret("KRUGKIDROVUWG2ZAKRUGKIDROVUWG2ZA")})

    assert accept_code(cast.lead, code_at_now(AT), at=AT) is None


def test_recovery_code_counts_once(cast: Cast) -> None:
    codes = RecoveryCodes.activate(with_app(cast.lead)).get_unused_codes()

    first = accept_code(cast.lead, codes[3], at=AT)

    assert first is not None and first.type == Authenticator.Type.RECOVERY_CODES
    assert accept_code(cast.lead, codes[3], at=AT) is None
    assert accept_code(cast.lead, codes[4], at=AT) is not None


def test_secret_stands_sealed_and_opens_after_a_rotation(cast: Cast) -> None:
    with_app(cast.lead)
    stored = Authenticator.objects.get(user=cast.lead).data["secret"]

    rewrap_data_keys(by=None, at=AT)

    assert APP_SECRET not in stored
    assert open_secret(stored) == APP_SECRET
    assert DataKey.objects.filter(pk=SECRETS_KEY_ID).count() == 1


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-8] + "AAAAAAA=", lambda text: "", lambda text: "not base64!", lambda text: text[:20]]
)
def test_changed_secret_does_not_open(cast: Cast, damage: object) -> None:
    sealed = seal_secret(APP_SECRET)

    with pytest.raises(KeyTrouble):
        open_secret(damage(sealed))  # type: ignore[operator]


def test_link_is_signed(cast: Cast) -> None:
    sign_in = begin(cast.lead)
    token = link_token(sign_in.pk)

    assert link_id_of(token) == sign_in.pk
    assert [link_id_of(forged) for forged in (token[:-1] + "x", sign_in.pk.hex, f"{sign_in.pk.hex}.", "", "x.y", "\x00")] == [None] * 6


def test_who_must_prove(cast: Cast) -> None:
    both = grant(make_user("Both Hats"), cast.centre, Role.REPORTER, Role.TRUSTEE)

    must = {user.name for user in (*vars(cast).values(), both) if isinstance(user, User) and must_prove(user)}

    assert must == {"Priya Shah", "Tom Ellis", "Grace Mensah", "Wei Chen", "Rosa Klein", "Omar Aziz", "Lena Novak", "Both Hats"}


def test_staff_must_where_their_centre_says_so(cast: Cast) -> None:
    cast.centre.reporters_need_second_factor = True
    cast.centre.save()

    assert must_prove(cast.reporter)
    assert not must_prove(cast.nobody)


def test_tries_are_counted_within_their_time_only(cast: Cast) -> None:
    bucket = bucket_of("account", "x@example.org")
    old = [take(bucket, FIVE, at=AT - timedelta(minutes=6)) for _ in range(5)]

    taken = [take(bucket, FIVE, at=AT) is not None for _ in range(7)]

    assert all(old)
    assert taken == [True] * 5 + [False] * 2


def test_no_address_stands_in_the_table_of_tries(cast: Cast) -> None:
    take(bucket_of("account", "lead@example.org"), FIVE, at=AT)

    assert "lead" not in str(list(Attempt.objects.values()))


def test_what_is_of_no_use_any_more_is_removed(cast: Cast) -> None:
    take(bucket_of("account", "x"), FIVE, at=AT - timedelta(hours=2))
    take(bucket_of("account", "y"), FIVE, at=AT)
    Session.objects.create(session_key="old", session_data="x", expire_date=AT - MINUTE)
    begin(cast.lead, at=AT - timedelta(days=91))
    kept = begin(cast.lead)

    assert purge_sign_ins(at=AT) == 3

    assert list(SignIn.objects.all()) == [kept]
    assert Attempt.objects.count() == 1


def test_failed_sign_in_is_noted_without_what_was_typed(cast: Cast) -> None:
    note_failed_sign_in(by=None, user=cast.lead, what="code", at=AT)
    note_failed_sign_in(by=None, user=None, what="password", at=AT)

    rows = AuditEvent.objects.filter(verb="failed to sign in").order_by("number")
    assert [(row.subject_id, row.detail, row.by) for row in rows] == [
        (cast.lead.pk, {"what": "code"}, None),
        (None, {"what": "password"}, None),
    ]


def test_next_code_of_the_tests_is_one_that_counts(cast: Cast) -> None:
    user = with_app(cast.lead)

    assert all(accept_code(user, next_code(user), at=timezone.now()) for _ in range(2))
