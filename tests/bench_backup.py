"""Figures of backups, for `script/bench backup`: seconds and bytes at so many concerns, with real processes and files."""

import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.backups import FILL, backup_of, empty, python, run
from tests.journeys.conftest import database
from tests.outage_servers import Site

CONCERNS = 10_000
MANY = """
import django
django.setup()
from types import SimpleNamespace
from django.db import transaction
from concerns.models import Concern, User
from tests.makers import make_concern
lead, reporter = User.objects.get(name="Priya Shah"), User.objects.get(name="Sam Okoro")
cast = SimpleNamespace(centre=lead.grants.first().centre, reporter=reporter)
while Concern.objects.count() < {count}:
    with transaction.atomic():
        for _ in range(200):
            make_concern(cast, think="Worried. " * 60)
"""


def main(count: int = CONCERNS) -> None:
    with tempfile.TemporaryDirectory(prefix="safeguarding-bench-") as folder, database() as url:
        place = Path(folder)
        site = Site.at(place / "site", url)
        site.var.mkdir()
        site.set_up(FILL)
        python(site, MANY.format(count=count), patience=3600)
        start = time.perf_counter()
        backup = backup_of(site, place / "kept")
        made = time.perf_counter() - start
        with empty(place / "new", site.var / "keys") as other:
            start = time.perf_counter()
            ran = run(other, "restore", backup)
            restored = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{'PostgreSQL' if url else 'SQLite'}, {count} concerns: backup {made:.1f} s, {backup.stat().st_size / 1e6:.1f} MB")
        print(f"restore with verification {restored:.1f} s; the largest process took {peak:.0f} MB")
        print(ran.out or ran.err)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
