"""Every refusal of somebody who has signed in leaves one audit row; strangers, and floods, are counted. (S26)"""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.actions.refusals import ROWS_AN_HOUR, STRANGERS, note_refusal
from concerns.choices import LinkRole
from concerns.models import AuditEvent, Entry, Link, RefusalCount, User
from concerns.queries.chains import verify
from concerns.rules.audit import REFUSAL
from tests.factories import AT, Cast, let_in, signed_in
from tests.makers import MARKER, URGENT, answered, closed, make_concern, make_draft


def rows(user: User) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(verb=REFUSAL, by=user).order_by("number"))


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_hidden_concern_leaves_one_row_for_every_way_of_asking(cast: Cast, method: str) -> None:
    concern = make_concern(cast)

    response = getattr(signed_in(cast.reporter2), method)(reverse("concern", args=[concern.pk]))

    (row,) = rows(cast.reporter2)
    assert response.status_code == 404
    assert (row.centre, row.concern, row.subject_id) == (cast.centre, concern, concern.pk)
    assert row.detail == {"view": "concern", "asked": str(concern.pk)}
    assert RefusalCount.objects.count() == 0


def test_page_of_another_role_leaves_a_row(cast: Cast) -> None:
    response = signed_in(cast.reporter).get(reverse("person_new"))

    (row,) = rows(cast.reporter)
    assert (response.status_code, row.detail, row.concern) == (403, {"view": "person_new", "asked": ""}, None)


def test_unknown_id_leaves_the_row_that_a_hidden_one_does_but_for_the_concern(cast: Cast) -> None:
    concern, unknown = make_concern(cast), uuid.uuid4()
    client = signed_in(cast.reporter2)

    for pk in (concern.pk, unknown):
        client.get(reverse("concern", args=[pk]))

    hidden, missing = rows(cast.reporter2)
    assert (hidden.detail["asked"], missing.detail["asked"]) == (str(concern.pk), str(unknown))
    assert (hidden.concern, missing.concern, missing.subject_id) == (concern, None, None)


def test_draft_of_somebody_else_is_noted_with_its_concern(cast: Cast) -> None:
    draft_id = make_draft(cast, answers=URGENT)

    signed_in(cast.reporter2).get(reverse("record", args=[draft_id]))

    (row,) = rows(cast.reporter2)
    assert (row.subject_type, row.subject_id) == ("draft", draft_id)
    assert row.concern == cast.reporter.logged_concerns.get()


def test_refusal_inside_an_action_that_is_rolled_back_is_noted(cast: Cast) -> None:
    concern = closed(make_concern(cast), by=cast.lead)
    before = Entry.objects.count()

    response = signed_in(cast.lead).post(reverse("concern_entry", args=[concern.pk]), {"kind": "note", "text": MARKER})

    (row,) = rows(cast.lead)
    assert (response.status_code, row.detail["view"]) == (403, "concern_entry")
    assert Entry.objects.count() == before
    assert MARKER not in str(row.detail)


def test_refused_token_of_a_form_is_noted(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    let_in(strict, cast.reporter)

    strict.post(reverse("triage_worry", args=[uuid.uuid4()]), {"worries": MARKER})

    (row,) = rows(cast.reporter)
    assert row.detail["view"] == "triage_worry" and MARKER not in str(row.detail)


def test_what_is_shown_leaves_no_row(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    for name in ("concern", "concern_entry"):
        assert signed_in(cast.lead).get(reverse(name, args=[concern.pk])).status_code == 200

    assert rows(cast.lead) == []


def test_same_refusal_again_within_a_minute_is_counted(cast: Cast) -> None:
    concern = make_concern(cast)
    Link.objects.create(concern=concern, user=cast.lead, role=LinkRole.MAY_HAVE_HARMED, made_at=AT, made_by=cast.deputy)
    client = signed_in(cast.lead)

    for name in ("concern", "concern", "concern_entry", "concern"):
        client.get(reverse(name, args=[concern.pk]))

    assert [row.detail["view"] for row in rows(cast.lead)] == ["concern", "concern_entry"]
    assert RefusalCount.objects.get(user=cast.lead).count == 2


def test_same_refusal_a_minute_later_has_a_row_again(cast: Cast) -> None:
    for seconds in (0, 59, 61):
        note_refusal(by=cast.reporter, view="people", named={}, at=AT + timedelta(seconds=seconds))

    assert [row.at for row in rows(cast.reporter)] == [AT, AT + timedelta(seconds=61)]


def test_flood_of_one_person_stops_growing_the_chain_and_goes_on_being_counted(cast: Cast) -> None:
    for _ in range(ROWS_AN_HOUR + 30):
        note_refusal(by=cast.reporter, view="concern", named={"concern_id": uuid.uuid4()}, at=AT)
    note_refusal(by=cast.reporter2, view="concern", named={"concern_id": uuid.uuid4()}, at=AT)

    assert len(rows(cast.reporter)) == ROWS_AN_HOUR
    assert RefusalCount.objects.get().count == 30
    assert len(rows(cast.reporter2)) == 1
    assert verify().faults == ()


def test_person_without_a_role_is_noted_as_well(cast: Cast) -> None:
    signed_in(cast.nobody).get(reverse("queue"))

    (row,) = rows(cast.nobody)
    assert (row.centre, row.detail["view"]) == (None, "queue")


def test_strangers_and_unknown_addresses_are_counted_and_not_chained(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STRANGERS, "_written_at", None)
    monkeypatch.setattr(STRANGERS, "_waiting", 0)
    lead = signed_in(cast.lead)
    before = AuditEvent.objects.count()

    Client().get("/wp-login.php")
    monkeypatch.setattr(STRANGERS, "_written_at", timezone.now() - timedelta(hours=1))
    lead.get("/no/such/page/")

    assert RefusalCount.objects.get(user=None).count == 2
    assert AuditEvent.objects.count() == before


def test_flood_of_strangers_writes_once_a_minute_and_loses_no_count(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STRANGERS, "_written_at", None)
    monkeypatch.setattr(STRANGERS, "_waiting", 0)
    counts = []

    for seconds in (*range(60), 61):
        STRANGERS.count(at=AT + timedelta(seconds=seconds))
        counts.append(RefusalCount.objects.get().count)

    assert counts == [1] * 60 + [61]
