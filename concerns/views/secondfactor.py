"""What we ask of django-allauth's second factors: sealed secrets, a fixed name for passkeys, never without the last factor."""

from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from concerns.access.signin import must_prove, open_secret, seal_secret
from concerns.models import User


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Words and rules of ours for second factors."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That did not work. Try again, or choose another way.",
        "cannot_delete_authenticator": "Your role needs a second step to sign in, and this is the only one you have. Add another first.",
    }

    def encrypt(self, text: str) -> str:
        return seal_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_secret(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists() or not must_prove(authenticator.user)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name that passkeys are bound to: the site's own, never what a request says of itself; in practice, this machine's."""
        site = urlsplit(settings.SITE_URL).hostname or "localhost"
        asked = context.request.get_host().partition(":")[0]
        return {"id": asked if settings.MODE != "production" and asked == "localhost" else site, "name": settings.CENTRE_NAME}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return "My device" if count == 0 else f"My device {count + 1}"
