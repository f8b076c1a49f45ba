"""Give every centre that is there the plans that it has followed so far, as version 1, and say so on its concerns."""

import tomllib
from pathlib import Path
from typing import Any

from django.db import migrations
from django.utils import timezone

SHIPPED = Path(__file__).parents[1] / "data" / "plans.toml"


def give_plans(apps: Any, schema_editor: Any) -> None:
    """A concern that has no versions yet follows version 1 of each of its plans."""
    centre_model, version_model, concern_model = (apps.get_model("concerns", name) for name in ("Centre", "PlanVersion", "Concern"))
    centres = list(centre_model.objects.exclude(pk__in=version_model.objects.values("centre")))
    if centres:
        shipped, at = tomllib.loads(SHIPPED.read_text("utf-8")), timezone.now()
        version_model.objects.bulk_create(
            version_model(centre=centre, key=key, version=1, content=content, made_at=at)
            for centre in centres
            for key, content in shipped.items()
        )
    for plans in {tuple(plans) for plans in concern_model.objects.order_by().values_list("plans", flat=True).distinct()}:
        concern_model.objects.filter(plans=list(plans), plan_versions={}).update(plan_versions=dict.fromkeys(plans, 1))


class Migration(migrations.Migration):
    dependencies = [("concerns", "0010_nobody_left_waiting")]
    operations = [migrations.RunPython(give_plans, migrations.RunPython.noop)]
