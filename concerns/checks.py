"""What must be right before the product starts, each with one sentence that says how to mend it.

Django runs these before every command; the web process runs them when it starts (safeguarding/wsgi.py) and stops on an error.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import DatabaseError

from concerns.access.masterkeys import ANCHOR_FILE, anchor_key, backup_keys, chain_key, django_secret, master_keys
from concerns.access.recovery import all_keys
from concerns.actions.anchors import signed_with_another_key
from concerns.actions.restore import unfinished
from concerns.exceptions import KeyTrouble
from concerns.models import User
from concerns.queries.keys import foreign_keys
from concerns.rules.practice import DEMO_DOMAIN
from concerns.triggers import missing

SAME_KEY = "The keys {name} and {other} are the same: one file was put in the other's place. Put both back from your copy."
OTHER_ANCHOR = "{file} is not the key that the anchors were signed with. Put the right file back from your copy or your recovery sheet."


@register
def keys_are_there(**_: Any) -> Sequence[CheckMessage]:
    """The keys of the record can be read, and Django has a secret of its own."""
    found: list[CheckMessage] = []
    for read in (master_keys, chain_key, anchor_key, backup_keys, django_secret):
        try:
            read()
        except KeyTrouble as trouble:
            found.append(Error(str(trouble), id="concerns.E001"))
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


@register
def keys_stand_in_their_own_files(**_: Any) -> Sequence[CheckMessage]:
    """No file was put in another's place."""
    try:
        keys = all_keys()
    except KeyTrouble:
        return []  # keys_are_there says which
    first: dict[bytes, str] = {}
    found: list[CheckMessage] = []
    for name, key in keys.items():
        if key in first:
            found.append(Error(SAME_KEY.format(name=name, other=first[key]), id="concerns.E008"))
        first.setdefault(key, name)
    return found


def keys_fit_this_database() -> Sequence[CheckMessage]:
    """The keys open what is sealed here and continue what was chained here. A database that does not answer is looked at later."""
    try:
        wrong = foreign_keys()
        if signed_with_another_key():
            wrong.append(OTHER_ANCHOR.format(file=ANCHOR_FILE))
    except DatabaseError:
        return []
    except KeyTrouble:
        return []  # keys_are_there says which
    return [Error(words, id="concerns.E010") for words in wrong]


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
