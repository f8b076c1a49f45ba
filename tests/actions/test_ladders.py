"""Who is given an answering role takes their place on both ladders."""

from concerns.actions.roles import confirm_role, make_first_account, propose_role
from concerns.choices import Ladder, Role
from concerns.models import Rung
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
