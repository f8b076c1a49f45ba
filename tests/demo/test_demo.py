"""The practice data: what is in it, that it is the same each time, that nobody is named outside sealed columns."""

import re
from collections import Counter
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Concat

from concerns.access.decisions import can
from concerns.access.keyring import Keyring
from concerns.access.masterkeys import chain_key
from concerns.access.permissions import Permission
from concerns.actions.entries import header_of
from concerns.choices import ClosingOutcome, ContactKey, EntryKind, HomeArea, Level, MessageKind, Status, StepState, StepWho
from concerns.demo.stories import names, stories, unfinished
from concerns.models import Centre, Concern, Draft, Entry, Link, Message, Proposal, Step, User
from concerns.queries.queue import Filters, queue_page
from concerns.queries.triage import answers_so_far
from concerns.rules import hashchain
from concerns.rules.routing_table import RULES
from concerns.rules.triage import answers_from_json
from tests.demo.makers import NOON, late_at, make_demo

# What the stories of the practice data leave for people to try.
NOT_TOLD = {
    EntryKind.PLAN_CHANGED,
    EntryKind.SILENCE,
    EntryKind.HANDED_OVER,
    EntryKind.HANDOVER_ANSWERED,
}


def counted(field: str) -> Counter[str]:
    return Counter(Concern.objects.values_list(field, flat=True))


def by_email(short: str) -> User:
    return User.objects.get(email=f"{short}@example.org")


def test_sixty_concerns_of_every_kind(demo: Centre) -> None:
    assert counted("level") == {Level.PROMPT: 30, Level.URGENT: 22, Level.EMERGENCY: 8}
    assert counted("vault") == {"ordinary": 51, "adult": 9}
    assert counted("status") == {
        Status.NEW: 4,
        Status.ACKNOWLEDGED: 3,
        Status.IN_PROGRESS: 9,
        Status.REFERRED: 4,
        Status.MONITORING: 4,
        Status.REOPENED: 3,
        Status.CLOSED: 33,
    }
    assert set(counted("home_area")) == set(HomeArea.values)


def test_every_row_of_the_routing_table_and_every_outcome_comes_up(demo: Centre) -> None:
    answers = []
    for entry in Entry.objects.filter(kind=EntryKind.TRIAGE).select_related("concern"):
        answers.append(answers_from_json(Keyring.of(entry.concern).open(entry, "body")["answers"]))
    closing = Entry.objects.filter(kind__in=(EntryKind.CLOSED, EntryKind.CLOSE_PROPOSED)).select_related("concern")
    outcomes = {Keyring.of(entry.concern).open(entry, "body").get("outcome") for entry in closing} - {None}

    assert {rule.name for rule in RULES if any(rule.applies(given) for given in answers)} == {rule.name for rule in RULES}
    assert outcomes == set(ClosingOutcome.labels)
    assert set(Entry.objects.values_list("kind", flat=True)) == set(EntryKind.values) - NOT_TOLD


def told(entry: Entry, people: dict[Any, str]) -> tuple[object, ...]:
    """An entry without what is random: ids become names, references and addresses go."""
    body = str(Keyring.of(entry.concern).open(entry, "body"))
    for pk, name in people.items():
        body = body.replace(str(pk), name)
    body = re.sub(r"C-\d\d-\w{4,8}", "REFERENCE", body)
    return (entry.number, entry.kind, entry.author and entry.author.name, entry.author_role, entry.written_at, entry.happened_at, body)


def structure(centre: Centre, people: dict[Any, str]) -> list[tuple[object, ...]]:
    found = []
    for concern in Concern.objects.filter(centre=centre):
        entries = Entry.objects.filter(concern=concern).select_related("author", "concern")
        steps = Step.objects.filter(concern=concern).select_related("person")
        mails = Message.objects.filter(concern=concern).values_list("kind", "recipient__name", "queued_at", "opened_at")
        found.append(
            (
                (concern.level, concern.vault, concern.status, concern.home_area, concern.logged_at, concern.next_due_at),
                tuple(told(entry, people) for entry in entries),
                tuple(sorted(str((row.key, row.state, row.due_at, row.person and row.person.name)) for row in steps)),
                tuple(sorted(map(str, mails))),
            )
        )
    return sorted(found, key=str)


def test_same_moment_makes_the_same_centre(demo: Centre) -> None:
    people = {user.pk: user.name for user in User.objects.all()}
    before = structure(demo, people)
    User.objects.update(email=Concat("email", models.Value(".old")))
    second = make_demo("Hilltop Youth Club")
    people |= {user.pk: user.name for user in User.objects.all()}

    assert structure(second, people) == before


def test_every_open_concern_has_a_next_step_and_a_person(demo: Centre) -> None:
    for concern in Concern.objects.open():
        due = Step.objects.filter(concern=concern, state=StepState.WAITING, due_at=concern.next_due_at)

        assert due.filter(Q(person__isnull=False) | Q(who=StepWho.EVERYBODY)).exists()


def test_leads_queue_is_alive(demo: Centre) -> None:
    rows = queue_page(by_email("lead"), Filters(), at=NOON).rows
    words = [row.due for row in rows]

    assert 2 <= late_at(NOON) <= 6
    assert sum(word.startswith("today") for word in words) >= 5
    assert sum(word.startswith("tomorrow") for word in words) >= 3
    assert [row.is_late for row in rows] == sorted((row.is_late for row in rows), reverse=True)


def test_nobody_is_named_outside_sealed_columns(demo: Centre) -> None:
    words = {word for name in names() if not name.startswith("Name not known") for word in (name, *name.split())}
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})\b")
    plain = []
    for model in apps.get_app_config("concerns").get_models():
        columns = [field.attname for field in model._meta.concrete_fields if not isinstance(field, models.BinaryField)]
        plain += [str(row) for row in model._base_manager.values_list(*columns)]

    assert len(words) > 100
    assert [row for row in plain if pattern.search(row)] == []


def test_chains_hold_and_follow_time(demo: Centre) -> None:
    for concern in Concern.objects.all():
        previous, last = hashchain.START, concern.entries.first().written_at  # type: ignore[union-attr]
        for number, entry in enumerate(concern.entries.all(), start=1):
            digest = hashchain.digest(key=chain_key(), previous=previous, header=header_of(entry), sealed=bytes(entry.body))
            assert (entry.number, bytes(entry.digest)) == (number, digest)
            assert last <= entry.written_at
            previous, last = digest, entry.written_at


def test_colleagues_it_is_about_see_nothing_of_it(demo: Centre) -> None:
    links = Link.objects.filter(user__isnull=False).select_related("user", "concern")

    assert {link.user.email.split("@")[0] for link in links if link.user} == {"deputy", "reporter", "reporter2"}
    for link in links:
        assert link.user is not None
        assert not can(link.user, Permission.SEE_CONCERN, link.concern)
        assert can(by_email("chair"), Permission.SEE_CONCERN, link.concern)
        assert not Step.objects.filter(concern=link.concern, person=link.user, state=StepState.WAITING).exists()


def test_author_who_named_herself_keeps_only_her_own_words(demo: Centre) -> None:
    vetoed = Link.objects.get(user=by_email("reporter2"), concern__logged_by=by_email("reporter2")).concern

    assert not can(vetoed.logged_by, Permission.SEE_OWN, vetoed)
    assert answers_so_far(vetoed).adults == {vetoed.logged_by_id}


def asked(concern: Concern) -> list[str]:
    steps = concern.steps.filter(kind="acknowledge").order_by("rung")
    return [step.person.name if step.person else "everybody" for step in steps]


def test_ladder_that_reached_everybody_and_one_that_has_just_begun(demo: Centre) -> None:
    ladders = {
        concern.level: asked(concern)
        for concern in Concern.objects.unacknowledged().filter(vault="ordinary", level__in=(Level.EMERGENCY, Level.URGENT))
    }

    assert ladders == {
        Level.EMERGENCY: ["Priya Shah", "Tom Ellis", "Grace Mensah", "everybody", "everybody"],
        Level.URGENT: ["Priya Shah"],
    }
    assert Message.objects.filter(kind=MessageKind.REPORTER_WAITING).count() == 2


def test_what_waits_for_a_second_person(demo: Centre) -> None:
    waiting = Proposal.objects.filter(decided_at=None).values_list("kind", "proposed_by__name").order_by("kind")
    refused = Proposal.objects.filter(agreed=False)

    assert list(waiting) == [("close", "Priya Shah"), ("lower", "Priya Shah")]
    assert refused.count() == 1


def test_two_records_are_unfinished_and_leads_know_of_one(demo: Centre) -> None:
    drafts = Draft.objects.filter(finished_at=None).order_by("touched_at")
    typed = [Keyring.of(draft).open(draft, "content")["record"] for draft in drafts]

    assert typed == [draft.record for draft in unfinished()]
    assert [draft.told_lead_at is not None for draft in drafts] == [True, False]
    assert [draft.reminded_at is not None for draft in drafts] == [True, False]


def test_failed_steps_corrections_and_references_are_there(demo: Centre) -> None:
    assert Step.objects.filter(state=StepState.FAILED).count() == 2
    assert Entry.objects.filter(corrects__isnull=False).count() == 2
    assert Step.objects.filter(state=StepState.DONE, contact_key=ContactKey.POLICE_EMERGENCY).exists()
    assert len({story.key for story in stories()}) == 60
