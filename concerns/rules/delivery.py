"""What a mail server said, in words; and the time that it showed. Pure.

A mail is "sent to their mail provider", never "delivered": nobody can know that.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FAILURES = {
    "SMTPRecipientsRefused": "the mail server refused their address",
    "SMTPSenderRefused": "the mail server refused our address",
    "SMTPDataError": "the mail server did not take it",
    "SMTPAuthenticationError": "the mail server did not let us in",
    "SMTPServerDisconnected": "the mail server broke off",
    "SMTPConnectError": "the mail server could not be reached",
    "ConnectionRefusedError": "the mail server could not be reached",
    "gaierror": "the mail server could not be found",
    "TimeoutError": "the mail server did not answer",
}
OTHERWISE = "it could not be sent"
CLOCK_MAY_DIFFER = timedelta(minutes=5)
_DAY, _TIME = r"(?:[A-Z][a-z]{2},\s+)?\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}", r"\d{1,2}:\d{2}(?::\d{2})?"
_DATE = re.compile(rf"{_DAY}\s+{_TIME}\s+(?:[+-]\d{{4}}|GMT|UTC?)")


def failure_words(failure: str) -> str:
    """Return why a mail did not leave, from the type of the error, which is all that is kept of it."""
    return FAILURES.get(failure, OTHERWISE)


def date_shown(text: str) -> datetime | None:
    """Return the date and time (UTC) in what a server says of itself, such as its greeting or a Date header; None where there is none."""
    found = _DATE.search(text)
    try:
        shown = parsedate_to_datetime(found[0]) if found else None
    except ValueError:
        return None
    if shown is None:
        return None
    return shown.astimezone(UTC) if shown.tzinfo else shown.replace(tzinfo=UTC)


def clock_is_wrong(shown: datetime, *, at: datetime) -> bool:
    """Whether the clock here, which says `at`, and another machine's, which showed `shown`, differ by more than five minutes."""
    return abs(shown - at) > CLOCK_MAY_DIFFER
