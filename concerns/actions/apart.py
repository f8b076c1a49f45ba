"""One piece of work apart from the others: in a transaction of its own, and where it fails, the others go on."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def apart(what: str, do: Callable[[], Result]) -> Result | None:
    """Do one piece of work, and return what it returns; None where it failed, which is logged as `what`, without the error's words.

    Raises what the database itself fails with: no other piece would fare better.
    """
    try:
        with transaction.atomic():
            return do()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.error("%s failed: %s", what, type(error).__name__)
        return None
