"""Mail in real conversations with a mail server: taken, refused, hanging, down; leases; what a mail may hold. (S30, S33, S35)"""

from datetime import timedelta

import pytest
from django.utils import timezone

from concerns.actions.outbox import claim, mark_failed, mark_sent, queue_message, send_due
from concerns.choices import Lane, MessageKind
from concerns.models import Message
from tests.factories import AT, Cast
from tests.mailserver import free_port, hanging_mail_server, mail_goes_to, mail_server
from tests.makers import CALM, DANGER, URGENT, make_concern, queued

MINUTE = timedelta(minutes=1)


def the_alert(cast: Cast, answers=URGENT) -> Message:  # type: ignore[no-untyped-def]
    return Message.objects.get(concern=make_concern(cast, answers=answers), kind=MessageKind.ALERT)


def test_mail_that_is_taken_is_marked_sent_with_the_time(cast: Cast) -> None:
    message = the_alert(cast)

    with mail_server() as box:
        send_due(at=AT)

    message.refresh_from_db()
    assert box.subjects == [f"URGENT Safeguarding {message.concern.reference}: please answer"]  # type: ignore[union-attr]
    assert message.sent_at is not None and message.failure == ""


def test_mail_holds_level_reference_and_link_and_no_word_of_anybody(cast: Cast) -> None:
    concern = make_concern(cast, answers=DANGER, said="tangerine-walrus", where="Harbour kitchen")

    with mail_server() as box:
        send_due(at=AT)

    text = box.mails[0].as_string()
    body = str(box.mails[0].get_payload(decode=True), "utf-8").replace("\r\n", "\n")  # type: ignore[arg-type]
    assert f"Level: Emergency\nReference: {concern.reference}" in body
    assert f"/concerns/{concern.pk}/" in body
    for secret in ("tangerine", "Harbour", "Aria", "Blackwood", cast.reporter.name, cast.lead.name, "marzipan"):
        assert secret not in text + body


def test_ordinary_mail_is_not_called_urgent(cast: Cast) -> None:
    message = the_alert(cast, answers=CALM)

    with mail_server() as box:
        send_due(at=AT)

    assert box.subjects == [f"Safeguarding {message.concern.reference}: please answer"]  # type: ignore[union-attr]


def test_refused_mail_is_tried_again_within_a_minute_for_ever(cast: Cast) -> None:
    message = the_alert(cast)
    now = timezone.now()

    with mail_server() as box:
        box.refusing = True
        for _ in range(20):
            Message.objects.update(run_at=now)
            send_due(at=now)
        message.refresh_from_db()
        assert (message.attempts, message.sent_at, message.dead_at) == (20, None, None)
        assert message.failure == "SMTPDataError"
        assert message.run_at - timezone.now() <= MINUTE

        box.refusing = False
        send_due(at=timezone.now() + MINUTE)

    message.refresh_from_db()
    assert message.sent_at is not None


def test_ordinary_mail_backs_off_and_at_last_is_a_dead_letter(cast: Cast) -> None:
    message = the_alert(cast, answers=CALM)
    waits = []

    for attempt in range(1, 13):
        message.attempts = attempt
        mark_failed(message, error=OSError("secret text"), at=AT)
        message.refresh_from_db()
        waits.append(message.run_at - AT)

    assert waits[0] < waits[3] < waits[6]
    assert message.dead_at == AT
    assert message.failure == "OSError"


@pytest.mark.parametrize("after", [b"", b"220 hello\r\n"], ids=["says nothing", "stops after the greeting"])
def test_hanging_mail_server_does_not_stop_the_next_mail(cast: Cast, after: bytes) -> None:
    first, second = the_alert(cast), the_alert(cast, answers=CALM)

    with hanging_mail_server(after=after):
        tried = send_due(at=AT)

    for message in (first, second):
        message.refresh_from_db()
        assert message.sent_at is None and message.failure
        assert message.run_at > AT
    assert tried == 2


def test_mail_server_that_is_down_loses_nothing(cast: Cast) -> None:
    messages = [the_alert(cast, answers=CALM), the_alert(cast), the_alert(cast, answers=CALM)]

    with mail_goes_to(free_port()):
        send_due(at=AT)
    with mail_server() as box:
        send_due(at=timezone.now() + 2 * MINUTE)

    assert len(box.mails) == 3
    assert box.subjects[0].startswith("URGENT")
    assert Message.objects.filter(pk__in=[message.pk for message in messages], sent_at=None).count() == 0


def test_claimed_row_is_nobody_elses_until_its_lease_runs_out(cast: Cast) -> None:
    message = the_alert(cast)

    first, second = claim(at=AT), claim(at=AT + MINUTE / 3)
    after_a_crash = claim(at=AT + MINUTE)

    assert [row.pk for row in first] == [message.pk] == [row.pk for row in after_a_crash]
    assert second == []


def test_emergency_goes_ahead_of_a_backlog(cast: Cast) -> None:
    concern = make_concern(cast, answers=CALM)
    for number in range(50):
        queue_message(recipient=cast.lead, kind=MessageKind.ADDENDUM, key=f"old-{number}", at=AT - MINUTE, concern=concern)
    alert = the_alert(cast)

    assert claim(at=AT, limit=1) == [alert]
    assert alert.lane == Lane.FAST


def test_same_key_makes_one_mail_and_leaves_the_first_as_it_is(cast: Cast) -> None:
    concern = make_concern(cast)
    first = queued(recipient=cast.lead, kind=MessageKind.ALERT, key="once", at=AT, concern=concern)
    mark_sent(first, at=AT)

    again = queued(recipient=cast.deputy, kind=MessageKind.NUDGE, key="once", at=timezone.now(), concern=concern)

    assert (again.pk, again.recipient_id, again.kind, again.queued_at, again.sent_at) == (first.pk, cast.lead.pk, "alert", AT, AT)


def test_second_sending_carries_the_same_message_id(cast: Cast) -> None:
    message = the_alert(cast)

    with mail_server() as box:
        for _ in range(2):
            Message.objects.update(sent_at=None, leased_until=None, run_at=AT)
            send_due(at=AT)

    assert {mail["Message-ID"] for mail in box.mails} == {f"<{message.pk}@safeguarding.invalid>"}


@pytest.mark.parametrize("bad", ["lead@example.org\nBcc: all@example.org", "lead@example.org\r\nSubject: x"])
def test_header_injection_sends_nothing_elsewhere_and_stops_no_other(cast: Cast, bad: str) -> None:
    type(cast.lead).objects.filter(pk=cast.lead.pk).update(email=bad)
    bad_one = the_alert(cast)
    good = the_alert(cast, answers=CALM)
    Message.objects.filter(pk=good.pk).update(recipient=cast.deputy)

    with mail_server() as box:
        send_due(at=AT)

    bad_one.refresh_from_db()
    assert (bad_one.sent_at, bad_one.failure) == (None, "ValueError")
    assert [mail["To"] for mail in box.mails] == [cast.deputy.email]
