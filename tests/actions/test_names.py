"""Two people at one centre do not come to have one name: whom a concern is about would be a matter of luck. (S5)"""

import pytest
from django.core.management import CommandError, call_command

from concerns.access.standing import roles_of
from concerns.actions.roles import add_account, disable_account, make_first_account
from concerns.choices import Role
from concerns.exceptions import Refused
from concerns.models import Centre, User
from tests.factories import AT, Cast

TAKEN = "There is somebody called Priya Shah here already. Write the name so that both can be told apart"
ALIKE = ["Priya Shah", "priya  shah", "Priya-Shah", "Ｐriya Shah\u200b"]


def added(cast: Cast, name: str) -> User:
    return add_account(by=cast.admin, centre=cast.centre, email="new@example.org", name=name, at=AT)


def made_on_the_server(centre: Centre, name: str, email: str = "new@example.org") -> User:
    return make_first_account(by=None, centre=centre, email=email, name=name, roles=[Role.ADMIN], at=AT)


@pytest.mark.parametrize("name", ALIKE)
def test_name_of_a_colleague_is_refused_and_says_what_to_do(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match=TAKEN):
        added(cast, name)
    with pytest.raises(Refused, match=TAKEN):
        made_on_the_server(cast.centre, name)

    assert not User.objects.filter(email="new@example.org").exists()


def test_name_that_is_told_apart_is_taken_and_so_is_one_of_another_centre(cast: Cast) -> None:
    assert added(cast, "Priya Shah the younger").name == "Priya Shah the younger"
    assert made_on_the_server(cast.centre, cast.outsider.name, "lena@example.org").name == "Lena Novak"


def test_name_of_somebody_who_has_left_can_be_given_again(cast: Cast) -> None:
    disable_account(by=cast.admin, centre=cast.centre, user=cast.reporter2, at=AT)

    assert added(cast, cast.reporter2.name).name == "Ana Petrova"


def test_account_that_is_there_gets_more_roles_from_the_server_and_keeps_its_name(cast: Cast) -> None:
    user = made_on_the_server(cast.centre, "Tom Ellis", cast.lead.email)

    held = roles_of(User.objects.get(pk=user.pk))[cast.centre.pk]
    assert (user, user.name, Role.ADMIN in held) == (cast.lead, "Priya Shah", True)


def test_command_says_that_a_name_is_taken(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concerns.management.commands.create_account.getpass", lambda _asking: "a long enough password")

    with pytest.raises(CommandError, match=TAKEN):
        call_command("create_account", "new@example.org", "Priya Shah", "--role", "lead", "--centre", cast.centre.name)
