"""What is sent to a real web process so that a marker goes through every box of every form. Runs inside the site, prints JSON.

`python -m tests.marker_world MARKER` prints requests as [name, path, fields, session cookie, wanted status].
"""

import json
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from concerns.actions.closing import change_level  # noqa: E402
from concerns.actions.handover import hand_over  # noqa: E402
from concerns.actions.referrals import record_referral  # noqa: E402
from concerns.actions.restrictions import restrict_concern  # noqa: E402
from concerns.choices import EntryKind, Level, StepState  # noqa: E402
from concerns.models import Concern, Draft, Step, User  # noqa: E402
from concerns.rules.referrals import HEADINGS  # noqa: E402
from concerns.rules.words import clock_words  # noqa: E402
from concerns.views.held import kept_for  # noqa: E402
from tests.disposals import disposed_early, make_closed  # noqa: E402
from tests.factories import let_in, make_cast  # noqa: E402
from tests.makers import ACCOUNT, CHILD, URGENT, about, answered, closed, make_concern, make_draft  # noqa: E402

NOW = timezone.now() - timedelta(minutes=5)
RECORD_BOXES = ("seen", "said", "think", "seemed", "done", "where", "present", "name", "age", "others", "told", "parents", "happened_words")


class World:
    """A centre whose people have signed in, and the forms that they will send."""

    def __init__(self, marker: str) -> None:
        self.marker, self.cast = marker, make_cast()
        self.requests: list[list[Any]] = []
        self.cookies = {user.pk: self.cookie(user) for user in (self.cast.reporter, self.cast.lead, self.cast.deputy)}

    def cookie(self, user: User) -> str:
        client = Client()
        let_in(client, user)
        return client.cookies["sessionid"].value

    def sends(self, user: User | None, form: str, /, *args: Any, wanted: int = 302, note: str = "", **fields: Any) -> None:
        """`user` sends this form; None is somebody whose session has ended."""
        typed = {**fields, "a_box_that_no_form_has": f"{self.marker} odd"}
        cookie = self.cookies[user.pk] if user else ""
        self.requests.append([note or form, reverse(form, args=args), typed, cookie, wanted])

    def concern(self, **options: Any) -> Concern:
        return answered(make_concern(self.cast, at=NOW, **options), by=self.cast.lead, at=NOW)

    def by_leads(self) -> None:
        lead, words = self.cast.lead, {"reason": f"{self.marker} reason"}
        case = self.concern()
        account = case.entries.get(kind=EntryKind.ACCOUNT)
        step = Step.objects.filter(concern=case, state=StepState.WAITING).exclude(due_at=None)[0]
        for kind in ("note", "conversation", "agency_contact", "decision", "reply"):
            self.sends(lead, "concern_entry", case.pk, kind=kind, text=f"{self.marker} {kind}", note=f"concern_entry {kind}", **words)
        self.sends(lead, "concern_correct", case.pk, account.pk, text=f"{self.marker} correction")
        self.sends(lead, "concern_step", case.pk, step.pk, done="yes", outcome=f"{self.marker} outcome", reference=f"{self.marker} ref")
        for name, more in (
            ("concern_status", {"to": "in_progress"}),
            ("concern_level", {"to": "urgent"}),
            ("concern_close", {"outcome": "support_here"}),
        ):
            other = self.concern()
            self.sends(lead, name, other.pk, version=other.version, **more, **words)
        over = closed(self.concern(), by=lead, at=NOW)
        self.sends(lead, "concern_reopen", over.pk, version=over.version, **words)
        urgent = self.concern(answers=URGENT)
        change_level(by=lead, concern_id=urgent.pk, version=urgent.version, to=Level.PROMPT, reason="Calmer.", at=NOW)
        self.sends(self.cast.deputy, "concern_second", urgent.pk, urgent.proposals.get().pk, agree="yes", **words)
        self.sends(self.cast.deputy, "concern_conflict", self.concern().pk, **words)
        deputy = self.cast.deputy
        adult = make_concern(self.cast, at=NOW, answers=about(self.cast.reporter2))
        self.sends(deputy, "break_glass", reference=adult.reference, **words)
        open_one, kept = self.concern(), self.concern()
        restrict_concern(by=lead, concern_id=kept.pk, version=kept.version, people=[deputy.pk], reason="Their neighbour.", at=NOW)
        kept.refresh_from_db()
        self.sends(lead, "concern_restrict", open_one.pk, version=open_one.version, people=str(deputy.pk), **words)
        self.sends(lead, "concern_lift", kept.pk, version=kept.version, **words)
        self.sends(lead, "rota_note", text=f"{self.marker} note for the next session")
        self.hands_over()
        self.refers()
        self.refused(case)
        self.shown = case.pk

    def hands_over(self) -> None:
        lead, deputy, concern, words = self.cast.lead, self.cast.deputy, self.concern(), f"{self.marker} hand-over"
        self.sends(lead, "concern_hand_over", concern.pk, to=str(deputy.pk), text=words, version=concern.version)
        other = self.concern()
        hand_over(by=lead, concern_id=other.pk, version=other.version, to=deputy, note="Please.", at=NOW)
        asked = Step.objects.get(concern=other, kind="accept_handover")
        self.sends(deputy, "concern_handover", other.pk, asked.pk, accept="no", reason=words)

    def refers(self) -> None:
        lead, concern, other = self.cast.lead, self.concern(), self.concern()
        boxes = {name: f"{self.marker} {name}"[:90] for name in HEADINGS if name not in ("how", "desk")}
        local = timezone.localtime(NOW + timedelta(minutes=1))
        when = {
            "happened_on_day": local.day,
            "happened_on_month": local.month,
            "happened_on_year": local.year,
            "happened_time": clock_words(local),
        }
        made = record_referral(
            by=lead,
            concern_id=other.pk,
            version=other.version,
            to="duty_city",
            made_at=NOW - timedelta(minutes=1),
            details={"was_said": "Yes."},
            at=NOW,
        )
        self.sends(lead, "concern_referral", concern.pk, version=concern.version, to="duty_city", **{**boxes, **when, "how": "phone"})
        answer = {"decision": "OTHER", "agrees": "no", "what": f"{self.marker} council"}
        self.sends(lead, "concern_referral_answer", other.pk, made.pk, **answer, **when)

    def refused(self, case: Concern) -> None:
        """Forms that are not taken: with a mistake, with a wrong token, after the session's end."""
        lead, words = self.cast.lead, f"{self.marker} refused"
        self.sends(lead, "concern_entry", case.pk, kind="", text=words, wanted=422, note="with a mistake")
        self.sends(
            lead, "concern_entry", case.pk, text=words, csrfmiddlewaretoken="x", kept_for=kept_for(lead), wanted=403, note="bad token"
        )
        self.sends(None, "concern_entry", case.pk, text=words, kept_for=kept_for(lead), wanted=302, note="session over")
        self.sends(lead, "concern_entry", case.pk, text=self.marker * 20_000, kind="note", wanted=422, note="too long")

    def by_the_reporter(self) -> None:
        reporter, text = self.cast.reporter, f"{self.marker} words"
        own, urgent = self.concern(), self.concern(answers=URGENT)
        step = Step.objects.filter(concern=urgent, person=reporter, who="reporter", state=StepState.WAITING).exclude(due_at=None)[0]
        self.sends(reporter, "mine_add", own.pk, text=text, worse="no")
        self.sends(reporter, "mine_again", own.pk, danger_now="yes", wanted=422)
        self.sends(reporter, "mine_disagree", own.pk, text=text)
        self.sends(reporter, "mine_step", urgent.pk, step.pk, done="yes", outcome=text, reference=text)
        draft = make_draft(self.cast, at=NOW)
        boxes = {name: f"{self.marker} {name}"[:40] for name in RECORD_BOXES} | {"home_area": "city"}
        self.sends(reporter, "record_autosave", draft, wanted=200, **boxes)
        self.sends(reporter, "record", draft, what="send", **{**boxes, "happened_on_day": "99"}, wanted=422, note="record with a mistake")
        self.sends(reporter, "record", draft, what="send", **boxes)
        self.sends(reporter, "record_autosave", make_draft(self.cast, at=NOW), wanted=200, note="a draft that stays", **boxes)
        self.sends(reporter, "draft_discard", make_draft(self.cast, at=NOW), wanted=302)
        broken = Draft.objects.get(pk=make_draft(self.cast, at=NOW))
        Draft.objects.filter(pk=broken.pk).update(content=b"\x01" + bytes(80))
        self.sends(reporter, "record_autosave", broken.pk, wanted=500, note="an error on our side", **boxes)
        for name in ("triage_danger", "triage_worry", "triage_now", "triage_questions"):
            arguments = [] if name == "triage_danger" else [make_draft(self.cast, at=NOW)]
            self.sends(reporter, name, *arguments, wanted=0)

    def disposes(self) -> None:
        """One record is disposed of, with the marker in it and in the name."""
        child = replace(CHILD, name=f"{self.marker} child")
        disposed_early(self.cast, make_closed(self.cast, account=replace(ACCOUNT, seen=f"{self.marker} disposed", subjects=(child,))))


if __name__ == "__main__":
    world = World(sys.argv[1])
    world.by_leads()
    world.by_the_reporter()
    world.disposes()
    print(
        json.dumps({"requests": world.requests, "shown": reverse("concern", args=[world.shown]), "lead": world.cookies[world.cast.lead.pk]})
    )
