"""The pages of django-allauth that we use, at its own names, and ours about signing in; the rest of it has no address here.

Nobody makes their own account, so the name that allauth's pages ask for leads to a page that says so.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login, get_pending_stage
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import path, register_converter, reverse
from django.urls.converters import StringConverter

from concerns.actions.signin import prove_sign_in, tell_of_factor_change
from concerns.choices import SignInEnd
from concerns.forms.signin import TYPED_WITH
from concerns.views import links, signin
from concerns.views.actor import actor, moment
from concerns.views.clock import FIRST_FACTOR, ON_THE_WAY_TO, before_second_factor, current_sign_in, waits_for_factor, where_to_prove
from concerns.views.guard import public, signed_in
from concerns.views.secondfactor import SecondFactorAdapter

SIGN_IN = "signing in must be open to those who are signed out"
RESET = "who has forgotten their password is signed out"
OWN = "own account"
STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
View = Callable[..., HttpResponse]


@before_second_factor
@public("says that an administrator makes accounts")
def no_signup(request: HttpRequest) -> HttpResponse:
    return render(request, "account/signup_closed.html")


@before_second_factor
@public("signing out twice does no harm")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask whether to sign out, then do so."""
    if request.method != "POST":
        return render(request, "account/logout.html")
    return signin.sign_out(request, SignInEnd.SIGNED_OUT, say={})


@public(SIGN_IN)
@before_second_factor
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone; whether others use the device is asked on the same page."""
    if request.method == "POST":
        request.session["shared_device"] = request.POST.get("shared") == "on"
    response: HttpResponse = webauthn.login_webauthn(request)
    return response


@public(SIGN_IN)
@before_second_factor
def second_step(request: HttpRequest) -> HttpResponse:
    """The code after the password. Where the password or the factors were changed since, signing in begins anew."""
    stage = get_pending_stage(request)
    user = stage.login.user if stage else None
    if user is not None and (
        request.session.get(TYPED_WITH) != user.get_session_auth_hash() or not SecondFactorAdapter().is_mfa_enabled(user, STEPS)
    ):
        clear_login(request)
        return redirect("account_login")
    response: HttpResponse = mfa.authenticate(request)
    return response


def proves(view: View) -> View:
    """A view that asks a signed-in person for a second factor: once it is given, the session has proved it."""

    def proving(request: HttpRequest, **named: Any) -> HttpResponse:
        before = _proofs(request)
        response = view(request, **named)
        if _proofs(request) > before:
            _proved(request)
        return response

    return proving


def _proved(request: HttpRequest) -> None:
    """Note that this sign-in has proved a second factor; its session gets a new key, so that one copied before is worth nothing."""
    sign_in = current_sign_in(request)
    if sign_in is not None:
        prove_sign_in(by=actor(request), sign_in_id=sign_in.pk, at=moment(request))
        request.session.cycle_key()


def _proofs(request: HttpRequest) -> int:
    return sum(record["method"] == "mfa" for record in get_authentication_records(request, actor(request)))


def changes_factors(view: View) -> View:
    """A view that adds or removes factors: its owner is told; a new one was just used, so the session has proved it.

    Whoever owns a factor proves that one first: a password alone adds no second one beside it.
    """

    def changing(request: HttpRequest, **named: Any) -> HttpResponse:
        user = actor(request)
        if waits_for_factor(request) and (where := where_to_prove(user)) != FIRST_FACTOR:
            return redirect(where)
        before = set(Authenticator.objects.filter(user=user).values_list("pk", flat=True))
        response = view(request, **named)
        after = set(Authenticator.objects.filter(user=user).values_list("pk", flat=True)) if request.method == "POST" else before
        if after - before:
            _proved(request)
        if after != before:
            verb = "added a second factor" if after - before else "removed a second factor"
            tell_of_factor_change(by=user, verb=verb, at=moment(request))
        return response

    return changing


def having(kind: Authenticator.Type, view: View) -> View:
    """A view about a factor that the person may not have: then their account's page says what they have."""

    def shown(request: HttpRequest, **named: Any) -> HttpResponse:
        owned = Authenticator.objects.filter(user=actor(request), type=kind)
        if not owned.filter(**({"pk": named["pk"]} if "pk" in named else {})).exists():
            return redirect("mfa_index")
        return view(request, **named)

    return shown


def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a passkey, unless it is the last second factor of somebody whose role needs one."""
    factor = Authenticator.objects.filter(user=actor(request), type=Authenticator.Type.WEBAUTHN, pk=pk).first()
    adapter = SecondFactorAdapter()
    if factor is not None and not adapter.can_delete_authenticator(factor):
        messages.warning(request, adapter.error_messages["cannot_delete_authenticator"])
        return redirect("mfa_index")
    response: HttpResponse = webauthn.remove_webauthn(request, pk=pk)
    return response


def see_codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes, once; then on to the page that somebody wanted who had to add their first factor before, as from an alert."""
    response: TemplateResponse = codes.view_recovery_codes(request)
    response.context_data = {**(response.context_data or {}), "go_on_href": request.session.get(ON_THE_WAY_TO) or reverse("home")}
    return response


stop_app = having(Authenticator.Type.TOTP, changes_factors(totp.deactivate_totp))
see_own_codes = having(Authenticator.Type.RECOVERY_CODES, see_codes)
stop_passkey = having(Authenticator.Type.WEBAUTHN, changes_factors(remove_passkey))


class _Plain(StringConverter):
    """Letters and digits alone: a hyphen ends the id of the account in the link of a reset mail."""

    regex = "[0-9A-Za-z]+"


register_converter(_Plain, "plain")


def _open(view: View, why: str) -> View:
    return before_second_factor(public(why)(view))


def _own(view: View) -> View:
    return signed_in(OWN)(view)


def _on_the_way(view: View) -> View:
    return before_second_factor(signed_in(OWN)(view))


urlpatterns = [
    path("", signin.account, name="mfa_index"),  # allauth's pages lead back to this name
    path("login/", _open(views.login, SIGN_IN), name="account_login"),
    path("login/code/", second_step, name="mfa_authenticate"),
    path("login/passkey/", passkey_sign_in, name="mfa_login_webauthn"),
    path("logout/", sign_out, name="account_logout"),
    path("lock/", signin.lock, name="account_lock"),
    path("signed-out/", signin.signed_out, name="account_signed_out"),
    path("left/", signin.session_left, name="account_left"),
    path("link/<str:token>/", links.link, name="account_link"),
    path("signup/", no_signup, name="account_signup"),
    path("inactive/", _open(views.account_inactive, SIGN_IN), name="account_inactive"),
    path("reauthenticate/", _on_the_way(views.reauthenticate), name="account_reauthenticate"),
    path("reauthenticate/code/", _on_the_way(proves(mfa.reauthenticate)), name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", _on_the_way(proves(webauthn.reauthenticate_webauthn)), name="mfa_reauthenticate_webauthn"),
    path("password/change/", _own(views.password_change), name="account_change_password"),
    path("password/set/", _own(views.password_change), name="account_set_password"),
    path("password/reset/", _open(views.password_reset, RESET), name="account_reset_password"),
    path("password/reset/done/", _open(views.password_reset_done, RESET), name="account_reset_password_done"),
    path(
        "password/reset/key/<plain:uidb36>-<slug:key>/", _open(views.password_reset_from_key, RESET), name="account_reset_password_from_key"
    ),
    path("password/reset/key/done/", _open(views.password_reset_from_key_done, RESET), name="account_reset_password_from_key_done"),
    path("second-step/", signin.first_factor, name="account_first_factor"),
    path("second-step/app/picture.svg", signin.qr_code, name="account_qr"),
    path("second-step/app/", _on_the_way(changes_factors(totp.activate_totp)), name="mfa_activate_totp"),
    path("second-step/app/remove/", _own(stop_app), name="mfa_deactivate_totp"),
    path("second-step/codes/", _own(see_own_codes), name="mfa_view_recovery_codes"),
    path("second-step/codes/new/", _own(changes_factors(codes.generate_recovery_codes)), name="mfa_generate_recovery_codes"),
    path("second-step/passkeys/", signin.passkeys, name="mfa_list_webauthn"),
    path("second-step/passkeys/new/", _on_the_way(changes_factors(webauthn.add_webauthn)), name="mfa_add_webauthn"),
    path(
        "second-step/passkeys/<int:pk>/remove/",
        _own(stop_passkey),
        name="mfa_remove_webauthn",
    ),
    path("sign-ins/others/end/", signin.end_others, name="account_end_others"),
    path("sign-ins/<uuid:sign_in_id>/end/", signin.end_one, name="account_end_one"),
]
