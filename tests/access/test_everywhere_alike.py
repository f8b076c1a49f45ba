"""One rule everywhere: for every person and every concern of tangled centres, list = detail = count = steps = alerts = audit. (S4, S5)

The worlds are made at random from a seed: two centres, several people in every role, concerns of both vaults in every state,
links that veto and links that have ended, declared conflicts, restrictions, broken glass, steps, people who left.
"""

import random
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.access.decisions import can
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.access.scopes import frozen_concerns, own_concerns, visible_audit, visible_concerns
from concerns.access.standing import centres_where, holding_names, vetoed_people
from concerns.actions.casework import acknowledge_concern
from concerns.actions.entries import write_entry
from concerns.choices import EntryKind, Ladder, LinkRole, MessageKind, Role, Status, StepKind, StepState, Vault
from concerns.models import Centre, Concern, Conflict, Draft, Link, Message, Named, RoleGrant, Rung, Step, User
from concerns.queries.audit import AuditFilters, audit_page
from concerns.queries.ladder import free_people
from concerns.queries.mine import my_concerns
from concerns.queries.queue import Filters, most_pressing, queue_page, unanswered, unfinished_records
from concerns.worker import tick
from tests.factories import grant, make_centre, make_user, signed_in
from tests.makers import CALM, URGENT, about, make_concern, make_draft, queued

NOW = timezone.now().replace(microsecond=0)
OPENED = NOW - timedelta(hours=5)
CREW = (Role.REPORTER, Role.REPORTER, Role.LEAD, Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER, Role.ADMIN, Role.TRUSTEE, Role.AUDITOR)
CONCERNS = 5
CASES: list[int] = []


class Crew:
    """One centre and its people; what the makers of concerns ask of a cast."""

    def __init__(self, name: str) -> None:
        self.centre: Centre = make_centre(name=name)
        self.people = [grant(make_user(f"{name} {number} {role}"), self.centre, Role(role)) for number, role in enumerate(CREW)]
        grant(self.people[6], self.centre, Role.DEPUTY)  # the administrator is a deputy as well
        grant(self.people[8], self.centre, Role.LEAD)  # the second auditor hat: a lead who also audits
        self.auditor = grant(make_user(f"{name} auditor"), self.centre, Role.AUDITOR)
        self.people.append(self.auditor)
        for ladder in Ladder:
            answering = [user for user in self.people if user.grants.filter(role__in=(Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER)).exists()]
            for position, user in enumerate(answering, start=1):
                Rung.objects.create(centre=self.centre, ladder=ladder, position=position, user=user)

    @property
    def reporter(self) -> User:
        return self.people[0]


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def tangle(crew: Crew, chance: random.Random) -> None:
    """Concerns of one centre, with everything strewn over them that decides who may see them."""
    staff = crew.people[:6]
    for _ in range(CONCERNS):
        author = chance.choice(staff)
        adult = chance.choice([None, *(user for user in crew.people if user != author)])
        answers = about(adult, answers=chance.choice([CALM, URGENT])) if adult else chance.choice([CALM, URGENT])
        concern = make_concern(crew, by=author, answers=answers, at=OPENED)  # type: ignore[arg-type]
        able = [user for user in free_people(concern) if can(fresh(user), Permission.ACKNOWLEDGE, concern)]
        if able and chance.random() < 0.6:
            acknowledge_concern(by=fresh(able[0]), concern_id=concern.pk, at=OPENED)
        for user in chance.sample(crew.people, 6):
            _strew(concern, user, chance)
        if chance.random() < 0.25:
            Concern.objects.filter(pk=concern.pk).update(status=Status.CLOSED, closed_at=NOW, acknowledged_at=OPENED, next_due_at=None)
            Step.objects.filter(concern=concern).update(state=StepState.CANCELLED)
    make_draft(crew, answers=URGENT, at=OPENED)  # type: ignore[arg-type]
    Draft.objects.filter(centre=crew.centre, finished_at=None).update(told_lead_at=OPENED)
    if chance.random() < 0.5:
        RoleGrant.objects.filter(user=chance.choice(crew.people[2:6])).update(ended_at=NOW)


def _strew(concern: Concern, user: User, chance: random.Random) -> None:
    kind = chance.choice(
        ["told", "harm", "ended harm", "conflict", "step", "old step", "named", "named", "glass", "old glass", "mail", "old mail"]
    )
    if kind in ("told", "harm", "ended harm"):
        role = LinkRole.TOLD if kind == "told" else LinkRole.MAY_HAVE_HARMED
        ended = NOW if kind == "ended harm" else None
        Link.objects.create(concern=concern, user=user, role=role, made_at=OPENED, made_by=concern.logged_by, ended_at=ended)
    elif kind == "conflict":
        Conflict.objects.create(concern=concern, user=user, reason=b"x", declared_by=user, declared_at=OPENED)
    elif kind in ("step", "old step"):
        state, made = (StepState.WAITING, NOW) if kind == "step" else (StepState.DONE, OPENED - timedelta(days=1))
        Step.objects.create(concern=concern, key=kind, kind=StepKind.DECIDE, text="x", person=user, state=state, created_at=made)
    elif kind in ("mail", "old mail"):
        when = NOW if kind == "mail" else OPENED - timedelta(days=1)
        mail = queued(recipient=user, kind=MessageKind.NUDGE, key=f"{kind}:{concern.pk}:{user.pk}", at=when, concern=concern)
        Message.objects.filter(pk=mail.pk).update(sent_at=when)
    elif kind == "named":
        Named.objects.create(concern=concern, user=user, named_by=concern.logged_by, named_at=OPENED)
    else:
        age = timedelta(hours=1) if kind == "glass" else timedelta(hours=3, minutes=1)
        write_entry(by=user, concern=concern, kind=EntryKind.BROKE_GLASS, body={}, at=timezone.now() - age, keyring=Keyring.of(concern))


def world(seed: int) -> list[Crew]:
    chance = random.Random(seed)
    crews = [Crew("Riverside"), Crew("Hilltop")]
    for crew in crews:
        tangle(crew, chance)
    return crews


def by_hand(user: User, concern: Concern) -> bool:
    """The rule once more, from the tables alone, as somebody would check it on paper."""
    roles = {grant.role for grant in RoleGrant.objects.filter(user=user, centre=concern.centre, ended_at=None, confirmed_at__isnull=False)}
    if user.pk in vetoed_people(concern) or not roles & {Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER}:
        return False
    broke = concern.entries.filter(author=user, kind=EntryKind.BROKE_GLASS, written_at__gt=timezone.now() - timedelta(hours=3))
    names = set(concern.named.filter(ended_at=None).values_list("user_id", flat=True))
    if broke.exists() or user.pk in names:
        return True
    if holding_names().filter(concern=concern).exists():
        return False
    steps = [step for step in concern.steps.filter(person=user) if step.state == "waiting" or step.created_at >= concern.clock_started_at]
    mails = concern.messages.filter(recipient=user, kind__in=["alert", "nudge", "overdue"])
    asked = bool(steps) or any(mail.queued_at >= concern.clock_started_at for mail in mails)
    by_role = Role.LEAD in roles or (Role.DEPUTY in roles if concern.vault == Vault.ORDINARY else Role.CASE_MANAGER in roles)
    return by_role or asked


def everybody() -> list[User]:
    return list(User.objects.all())


def concerns() -> list[Concern]:
    return list(Concern.objects.select_related("centre", "logged_by"))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [2, pytest.param(5, marks=pytest.mark.thorough)])
def test_everything_that_a_person_meets_is_one_rule(seed: int) -> None:
    world(seed)

    for user in everybody():
        lists_equal_the_rule(user)
        own_pages_follow_the_veto(user)
    alerts_and_steps_go_to_those_who_may_see_it()


def lists_equal_the_rule(user: User) -> None:
    """The querysets, the queue in every state, home, what nobody has answered, and the audit log say what `can` says."""
    listed = set(visible_concerns(user).values_list("pk", flat=True))
    queued = {row.id for status in Status for row in queue_page(user, Filters(status=status), at=NOW).rows}
    home = {row.id for row in most_pressing(user, at=NOW, limit=50)}
    waits = {row.id for row in unanswered(user, at=NOW, limit=50)}
    logged = set(visible_audit(user).filter(concern__isnull=False).values_list("concern", flat=True))
    drafts = {draft.concern for draft in unfinished_records(user)}
    for concern in concerns():
        sees, audits = can(user, Permission.SEE_CONCERN, concern), may_audit(user, concern)
        told = tuple(concern.pk in found for found in (listed, queued, home, waits, logged))

        assert sees == by_hand(user, concern), (user.name, concern)
        waiting = sees and concern.is_open and concern.acknowledged_at is None
        assert told == (sees, sees, sees and concern.is_open, waiting, sees or audits), (user.name, concern)
        assert sees or concern not in drafts
        assert sees or audits or not audit_page(user, AuditFilters(concern=concern), at=NOW).rows
        CASES.append(1)


def may_audit(user: User, concern: Concern) -> bool:
    """Whether an auditor reads the rows of a concern of their centre: not while it is hidden from them, or restricted to others."""
    names = set(concern.named.filter(ended_at=None).values_list("user_id", flat=True))
    kept_out = user.pk not in names and holding_names().filter(concern=concern).exists()
    return concern.centre_id in centres_where(user, Role.AUDITOR) and not kept_out and user.pk not in vetoed_people(concern)


def own_pages_follow_the_veto(user: User) -> None:
    """Whoever recorded a concern keeps their own page, or only their words once it is hidden from them; whatever else changes."""
    shown = {row.id: row.is_frozen for row in my_concerns(user, at=NOW)}
    own, frozen = (set(found.values_list("pk", flat=True)) for found in (own_concerns(user), frozen_concerns(user)))
    for concern in concerns():
        may = can(user, Permission.SEE_OWN, concern)
        assert (concern.pk in own, shown.get(concern.pk)) == (may, False if may else True if concern.pk in frozen else None)
        assert concern.logged_by_id == user.pk or not may
        CASES.append(1)


def alerts_and_steps_go_to_those_who_may_see_it() -> None:
    """What the worker writes in two hours: every mail and every new step is for somebody who may see it by then."""
    Message.objects.all().delete()
    before = set(Step.objects.values_list("pk", flat=True))
    for minutes in range(0, 150, 15):
        tick(at=NOW + timedelta(minutes=minutes))
    for message in Message.objects.filter(concern__isnull=False).select_related("recipient", "concern__centre"):
        assert message.concern and may_know(message.recipient, message.concern), message
    for step in (
        Step.objects.filter(state=StepState.WAITING, person__isnull=False).exclude(pk__in=before).select_related("concern", "person")
    ):
        assert step.person and may_know(step.person, step.concern), step


def may_know(user: User, concern: Concern) -> bool:
    CASES.append(1)
    return any(can(fresh(user), permission, concern) for permission in (Permission.SEE_CONCERN, Permission.SEE_OWN))


@pytest.mark.django_db
def test_pages_answer_as_the_rule_says() -> None:
    world(7)

    for user in everybody():
        client = signed_in(user)
        queue = client.get(reverse("queue")).content.decode()
        for concern in concerns():
            sees, own = (can(user, permission, concern) for permission in (Permission.SEE_CONCERN, Permission.SEE_OWN))
            answers = [client.get(reverse(name, args=[concern.pk])).status_code for name in ("concern_still", "mine_still")]

            assert answers == [204 if sees else 404, 204 if own else 404], (user.name, concern)
            assert (concern.reference in queue) == (sees and concern.is_open)
            CASES.append(1)


def test_there_were_enough_cases() -> None:
    """Counted where the whole file runs in one process; the table of permissions adds its own."""
    print(f"\n{len(CASES)} generated authorisation cases")

    assert not CASES or len(CASES) >= 600
