"""The queue: most pressing first, page by page without gaps or repeats, narrowed only by what it offers. (S9)"""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concerns.actions.casework import move_status
from concerns.choices import Status
from concerns.models import Concern, DataKey
from concerns.queries.queue import PAGE_ROWS
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, DANGER, URGENT, about, answered, closed, make_concern
from tests.views.pages import plain, typed_in

QUEUE = reverse("queue")
JUNK = ("", "junk", "'; DROP TABLE concerns_concern; --", "\x00", "<script>alert(1)</script>", "9" * 3000, "名", "-1", "null")


def shown(page: Any, caption: str = "Concerns") -> list[str]:
    """The references in a table, from top to bottom: of the whole queue, or of those that nobody has answered."""
    tables = re.findall(r"<table.*?</table>", page.content.decode(), re.DOTALL)
    table = next((found for found in tables if f">{caption}</caption>" in found), "")
    return re.findall(r'data-label="Concern"><a href="[^"]+">(C-[^<]+)</a>', table)


def links(page: Any) -> dict[str, str]:
    """The addresses of the next and the previous page."""
    found = re.findall(r'href="([^"]+)" rel="(prev|next)"', page.content.decode())
    return {way: href.replace("&amp;", "&") for href, way in found}


def many(cast: Cast, count: int, *, due: Any = None, **fields: Any) -> list[str]:
    """Rows of the queue in raw state, in the order in which the queue shows them: by due time, then by id."""
    rows = [
        Concern(
            id=uuid.UUID(int=1000 + number),
            centre=cast.centre,
            draft_token=uuid.uuid4(),
            reference=f"C-26-{number:04}",
            **{"level": "prompt", "vault": "ordinary", "status": "acknowledged", "acknowledged_at": AT, **fields},
            logged_by=cast.reporter,
            logged_at=AT,
            clock_started_at=AT,
            next_due_at=due or AT + timedelta(minutes=number // 7),
        )
        for number in range(count)
    ]
    Concern.objects.bulk_create(reversed(rows))
    return [row.reference for row in rows]


def walk(client: Client, way: str, address: str) -> list[list[str]]:
    """Follow the pages in one direction to their end."""
    pages = []
    while address:
        page = client.get(address)
        pages.append(shown(page))
        last, address = address, links(page).get(way, "")
        assert len(pages) < 10, last
    return pages


@pytest.mark.parametrize("due", [None, AT], ids=["own due times", "equal due times"])
def test_pages_follow_each_other_without_gaps_or_repeats(cast: Cast, due: datetime | None) -> None:
    wanted, client = many(cast, 60, due=due), signed_in(cast.lead)

    forwards = walk(client, "next", QUEUE)
    last = client.get(links(client.get(links(client.get(QUEUE))["next"]))["next"])
    backwards = walk(client, "prev", links(last)["prev"])

    assert [len(page) for page in forwards] == [PAGE_ROWS, PAGE_ROWS, 10]
    assert [row for page in forwards for row in page] == wanted
    assert [row for page in reversed([shown(last), *backwards]) for row in page] == wanted


def test_page_between_has_both_ways_and_keeps_the_filters(cast: Cast) -> None:
    many(cast, 60, level="urgent")
    many_others = make_concern(cast, answers=CALM)
    client = signed_in(cast.lead)

    first = client.get(QUEUE, {"level": "urgent"})
    between = client.get(links(first)["next"])

    assert list(links(first)) == ["next"]
    assert sorted(links(between)) == ["next", "prev"]
    assert "level=urgent" in links(between)["next"] and "level=urgent" in links(between)["prev"]
    assert many_others.reference not in [row for page in walk(client, "next", f"{QUEUE}?level=urgent") for row in page]
    assert typed_in(between)["level"] == ["urgent"]


@pytest.mark.parametrize("count", [0, 1, PAGE_ROWS])
def test_queue_of_one_page_has_no_other(cast: Cast, count: int) -> None:
    wanted = many(cast, count)

    page = signed_in(cast.lead).get(QUEUE)

    assert (shown(page), links(page)) == (wanted, {})
    assert ("No concern fits." in plain(page)) == (count == 0)


def test_most_pressing_comes_first_whatever_its_level(cast: Cast) -> None:
    calm = make_concern(cast, answers=CALM, at=AT - timedelta(hours=5))
    danger, urgent = make_concern(cast, answers=DANGER), make_concern(cast, answers=URGENT, at=AT - timedelta(minutes=30))

    page = signed_in(cast.lead).get(QUEUE)

    due = {concern.reference: concern.next_due_at for concern in Concern.objects.all()}
    assert shown(page) == sorted(due, key=lambda reference: due[reference] or AT)
    assert {calm.reference, danger.reference, urgent.reference} == set(shown(page))


def test_what_nobody_has_answered_stands_above_a_backlog(cast: Cast) -> None:
    many(cast, 30, due=AT - timedelta(days=9))
    calm, danger = make_concern(cast, answers=CALM), make_concern(cast, answers=DANGER)
    hidden = make_concern(cast, answers=about(cast.lead))
    client = signed_in(cast.lead)

    pages = [client.get(QUEUE), client.get(QUEUE, {"level": "prompt"}), client.get(links(client.get(QUEUE))["next"])]

    waiting = [shown(page, "Concerns that nobody has answered yet") for page in pages]
    assert waiting == [[danger.reference, calm.reference], [], []]
    assert hidden.reference not in pages[0].content.decode()


def test_row_says_who_it_is_about_who_has_it_and_what_is_late(cast: Cast) -> None:
    answered(make_concern(cast, answers=URGENT), by=cast.lead)
    make_concern(cast, answers=DANGER)

    page = plain(signed_in(cast.deputy).get(QUEUE))

    assert page.count("Aria Blackwood, 14") == 3
    assert ("Priya Shah" in page, "Nobody has answered" in page, "Nobody yet" in page) == (True, True, True)
    assert re.search(r"\d+ days? late", page)


def test_closed_concerns_show_only_where_asked_for_and_last_closed_first(cast: Cast) -> None:
    first = closed(make_concern(cast), by=cast.lead, at=AT + timedelta(days=1))
    second = closed(make_concern(cast), by=cast.lead, at=AT + timedelta(days=2))
    current = make_concern(cast)
    client = signed_in(cast.lead)

    assert shown(client.get(QUEUE)) == [current.reference]
    assert shown(client.get(QUEUE, {"status": "closed"})) == [second.reference, first.reference]


def test_closed_pages_follow_each_other_too(cast: Cast) -> None:
    references = many(cast, 30)
    Concern.objects.update(status="closed", next_due_at=None, closed_at=AT)
    client = signed_in(cast.lead)

    first = client.get(QUEUE, {"status": "closed"})
    second = client.get(links(first)["next"])

    assert shown(first) + shown(second) == references
    assert shown(client.get(links(second)["prev"])) == shown(first)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"level": "emergency"}, ["danger"]),
        ({"status": "referred"}, ["referred"]),
        ({"mine": "on"}, ["taken", "referred"]),
        ({"unacknowledged": "on"}, ["danger", "adult"]),
        ({"vault": "adult"}, ["adult"]),
        ({"vault": "ordinary", "mine": "on", "level": "prompt"}, ["taken", "referred"]),
        ({"level": "urgent", "mine": "on"}, []),
    ],
)
def test_filters_narrow_to_what_they_say(cast: Cast, query: dict[str, str], wanted: list[str]) -> None:
    made = {
        "danger": make_concern(cast, answers=DANGER),
        "adult": make_concern(cast, answers=about(cast.reporter2)),
        "taken": answered(make_concern(cast), by=cast.lead),
        "referred": answered(make_concern(cast), by=cast.lead),
    }
    referred = made["referred"]
    move_status(by=cast.lead, concern_id=referred.pk, version=referred.version, to=Status.REFERRED, reason="x", at=AT)

    page = signed_in(cast.lead).get(QUEUE, query)

    assert sorted(shown(page)) == sorted(made[name].reference for name in wanted)
    assert '<details class="filter-panel" open>' in page.content.decode()


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_junk_in_the_address_narrows_nothing(cast: Cast, junk: str) -> None:
    concern = make_concern(cast)
    client = signed_in(cast.lead)
    names = ("status", "level", "vault", "mine", "unacknowledged", "after", "before", "page", "csrfmiddlewaretoken")

    pages = [client.get(QUEUE, {name: junk}) for name in names] + [client.get(QUEUE, dict.fromkeys(names, junk))]

    assert [shown(page) for page in pages] == [[concern.reference]] * len(pages)
    assert [b'filter-panel" open' in page.content or b"<script>alert" in page.content for page in pages] == [False] * len(pages)
    assert ["available choices" in plain(page) or "There is a problem" in plain(page) for page in pages] == [False] * len(pages)


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-17", "2026-11-17T10:00:00", "10:00", "2026-W47-2T10+00:00"],
)
def test_cursor_from_nowhere_never_fails(cast: Cast, moment: str) -> None:
    concern, client = make_concern(cast), signed_in(cast.lead)

    for row in ("00000000-0000-4000-8000-000000000000", "x", ""):
        for name in ("after", "before"):
            page = client.get(QUEUE, {name: f"{moment}_{row}"})
            assert (page.status_code, shown(page) in ([], [concern.reference])) == (200, True), (row, name)


def test_deputies_are_offered_no_filter_for_the_adult_vault(cast: Cast) -> None:
    adult, child = make_concern(cast, answers=about(cast.reporter2)), make_concern(cast)
    pages = {name: signed_in(getattr(cast, name)).get(QUEUE, {"vault": "adult"}) for name in ("deputy", "lead", "case_manager")}

    offered = {name: 'name="vault"' in page.content.decode() for name, page in pages.items()}

    assert offered == {"deputy": False, "lead": True, "case_manager": True}
    assert {name: shown(page) for name, page in pages.items()} == {
        "deputy": [child.reference],
        "lead": [adult.reference],
        "case_manager": [adult.reference],
    }
    assert "Adult who works here" not in plain(pages["deputy"])


def test_queue_holds_nothing_of_a_vetoed_or_foreign_concern(cast: Cast) -> None:
    hidden = make_concern(cast, answers=about(cast.lead))

    pages = [signed_in(user).get(QUEUE, {"status": status}) for user in (cast.lead, cast.outsider) for status in ("", "new")]

    assert [hidden.reference in page.content.decode() or "Aria" in plain(page) for page in pages] == [False] * 4


def test_name_whose_key_is_gone_does_not_hide_the_row(cast: Cast) -> None:
    concern, other = make_concern(cast), make_concern(cast)
    DataKey.objects.filter(pk=concern.links.get().person.data_key_id).delete()

    page = signed_in(cast.lead).get(QUEUE)

    assert sorted(shown(page)) == sorted([concern.reference, other.reference])
    assert ("Not readable" in plain(page), "Aria Blackwood, 14" in plain(page)) == (True, True)


def test_times_stand_in_london_time(cast: Cast) -> None:
    make_concern(cast, at=datetime(2026, 7, 14, 16, 30, tzinfo=UTC))

    assert "14 July 2026, 5:30pm" in plain(signed_in(cast.lead).get(QUEUE))
