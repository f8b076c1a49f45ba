"""Whether the product is alive: does the worker come round, does urgent mail leave. A missed alert must not stay unseen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from concerns.choices import ASKING, Lane
from concerns.models import Concern, Heartbeat, Message

WORKER_IS_LATE = timedelta(minutes=2)
MAIL_IS_LATE = timedelta(minutes=2)
OVERDUE = "The last backup is too old, or there is none. Tell whoever runs the server: `manage.py backup` has to run every night."
WORKER_BEAT, MAIL_BEAT = "worker", "mail"
"""The heartbeats of the two loops: the one that moves steps on, and those that send mail."""
STUCK_BEAT = "stuck"
"""When a step could last not be moved on, or what was done with it not be written down."""
STUCK_IS_TOLD = timedelta(hours=1)
WRONG_CLOCK = "wrong clock"
"""When it was last seen that the clock here differs from that of another machine. Not there while it agrees."""
PROBE_BEAT = "probe"
"""When the mail server last took the daily mail that we send to ourselves."""
PROBE_IS_LATE = timedelta(hours=26)
CLOCK = "The clock of this server is more than five minutes wrong, by that of another machine. Tell whoever runs it."


@dataclass(frozen=True, kw_only=True)
class Health:
    """What works at this moment."""

    worker: bool
    steps: bool
    mail: bool
    backup: bool
    clock: bool

    @property
    def warning(self) -> str:
        """What administrators must be told beside that, or nothing."""
        return " ".join(words for well, words in ((self.backup, OVERDUE), (self.clock, CLOCK)) if not well)

    @property
    def alarm(self) -> str:
        """What leads and administrators must be told, or nothing."""
        if not self.worker:
            return "Alerts are not being passed on: the worker process does not run. Ring people, and tell whoever runs the server."
        if not self.steps:
            return "In the last hour something that was due could not be passed on. Ring people, and tell whoever runs the server."
        if not self.mail:
            return "Urgent mails are not leaving. Ring people, and tell whoever runs the server."
        return ""


def health_now(*, at: datetime) -> Health:
    """Return what works (two queries). The worker is late after two minutes; mail is, when an urgent one has waited that long,
    but for an address that was refused while others were reached, who were asked in its place;
    a backup is, after so many hours as the settings say (none: never)."""
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    beat, hours = beats.get(WORKER_BEAT), timedelta(hours=settings.BACKUP_HOURS)
    mail_beat = beats.get(MAIL_BEAT)
    stuck = Message.objects.filter(lane=Lane.FAST, sent_at=None, dead_at=None, withdrawn_at=None, queued_at__lt=at - MAIL_IS_LATE)
    others = Message.objects.filter(concern=OuterRef("concern"), kind__in=ASKING, sent_at__isnull=False)
    stuck = stuck.exclude(Exists(others) | Q(concern=None), refused_at__isnull=False)  # without one: a trustee whose address is wrong
    return Health(
        worker=beat is not None and at - beat < WORKER_IS_LATE,
        steps=STUCK_BEAT not in beats or at - beats[STUCK_BEAT] >= STUCK_IS_TOLD,
        mail=(mail_beat is None or at - mail_beat < MAIL_IS_LATE) and _probe_is_well(beats, at=at) and not stuck.exists(),
        backup=not hours or ("backup" in beats and at - beats["backup"] < hours),
        clock=WRONG_CLOCK not in beats,
    )


def _probe_is_well(beats: dict[str, datetime], *, at: datetime) -> bool:
    """Whether the daily mail to ourselves was taken in time; always, where none is configured or the first is not due yet."""
    return not settings.PROBE_ADDRESS or PROBE_BEAT not in beats or at - beats[PROBE_BEAT] < PROBE_IS_LATE


def nobody_else_is_asked(*, at: datetime) -> bool:
    """Whether nobody is asked any more at the moment: the worker stands still, or mail does not leave."""
    now = health_now(at=at)
    return not (now.worker and now.mail and now.steps)


def nobody_was_reached(concern: Concern, *, at: datetime) -> bool:
    """Whether every mail that asks for an answer to this concern still waits, two minutes or more after it was written."""
    asked = Message.objects.filter(concern=concern, kind__in=ASKING)
    if asked.exclude(sent_at=None).exists():
        return False
    return asked.filter(queued_at__lt=at - MAIL_IS_LATE).exists() or not health_now(at=at).worker
