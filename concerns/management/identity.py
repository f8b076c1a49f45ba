"""Who is at the terminal: the one place where a command asks a person to prove who they are."""

from getpass import getpass

from allauth.mfa.models import Authenticator
from django.core.management.base import CommandError
from django.utils import timezone

from concerns.access.signin import must_prove
from concerns.actions.signin import CODES, accept_code, note_failed_sign_in
from concerns.models import User

WRONG = "That e-mail, password and code do not belong together."


def prove(email: str) -> User:
    """Return the person with this e-mail once they have typed their password, and a code where they have a second factor or need one.

    Raises CommandError, the same for a wrong password, a wrong code and somebody who is not there.
    """
    user, at = User.objects.filter(email__iexact=email, is_active=True).first(), timezone.now()
    password = getpass(f"Password of {email}: ")
    if user is None:
        User().set_password(password)  # as much work as for somebody who is there
        raise CommandError(WRONG)
    if not user.check_password(password):
        note_failed_sign_in(by=None, user=user, what="a command's password", at=at)
        raise CommandError(WRONG)
    needs_code = must_prove(user) or Authenticator.objects.filter(user=user, type__in=CODES).exists()
    if needs_code and accept_code(user, getpass("Code from your app, or a recovery code: "), at=at) is None:
        note_failed_sign_in(by=None, user=user, what="a command's code", at=at)
        raise CommandError(WRONG)
    return user
