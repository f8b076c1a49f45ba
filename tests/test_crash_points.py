"""kill -9 at any line between claim and mark loses no alert and does nothing twice in the database. (S33)

The suite dies at a few lines that lie evenly over a round; `script/soak` at each of them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.journeys.conftest import database
from tests.outage_servers import PATIENCE_SECONDS, ROOT, Site

FILL = """
from django.utils import timezone
from concerns.demo.people import make_people
from concerns.models import Centre
make_people(Centre.objects.get(), at=timezone.now())
"""
POINTS = os.environ.get("SOAK_POINTS", "12")


def test_death_at_any_line_loses_no_alert_and_doubles_nothing(tmp_path: Path) -> None:
    with database() as url:
        site = Site.at(tmp_path, url)
        site.set_up(FILL)

        ran = subprocess.run(
            [sys.executable, "-m", "tests.crash_points", POINTS],
            cwd=ROOT,
            env=site.env,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS * 20,
        )

    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found["tried"] == (found["lines"] if POINTS == "all" else int(POINTS))
    assert (found["wrong"], found["chains"]) == ({}, [])
