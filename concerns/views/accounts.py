"""Sign-in: what we ask of django-allauth, and the addresses of its pages that we use."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes their own account: an administrator does."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **options: Any) -> None:
        """Say nothing: "signed in as NAME" on a shared screen is one name too many."""
