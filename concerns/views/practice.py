"""In practice, the page that asks for a code shows the one that is right: the practice accounts guard nothing."""

import base64

from allauth.account.stages import LoginStageController
from allauth.mfa.internal.constants import LoginStageKey
from django.conf import settings
from django.http import HttpRequest

from concerns.models import LastCode, User
from concerns.rules.practice import DEMO_DOMAIN, DEMO_TOTP_SECRET
from concerns.rules.signin import CODES_EACH_WAY, code_at, counter_at
from concerns.views.actor import moment

ASKING = frozenset({"mfa_authenticate", "mfa_reauthenticate"})


def practice_code(request: HttpRequest) -> str:
    """Return the next code that a practice account may use, on the pages that ask for one; nothing in production."""
    match = request.resolver_match
    if settings.MODE != "practice" or match is None or match.url_name not in ASKING:
        return ""
    user = _who(request)
    if user is None or not user.email.endswith(DEMO_DOMAIN):
        return ""
    last = LastCode.objects.filter(user=user).values_list("counter", flat=True).first() or 0
    now = counter_at(moment(request))
    counter = max(now, last + 1)
    secret = base64.b32decode(DEMO_TOTP_SECRET)
    return code_at(secret, counter) if counter <= now + CODES_EACH_WAY else "a new one every 30 seconds: load this page again"


def _who(request: HttpRequest) -> User | None:
    if request.user.is_authenticated:
        return request.user if isinstance(request.user, User) else None
    stage = LoginStageController.enter(request, LoginStageKey.MFA_AUTHENTICATE.value)
    return stage.login.user if stage else None
