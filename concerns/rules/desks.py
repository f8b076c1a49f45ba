"""Which council's duty desk and LADO belong to a home area, and which contacts answer at any hour."""

from collections.abc import Mapping
from enum import StrEnum

from concerns.choices import ContactKey, HomeArea


class Desk(StrEnum):
    """A contact that depends on where the young person lives; rules and plans name it, `resolve` finds it."""

    DUTY_DESK = "duty_desk"
    LADO = "lado"


# Leicester City Council, Leicestershire County Council and Rutland County Council: where the child lives decides the desk.
DUTY_DESKS: Mapping[HomeArea, tuple[ContactKey, ...]] = {
    HomeArea.CITY: (ContactKey.DUTY_CITY,),
    HomeArea.COUNTY: (ContactKey.DUTY_COUNTY,),
    HomeArea.RUTLAND: (ContactKey.DUTY_RUTLAND_DAY, ContactKey.DUTY_RUTLAND_NIGHT),
    HomeArea.ELSEWHERE: (ContactKey.COUNCIL_FINDER, ContactKey.POLICE),
    HomeArea.UNKNOWN: (ContactKey.DUTY_CITY,),
}

# The centre is in the city: its LADO takes the call whenever the home area names no other.
LADOS: Mapping[HomeArea, ContactKey] = {
    HomeArea.CITY: ContactKey.LADO_CITY,
    HomeArea.COUNTY: ContactKey.LADO_COUNTY,
    HomeArea.RUTLAND: ContactKey.LADO_RUTLAND,
    HomeArea.ELSEWHERE: ContactKey.LADO_CITY,
    HomeArea.UNKNOWN: ContactKey.LADO_CITY,
}

ANY_HOUR: frozenset[ContactKey] = frozenset(
    {
        ContactKey.POLICE_EMERGENCY,
        ContactKey.POLICE_TEXT,
        ContactKey.POLICE_BSL,
        ContactKey.POLICE,
        ContactKey.HEALTH,
        ContactKey.DUTY_CITY,
        ContactKey.DUTY_COUNTY,
        ContactKey.DUTY_RUTLAND_NIGHT,
        ContactKey.SAMARITANS,
    },
)


def resolve(desk: Desk, home_area: HomeArea) -> tuple[ContactKey, ...]:
    """The contacts of `desk` for `home_area`, first to ring first; never empty."""
    return DUTY_DESKS[home_area] if desk == Desk.DUTY_DESK else (LADOS[home_area],)
