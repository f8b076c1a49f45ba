"""How often something may be tried, counted in a table of its own: the same for every process, and no stranger can flush it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from concerns.models import Attempt
from concerns.rules.signin import Limit

FORGET_AFTER = timedelta(hours=1)


def bucket_of(kind: str, what: str) -> str:
    """Return the name of what is limited: a keyed hash, so that neither an e-mail nor a network address stands in the table."""
    return salted_hmac("safeguarding.limits", f"{kind}|{what}", algorithm="sha256").hexdigest()


def account_bucket(email: str) -> str:
    """Return the bucket of an account, by what was typed as its address, whether anybody has it or not."""
    return bucket_of("account", email.strip().lower())


def take(bucket: str, limit: Limit, *, at: datetime) -> Attempt | None:
    """Count one try and return it; None where there were too many. It is written before it is counted, so a race gains nothing."""
    attempt = Attempt.objects.create(bucket=bucket, at=at)
    if Attempt.objects.filter(bucket=bucket, at__gt=at - limit.within).count() > limit.tries:
        attempt.delete()
        return None
    return attempt


def give_back(attempts: Iterable[Attempt]) -> None:
    """Take back tries that were right: they cost nothing."""
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).delete()


def forget_attempts(*, at: datetime) -> int:
    """Remove the tries that no limit looks at any more, and return how many there were."""
    return Attempt.objects.filter(at__lte=at - FORGET_AFTER).delete()[0]
