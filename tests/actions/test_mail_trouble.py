"""Real conversations with mail servers that refuse, break off, greylist, or show another time. No alert is lost, none waits. (S33, S35)"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.actions.outbox import send_due
from concerns.choices import MessageKind, StepKind, StepState
from concerns.models import AuditEvent, Concern, Heartbeat, Message, Step
from concerns.queries.health import WRONG_CLOCK, health_now
from concerns.queries.ladder import askable
from concerns.queries.ledger import alerts_of
from concerns.rules.delivery import date_shown
from concerns.worker import move_on_due
from tests.factories import AT, Cast, signed_in
from tests.mailserver import Dropping, Refusing, mail_server, serving
from tests.makers import CALM, URGENT, make_concern, queued

MINUTE = timedelta(minutes=1)


@pytest.fixture
def concern(cast: Cast) -> Concern:
    return make_concern(cast, answers=URGENT, at=timezone.now())


def asked(concern: Concern) -> str:
    person = Step.objects.get(concern=concern, kind=StepKind.ACKNOWLEDGE, state=StepState.WAITING).person
    return person.name if person else "everybody"


def send(at: datetime | None = None) -> None:
    send_due(at=at or timezone.now())


def test_refused_address_asks_the_next_person_at_once(cast: Cast, concern: Concern) -> None:
    with serving(Refusing(cast.lead.email)):
        send()
    move_on_due(at=timezone.now())

    assert asked(concern) == "Tom Ellis"
    verbs = AuditEvent.objects.filter(concern=concern, by=None).order_by("number").values_list("verb", flat=True)
    assert list(verbs) == ["found that mail is refused", "asked the next person"]


def test_who_cannot_be_reached_is_passed_over_in_the_next_concern(cast: Cast, concern: Concern) -> None:
    with serving(Refusing(cast.lead.email)):
        send()

    assert asked(make_concern(cast, answers=URGENT, at=timezone.now())) == "Tom Ellis"


def test_who_can_be_reached_again_is_asked_again(cast: Cast, concern: Concern) -> None:
    with serving(Refusing(cast.lead.email)):
        send()
    with mail_server():
        send(timezone.now() + MINUTE)

    assert asked(make_concern(cast, answers=URGENT, at=timezone.now() + 2 * MINUTE)) == "Priya Shah"


def test_where_nobody_can_be_reached_all_are_asked_all_the_same(cast: Cast, concern: Concern) -> None:
    Message.objects.bulk_create(
        Message(
            centre=cast.centre,
            recipient=user,
            kind="alert",
            lane="a_fast",
            key=str(user.pk),
            queued_at=AT,
            run_at=AT,
            refused_at=timezone.now(),
        )
        for user in (cast.lead, cast.deputy, cast.case_manager)
    )

    assert [user.name for user in askable(concern, at=timezone.now()).first] == ["Priya Shah", "Tom Ellis", "Grace Mensah"]


def test_refused_urgent_mail_is_still_tried_and_never_a_dead_letter(cast: Cast, concern: Concern) -> None:
    with serving(Refusing(cast.lead.email)):
        for minute in range(20):
            send(timezone.now() + minute * MINUTE)

    message = Message.objects.get(recipient=cast.lead, kind=MessageKind.ALERT)
    assert (message.dead_at, message.attempts) == (None, 20)


def test_ledger_says_why_a_mail_did_not_leave(cast: Cast, concern: Concern) -> None:
    with serving(Refusing(cast.lead.email)):
        send()

    (line,) = alerts_of(concern, at=timezone.now())
    assert line.startswith("Priya Shah: not sent at ")
    assert line.endswith(", because the mail server refused their address. We keep trying")


def test_server_that_breaks_off_is_tried_again(cast: Cast, concern: Concern) -> None:
    with serving(Dropping(times=1)) as box:
        send()
        first = len(box.mails)
        send(timezone.now() + MINUTE)

    assert (first, len(box.mails)) == (0, 1)
    assert Message.objects.get(kind=MessageKind.ALERT).sent_at is not None


def test_one_break_does_not_hold_up_the_next_mail(cast: Cast, concern: Concern) -> None:
    make_concern(cast, answers=URGENT, at=timezone.now())
    with serving(Dropping(times=1)) as box:
        send()

    assert len(box.mails) == 1


def test_greylisting_server_gets_it_within_a_minute(cast: Cast, concern: Concern) -> None:
    with mail_server() as box:
        box.refusing = True
        send()
        box.refusing = False
        send(timezone.now() + timedelta(seconds=60))

    assert (len(box.mails), asked(concern)) == (1, "Priya Shah")


@pytest.mark.parametrize(("hours", "well"), [(0, True), (1, False), (-1, False)])
def test_clock_that_differs_from_the_mail_servers_is_noticed(cast: Cast, concern: Concern, hours: int, well: bool) -> None:
    shown = format_datetime(datetime.now(UTC) + timedelta(hours=hours))
    with serving(Refusing(""), ident=f"a mail server, {shown}"):
        send()

    assert health_now(at=timezone.now()).clock is well


def test_clock_that_agrees_again_is_well_again(cast: Cast, concern: Concern) -> None:
    Heartbeat.objects.create(name=WRONG_CLOCK, at=timezone.now())
    with serving(Refusing(""), ident=f"a mail server, {format_datetime(datetime.now(UTC))}"):
        send()

    assert health_now(at=timezone.now()).clock


@pytest.mark.parametrize(
    ("said", "minute"),
    [
        ("mail.example.org ESMTP Exim 4.96 Wed, 25 Nov 2026 06:41:10 +0000", 41),
        ("mail.example.org ESMTP Sendmail; Wed, 25 Nov 2026 07:41:10 +0100", 41),
        ("Wed, 25 Nov 2026 06:41:10 GMT", 41),
        ("25 Nov 2026 06:41 +0000", 41),
        ("mail.example.org ESMTP Postfix", None),
        ("99 Nov 2026 06:41:10 +0000", None),
        ("", None),
    ],
)
def test_date_is_read_where_a_server_shows_one(said: str, minute: int | None) -> None:
    found = date_shown(said)

    assert (found and (found.hour, found.minute)) == (None if minute is None else (6, minute))


# Mails that did not leave, on their page


def dead_letter(cast: Cast, concern: Concern | None, kind: MessageKind = MessageKind.ADDENDUM) -> Message:
    message = queued(recipient=cast.deputy, kind=kind, key=f"dead:{concern}", at=AT, concern=concern, centre=cast.centre)
    Message.objects.filter(pk=message.pk).update(failed_at=AT, dead_at=AT, attempts=12, failure="SMTPRecipientsRefused")
    return message


def page(cast: Cast, who: str) -> str:
    return signed_in(getattr(cast, who)).get(reverse("unsent")).content.decode()


def test_lead_sees_a_dead_letter_with_its_reference(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    dead_letter(cast, concern)

    assert concern.reference in page(cast, "lead")
    assert "We have stopped trying" in page(cast, "lead")


def test_administrator_sees_whom_mail_does_not_reach_and_no_mail_about_a_concern(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    Message.objects.filter(pk=dead_letter(cast, concern).pk).update(refused_at=timezone.now())

    shown = page(cast, "admin")

    assert f"{cast.deputy.name}, {cast.deputy.email}" in shown
    assert concern.reference not in shown
    assert "Something was added" not in shown


def test_dead_letter_is_announced_on_every_page_of_leads_and_administrators(cast: Cast) -> None:
    dead_letter(cast, None, MessageKind.ROLE)

    told = {who: "Some mails could not be sent" in signed_in(getattr(cast, who)).get("/").content.decode() for who in ("lead", "reporter")}

    assert told == {"lead": True, "reporter": False}


def test_dead_letter_leaves_when_it_is_tried_again(cast: Cast) -> None:
    message = dead_letter(cast, make_concern(cast, answers=CALM))

    signed_in(cast.lead).post(reverse("unsent_again", args=[message.pk]))
    with mail_server() as box:
        send_due(at=timezone.now(), limit=50)

    assert message.recipient.email in {mail["To"] for mail in box.mails}


def test_nobody_tries_a_mail_again_that_is_hidden_from_them(cast: Cast) -> None:
    message = dead_letter(cast, make_concern(cast, answers=CALM))

    answer = signed_in(cast.admin).post(reverse("unsent_again", args=[message.pk]))

    message.refresh_from_db()
    assert (answer.status_code, message.dead_at) == (404, AT)
