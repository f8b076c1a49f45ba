"""kill -9 between the line in the list and the end of the transaction: finished by the command, once; two agree at once: one wins. (S28)

The killed process is a real one, on a database of its own.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from concerns.actions.disposal import approve_disposal
from concerns.actions.disposal_list import read_lines
from concerns.choices import Role
from concerns.exceptions import SafeguardingError
from concerns.models import Disposal
from tests.disposals import LATER, make_closed, proposed, second_lead
from tests.factories import Cast, grant, make_user
from tests.journeys.conftest import database
from tests.outage_servers import PATIENCE_SECONDS, ROOT, Site

FILL = """
from tests.disposals import make_closed, proposed, second_lead
from tests.factories import make_cast
cast = make_cast()
for _ in range(2):
    proposed(cast, make_closed(cast))
second_lead(cast)
"""
KILLED = """
import os
import django
django.setup()
from concerns.actions import disposal
from concerns.models import Concern, User
from tests.disposals import LATER
disposal._end_record = lambda *args, **options: os.kill(os.getpid(), 9)
concern = Concern.objects.order_by("reference")[0]
disposal.approve_disposal(by=User.objects.get(name="Zoe Hale"), concern_id=concern.pk, at=LATER)
"""
LOOK = """
import django
django.setup()
from concerns.models import Concern, Disposal
from concerns.queries.chains import verify
first, second = Concern.objects.order_by("reference")
print(first.is_disposed, second.is_disposed, Disposal.objects.count(), verify().faults)
"""


KEYS = """
import django
django.setup()
from concerns.models import Concern, DataKey
first, second = Concern.objects.order_by("reference")
for concern in (first, second):
    print(DataKey.objects.get(pk=concern.data_key_id).wrapped.hex())
"""


def python(site: Site, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *words], cwd=ROOT, env=site.env, capture_output=True, text=True, timeout=PATIENCE_SECONDS)


def test_killed_after_the_line_it_is_finished_by_running_again(tmp_path: Path) -> None:
    with database() as url:
        site = Site.at(tmp_path, url)
        site.set_up(FILL)

        killed = python(site, "-c", KILLED)
        keys = [bytes.fromhex(key) for key in python(site, "-c", KEYS).stdout.split()]
        after_kill = python(site, "-c", LOOK).stdout
        finished = [python(site, "manage.py", "dispose", "finish") for _ in range(2)]
        after_finish = python(site, "-c", LOOK).stdout

    files = b"".join(path.read_bytes() for path in tmp_path.glob("safeguarding.sqlite3*"))
    lines = (tmp_path / "disposals" / "disposals.jsonl").read_text().splitlines()
    assert (killed.returncode, len(lines), json.loads(lines[0])["number"]) == (-9, 1, 1)
    assert after_kill == "False False 0 ()\n"
    assert [ran.stdout for ran in finished] == ["1 concerns were disposed of again.\n", "0 concerns were disposed of again.\n"]
    assert [ran.stderr for ran in finished] == ["", ""]
    assert after_finish == "True False 1 ()\n"
    assert url or [key in files for key in keys] == [False, True]  # the other concern's is found, so the search can find one


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_who_agree_at_once_dispose_once(transactional_cast: Cast) -> None:
    cast = transactional_cast
    concern = proposed(cast, make_closed(cast))
    people = [second_lead(cast), grant(make_user("Ada Moss"), cast.centre, Role.LEAD)]

    def agree(number: int) -> str:
        try:
            approve_disposal(by=people[number], concern_id=concern.pk, at=LATER)
            return "disposed"
        except SafeguardingError as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        outcomes = sorted(pool.map(agree, range(2)))

    assert outcomes[1] == "disposed"
    assert outcomes[0] in ("NotAllowed", "Stale")
    assert (Disposal.objects.count(), len(read_lines())) == (1, 1)


def test_two_concerns_disposed_of_one_after_the_other_stand_in_order(cast: Cast) -> None:
    for _ in range(2):
        concern = proposed(cast, make_closed(cast))
        approve_disposal(by=second_lead(cast), concern_id=concern.pk, at=LATER)

    lines = read_lines()

    assert [line.number for line in lines] == [1, 2]
    assert lines[1].previous == lines[0].hash
