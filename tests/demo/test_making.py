"""Making the practice data: at any moment, without a mail, into an empty database only."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.utils import timezone

from concerns.actions.centre import set_up_centre
from concerns.models import Centre, Concern, Entry, Message, User
from concerns.queries.rota import coming_sessions
from concerns.rules.practice import DEMO_PASSWORD
from tests.demo.makers import NOON, late_at, make_demo

AWKWARD = (
    datetime(2027, 1, 2, 3, 5, tzinfo=UTC),  # between the bank holidays, at night
    datetime(2026, 4, 7, 21, 58, tzinfo=UTC),  # the day after Easter, at the end of a session; summer time since ten days
)


@pytest.mark.parametrize("at", AWKWARD, ids=str)
def test_any_day_and_hour_will_do(db: None, at: datetime) -> None:
    make_demo(at=at)

    assert Concern.objects.count() == 60
    assert late_at(at) <= 6
    assert not Entry.objects.filter(written_at__gt=at).exists()
    assert not Message.objects.filter(Q(sent_at__gt=at) | Q(queued_at__gt=at)).exists()


def test_command_mails_nothing_prints_the_accounts_and_refuses_a_database_in_use(
    db: None, capsys: pytest.CaptureFixture[str], django_capture_on_commit_callbacks: Any
) -> None:
    set_up_centre(name="Riverside Youth Centre", at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("demo_data")

    assert mail.outbox == []
    assert Message.objects.count() > 150
    assert not Message.objects.filter(sent_at=None).exists()
    assert all(user.check_password(DEMO_PASSWORD) for user in User.objects.all())
    assert capsys.readouterr().out.count("@example.org") == 8
    assert {line.missing for line in coming_sessions(Centre.objects.get(), at=timezone.now())} == {
        "",
        "Nobody deputises",
        "Nobody is on duty",
    }
    with pytest.raises(CommandError, match="There are accounts in this database already"):
        call_command("demo_data")
