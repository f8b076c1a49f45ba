"""What is written stays as written: a base for tables that only ever grow."""

from typing import Any, NoReturn

from django.db import models


class AppendOnlyError(TypeError):
    """Code tried to change or remove a row that must stay as it was written."""


def _refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise AppendOnlyError("This table is append-only: write a correction as a new row.")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """A queryset without any way to change or remove a row."""

    update = delete = bulk_update = update_or_create = _refuse

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> Any:
        if options.get("update_conflicts"):
            _refuse()
        return super().bulk_create(objs, *args, **options)


class AppendOnly(models.Model):
    """A row that can be added and read, never changed or removed."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            _refuse()
        super().save(*args, **{**options, "force_insert": True})

    delete = _refuse
