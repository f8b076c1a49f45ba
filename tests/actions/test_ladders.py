"""Who is given an answering role takes their place on both ladders; an administrator puts the lists in order."""

from typing import Any

import pytest

from concerns.actions.ladders import CANNOT_ANSWER, NO_MAIL, NOBODY, NOBODY_FOR_ADULTS, change_ladder
from concerns.actions.roles import confirm_role, make_first_account, propose_role
from concerns.choices import Ladder, Role
from concerns.exceptions import NotAllowed, Refused, Stale
from concerns.models import AuditEvent, Rung, User
from tests.factories import AT, Cast, make_centre, make_user


def names(centre, ladder: Ladder) -> list[str]:  # type: ignore[no-untyped-def]
    return [rung.user.name for rung in Rung.objects.filter(centre=centre, ladder=ladder).order_by("position")]


def test_first_accounts_stand_on_the_ladders_in_the_order_of_their_roles(db: None) -> None:
    centre = make_centre()
    for name, role in (("Chair", Role.CASE_MANAGER), ("Deputy", Role.DEPUTY), ("Lead", Role.LEAD), ("Second lead", Role.LEAD)):
        make_first_account(by=None, centre=centre, email=f"{role}{name[:3]}@example.org", name=name, roles=[role, Role.REPORTER], at=AT)

    assert names(centre, Ladder.ORDINARY) == ["Lead", "Second lead", "Deputy", "Chair"]
    assert names(centre, Ladder.ADULT) == ["Chair", "Lead", "Second lead", "Deputy"]


def test_confirmed_lead_joins_after_the_leads_who_are_there(cast: Cast) -> None:
    ivy = make_user("Ivy Stone")
    waiting = propose_role(by=cast.admin, centre=cast.centre, user=ivy, role=Role.LEAD, at=AT)
    assert "Ivy Stone" not in names(cast.centre, Ladder.ORDINARY)

    confirm_role(by=cast.deputy, grant_id=waiting.pk, at=AT)

    assert names(cast.centre, Ladder.ORDINARY) == ["Priya Shah", "Ivy Stone", "Tom Ellis", "Grace Mensah"]


def test_somebody_who_answers_nothing_joins_no_ladder(cast: Cast) -> None:
    make_first_account(by=None, centre=cast.centre, email="new@example.org", name="New", roles=[Role.ADMIN, Role.TRUSTEE], at=AT)

    assert "New" not in names(cast.centre, Ladder.ORDINARY) + names(cast.centre, Ladder.ADULT)


def change(cast: Cast, *people: User, **options: Any) -> None:
    was = options.pop("was", [cast.lead, cast.deputy, cast.case_manager])
    ladder = options.pop("ladder", Ladder.ORDINARY)
    given = {"by": cast.admin, "centre": cast.centre, "at": AT, **options}
    change_ladder(ladder=ladder, people=[user.pk for user in people], was=[user.pk for user in was], **given)


def test_administrator_puts_the_list_in_another_order_and_takes_people_off(cast: Cast) -> None:
    change(cast, cast.case_manager, cast.lead)

    assert names(cast.centre, Ladder.ORDINARY) == [cast.case_manager.name, cast.lead.name]
    event = AuditEvent.objects.get(verb="changed whom alerts go to")
    assert event.detail == {"ladder": "ordinary", "people": f"{cast.case_manager.pk},{cast.lead.pk}"}


def test_stale_list_never_overwrites(cast: Cast) -> None:
    change(cast, cast.lead)

    with pytest.raises(Stale):
        change(cast, cast.deputy, cast.lead)

    assert names(cast.centre, Ladder.ORDINARY) == [cast.lead.name]


@pytest.mark.parametrize(
    ("people", "complaint"),
    [((), NOBODY), (("lead", "lead"), NOBODY), (("lead", "reporter"), CANNOT_ANSWER), (("lead", "outsider"), CANNOT_ANSWER)],
)
def test_list_that_would_reach_nobody_is_refused(cast: Cast, people: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        change(cast, *(getattr(cast, name) for name in people))

    assert Rung.objects.filter(centre=cast.centre, ladder="ordinary").count() == 3


def test_list_for_adults_needs_more_than_a_deputy(cast: Cast) -> None:
    with pytest.raises(Refused, match=NOBODY_FOR_ADULTS):
        change(cast, cast.deputy, ladder=Ladder.ADULT, was=[cast.case_manager, cast.lead])


def test_person_without_mail_cannot_be_on_the_list(cast: Cast) -> None:
    User.objects.filter(pk=cast.deputy.pk).update(email="")

    with pytest.raises(Refused, match=NO_MAIL):
        change(cast, cast.lead, cast.deputy)


@pytest.mark.parametrize("role", ["lead", "case_manager", "reporter", "auditor"])
def test_list_is_changed_by_administrators_only(cast: Cast, role: str) -> None:
    with pytest.raises(NotAllowed):
        change(cast, cast.lead, by=getattr(cast, role))
