"""No list asks the database more for thirty rows than for one: a centre's pages stay quick however long it works with them."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concerns.actions.casework import add_entry, correct_entry
from concerns.actions.notes import write_note
from concerns.actions.recording import add_addendum
from concerns.actions.roles import propose_role
from concerns.actions.rota import add_leave
from concerns.choices import DutySlot, EntryKind, MessageKind, Role
from concerns.models import Concern, Contact, Draft, Duty, Message, Rung, User
from tests.contact_makers import make_contact
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import CALM, DANGER, about, answered, make_concern, make_draft, queued
from tests.plan_makers import changed_plan, keep_version

LATER = AT + timedelta(hours=1)
MANY = 30


def queries(client: Client, address: str) -> list[str]:
    """What a page asks the database; the page was shown once before, so that nothing is asked only the first time."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


def concern_of(cast: Cast, number: int) -> Concern:
    """One more concern of the reporter; every third is unanswered, or about a member of staff."""
    adult = answered(make_concern(cast, answers=about(cast.reporter2)), by=cast.case_manager) if number % 3 == 2 else None
    return adult or (make_concern(cast, answers=DANGER) if number % 3 == 1 else answered(make_concern(cast, answers=CALM), by=cast.lead))


def more_concerns(cast: Cast, number: int) -> str:
    concern_of(cast, number)
    return reverse("home")


def more_in_the_queue(cast: Cast, number: int) -> str:
    concern_of(cast, number)
    return reverse("queue")


def more_drafts(cast: Cast, number: int) -> str:
    make_draft(cast, answers=(CALM, DANGER)[number % 2])
    make_draft(cast, by=cast.reporter2)
    Draft.objects.update(told_lead_at=timezone.now())
    return reverse("home")


def the_concern(cast: Cast) -> Concern:
    found = Concern.objects.first()
    return found or answered(make_concern(cast, answers=DANGER), by=cast.lead)


def more_entries(cast: Cast, number: int) -> Concern:
    """One more entry of each writer, one more mail, one more person."""
    concern = the_concern(cast)
    writer = (cast.lead, cast.deputy)[number % 2]
    entry = add_entry(by=writer, concern_id=concern.pk, kind=EntryKind.REPLY, text=f"Reply {number}", at=LATER)
    correct_entry(by=writer, concern_id=concern.pk, entry_id=entry.pk, text="Corrected.", at=LATER)
    add_addendum(by=cast.reporter, concern_id=concern.pk, text=f"More {number}", worse=False, at=LATER)
    key, kind = f"more {uuid.uuid4()}", MessageKind.ALERT
    Message.objects.create(
        centre=cast.centre, concern=concern, recipient=writer, kind=kind, lane="a_fast", key=key, queued_at=AT, run_at=AT
    )
    return concern


def more_in_the_record(cast: Cast, number: int) -> str:
    return reverse("concern", args=[more_entries(cast, number).pk])


def more_of_ones_own(cast: Cast, number: int) -> str:
    return reverse("mine", args=[more_entries(cast, number).pk])


def more_people(cast: Cast, number: int) -> str:
    user = grant(make_user(f"Person {number}"), cast.centre, Role.REPORTER, Role.TRUSTEE)
    propose_role(by=cast.admin, centre=cast.centre, user=user, role=Role.DEPUTY, at=AT)
    return reverse("people")


def more_to_mend(cast: Cast, number: int) -> str:
    more_people(cast, number)
    mail = queued(
        recipient=grant(make_user(f"Colleague {number}"), cast.centre, Role.REPORTER),
        kind=MessageKind.ROLE,
        key=f"mend {number}",
        at=AT,
        centre=cast.centre,
    )
    Message.objects.filter(pk=mail.pk).update(failed_at=AT, dead_at=AT, refused_at=timezone.now())
    more_contacts(cast, number)
    more_on_the_rota(cast, number)
    return reverse("home")


def more_staff(cast: Cast, number: int) -> str:
    more_people(cast, number)
    return reverse("triage_worry", args=[uuid.uuid4()])


def more_contacts(cast: Cast, number: int) -> str:
    contact = make_contact(cast, name=f"Service {number}", user=cast.lead)
    old = make_contact(cast, name=f"Old {number}")
    Contact.objects.filter(pk=old.pk).update(retired_at=timezone.now(), successor=contact)
    return reverse("contacts")


def more_in_the_audit_log(cast: Cast, number: int) -> str:
    more_people(cast, number)
    more_contacts(cast, number)
    if number < 3:
        concern_of(cast, number)
    return reverse("audit")


def more_plan_versions(cast: Cast, number: int) -> str:
    keep_version(cast.centre, changed_plan(version=number + 2, repeats_minutes=number + 1))
    return reverse("plan", args=["prompt"])


def more_on_the_rota(cast: Cast, number: int) -> str:
    day, session = timezone.localdate() + timedelta(days=number), cast.centre.sessions.all()[number % 2]
    add_leave(by=cast.lead, centre=cast.centre, user=cast.deputy, first_on=day, last_on=day, at=AT)
    Duty.objects.create(session=session, slot=DutySlot.FIRST, user=cast.lead, only_on=day)
    write_note(by=cast.deputy, centre=cast.centre, text=f"Look at {the_concern(cast).reference}.", at=timezone.now())
    return reverse("rota")


def more_notes(cast: Cast, number: int) -> str:
    more_on_the_rota(cast, number)
    return reverse("home")


def more_on_the_lists(cast: Cast, number: int) -> str:
    user = grant(make_user(f"Lead {number}"), cast.centre, Role.LEAD)
    Rung.objects.create(centre=cast.centre, ladder="ordinary", position=number + 10, user=user)
    more_plan_versions(cast, number)
    return reverse("plan_ladders")


LISTS: dict[Callable[[Cast, int], str], tuple[str, ...]] = {
    more_concerns: ("reporter", "lead", "case_manager"),
    more_drafts: ("reporter", "lead"),
    more_in_the_queue: ("lead", "deputy", "case_manager"),
    more_in_the_record: ("lead",),
    more_of_ones_own: ("reporter",),
    more_people: ("admin", "lead"),
    more_to_mend: ("admin",),
    more_staff: ("reporter",),
    more_contacts: ("reporter", "admin"),
    more_in_the_audit_log: ("lead", "auditor"),
    more_plan_versions: ("lead",),
    more_on_the_lists: ("admin",),
    more_on_the_rota: ("lead", "reporter"),
    more_notes: ("case_manager",),
}


@pytest.mark.django_db
@pytest.mark.parametrize("more", LISTS, ids=lambda more: more.__name__)
def test_list_asks_the_same_for_one_row_and_for_thirty(cast: Cast, more: Callable[[Cast, int], str]) -> None:
    people: dict[str, User] = {who: getattr(cast, who) for who in LISTS[more]}
    for number in range(3):  # one row of each sort that the page shows
        address = more(cast, number)
    few = {who: queries(signed_in(user), address) for who, user in people.items()}
    for number in range(3, MANY):
        address = more(cast, number)

    many = {who: queries(signed_in(user), address) for who, user in people.items()}

    assert {who: sorted(set(many[who]) - set(few[who])) for who in people if len(many[who]) != len(few[who])} == {}
    assert {who: len(asked) for who, asked in few.items() if not 0 < len(asked) <= 40} == {}
