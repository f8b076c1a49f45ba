"""One practice centre for all tests of a module: making it takes seconds. What a test changes is rolled back after it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from concerns.models import Centre
from tests.demo.makers import make_demo


@pytest.fixture(scope="module")
def demo_of_the_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Centre]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_demo()
        transaction.set_rollback(True)


@pytest.fixture
def demo(demo_of_the_module: Centre, db: None) -> Centre:
    return demo_of_the_module
