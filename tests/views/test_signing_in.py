"""Signing in by the real pages: the second factor, its waiting session, the clock, step-up, locking. (S11, S13, S14, S15, S16)"""

import base64
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from concerns.actions.signin import end_all_sign_ins
from concerns.choices import SignInEnd
from concerns.models import AuditEvent, HeldPost, SignIn, User
from concerns.rules.signin import code_at, counter_at
from concerns.views.held import kept_for
from tests.factories import PASSWORD, Cast, let_in, next_code, signed_in, with_app
from tests.makers import MARKER, answered, make_concern
from tests.views.pages import ADDENDUM, plain, sign_in, title_of, tokens_of

NEW = "seven brown otters"
POWERFUL = ("lead", "deputy", "case_manager", "admin", "trustee", "auditor")


def password_only(client: Client, user: User) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def is_in(client: Client) -> bool:
    """Whether this browser sees pages of somebody who has signed in."""
    return client.get(reverse("contacts")).status_code == 200


def moved_back(user: User, **columns: timedelta) -> None:
    """Let time have passed for the person's sign-ins."""
    for sign_in_row in SignIn.objects.filter(user=user):
        for name, by in columns.items():
            setattr(sign_in_row, name, getattr(sign_in_row, name) - by)
        sign_in_row.save()


@pytest.mark.parametrize("who", POWERFUL)
def test_password_alone_does_not_let_in(cast: Cast, who: str) -> None:
    user, client = with_app(getattr(cast, who)), Client()

    asked = password_only(client, user)

    assert asked.headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": next_code(user)}).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize("who", POWERFUL)
def test_without_a_second_factor_one_sees_only_the_pages_to_add_one(cast: Cast, who: str) -> None:
    user, client = getattr(cast, who), Client()
    concern = make_concern(cast)
    password_only(client, user)

    pages = [client.get(address) for address in ("/", "/contacts/", "/concerns/", f"/concerns/{concern.pk}/", "/people/", "/accounts/")]

    assert {page.headers.get("Location") for page in pages} == {reverse("account_first_factor")}
    nowhere = client.get("/no/such/page/").content.decode()
    assert "Concerns</a>" not in nowhere
    assert client.get(reverse("account_first_factor")).status_code == 200


def test_what_is_open_to_strangers_is_open_before_the_second_factor(cast: Cast) -> None:
    """Help must not be further away for having signed in half; and nothing of the person's work stands there. (S11)"""
    concern, client = make_concern(cast), Client()
    password_only(client, cast.lead)

    names = ("emergency", "talk", "guide_online_grooming", "service_worker", "health", "health_live")
    pages = {name: client.get(reverse(name)) for name in names}

    assert {name: page.headers.get("Location") for name, page in pages.items()} == dict.fromkeys(names)
    assert title_of(pages["talk"]).startswith("Who to talk to")
    assert not any(concern.reference in page.content.decode() or "Concerns</a>" in page.content.decode() for page in pages.values())


def test_owning_a_factor_is_not_having_proved_it(cast: Cast) -> None:
    client = Client()
    let_in(client, cast.lead, proved=False)
    with_app(cast.lead)

    asked = client.get(reverse("queue"))
    back = client.post(reverse("mfa_reauthenticate"), {"code": next_code(cast.lead), "next": reverse("queue")})

    assert unquote(asked.headers["Location"]) == f"{reverse('mfa_reauthenticate')}?next={reverse('queue')}"
    assert back.headers["Location"] == reverse("queue")
    assert client.get(reverse("queue")).status_code == 200


def test_lead_without_a_second_factor_comes_from_the_alert_to_the_button_that_answers_it(cast: Cast) -> None:
    """Ten minutes run while a new lead on a new phone adds an app: the way on leads to the concern, not to the first page. (S11, S33)"""
    concern, client = make_concern(cast), Client()
    address = reverse("concern", args=[concern.pk])
    client.post(reverse("account_login"), {"login": cast.lead.email, "password": PASSWORD, "next": address}, follow=True)
    client.get(reverse("concern_still", args=[make_concern(cast).pk]))
    client.get(reverse("mfa_activate_totp"))

    codes = client.post(reverse("mfa_activate_totp"), {"code": code_of(client.session["mfa.totp.secret"])}, follow=True)

    assert re.search(rf'href="{address}"[^>]*>\s*I have written them down', codes.content.decode())
    assert reverse("concern_acknowledge", args=[concern.pk]) in client.get(address).content.decode()


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn"])
def test_session_that_waits_adds_no_factor_beside_one_that_is_there(cast: Cast, name: str) -> None:
    """Whoever signed in with a stolen password before its owner chose a second step must not choose one of their own later. (S11)"""
    thief = Client()
    password_only(thief, cast.lead)
    kind = Authenticator.Type.WEBAUTHN if name == "mfa_activate_totp" else Authenticator.Type.TOTP
    Authenticator.objects.create(user=cast.lead, type=kind, data={"secret": "", "name": "My phone", "credential": {}})
    to_prove = {"mfa_activate_totp": "mfa_reauthenticate_webauthn", "mfa_add_webauthn": "mfa_reauthenticate"}[name]

    asked, sent = thief.get(reverse(name)), thief.post(reverse(name), {"code": "000000", "credential": "{}"})

    assert [page.headers.get("Location") for page in (asked, sent)] == [reverse(to_prove)] * 2
    assert Authenticator.objects.count() == 1


def test_new_app_counts_as_proof_and_its_first_code_is_used_up(cast: Cast) -> None:
    client = Client()
    password_only(client, cast.lead)
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    Authenticator.objects.filter(user=cast.lead).delete()
    code = code_of(secret)

    added = client.post(reverse("mfa_activate_totp"), {"code": code})

    assert added.headers["Location"] == reverse("mfa_view_recovery_codes")
    assert client.get(reverse("queue")).status_code == 200
    again = Client()
    password_only(again, cast.lead)
    again.post(reverse("mfa_authenticate"), {"code": code})
    assert not is_in(again)


def code_of(secret: str) -> str:
    return code_at(base64.b32decode(secret), counter_at(timezone.now()))


def test_staff_sign_in_with_a_password_until_the_centre_asks_for_more(cast: Cast) -> None:
    client = Client()
    password_only(client, cast.reporter)
    assert is_in(client)

    signed_in(cast.admin).post(reverse("centre_settings"), {"reporters_need_second_factor": "yes"})

    assert client.get(reverse("contacts")).headers["Location"] == reverse("account_first_factor")


def test_form_sent_while_the_second_factor_is_missing_is_kept(cast: Cast) -> None:
    concern = make_concern(cast)
    client = signed_in(cast.reporter, proved=False)
    cast.centre.reporters_need_second_factor = True
    cast.centre.save()
    address = reverse("mine_add", args=[concern.pk])
    note = tokens_of(Client().get("/")) or {}

    client.post(address, {**ADDENDUM, **note, "kept_for": kept_for(cast.reporter)})

    assert HeldPost.objects.get().owner == cast.reporter
    assert not concern.entries.filter(kind="addendum").exists()


def test_nine_wrong_codes_are_too_many(cast: Cast) -> None:
    client = Client()
    password_only(client, with_app(cast.lead))
    for _ in range(8):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})

    refused = client.post(reverse("mfa_authenticate"), {"code": next_code(cast.lead)})

    assert "Too many codes that were not right" in plain(refused)
    assert AuditEvent.objects.filter(verb="failed to sign in", subject_id=cast.lead.pk).count() == 8


@pytest.mark.parametrize("what", ["password", "code"])
def test_session_key_is_new_after_each_step(cast: Cast, what: str) -> None:
    """A session that somebody fixed before is worth nothing. (S14)"""
    user, client = (cast.reporter, Client()) if what == "password" else (with_app(cast.lead), Client())
    client.get(reverse("account_login"))
    client.session.save()
    if what == "code":
        password_only(client, user)
    before = client.cookies.get("sessionid").value if client.cookies.get("sessionid") else ""

    password_only(client, user) if what == "password" else client.post(reverse("mfa_authenticate"), {"code": next_code(user)})

    assert is_in(client)
    assert client.cookies["sessionid"].value != before
    planted = Client()
    planted.cookies["sessionid"] = before
    assert not is_in(planted)


@pytest.mark.parametrize("what", ["first factor", "factor asked for"])
def test_session_key_copied_before_the_second_factor_is_worth_nothing_after_it(cast: Cast, what: str) -> None:
    """(S14)"""
    client, copied = Client(), Client()
    let_in(client, cast.lead, proved=False)
    before = copied.cookies["sessionid"] = client.session.session_key or ""

    if what == "first factor":
        client.get(reverse("mfa_activate_totp"))
        client.post(reverse("mfa_activate_totp"), {"code": code_of(client.session["mfa.totp.secret"])})
    else:
        client.post(reverse("mfa_reauthenticate"), {"code": next_code(with_app(cast.lead))})

    assert is_in(client)
    assert client.session.session_key != before
    assert not is_in(copied)


@pytest.mark.parametrize(("shared", "minutes"), [(False, 30), (True, 10)])
def test_idle_person_is_signed_out(cast: Cast, shared: bool, minutes: int) -> None:
    client = signed_in(cast.reporter, shared=shared)
    moved_back(cast.reporter, seen_at=timedelta(minutes=minutes - 1))
    assert is_in(client)

    moved_back(cast.reporter, seen_at=timedelta(minutes=minutes))

    assert not is_in(client)
    assert SignIn.objects.get().why_ended == SignInEnd.IDLE


def test_busy_person_is_signed_out_after_twelve_hours(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    moved_back(cast.reporter, began_at=timedelta(hours=12))

    assert not is_in(client)
    assert SignIn.objects.get().why_ended == SignInEnd.TOO_LONG


def test_page_that_asks_by_itself_keeps_nobody_signed_in(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    moved_back(cast.reporter, seen_at=timedelta(minutes=29))

    left = client.get(reverse("account_left")).json()["left"]
    assert 0 < left <= 60
    assert client.post(reverse("account_left")).json()["left"] > 1700

    moved_back(cast.reporter, seen_at=timedelta(minutes=31))
    assert client.get(reverse("account_left")).json() == {"left": 0}


@pytest.mark.parametrize("why", [SignInEnd.PASSWORD, SignInEnd.ROLE, SignInEnd.DISABLED, SignInEnd.ENDED])
def test_ended_sign_in_is_over_at_the_next_request_with_what_was_typed_kept(cast: Cast, why: SignInEnd) -> None:
    concern = make_concern(cast)
    client, address = signed_in(cast.reporter), reverse("mine_add", args=[concern.pk])
    end_all_sign_ins(cast.reporter, why=why, at=timezone.now())

    refused = client.post(address, {**ADDENDUM, "kept_for": kept_for(cast.reporter)})

    assert refused.headers["Location"].startswith(reverse("account_login"))
    assert MARKER in sign_in(Client(), cast.reporter, to=address).content.decode()


def test_new_password_ends_every_other_sign_in(cast: Cast) -> None:
    client, elsewhere = signed_in(cast.reporter), signed_in(cast.reporter)

    client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "seven brown otters", "password2": "seven brown otters"}
    )

    assert not is_in(elsewhere)
    assert not is_in(client)


@pytest.mark.parametrize("name", ["person_new", "contact_new", "centre_settings"])
def test_what_matters_asks_again_who_it_is(cast: Cast, name: str) -> None:
    stale = signed_in(cast.admin, fresh=False)

    asked = stale.get(reverse(name))

    assert unquote(asked.headers["Location"]) == f"{reverse('account_reauthenticate')}?next={reverse(name)}"
    stale.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse(name)})
    assert stale.get(reverse(name)).status_code == 200


def test_form_sent_too_long_after_signing_in_is_given_back(cast: Cast) -> None:
    stale = signed_in(cast.admin, fresh=False)
    typed = {"name": "Nia Holt", "email": "nia@example.org"}

    asked = stale.post(reverse("person_new"), typed)
    back = stale.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("person_new")}, follow=True)

    assert asked.status_code == 302
    assert not User.objects.filter(email="nia@example.org").exists()
    assert all(text in back.content.decode() for text in typed.values())


@pytest.mark.parametrize(
    "name", ["person_disable", "person_role", "role_end", "role_decide", "person_invite", "person_lost_device", "person_email"]
)
def test_every_change_of_an_account_is_behind_the_question(cast: Cast, name: str) -> None:
    view = next(pattern.callback for pattern in get_resolver().url_patterns[0].url_patterns if getattr(pattern, "name", "") == name)

    assert view.step_up


def test_lock_ends_the_sign_in_and_keeps_what_was_typed(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client, address = signed_in(cast.lead), reverse("concern_entry", args=[concern.pk])

    locked = client.post(reverse("account_lock"), {"lock_path": address, "kind": "note", "text": MARKER})

    assert locked.headers["Clear-Site-Data"] == '"cache", "cookies"'
    assert MARKER not in locked.headers["Location"]
    assert not is_in(client)
    assert SignIn.objects.get().why_ended == SignInEnd.LOCKED
    assert MARKER in sign_in(Client(), cast.lead, to=address).content.decode()


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/accounts/password/change/", "/no/such/", "", "\\\\evil"])
def test_lock_keeps_nothing_for_other_addresses(cast: Cast, path: str) -> None:
    locked = signed_in(cast.lead).post(reverse("account_lock"), {"lock_path": path, "text": MARKER})
    page = Client().get(locked.headers["Location"] + f"&next={path}")

    assert not HeldPost.objects.exists()
    assert f'href="{reverse("account_login")}"' in page.content.decode()


def test_page_locked_after_its_cookies_were_cleared_keeps_what_was_typed(cast: Cast) -> None:
    """The second of two open tabs: the first one's lock has cleared every cookie."""
    address = reverse("mine_add", args=[make_concern(cast).pk])
    strict = Client(enforce_csrf_checks=True)

    refused = strict.post(reverse("account_lock"), {"lock_path": address, "text": MARKER, "kept_for": kept_for(cast.reporter)})

    assert (refused.status_code, HeldPost.objects.get().path) == (403, address)
    assert MARKER in sign_in(Client(), cast.reporter, to=address).content.decode()


def test_reset_password_ends_every_sign_in_and_does_not_pass_the_second_factor(cast: Cast) -> None:
    """(S14)"""
    client, thief = signed_in(with_app(cast.lead)), Client()
    thief.post(reverse("account_reset_password"), {"email": cast.lead.email})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)
    assert link
    page = thief.get(link[0], follow=True)

    thief.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    thief.post(reverse("account_login"), {"login": cast.lead.email, "password": NEW})

    assert (is_in(client), is_in(thief)) == (False, False)
    assert SignIn.objects.get().why_ended == SignInEnd.PASSWORD


def test_half_sign_in_with_a_password_that_was_changed_since_is_over(cast: Cast) -> None:
    """Whoever has an old password and waits for a code must not come in after its owner has chosen a new one. (S14)"""
    thief, user = Client(), with_app(cast.lead)
    password_only(thief, user)
    user.set_password(NEW)
    user.save()

    asked = thief.post(reverse("mfa_authenticate"), {"code": next_code(user)})

    assert asked.headers["Location"] == reverse("account_login")
    assert not is_in(thief)


def test_lead_who_waits_for_a_code_while_two_people_let_them_start_anew_can_sign_in(cast: Cast) -> None:
    """The page for the code and the one for the password must not send them to and fro. (S11)"""
    client, user = Client(), with_app(cast.lead)
    password_only(client, user)
    Authenticator.objects.filter(user=user).delete()

    again = client.get(reverse("mfa_authenticate"), follow=True)

    assert [address for address, _ in again.redirect_chain] == [reverse("account_login")]
    assert password_only(client, user).headers["Location"] == reverse("home")


def test_damaged_secret_of_a_factor_lets_nobody_in_and_is_logged(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    with_app(cast.lead)
    Authenticator.objects.filter(user=cast.lead).update(data={"secret": "AAAA"})
    client = Client()
    password_only(client, cast.lead)

    page = client.post(reverse("mfa_authenticate"), {"code": next_code(cast.lead)})

    assert "This code is not right" in plain(page)
    assert "is damaged" in caplog.text


def test_stranger_cannot_keep_words_for_somebody(cast: Cast) -> None:
    address = reverse("mine_add", args=[make_concern(cast).pk])

    Client().post(reverse("account_lock"), {"lock_path": address, "text": MARKER, "kept_for": "forged"})

    assert not HeldPost.objects.exists()


def test_account_page_lists_and_ends_sign_ins(cast: Cast) -> None:
    client, phone = signed_in(cast.lead), signed_in(cast.lead)
    theirs = signed_in(cast.deputy)
    this = client.session["sign_in"]

    page = client.get(reverse("mfa_index")).content.decode()
    for row in SignIn.objects.exclude(pk=this):
        client.post(reverse("account_end_one", args=[row.pk]))

    assert page.count("A browser of a test") == 2 + page.count('hidden"> A browser of a test')
    assert (is_in(client), is_in(phone), is_in(theirs)) == (True, False, True)


def test_last_factor_of_a_lead_stays(cast: Cast) -> None:
    client = signed_in(with_app(cast.lead))

    page = client.post(reverse("mfa_deactivate_totp"))

    assert "this is the only one you have" in plain(page)
    assert Authenticator.objects.filter(user=cast.lead).exists()


def test_link_page_answers_alike_for_what_is_over_and_what_never_was(cast: Cast) -> None:
    page = Client().get(reverse("account_link", args=["0" * 32 + ".forged"]))

    assert (page.status_code, title_of(page).split(" – ")[0]) == (410, "That link does not work")
