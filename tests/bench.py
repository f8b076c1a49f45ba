"""Figures, not tests: `script/bench`. Prints a table; nothing here decides whether anything passes."""

import gzip
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from concerns.access.keyring import Keyring  # noqa: E402
from concerns.access.masterkeys import make_keys  # noqa: E402
from concerns.actions.audit import audit, recorded  # noqa: E402
from concerns.actions.casework import add_entry  # noqa: E402
from concerns.actions.centre import set_up_centre  # noqa: E402
from concerns.choices import EntryKind, Role  # noqa: E402
from concerns.models import Concern, Message  # noqa: E402
from concerns.queries.chains import verify  # noqa: E402
from tests.factories import Cast, grant, make_cast, signed_in  # noqa: E402
from tests.mailserver import mail_server  # noqa: E402
from tests.makers import CALM, DANGER, answered, make_concern, make_draft  # noqa: E402


@contextmanager
def database() -> Iterator[None]:
    setup_test_environment()
    name = connection.creation.create_test_db(verbosity=0)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        teardown_test_environment()


def milliseconds(do: Callable[[], object], times: int = 20) -> float:
    """The median of so many runs."""
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        do()
        spans.append((time.perf_counter() - start) * 1000)
    return statistics.median(spans)


def page(name: str, client: Client, address: str) -> None:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    count = len(queries)  # the log is emptied by the next request
    weight, packed = len(response.content), len(gzip.compress(response.content))
    span = milliseconds(lambda: client.get(address))
    print(f"{name:34} {response.status_code} {count:4} queries {weight:7} bytes {packed:6} gzip {span:7.1f} ms")


def pages(cast: Cast) -> Concern:
    now = timezone.now()
    concerns = [answered(make_concern(cast, answers=CALM, at=now), by=cast.lead, at=now) for _ in range(30)]
    lead, reporter = signed_in(cast.lead), signed_in(cast.reporter)
    draft = make_draft(cast, at=now)
    token = uuid.uuid4()
    reporter.post(
        reverse("triage_worry", args=[token]), {"worries": "neglect", "about_staff": "no", "age_band": "13_17", "home_area": "city"}
    )
    page("home (reporter)", reporter, "/")
    page("home (signed out)", Client(), "/")
    page("emergency card", Client(), "/emergency/")
    page("triage, page one", reporter, reverse("triage_worry", args=[uuid.uuid4()]))
    page("triage, page two", reporter, reverse("triage_questions", args=[token]))
    page("record", reporter, reverse("record", args=[draft]))
    page("queue (25 rows)", lead, "/concerns/")
    page("concern", lead, reverse("concern", args=[concerns[0].pk]))
    page("my concern", reporter, reverse("mine", args=[concerns[0].pk]))
    page("contacts", lead, "/contacts/")
    return concerns[0]


def sealing(concern: Concern) -> None:
    keyring, entry = Keyring.of(concern), concern.entries.first()
    body = {"text": "x" * 2000}
    seal = milliseconds(lambda: keyring.seal(entry, "body", body), 2000) * 1000
    opened = milliseconds(lambda: keyring.open(entry, "body"), 2000) * 1000
    print(f"seal 2 kB {seal:.1f} µs, open {opened:.1f} µs")


def long_concern(cast: Cast, entries: int = 50) -> None:
    """The page of a concern with so many entries of 2 kB, sealed, and the same page with its bodies opened beforehand."""
    now = timezone.now()
    concern = answered(make_concern(cast, answers=CALM, at=now), by=cast.lead, at=now)
    for _ in range(entries - concern.entries.count()):
        add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.NOTE, text="word " * 400, at=now)
    client, address = signed_in(cast.lead), reverse("concern", args=[concern.pk])
    page(f"concern with {entries} entries", client, address)
    sealed = milliseconds(lambda: client.get(address), 60)
    keyring, opened, fetch = Keyring.of(concern), Keyring.open, Keyring.fetch
    known = {entry.pk: keyring.open(entry, "body") for entry in concern.entries.select_related("concern")}
    known |= {link.person.pk: Keyring.of(link.person).open(link.person, "details") for link in concern.links.all() if link.person}
    Keyring.open, Keyring.fetch = lambda self, record, column: known[record.pk], lambda self, records: None  # type: ignore[method-assign]
    plain = milliseconds(lambda: client.get(address), 60)
    Keyring.open, Keyring.fetch = opened, fetch  # type: ignore[method-assign]
    print(f"the same page {sealed:.1f} ms sealed, {plain:.1f} ms with bodies from memory: {sealed / plain:.2f} times")


def emergency_to_mail(cast: Cast) -> None:
    client, spans = signed_in(cast.reporter), []
    with mail_server() as box:
        for number in range(1, 21):
            address = reverse("triage_now", args=[uuid.uuid4()])
            start = time.perf_counter()
            client.post(address, {"about_staff": "no"})
            spans.append(time.perf_counter() - start)
            assert len(box.mails) == number  # noqa: S101 - a figure of something that did not happen is no figure
    print(f"emergency sent → mail server has taken it: median {statistics.median(spans):.3f} s, worst of 20 {max(spans):.3f} s")


def verification(cast: Cast, rows: int = 100_000) -> None:
    @recorded
    def many(*, by: None) -> None:
        for _ in range(rows):
            audit(by=by, verb="looked", subject=cast.centre, at=timezone.now(), centre=cast.centre)

    many(by=None)
    start = time.perf_counter()
    verdict = verify()
    span = time.perf_counter() - start
    print(f"verify {verdict.audit_rows} audit rows and {verdict.entries} entries: {span:.1f} s, {len(verdict.faults)} faults")


def first_visit() -> None:
    ui = settings.BASE_DIR / "static" / "ui"
    parts = {name: len(gzip.compress((ui / name).read_bytes(), 9)) for name in ("app.css", "app.js", "icon.svg")}
    html = len(gzip.compress(Client().get("/").content, 9))
    print(f"first visit, gzip: html {html} + {parts} = {html + sum(parts.values())} bytes")


def main() -> None:
    make_keys(settings.KEYS_DIR)
    with database():
        print(f"database: {connection.vendor}")
        cast = make_cast()
        set_up_centre(by=None, name=cast.centre.name, at=timezone.now())
        grant(cast.lead, cast.centre, Role.ADMIN)
        make_concern(cast, answers=DANGER)
        sealing(pages(cast))
        long_concern(cast)
        emergency_to_mail(cast)
        first_visit()
        verification(cast)
        print(f"{Concern.objects.count()} concerns, {Message.objects.count()} mails")


if __name__ == "__main__":
    main()
