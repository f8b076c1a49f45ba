"""Who has, who may be given and who is told of the steps of a concern."""

from datetime import datetime
from uuid import UUID

from concerns.access.decisions import can
from concerns.access.permissions import Permission
from concerns.access.roles import ADULT_READERS
from concerns.access.standing import grants_in_force, kept_to, vetoed_people
from concerns.choices import Role, StepKind, StepState, Vault
from concerns.models import Concern, Proposal, Step, User
from concerns.queries.ladder import askable, free_people


def author_who_may_know(concern: Concern) -> User | None:
    """Return who recorded a concern, or None where they left, or it is hidden from them by now: they get no step and no mail of it."""
    return concern.logged_by if can(concern.logged_by, Permission.SEE_OWN, concern) else None


def holder_of(concern: Concern) -> User | None:
    """Return the lead who has a concern, or None where they left, or may not see it by now: they get no step and no mail of it."""
    return concern.lead if concern.lead is not None and can(concern.lead, Permission.SEE_CONCERN, concern) else None


def step_of(concern: Concern, step_id: UUID) -> Step | None:
    """Return one step of a concern, whatever became of it; None where it has no such one (one query)."""
    return Step.objects.filter(concern=concern, pk=step_id).first()


def waiting_step(concern: Concern, **only: object) -> Step | None:
    """Return the first waiting step of a concern that `only` names, with its person, or None (one query)."""
    return Step.objects.filter(concern=concern, state=StepState.WAITING, **only).select_related("person").first()


def asked_to_take(user: User, concern: Concern, step_id: UUID) -> Step | None:
    """Return this step where it asks this person to take the concern over, and waits; else None (one query)."""
    return waiting_step(concern, pk=step_id, kind=StepKind.ACCEPT_HANDOVER, person=user)


def proposal_of(concern: Concern, proposal_id: UUID) -> Proposal | None:
    """Return one proposal of a concern, with who made it; None where it has no such one (one query)."""
    return Proposal.objects.filter(concern=concern, pk=proposal_id).select_related("proposed_by").first()


def in_order(concern: Concern, *, at: datetime) -> list[User]:
    """Return everybody who can be asked about a concern: on duty and within reach before the others, who is away last."""
    return askable(concern, at=at).in_order


def holder_or_next(concern: Concern, *, at: datetime) -> User | None:
    """Return who has a concern, or else the first who can be asked about it at `at`; None where there is nobody."""
    return holder_of(concern) or next(iter(in_order(concern, at=at)), None)


def second_people(concern: Concern, *, first: User) -> list[User]:
    """Return who could agree as the second person: leads, then deputies, then case managers, free of veto, and named where names hold."""
    hidden = vetoed_people(concern) | {first.pk, concern.logged_by_id}
    order = [Role.LEAD, Role.CASE_MANAGER, Role.DEPUTY] if concern.vault == Vault.ADULT else [Role.LEAD, Role.DEPUTY, Role.CASE_MANAGER]
    grants = grants_in_force().filter(centre=concern.centre, role__in=order).exclude(user__in=hidden).select_related("user")
    if (kept := kept_to(concern)) is not None:
        grants = grants.filter(user__in=kept)
    found = sorted(grants, key=lambda grant: (order.index(Role(grant.role)), grant.user.name))
    return list({grant.user_id: grant.user for grant in found}.values())


def able_to_do(step: Step, *, at: datetime) -> list[User]:
    """Return who may be given a waiting step of leads, on duty and within reach before the others.

    Never the proposer as their own second person.
    """
    concern = step.concern
    if step.kind == StepKind.READ_DISAGREEMENT:
        return by_turn(others_who_answer(concern), concern, at=at)
    if step.kind != StepKind.SECOND_PERSON:
        return in_order(concern, at=at)
    kind = step.key.removeprefix("second_")
    proposal = Proposal.objects.filter(concern=concern, kind=kind, decided_at=None).select_related("proposed_by").first()
    return by_turn(second_people(concern, first=proposal.proposed_by), concern, at=at) if proposal else []


def by_turn(people: list[User], concern: Concern, *, at: datetime) -> list[User]:
    """Return the same people, those first who come first when the concern asks somebody."""
    order = [user.pk for user in in_order(concern, at=at)]
    return sorted(people, key=lambda user: order.index(user.pk) if user.pk in order else len(order))


def others_who_answer(concern: Concern) -> list[User]:
    """Return who may answer a reporter who does not agree, first to ask first: never who has the concern, while there is anybody else.

    Source: the other lead or the case manager is told.
    """
    others = [user for user in free_people(concern) if user.pk != concern.lead_id]
    return others or (second_people(concern, first=concern.lead) if concern.lead else [])


def must_leave_answer(user: User, step: Step) -> bool:
    """Whether somebody must leave this answer to the reporter to another: it may be their own decision that is not agreed with."""
    is_theirs = step.concern.lead_id == user.pk and step.person_id != user.pk
    return is_theirs and (step.person_id is not None or bool(others_who_answer(step.concern)))


def adult_readers(concern: Concern) -> frozenset[UUID]:
    """Return the ids of those who work with a concern about an adult here, whether it asks them to do something or not."""
    if (kept := kept_to(concern)) is not None:
        return kept
    centre = concern.centre
    return frozenset(grants_in_force().filter(centre=centre, role__in=ADULT_READERS).values_list("user_id", flat=True))


def heirs(concern: Concern) -> list[User]:
    """Return who may be asked to take a concern over from who has it: those who can be asked about it, but for them."""
    return [user for user in free_people(concern) if user.pk != concern.lead_id]
