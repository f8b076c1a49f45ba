"""The one app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate

from concerns.database import set_deadline
from concerns.triggers import after_migrating


class ConcernsConfig(AppConfig):
    name = "concerns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("concerns.checks")
        post_migrate.connect(after_migrating, sender=self)
        set_deadline(settings.DATABASE_DEADLINE_SECONDS)
