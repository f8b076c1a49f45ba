"""Who is at the terminal: the one place where a command asks a person to prove who they are."""

from getpass import getpass

from django.core.management.base import CommandError
from django.utils import timezone

from concerns.actions.audit import audit
from concerns.models import User

WRONG = "That e-mail and password do not belong together."


def prove(email: str) -> User:
    """Return the person with this e-mail once they have typed their password. Raises CommandError, the same for everybody."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    password = getpass(f"Password of {email}: ")
    if user is None:
        User().set_password(password)  # as much work as for somebody who is there
        raise CommandError(WRONG)
    if not user.check_password(password):
        audit(by=None, verb="gave a wrong password to a command", subject=user, at=timezone.now())
        raise CommandError(WRONG)
    return user
