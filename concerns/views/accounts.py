"""Sign-in: what we ask of django-allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from concerns.actions.accounts import end_links
from concerns.actions.limits import account_bucket, bucket_of, give_back, take
from concerns.actions.signin import begin_sign_in, end_all_sign_ins, note_failed_sign_in, tell_owner
from concerns.choices import SignInEnd
from concerns.models import User
from concerns.rules.signin import PER_ACCOUNT, PER_ADDRESS, PER_KNOWN_BROWSER, browser_words
from concerns.rules.words import span_words
from concerns.views.actor import moment
from concerns.views.clock import remember_sign_in
from concerns.views.known import known_bucket, remember

TOO_MANY = (
    f"Too many wrong passwords were tried. Wait {span_words(PER_ACCOUNT.within)}, or sign in with a passkey or in a browser that you "
    "have used before. If a child is in danger, do not wait: ring 999."
)


class StaffOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes their own account; tries are limited for strangers and for known browsers apart; a sign-in leaves a row."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **options: Any) -> None:
        """Say nothing: "signed in as NAME" on a shared screen is one name too many."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The person's own address; where a proxy does not say it, the proxy's, so that nobody is kept out by its settings."""
        try:
            return str(super().get_client_ip(request))
        except PermissionDenied:
            return str(request.META.get("REMOTE_ADDR", ""))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is looked at."""
        email, at = str(credentials.get("email", "")), moment(request)
        known = known_bucket(request, email)
        strangers = [(account_bucket(email), PER_ACCOUNT), (bucket_of("address", self.get_client_ip(request)), PER_ADDRESS)]
        limits = [(known, PER_KNOWN_BROWSER)] if known else strangers
        taken = [take(bucket, limit, at=at) for bucket, limit in limits]
        request.tries = [attempt for attempt in taken if attempt]  # type: ignore[attr-defined]
        if None in taken:
            raise forms.ValidationError(TOO_MANY)

    def _rollback_login_failed_rl_usage(self) -> None:
        """A right password costs no try."""
        give_back(getattr(self.request, "tries", ()))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        user = User.objects.filter(email__iexact=str(credentials.get("email", ""))).first()
        note_failed_sign_in(by=None, user=user, what="password", at=moment(request))

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin a session, with its row. To have signed in just now counts as having been asked "is it still you?"."""
        shared = bool(request.session.pop("shared_device", False))
        super().login(request, user)
        proved = any(record["method"] == "mfa" for record in get_authentication_records(request, user))
        words = browser_words(self.get_http_user_agent(request))
        remember_sign_in(request, begin_sign_in(by=user, browser=words, is_shared=shared, proved=proved, at=moment(request)))
        record_authentication(request, user, method="mfa" if proved else "password", reauthenticated=True)
        remember(request, user.email)

    def set_password(self, user: User, password: str) -> None:
        """A new password ends every sign-in and every link that would set another one, and its owner is told."""
        super().set_password(user, password)
        end_links(user, at=moment(self.request))
        end_all_sign_ins(user, why=SignInEnd.PASSWORD, at=moment(self.request))
        tell_owner(user, what="password changed", at=moment(self.request))
