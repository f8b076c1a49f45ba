"""The one app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from concerns.database import set_deadline


class ConcernsConfig(AppConfig):
    name = "concerns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("concerns.checks")
        set_deadline(settings.DATABASE_DEADLINE_SECONDS)
