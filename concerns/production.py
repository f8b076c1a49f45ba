"""What must be right before real children's records are trusted to this machine; each finding is one sentence that says how to mend it.

`script/serve` asks this before it starts anything, and shows everything at once. Errors stop the start; warnings do not. A
database that does not answer is a warning: the emergency card must be served all the same.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, run_checks
from django.core.checks import Warning as Note
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from concerns.access.masterkeys import DJANGO_FILE
from concerns.access.recovery import recovery_is_checked
from concerns.checks import keys_fit_this_database, practice_accounts_are_gone, record_is_append_only
from concerns.choices import Ladder
from concerns.exceptions import KeyTrouble
from concerns.models import Centre, Rung
from concerns.triggers import tables

SHORT = 50
OWN_SENTENCES = {"security.W009", "security.W018", "security.W020"}  # said below, with how to mend it
OWNS = (
    "The database account owns the tables of the record, so whoever breaks in could take their protection away. "
    "`manage.py database_roles` prints how to use an account that cannot."
)
NOT_MIGRATED = "The database is not that of this version: {count} migrations are missing. Take a backup, then run `manage.py migrate`."


def findings() -> list[CheckMessage]:
    """Everything that is wrong, at once: Django's own deployment checks, ours, and what the database shows."""
    django = [message for message in run_checks(include_deployment_checks=True) if message.id not in OWN_SENTENCES]
    return [
        *django,
        *settings_are_safe(),
        *addresses_agree(),
        *mail_can_leave(),
        *keys_are_private(),
        *keys_are_on_paper(),
        *database_is_ready(),
    ]


def settings_are_safe() -> Sequence[CheckMessage]:
    """Production mode, without debugging, with a secret of full length."""
    found: list[CheckMessage] = []
    if settings.MODE != "production":
        found.append(Error("This is for production: unset SAFEGUARDING_MODE. (For practice there is script/run.)", id="concerns.E020"))
    if settings.DEBUG:
        found.append(Error("DEBUG is on, which shows the record to strangers. Remove it from the settings.", id="concerns.E021"))
    if settings.SECRET_KEY != settings.NO_SECRET_YET and len(settings.SECRET_KEY) < SHORT:
        words = f"{DJANGO_FILE} is too short. Move it away and run `manage.py init_keys`; everybody then signs in again."
        found.append(Error(words, id="concerns.E022"))
    return found


def addresses_agree() -> Sequence[CheckMessage]:
    """The proxy speaks HTTPS and says so, and the links in mails lead here."""
    found: list[CheckMessage] = []
    if not settings.SECURE_PROXY_SSL_HEADER:
        words = "Set SAFEGUARDING_BEHIND_PROXY=yes, and let the proxy that speaks HTTPS set X-Forwarded-Proto itself."
        found.append(Error(words, id="concerns.E023"))
    host = urlsplit(settings.SITE_URL).hostname or ""
    if settings.ALLOWED_HOSTS and host not in settings.ALLOWED_HOSTS:
        words = f"The links in mails lead to {host}, which SAFEGUARDING_HOSTS does not name. Make the two agree."
        found.append(Error(words, id="concerns.E024"))
    return found


def mail_can_leave() -> Sequence[CheckMessage]:
    """Without a mail server no alert reaches anybody."""
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return [Error("Set SAFEGUARDING_EMAIL_HOST: without a mail server no alert reaches anybody.", id="concerns.E025")]
    return []


def keys_are_private() -> Sequence[CheckMessage]:
    """Nobody else on this machine can read the keys."""
    folder = Path(settings.KEYS_DIR)
    paths = [folder, *folder.iterdir()] if folder.is_dir() else []
    if [path for path in paths if path.stat().st_mode & 0o077]:
        words = f"Others on this machine can read the keys. Run: chmod -R u=rwX,go= {folder}"
        return [Error(words, id="concerns.E026")]
    return []


def keys_are_on_paper() -> Sequence[CheckMessage]:
    """Somebody has typed the recovery sheet back, so that a broken disk does not end the record."""
    try:
        checked = recovery_is_checked()
    except KeyTrouble:
        return []  # keys_are_there says which
    if checked:
        return []
    words = "Nobody has checked the recovery sheet of these keys. Print `manage.py recovery_sheet`, then run `manage.py check_recovery`."
    return [Note(words, id="concerns.W004")]


def database_is_ready() -> Sequence[CheckMessage]:
    """The tables are those of this version, protected, without practice accounts, and somebody is there to be alerted."""
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return [Error(NOT_MIGRATED.format(count=len(missing)), id="concerns.E027")]
        found = [
            *keys_fit_this_database(),
            *record_is_append_only(),
            *practice_accounts_are_gone(),
            *cache_is_there(),
            *somebody_is_alerted(),
        ]
        return [*found, *database_account_is_weak()]
    except DatabaseError as error:
        words = f"The database does not answer yet ({type(error).__name__}). Until it does, every page shows the emergency card."
        return [Note(words, id="concerns.W001")]


def cache_is_there() -> Sequence[CheckMessage]:
    """Mails to people who forgot their password are limited by counters in a table that no migration makes."""
    if settings.CACHES["default"]["LOCATION"] in connection.introspection.table_names():
        return []
    return [Error("A table is missing. Run `manage.py createcachetable`.", id="concerns.E028")]


def somebody_is_alerted() -> Sequence[CheckMessage]:
    """Every centre has a lead to alert, and there is a centre."""
    if not Centre.objects.exists():
        return [Error('There is no centre yet. Run `manage.py setup_centre --name "Your Youth Centre"`.', id="concerns.E029")]
    with_lead = Rung.objects.filter(ladder=Ladder.ORDINARY, user__is_active=True).values("centre")
    words = "Nobody is alerted at {name}. Run `manage.py create_account` with --role lead, then the same for a deputy."
    return [Note(words.format(name=centre.name), id="concerns.W002") for centre in Centre.objects.exclude(pk__in=with_lead)]


def database_account_is_weak() -> Sequence[CheckMessage]:
    """On PostgreSQL, the account can neither change what was written nor take the triggers away."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(pg_has_role(tableowner, 'USAGE') OR has_table_privilege(quote_ident(tablename), 'UPDATE, DELETE, TRUNCATE'))"
            " FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s)",
            [tables()],
        )
        row = cursor.fetchone()
    return [Note(OWNS, id="concerns.W003")] if row and row[0] else []
