"""What must be right before the product starts, each with one sentence that says how to mend it.

Django runs these before every command; the web process runs them when it starts (safeguarding/wsgi.py) and stops on an error.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import DatabaseError

from concerns.access.masterkeys import DJANGO_FILE, anchor_key, backup_keys, chain_key, master_keys
from concerns.actions.restore import unfinished
from concerns.exceptions import KeyTrouble
from concerns.models import User
from concerns.rules.practice import DEMO_DOMAIN
from concerns.triggers import missing


@register
def keys_are_there(**_: Any) -> Sequence[CheckMessage]:
    """The keys of the record can be read, and Django has a secret of its own."""
    found: list[CheckMessage] = []
    for read in (master_keys, chain_key, anchor_key, backup_keys):
        try:
            read()
        except KeyTrouble as trouble:
            found.append(Error(str(trouble), id="concerns.E001"))
    if settings.MODE != "test" and settings.SECRET_KEY == settings.NO_SECRET_YET:
        found.append(Error(f"The file {DJANGO_FILE} is missing. Run `manage.py init_keys` on a new system.", id="concerns.E002"))
    return found


@register
def production_is_safe(**_: Any) -> Sequence[CheckMessage]:
    """In production the product knows its own name and answers by HTTPS."""
    if settings.MODE != "production":
        return []
    found: list[CheckMessage] = []
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(Error("Set SAFEGUARDING_HOSTS to the names that people open, such as safeguarding.example.org.", id="concerns.E003"))
    if not settings.SITE_URL.startswith("https://"):
        found.append(Error("Set SAFEGUARDING_SITE_URL to the address in mails; it must begin with https://.", id="concerns.E004"))
    return found


@register
def no_restore_is_under_way(**_: Any) -> Sequence[CheckMessage]:
    """A restore that was stopped half-way has not yet destroyed again what was disposed of."""
    words = "A restore was stopped half-way. Empty the database and run `manage.py restore` again."
    return [Error(words, id="concerns.E007")] if unfinished().exists() else []


def record_is_append_only() -> Sequence[CheckMessage]:
    """The database itself refuses to change the record. A database that does not answer is looked at later."""
    try:
        absent = missing()
    except DatabaseError:
        return []
    words = f"The database does not protect the record: {', '.join(absent)}. Run `manage.py migrate`, which puts this right."
    return [Error(words, id="concerns.E006")] if absent else []


def practice_accounts_are_gone() -> Sequence[CheckMessage]:
    """In production nobody can sign in with a password that is printed. A database that does not answer is looked at later."""
    if settings.MODE != "production":
        return []
    try:
        practice = User.objects.filter(email__endswith=DEMO_DOMAIN, is_active=True).exists()
    except DatabaseError:
        return []
    words = "This database holds the practice accounts. Start production with an empty database."
    return [Error(words, id="concerns.E005")] if practice else []
