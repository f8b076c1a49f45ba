"""Contacts: when a number must be verified again, and the link that a phone follows."""

import re
from datetime import date

_DIGITS = re.compile(r"\+?[\d\s().-]+")
_OPTION = re.compile(r",?\s*\(?option \d\)?$", re.IGNORECASE)
# Short codes (999, 111, 116 123, 18000), numbers of the United Kingdom (Ofcom's numbering plan; 0800 has short ones), others with +.
_WHOLE = re.compile(r"[1-9]\d{2}|1\d{4,5}|0\d{9,10}|0800\d{4}|0800\d{6}|\+\d{8,15}")
_TEXT = re.compile(r"(?:text\s+)?\S+\s+to\s+(\d{5,6})", re.IGNORECASE)


def is_stale(verified_on: date | None, *, on: date, days: int = 90) -> bool:
    """Whether a contact was last verified more than `days` days before `on`, or never."""
    return verified_on is None or (on - verified_on).days > days


def tel_href(number: str) -> str:
    """The address behind a number as it is printed: "0116 454 1004" is "tel:01164541004", "SHOUT to 85258" is "sms:85258".

    An option to choose after the call ("111, option 2") is left out. Raises ValueError when there is no number in it.
    """
    plain = _OPTION.sub("", number.strip())
    if text := _TEXT.fullmatch(plain):
        return f"sms:{text[1]}"
    digits = re.sub(r"[^\d+]", "", plain.replace("(0)", "") if plain.startswith("+") else plain)
    if not plain.isascii() or not _DIGITS.fullmatch(plain) or not _WHOLE.fullmatch(digits):
        raise ValueError(f"“{number}” is not a telephone number.")
    return f"tel:{digits}"


def is_number(text: str) -> bool:
    """Whether a telephone can follow the text."""
    try:
        tel_href(text)
    except ValueError:
        return False
    return True
