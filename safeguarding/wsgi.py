"""The WSGI entry point: gunicorn serves `safeguarding.wsgi:application`. It refuses to start where something is unsafe."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safeguarding.settings")
_application = get_wsgi_application()

from django.core.checks import ERROR, run_checks  # noqa: E402 - the apps must be ready

from concerns.checks import keys_fit_this_database, practice_accounts_are_gone, record_is_append_only  # noqa: E402
from concerns.views.requests import plain_charsets  # noqa: E402

application = plain_charsets(_application)

_found = [*run_checks(), *practice_accounts_are_gone(), *record_is_append_only(), *keys_fit_this_database()]
_wrong = [message for message in _found if message.level >= ERROR]
if _wrong:
    for _message in _wrong:
        sys.stderr.write(f"{_message.msg}\n")
    raise SystemExit(3)
