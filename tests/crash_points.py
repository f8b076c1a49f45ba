"""kill -9 at every line between claim and mark: run by test_crash_points.py as a process on a database of its own.

For each line of the engine that a round goes through, a child does the round and kills itself at that line. After each death a whole round
must leave one further rung, one step that waits, and the mail taken at least once. Prints what it found as JSON.
"""

import json
import os
import signal
import sys
from collections import Counter
from datetime import timedelta
from types import FrameType, SimpleNamespace
from typing import Any

import django

django.setup()

from aiosmtpd.controller import Controller  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from concerns.choices import StepKind, StepState  # noqa: E402
from concerns.models import Centre, Concern, Message, Step, User  # noqa: E402
from concerns.queries.chains import verify  # noqa: E402
from concerns.worker import tick  # noqa: E402
from tests.mailserver import Box, free_port  # noqa: E402
from tests.makers import DANGER, make_draft  # noqa: E402

ENGINE = ("concerns/worker.py", "concerns/actions/")
NEVER = 10**9


class Tracer:
    """Counts the lines of the engine that are run, and kills the process at line `fatal`."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.lines = fatal, 0

    def __call__(self, frame: FrameType, event: str, _arg: Any) -> Any:
        if not any(part in frame.f_code.co_filename for part in ENGINE):
            return None
        if event == "line":
            self.lines += 1
            if self.lines >= self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def round_in_a_child(fatal: int, at: Any) -> int:
    """Do a round in a child that dies at line `fatal`; return how many lines it ran, or 0 where it died."""
    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        tracer = Tracer(fatal)
        sys.settrace(tracer)
        tick(at=at)
        sys.settrace(None)
        os.write(writer, str(tracer.lines).encode())
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    said = os.read(reader, 20)
    os.close(reader)
    return int(said) if status == 0 and said else 0


def unanswered(cast: Any) -> Concern:
    """An emergency whose first rung is over, with its first mail taken already."""
    ago = timezone.now() - timedelta(minutes=11)
    draft = make_draft(cast, answers=DANGER, at=ago)
    concern = Concern.objects.get(draft=draft)
    Message.objects.filter(concern=concern).update(sent_at=ago)
    Step.objects.filter(concern=concern).exclude(kind=StepKind.ACKNOWLEDGE).update(moves_at=None, state=StepState.DONE)
    return concern


def faults(concern: Concern, box: Box) -> list[str]:
    """What is wrong after a death and a whole round."""
    steps = list(Step.objects.filter(concern=concern, kind=StepKind.ACKNOWLEDGE).order_by("rung"))
    found = []
    if [step.rung for step in steps] != [0, 1] or [step.state for step in steps] != [StepState.LAPSED, StepState.WAITING]:
        found.append(f"steps {[(step.rung, step.state) for step in steps]}")
    keys = Counter(Message.objects.filter(concern=concern).values_list("recipient", "kind"))
    if any(count > 1 for count in keys.values()):
        found.append("a message twice")
    if Message.objects.filter(concern=concern, sent_at=None).exists():
        found.append("a mail not sent")
    subjects = [mail["Subject"] for mail in box.mails if concern.reference in str(mail["Subject"])]
    if not subjects:
        found.append("no mail taken")
    return found


def points(total: int, wanted: str) -> list[int]:
    """The lines to die at: "all", or as many as `wanted` says, spread over the round."""
    count = total if wanted == "all" else min(int(wanted), total)
    return [1 + number * total // count for number in range(count)]


def main(wanted: str) -> None:
    box, port = Box(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "concerns.smtp.EmailBackend", "127.0.0.1", port
    cast = SimpleNamespace(centre=Centre.objects.get(), reporter=User.objects.get(email="reporter@example.org"))
    unanswered(cast)
    total = round_in_a_child(NEVER, timezone.now())
    tried, wrong, twice = 0, dict[int, list[str]](), 0
    for fatal in points(total, wanted):
        concern = unanswered(cast)
        round_in_a_child(fatal, timezone.now())
        for _ in range(3):
            tick(at=timezone.now() + timedelta(seconds=40))  # past every lease
        tried += 1
        if found := faults(concern, box):
            wrong[fatal] = found
        twice += sum(concern.reference in str(mail["Subject"]) for mail in box.mails) > 1
        Concern.objects.filter(pk=concern.pk).update(status="closed", next_due_at=None)
        Step.objects.filter(concern=concern).update(moves_at=None)
    controller.stop()
    print(json.dumps({"lines": total, "tried": tried, "wrong": wrong, "mails_twice": twice, "chains": list(verify().faults)}))


if __name__ == "__main__":
    main(sys.argv[1])
