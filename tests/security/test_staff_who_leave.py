"""No alert goes to somebody who left, and no open concern is without somebody who is asked: whoever leaves, whenever. (S34)"""

from dataclasses import replace
from datetime import datetime, timedelta

from concerns.actions.recording import add_addendum
from concerns.actions.roles import confirm_role, disable_account, propose_role
from concerns.choices import AboutStaff, MessageKind, Role, StepKind, StepState
from concerns.models import Concern, Message, Step, User
from concerns.worker import tick
from tests.factories import AT, Cast, grant, make_user
from tests.makers import DANGER, URGENT, answered, closed, make_concern

LATER = AT + timedelta(days=3)


def new_lead(cast: Cast, name: str = "Zoe Hale", *, role: Role = Role.LEAD, at: datetime = AT) -> User:
    """Somebody who is given a role after the concerns were opened, as people are: proposed, then confirmed."""
    user = grant(make_user(name), cast.centre, Role.REPORTER)
    proposal = propose_role(by=cast.admin, centre=cast.centre, user=user, role=role, at=at)
    confirm_role(by=cast.case_manager, grant_id=proposal.pk, at=at)
    return user


def leave(cast: Cast, *people: User, at: datetime = AT + timedelta(minutes=5)) -> None:
    for user in people:
        disable_account(by=cast.admin, centre=cast.centre, user=user, at=at)


def mailed(concern: Concern, *, since: datetime) -> set[tuple[str, str]]:
    rows = Message.objects.filter(concern=concern, queued_at__gte=since)
    return {(str(row.kind), row.recipient.name) for row in rows.select_related("recipient")}


def asked(concern: Concern, kind: StepKind) -> list[str]:
    steps = Step.objects.filter(concern=concern, kind=kind, state=StepState.WAITING).select_related("person")
    return [step.person.name if step.person else "everybody" for step in steps]


def test_addendum_to_concern_whose_lead_left_goes_to_somebody_who_is_there(cast: Cast) -> None:
    new_lead(cast)
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    leave(cast, cast.lead)

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="More.", worse=False, at=LATER)

    assert mailed(concern, since=LATER) == {("addendum", "Zoe Hale")}
    assert asked(concern, StepKind.READ_ADDENDUM) == ["Zoe Hale"]


def test_addendum_to_closed_concern_whose_lead_left_asks_those_who_are_there(cast: Cast) -> None:
    new_lead(cast)
    concern = closed(make_concern(cast), by=cast.lead)
    leave(cast, cast.lead, at=AT + timedelta(days=2))

    add_addendum(by=cast.reporter, concern_id=concern.pk, text="More.", worse=False, at=LATER)

    waiting = Step.objects.filter(concern=concern, state=StepState.WAITING, due_at__isnull=False)
    assert {step.person.name for step in waiting if step.person} == {"Zoe Hale", "Sam Okoro"}
    assert mailed(concern, since=LATER) == {("addendum", "Zoe Hale"), ("alert", "Zoe Hale")}


def test_addendum_of_lead_to_own_concern_is_not_given_to_themselves(cast: Cast) -> None:
    concern = answered(make_concern(cast, by=cast.lead, answers=URGENT), by=cast.deputy)
    Concern.objects.filter(pk=concern.pk).update(lead=cast.lead)

    add_addendum(by=cast.lead, concern_id=concern.pk, text="More.", worse=False, at=LATER)

    assert asked(concern, StepKind.READ_ADDENDUM) == ["Tom Ellis"]


def test_who_takes_over_an_unanswered_alert_is_mailed(cast: Cast) -> None:
    new_lead(cast)
    concern = make_concern(cast, answers=DANGER)
    gone_at = AT + timedelta(minutes=1)

    leave(cast, cast.lead, at=gone_at)

    assert asked(concern, StepKind.ACKNOWLEDGE) == ["Zoe Hale"]
    assert ("alert", "Zoe Hale") in mailed(concern, since=gone_at)


def test_new_lead_is_asked_about_concerns_that_are_older_than_their_role(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    new_lead(cast)
    leave(cast, cast.lead, cast.deputy, cast.case_manager)

    tick(at=AT + timedelta(minutes=11))

    assert asked(concern, StepKind.ACKNOWLEDGE) == ["everybody"]  # Zoe took over the step of who left, and was asked once
    nudged = Message.objects.filter(concern=concern, kind=MessageKind.NUDGE).values_list("recipient__name", flat=True)
    assert list(nudged) == ["Zoe Hale"]


def test_new_lead_is_not_asked_while_it_may_be_about_any_lead(cast: Cast) -> None:
    unsure = make_concern(cast, answers=replace(DANGER, about_staff=AboutStaff.NOT_SURE))
    lead, manager = new_lead(cast), new_lead(cast, "Ivo Marsh", role=Role.CASE_MANAGER)

    for minutes in (31, 61, 91, 101):
        tick(at=AT + timedelta(minutes=minutes))

    recipients = set(Message.objects.filter(concern=unsure).values_list("recipient__name", flat=True))
    assert manager.name in recipients and not recipients & {lead.name, cast.lead.name, cast.deputy.name}


def test_reporter_who_left_gets_no_mail(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER)
    leave(cast, cast.reporter)

    for minutes in (11, 21, 31, 41):
        tick(at=AT + timedelta(minutes=minutes))

    assert "Sam Okoro" not in {name for _, name in mailed(concern, since=AT + timedelta(minutes=6))}
