"""What every test has: keys, a centre with people in every role, and a client for each."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from concerns import triggers
from tests import ready_made
from tests.factories import Cast, make_cast

INSTALLATIONS = (
    "test_serve.py",
    "test_restore.py",
    "test_outage.py",
    "test_disposal_crash.py",
    "test_crash.py",
    "test_crash_points.py",
    "test_marker.py",
)
"""The tests that set up whole installations, in processes of their own."""
ON_BOTH = ("test_restore.py", "test_disposal_crash.py", "test_crash.py", "test_crash_points.py")
"""Those of them that use the database that DATABASE_URL names."""

TESTS = Path(__file__).parent
LONGEST = (
    "journeys/test_on_duty.py",
    "journeys/test_young_person.py",
    "test_nobody_left_waiting.py",
    "test_outage.py",
    "journeys/test_signing_in.py",
    "access/test_everywhere_alike.py",
    "test_serve.py",
    "test_restore.py",
    "demo/test_making.py",
    "test_crash.py",
)
"""The files that take longest, the longest first: a file is run by one process, which must not begin it last."""


def pytest_configure(config: pytest.Config) -> None:
    from concerns.access.masterkeys import make_keys

    if gone := [name for name in LONGEST if not (TESTS / name).exists()]:
        raise pytest.UsageError(f"LONGEST names files that are not there: {', '.join(gone)}")
    config.pluginmanager.register(_LongestFirst())
    make_keys(Path(settings.KEYS_DIR))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long: what attackers type and send, whole installations, and the journeys but the core ones on a phone."""
    for item in items:
        corpus = "browser" in item.path.parts and item.path.name != "test_csrf.py"
        if corpus or item.path.name in INSTALLATIONS or _is_more_than_a_core_journey(item):
            item.add_marker("thorough")
        if corpus:
            item.add_marker("corpus")
        if item.path.name in ON_BOTH:
            item.add_marker("on_both")


class _LongestFirst:
    """Runs what takes long first, so that no process is left alone with it at the end; needs `--no-loadscope-reorder`."""

    @staticmethod
    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Which place a test has: by its file, then what is thorough or a journey, then the rest."""
    if (name := item.path.relative_to(TESTS).as_posix()) in LONGEST:
        return LONGEST.index(name)
    is_long = item.get_closest_marker("thorough") or item.get_closest_marker("journey")
    return len(LONGEST) + (0 if is_long else 1)


def _is_more_than_a_core_journey(item: pytest.Item) -> bool:
    if not item.get_closest_marker("journey"):
        return False
    return not item.get_closest_marker("core_journey") or not item.name.endswith("[390px]")


def pytest_collection_finish() -> None:
    """Thousands of tests and every module stay until the end: the collector of garbage need not walk through them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _one_installation_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The processes of a run share one installation, of which each test that needs one gets a copy."""
    own = tmp_path_factory.getbasetemp()
    ready_made.share(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)
    yield
    ready_made.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """A centre with one person in every role, on both ladders."""
    return make_cast()


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture(autouse=True)
def _emptied_without_triggers(request: pytest.FixtureRequest, _django_db_helper: None) -> Iterator[None]:
    """A test whose transactions are committed is followed by emptying every table, which the triggers would refuse.

    Emptying ends like a migration does, which puts them back.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        triggers.remove()


@pytest.fixture
def transactional_cast(transactional_db: None) -> Cast:
    """The same people in a database in which transactions are really committed."""
    return make_cast()


@pytest.fixture(autouse=True)
def _own_disposals(tmp_path: Path, settings: Any) -> None:
    """A list of disposals for every test: it must know what its database knows, and each test's database starts empty."""
    settings.DISPOSALS_FILE = tmp_path / "disposals" / "disposals.jsonl"
    settings.RETENTION_FILE = tmp_path / "retention.toml"
