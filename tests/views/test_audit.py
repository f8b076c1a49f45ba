"""The audit log: who may read which rows, what it says, and that nothing in it betrays what is hidden. (S5, S9, S26)"""

import ast
import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from concerns.access.scopes import visible_audit
from concerns.actions.casework import acknowledge_concern, add_entry
from concerns.actions.conflicts import declare_conflict
from concerns.actions.drafts import discard_draft
from concerns.actions.refusals import note_refusal
from concerns.choices import EntryKind, LinkRole, Role
from concerns.models import AuditEvent, Concern, ContactChange, Link, RefusalCount, User
from concerns.queries.timeline import OPENED
from concerns.rules.audit import KINDS, REFUSAL, WORDS
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import MARKER, URGENT, about, answered, make_concern, make_draft
from tests.views.pages import plain

APP = Path(__file__).resolve().parents[2] / "concerns"


def log(user: User, **query: str) -> HttpResponse:
    return signed_in(user).get(reverse("audit"), query)


def words(user: User, **query: str) -> str:
    return plain(log(user, **query))


def verbs_in_the_code() -> set[str]:
    """Every verb that an action writes, found where it is passed."""
    found = {OPENED, *(f"contact {kind.value}" for kind in ContactChange.Kind)}
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "verb":
                parts = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
                found |= {part.value for part in parts if isinstance(part, ast.Constant)}
    return found


def test_every_verb_has_words_and_a_kind() -> None:
    assert verbs_in_the_code() - set(WORDS) == set()
    assert {kind for kind, _ in WORDS.values()} == set(KINDS)


def test_lead_reads_who_did_what_in_plain_words_with_a_way_to_the_concern(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    page = log(cast.lead)

    assert f"Priya Shah answered the alert {concern.reference}" in plain(page)
    assert f'href="{reverse("concern", args=[concern.pk])}"' in page.content.decode()


def test_no_case_text_stands_in_it(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.NOTE, text=f"{MARKER} note", at=AT)

    for user in (cast.lead, cast.auditor):
        page = log(user).content.decode()
        assert concern.reference in page
        assert MARKER not in page and "Aria Blackwood" not in page


def test_auditor_reads_the_whole_centres_log_and_has_no_way_into_a_concern(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=about(cast.reporter2)), by=cast.case_manager)

    page = log(cast.auditor)

    assert f"Grace Mensah answered the alert {concern.reference}" in plain(page)
    assert str(concern.pk) not in page.content.decode()
    assert "by its reference" not in plain(page)


@pytest.mark.parametrize("who", ["admin", "reporter", "trustee", "nobody"])
def test_nobody_else_reads_it_or_sees_it_in_the_menu(cast: Cast, who: str) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    user = getattr(cast, who)

    page = log(user)

    assert page.status_code == 403 and concern.reference not in page.content.decode()
    assert "Audit log" not in plain(signed_in(user).get("/"))


def test_lead_of_another_centre_reads_none_of_it(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    page = words(cast.outsider)

    assert concern.reference not in page and "Priya Shah" not in page


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.LEAD, Role.CASE_MANAGER])
def test_rows_about_a_concern_are_absent_for_whom_it_is_hidden_from(cast: Cast, role: Role) -> None:
    vetoed = grant(make_user("Noor Khan"), cast.centre, role)
    concern = answered(make_concern(cast, answers=about(vetoed)), by=cast.case_manager)
    signed_in(vetoed).get(reverse("concern", args=[concern.pk]))
    note_refusal(by=cast.reporter2, view="concern", named={"concern_id": concern.pk}, at=AT)

    rows = visible_audit(User.objects.get(pk=vetoed.pk))

    assert AuditEvent.objects.filter(concern=concern).count() > 5
    assert not rows.filter(concern=concern).exists()
    assert concern.reference not in words(vetoed) and "Grace Mensah" not in words(vetoed).split("Clear")[-1].split("What Concern")[-1]


def test_own_refusals_are_no_oracle(cast: Cast) -> None:
    hidden = make_concern(cast, answers=about(cast.auditor))
    client = signed_in(cast.auditor)
    for pk in (hidden.pk, uuid.uuid4()):
        client.get(reverse("concern", args=[pk]))

    assert AuditEvent.objects.filter(verb=REFUSAL, by=cast.auditor).count() == 2
    assert not visible_audit(cast.auditor).filter(verb=REFUSAL).exists()


def test_refusals_of_others_are_shown_to_those_who_may_see_the_concern(cast: Cast) -> None:
    concern = make_concern(cast)
    for user in (cast.reporter2, cast.outsider):
        signed_in(user).get(reverse("concern", args=[concern.pk]))

    page = words(cast.lead)

    assert f"Ana Petrova was not let in to “concern” {concern.reference}" in page
    assert f"Lena Novak was not let in to “concern” {concern.reference}" in page


@pytest.mark.parametrize("who", ["lead", "auditor", "case_manager"])
def test_unfinished_record_has_no_row_while_no_concern_shows_it(cast: Cast, who: str) -> None:
    reader = getattr(cast, who)
    make_draft(cast, answers=about(reader))
    discard_draft(by=cast.reporter2, draft_id=make_draft(cast, by=cast.reporter2), at=AT)

    rows = visible_audit(reader)

    assert AuditEvent.objects.filter(subject_type="draft").count() >= 4
    assert not rows.filter(subject_type="draft").exists() and not rows.filter(by__in=[cast.reporter, cast.reporter2]).exists()


def test_record_that_was_sent_has_its_rows_for_those_who_see_its_concern(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.auditor))

    for user, sees in ((cast.lead, True), (cast.auditor, False), (cast.deputy, False)):
        assert visible_audit(user).filter(subject_type="draft", subject_id=concern.draft_token).exists() == sees


def test_late_conflict_takes_the_rows_away_from_the_next_request_on(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client = signed_in(cast.lead)
    before = plain(client.get(reverse("audit")))

    declare_conflict(by=cast.lead, concern_id=concern.pk, reason="My niece.", at=AT)

    assert concern.reference in before
    assert concern.reference not in plain(client.get(reverse("audit")))


def test_filters_narrow_by_person_kind_day_and_reference(cast: Cast) -> None:
    first = answered(make_concern(cast), by=cast.lead)
    second = answered(make_concern(cast, at=AT + timedelta(days=3)), by=cast.deputy, at=AT + timedelta(days=3, minutes=1))

    by_person, by_kind = words(cast.lead, person=str(cast.deputy.pk)), words(cast.lead, kind="alerts")
    by_day, by_reference = words(cast.lead, since="2026-11-20", until="2026-11-20"), words(cast.lead, reference=first.reference.lower())

    assert second.reference in by_person and first.reference not in by_person
    assert "Nothing fits." in by_kind
    assert second.reference in by_day and first.reference not in by_day
    assert first.reference in by_reference and second.reference not in by_reference


@pytest.mark.parametrize(
    "query",
    [
        {"person": "nobody", "kind": "number", "since": "yesterday"},
        {"person": str(uuid.uuid4())},
        {"after": "1"},
        {"before": "x"},
        {"after": str(uuid.uuid4())},
        {"sort": "number", "kind": "-number", "until": "9999-99-99"},
    ],
)
def test_what_is_in_no_list_narrows_nothing(cast: Cast, query: dict[str, str]) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    page = log(cast.lead, **query)

    assert page.status_code == 200 and concern.reference in plain(page)


def test_hidden_reference_and_unknown_reference_give_the_same_page(cast: Cast) -> None:
    hidden = make_concern(cast, answers=about(cast.lead))
    answered(make_concern(cast), by=cast.lead)

    pages = [words(cast.lead, reference=reference) for reference in (hidden.reference, "C-26-ZZZZ", "rubbish")]

    assert len({page.replace(hidden.reference, "").strip() for page in pages}) == 1
    assert "Nothing fits." in pages[0]


def test_pages_of_25_by_cursor_show_every_row_once_and_no_number(cast: Cast) -> None:
    for _ in range(12):
        answered(make_concern(cast), by=cast.lead)
    client, seen, address = signed_in(cast.lead), 0, reverse("audit")
    total = visible_audit(cast.lead).count()
    while address:
        page = client.get(address)
        body = page.content.decode()
        seen += body.count('<th role="rowheader"')
        address = page.context["next"]
        for row in page.context["rows"]:
            assert not {"number", "digest"} & set(vars(row))
        assert body.count('<th role="rowheader"') <= 25

    reads = AuditEvent.objects.filter(verb="read the audit log").count()
    assert reads >= 2 and seen == total + 1  # the first reading is the newest row; the later ones are newer than the first page
    assert plain(client.get(page.context["previous"])) != plain(page)


def test_reading_is_audited_with_what_it_was_narrowed_to(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)

    log(cast.lead, reference=concern.reference, kind="record", person=str(cast.reporter.pk))

    row = AuditEvent.objects.get(verb="read the audit log")
    assert (row.by, row.concern, row.detail) == (cast.lead, concern, {"kind": "record", "person": str(cast.reporter.pk)})


def test_role_rows_say_which_role_and_whose(cast: Cast) -> None:
    signed_in(cast.admin).post(reverse("person_role", args=[cast.reporter2.pk]), {"role": "deputy"})

    page = words(cast.auditor)

    assert "Wei Chen proposed a role: Deputy Designated Safeguarding Lead (DDSL) · Ana Petrova" in page


def test_counted_refusals_are_shown_without_the_readers_own(cast: Cast) -> None:
    for user, count in ((None, 7), (cast.reporter, 31), (cast.auditor, 90017)):
        RefusalCount.objects.create(on=timezone.now().date(), user=user, count=count)

    page = words(cast.auditor)

    assert "today: Sam Okoro, 31" in page and "today: strangers, or no such page, 7" in page
    assert "90017" not in page


def test_deputy_reads_nothing_about_an_adult_concern(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.reporter2, answers=URGENT))
    acknowledge_concern(by=cast.case_manager, concern_id=concern.pk, at=AT)

    assert concern.reference not in words(cast.deputy)
    assert concern.reference in words(cast.lead)


def test_ended_link_brings_the_rows_back(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.lead))
    Link.objects.filter(concern=concern, role=LinkRole.MAY_HAVE_HARMED).update(ended_at=AT)

    assert concern.reference in words(User.objects.get(pk=cast.lead.pk))
    assert re.search(r"C-26-", words(cast.lead)) and Concern.objects.count() == 1
