"""Signing in: password, code, passkey. Unlike other forms these use something up when they check it: a try, or a code.

They extend the forms of django-allauth, whose views they are shown by.
"""

from datetime import datetime
from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from concerns.actions.limits import bucket_of, give_back, take
from concerns.actions.signin import accept_app_code, accept_code, note_failed_sign_in
from concerns.forms.base import PlainForm
from concerns.models import Attempt, User
from concerns.rules.signin import IDLE_SHARED, PER_CODE
from concerns.rules.words import span_words

TOO_MANY_CODES = f"Too many codes that were not right. Wait {span_words(PER_CODE.within)}, then try again."
NOT_RIGHT = "This code is not right, or was used already. Wait for the next one in your app, or use one of your recovery codes."
TYPED_WITH = "typed_with"  # in the session of a half sign-in: a keyed hash that tells whether the password was changed since
_CODE_BOX = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "off", "spellcheck": "false"}


class _Plain:
    """What our templates ask of every form."""

    use_required_attribute = False
    mark_optional = False
    required_sometimes: frozenset[str] = frozenset()


class SignInForm(_Plain, LoginForm):  # type: ignore[misc]
    """Address and password, and whether others use this device: it then locks sooner."""

    shared = forms.BooleanField(
        label="Other people use this device too", required=False, help_text=f"It then locks after {span_words(IDLE_SHARED)}."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        self.order_fields(["login", "password", "shared"])
        self.fields["login"].label = "Email"
        self.fields["password"].help_text = ""

    def login(self, request: Any, redirect_url: str | None = None) -> Any:
        request.session["shared_device"] = self.cleaned_data["shared"]
        response = super().login(request, redirect_url=redirect_url)
        request.session[TYPED_WITH] = self.user.get_session_auth_hash()
        return response


class PasswordAgainForm(_Plain, ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that cannot be undone."""


def _code_field(label: str, *, missing: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs=_CODE_BOX), error_messages={"required": missing})


def _take_try(user: User, *, at: datetime) -> Attempt:
    """Count one try at a code. Raises ValidationError where there were too many."""
    attempt = take(bucket_of("code", str(user.pk)), PER_CODE, at=at)
    if attempt is None:
        raise forms.ValidationError(TOO_MANY_CODES)
    return attempt


class CodeForm(_Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    """A code from the app, or a recovery code. Each counts once, also where two browsers send it at the same moment."""

    reauthenticated = False
    code = _code_field("Code", missing="Enter the code from your app")

    def clean_code(self) -> str:
        at, typed = timezone.now(), str(self.cleaned_data["code"])
        attempt = _take_try(self.user, at=at)
        self.authenticator = accept_code(self.user, typed, at=at)
        if self.authenticator is None:
            note_failed_sign_in(by=None, user=self.user, what="code", at=at)
            raise forms.ValidationError(NOT_RIGHT)
        give_back([attempt])
        return typed


class CodeAgainForm(CodeForm):
    """A code once more, before something that cannot be undone."""

    def save(self) -> None:
        post_authentication(context.request, self.authenticator, reauthenticated=True)


class FirstCodeForm(_Plain, ActivateTOTPForm):  # type: ignore[misc]
    """The first code from a new app: it shows that the app has the secret, and it counts once like every other."""

    code = _code_field("Code that your app shows", missing="Enter the six digits that your app shows")

    def clean_code(self) -> str:
        at, typed = timezone.now(), str(self.cleaned_data["code"])
        _take_try(self.user, at=at)
        if not accept_app_code(self.user, self.secret, typed, at=at):
            raise forms.ValidationError("This code is not right. Is the clock of your phone right? Wait for the next code, then try again.")
        return typed


class PasskeyForm(_Plain, AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey with a name of its own; it always can sign in without a password."""

    name = forms.CharField(label="What do you call this device?", max_length=60, required=False, help_text="For example, my phone")
    passwordless = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)
    mark_optional = True

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class NewPasswordForm(PlainForm):
    """A first or new password, typed twice."""

    password = forms.CharField(
        label="New password",
        help_text="At least 12 characters. Three or four words in a row are easy to remember and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=200,
    )
    again = forms.CharField(
        label="The same once more", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False, max_length=200
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("password"), cleaned.get("again")
        if first and second and first != second:
            self.add_error("again", "The two passwords are not the same. Type the same one twice")
        return cleaned


class EmailForm(PlainForm):
    """A colleague's new address."""

    new_email = forms.EmailField(label="New work e-mail address")


class CentreForm(PlainForm):
    """What an administrator decides about signing in."""

    reporters_need_second_factor = forms.ChoiceField(
        label="Do staff and volunteers also need a second step to sign in?",
        choices=[("yes", "Yes"), ("no", "No, their password is enough")],
        widget=forms.RadioSelect,
        help_text="Everybody with another role always needs one.",
    )
