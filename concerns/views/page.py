"""What every page shows around its content: the centre's name, the menu, the notices."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from concerns.access.permissions import Permission
from concerns.access.standing import centres_with
from concerns.models import User
from concerns.queries.health import health_now
from concerns.queries.unsent import dead_letters
from concerns.views.actor import moment
from concerns.views.clock import left, waits_for_factor
from concerns.views.held import kept_for
from concerns.views.practice import practice_code

MENU = (
    ("Home", "home", None),
    ("Concerns", "queue", Permission.SEE_QUEUE),
    ("Contacts", "contacts", Permission.SEE_CONTACTS),
    ("Plans", "plans", Permission.SEE_PLANS),
    ("People", "people", Permission.MANAGE_PEOPLE),
    ("Roles", "people", Permission.CONFIRM_ROLES),
    ("Rota", "rota", Permission.SEE_ROTA),
    ("Drills", "drills", Permission.RUN_DRILL),
    ("Audit log", "audit", Permission.READ_AUDIT),
)


def _menu(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    items, seen = [], set()
    for text, name, permission in MENU:
        if name not in seen and (permission is None or centres_with(user, permission)):
            seen.add(name)
            href = reverse(name)
            items.append({"text": text, "href": href, "current": request.path == href})
    return items


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Reads the database only for a person who has signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        nothing = {"user_name": "", "kept_for": "", "alarm": "", "warning": "", "unsent": False, "seconds_left": ""}
        return {**_shell(request), **nothing, "nav_items": []}
    told = {"user_name": user.name, "kept_for": kept_for(user), "seconds_left": int(left(request).total_seconds())}
    if waits_for_factor(request):
        return {**_shell(request), **told, "nav_items": [], "alarm": "", "warning": "", "unsent": False}
    return {**_shell(request), **told, "nav_items": _menu(request, user), **_alarms(request, user)}


def _alarms(request: HttpRequest, user: User) -> dict[str, str | bool]:
    """What leads and administrators are told on every page while alerts do not leave; administrators, also of a late backup."""
    administers = bool(centres_with(user, Permission.MANAGE_PEOPLE))
    if not administers and not centres_with(user, Permission.SEE_QUEUE):
        return {"alarm": "", "warning": "", "unsent": False}
    now = health_now(at=moment(request))
    return {"alarm": now.alarm, "warning": now.warning if administers else "", "unsent": dead_letters(user)}


def _shell(request: HttpRequest) -> dict[str, Any]:
    return {
        "centre_name": settings.CENTRE_NAME,
        "practice": settings.MODE == "practice",
        "practice_code": practice_code(request),
        "lock_path": request.path,
        "held_notice": getattr(request, "held_notice", ""),
    }
