"""What is wrong with a plan at a centre: whom it names must be there and able to be reached. Reads no concern."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from concerns.access.standing import ANSWERING, grants_in_force
from concerns.choices import ContactKey, HomeArea, Ladder, PlanKey, Role
from concerns.models import Centre, Contact, PlanVersion, Rung
from concerns.queries.plans import newest_rows, read_version, shipped_plans
from concerns.rules.desks import Desk, resolve
from concerns.rules.plan_limits import limits_broken
from concerns.rules.plans import Plan, PlanError, PlanStep

NO_LEAD = "Nobody here is a Designated Safeguarding Lead. Give somebody the role under “People”, and have it confirmed."
UNREADABLE = "The newest version cannot be read, so the plan that ships stands in for it. Save it again."


@dataclass(frozen=True)
class Around:
    """What plans depend on at a centre: the contacts in use by key, whom both lists hold, who can be asked, who works here, and a lead."""

    contacts: dict[str, Contact]
    lists: dict[Ladder, list[UUID]]
    reachable: frozenset[UUID]
    staff: frozenset[UUID]
    has_lead: bool


def around(centre: Centre) -> Around:
    """Return what plans depend on at a centre. Three queries."""
    contacts = Contact.objects.filter(centre=centre, retired_at=None).exclude(key="").select_related("user")
    held = list(grants_in_force().filter(centre=centre).values_list("user_id", "role"))
    lists: dict[Ladder, list[UUID]] = {ladder: [] for ladder in Ladder}
    reachable = set()
    for rung in Rung.objects.filter(centre=centre).select_related("user"):
        lists[Ladder(rung.ladder)].append(rung.user_id)
        if rung.user.email:
            reachable.add(rung.user_id)
    able = {user_id for user_id, role in held if role in ANSWERING}
    return Around(
        contacts={contact.key: contact for contact in contacts},
        lists=lists,
        reachable=frozenset(reachable & able),
        staff=frozenset(user_id for user_id, _ in held),
        has_lead=any(role == Role.LEAD for _, role in held),
    )


def keys_of(step: PlanStep) -> tuple[ContactKey, ...]:
    """Return the contacts that a step needs: for a desk, those of every place where a young person may live."""
    if step.contact is None:
        return ()
    if not isinstance(step.contact, Desk):
        return (step.contact,)
    return tuple(dict.fromkeys(key for area in HomeArea for key in resolve(step.contact, area)))


def faults(plan: Plan, here: Around) -> list[str]:
    """Return what is wrong with a plan at a centre: sentences for an administrator, each once."""
    return list(dict.fromkeys([*limits_broken(plan), *_missing_contacts(plan, here), *_missing_people(plan, here)]))


def plans_that_name(centre: Centre, key: str) -> list[str]:
    """Return the titles of the plans that need a contact, in any version of them: a running concern may follow any. One query."""
    named = {plan.title: plan for plan in shipped_plans().values() if key in _keys_in(plan)}
    for row in PlanVersion.objects.filter(centre=centre):
        if _can_be_read(row) and key in _keys_in(plan := read_version(row)):
            named[plan.title] = plan
    return list(named)


def _keys_in(plan: Plan) -> frozenset[ContactKey]:
    return frozenset(key for step in plan.steps for key in keys_of(step))


def faults_in_use(centre: Centre, plans: Iterable[Plan]) -> dict[str, list[str]]:
    """Return the faults of each of these plans by key, with the newest versions that cannot be read."""
    here = around(centre)
    unreadable = {row.key for row in newest_rows(centre) if not _can_be_read(row)}
    return {plan.key: ([UNREADABLE] if plan.key in unreadable else []) + faults(plan, here) for plan in plans}


def can_be_read(centre: Centre, key: str) -> bool:
    """Whether the newest version of a plan can be read; the plan that ships stands in for one that cannot. One query."""
    return all(_can_be_read(row) for row in newest_rows(centre).filter(key=key))


def _can_be_read(row: PlanVersion) -> bool:
    try:
        read_version(row)
    except PlanError:
        return False
    return True


def _missing_contacts(plan: Plan, here: Around) -> Iterator[str]:
    for step in plan.steps:
        for key in keys_of(step):
            contact = here.contacts.get(key)
            if contact is None or not (contact.number or contact.url or contact.email):
                yield f"The step “{step.text}” needs “{key.label}”, and no contact in use stands for it."
            elif contact.user_id is not None and contact.user_id not in here.staff:
                yield f"The step “{step.text}” goes to “{contact.name}”, the number of somebody who has left."


def _missing_people(plan: Plan, here: Around) -> Iterator[str]:
    ladder = Ladder.ADULT if plan.key == PlanKey.ADULT else Ladder.ORDINARY
    if not here.reachable & set(here.lists[ladder]):
        yield f"Nobody on the list “{ladder.label}” can be asked: they have left, cannot answer in their role, or have no e-mail address."
    if not here.has_lead:
        yield NO_LEAD
