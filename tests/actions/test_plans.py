"""Changing a plan makes a new version; what could leave somebody waiting is refused in plain words. (S27, S36)"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from concerns.actions.centre import set_up_centre
from concerns.actions.contacts import change_contact, retire_contact
from concerns.actions.plans import NO_REASON, NOTHING_CHANGED, change_plan
from concerns.choices import ContactKey, StepKind, StepWho
from concerns.exceptions import NotAllowed, NotVisible, Refused, Stale
from concerns.models import AuditEvent, Contact, PlanVersion, RoleGrant, Rung
from concerns.queries.plan_faults import faults_in_use
from concerns.queries.plans import plans_in_use, read_version, shipped_plans
from concerns.queries.shipped import shipped_contacts
from concerns.rules.plans import Plan, PlanStep
from tests.actions.test_contacts import by_key, typed
from tests.factories import AT, Cast
from tests.makers import CALM, make_concern
from tests.plan_makers import changed_plan, keep_version

LATER = AT + timedelta(days=1)
FASTER = changed_plan(amount=30, rungs=(30, 60), repeats_minutes=30)
SARC_STEP = PlanStep(
    key="sarc",
    kind=StepKind.RING,
    text="Ring the centre",
    who=StepWho.HOLDER,
    contact=ContactKey.SARC,
    clock=FASTER.steps[2].clock,
    amount=60,
)


@pytest.fixture
def ready(cast: Cast) -> Cast:
    """The cast, at a centre with its contacts and plans."""
    set_up_centre(name=cast.centre.name, at=AT)
    return cast


def change(cast: Cast, plan: Plan = FASTER, **options: Any) -> PlanVersion:
    given = {"by": cast.admin, "centre": cast.centre, "version": 1, "reason": "Quicker.", "at": LATER}
    return change_plan(plan=plan, **{**given, **options})


def test_change_makes_a_new_version_and_keeps_the_old_one(ready: Cast) -> None:
    row = change(ready)

    assert (row.version, row.made_by, row.made_at, row.reason) == (2, ready.admin, LATER, "Quicker.")
    assert plans_in_use(ready.centre)["prompt"] == FASTER
    assert read_version(PlanVersion.objects.get(centre=ready.centre, key="prompt", version=1)) == shipped_plans()["prompt"]
    event = AuditEvent.objects.get(verb="changed a plan")
    assert (event.by, event.centre_id, event.detail) == (ready.admin, ready.centre.pk, {"key": "prompt", "version": 2})


def test_first_change_at_a_centre_without_rows_keeps_what_was_followed_so_far(cast: Cast) -> None:
    contacts = [row.unsaved() for row in shipped_contacts() if not row.is_retired]
    for contact in contacts:
        contact.centre = cast.centre
    Contact.objects.bulk_create(contacts)

    change(cast)

    rows = PlanVersion.objects.filter(centre=cast.centre).order_by("key", "version").values_list("key", "version")
    assert list(rows) == [("adult", 1), ("emergency", 1), ("prompt", 1), ("prompt", 2), ("urgent", 1)]


@pytest.mark.parametrize("role", ["reporter", "lead", "deputy", "case_manager", "trustee", "auditor"])
def test_change_is_for_administrators(ready: Cast, role: str) -> None:
    with pytest.raises(NotAllowed):
        change(ready, by=getattr(ready, role))
    with pytest.raises(NotVisible):
        change(ready, by=ready.outsider)

    assert not PlanVersion.objects.filter(version=2).exists()


def test_version_that_cannot_be_read_is_saved_again_as_it_stands_in(ready: Cast) -> None:
    PlanVersion.objects.create(centre=ready.centre, key="prompt", version=2, content={"title": "Today"}, made_at=AT)

    change(ready, shipped_plans()["prompt"], version=2)

    assert read_version(PlanVersion.objects.get(centre=ready.centre, key="prompt", version=3)) == replace(
        shipped_plans()["prompt"], version=3
    )
    assert faults_in_use(ready.centre, plans_in_use(ready.centre).values())["prompt"] == []


def test_stale_change_never_overwrites(ready: Cast) -> None:
    change(ready)

    with pytest.raises(Stale):
        change(ready, changed_plan(amount=20, rungs=(20,)))

    assert plans_in_use(ready.centre)["prompt"] == FASTER


@pytest.mark.parametrize(
    ("plan", "reason", "complaint"),
    [
        (FASTER, "  ", NO_REASON),
        (FASTER, "x" * 301, NO_REASON),
        (shipped_plans()["prompt"], "The same.", NOTHING_CHANGED),
        (changed_plan(amount=90, rungs=(90,)), "Slower.", "more than 60 minutes"),
        (changed_plan(contact=None), "None.", "outside the centre"),
    ],
)
def test_change_that_may_not_be_is_refused(ready: Cast, plan: Plan, reason: str, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        change(ready, plan, reason=reason)

    assert not PlanVersion.objects.filter(version=2).exists()


def lose_a_contact(cast: Cast) -> None:
    Contact.objects.filter(key=ContactKey.DUTY_RUTLAND_NIGHT).update(key="")


def lose_whose_number_it_is(cast: Cast) -> None:
    Contact.objects.filter(key=ContactKey.DUTY_CITY).update(user=cast.nobody)


def lose_the_list(cast: Cast) -> None:
    Rung.objects.filter(centre=cast.centre, ladder="ordinary").delete()


def lose_all_on_the_list(cast: Cast) -> None:
    Rung.objects.filter(ladder="ordinary").exclude(user=cast.deputy).delete()
    RoleGrant.objects.filter(user=cast.deputy, role="deputy").update(ended_at=AT)


def lose_every_lead(cast: Cast) -> None:
    RoleGrant.objects.filter(user=cast.lead, role="lead").update(ended_at=AT)


@pytest.mark.parametrize(
    ("lose", "complaint"),
    [
        (lose_a_contact, "needs “Rutland duty desk out of hours”"),
        (lose_whose_number_it_is, "somebody who has left"),
        (lose_the_list, "Nobody on the list “Concerns about a young person” can be asked"),
        (lose_all_on_the_list, "Nobody on the list “Concerns about a young person” can be asked"),
        (lose_every_lead, "Nobody here is a Designated Safeguarding Lead"),
    ],
)
def test_plan_that_would_reach_nobody_is_a_fault_and_refused(ready: Cast, lose: Any, complaint: str) -> None:
    assert faults_in_use(ready.centre, shipped_plans().values()) == dict.fromkeys(shipped_plans(), [])
    lose(ready)

    with pytest.raises(Refused, match=complaint):
        change(ready)

    assert complaint in " ".join(faults_in_use(ready.centre, [shipped_plans()["prompt"]])["prompt"])


def test_contact_of_a_plan_cannot_be_lost_whichever_version_names_it(ready: Cast) -> None:
    plan = changed_plan(version=2, steps=(*shipped_plans()["prompt"].steps, SARC_STEP))
    keep_version(ready.centre, plan)
    keep_version(ready.centre, replace(shipped_plans()["prompt"], version=3))
    contact = by_key(ready, ContactKey.SARC)

    with pytest.raises(Refused, match="The plan “Today” and the app’s advice name “Sexual assault referral centre”"):
        retire_contact(by=ready.admin, contact=contact, version=contact.version, successor=None, at=LATER)
    with pytest.raises(Refused, match="The plan “Today”"):
        change_contact(by=ready.admin, contact=contact, version=contact.version, facts=typed(contact, key=""), at=LATER)


def test_refusal_of_a_contact_is_the_same_with_and_without_concerns(ready: Cast) -> None:
    contact = by_key(ready, ContactKey.DUTY_CITY)

    def refusal() -> str:
        with pytest.raises(Refused) as refused:
            retire_contact(by=ready.admin, contact=contact, version=contact.version, successor=None, at=LATER)
        return str(refused.value)

    without = refusal()
    make_concern(ready, answers=CALM)

    assert refusal() == without
    assert "“Emergency” and “Urgent” and “Today” and “About an adult who works here”" in without
