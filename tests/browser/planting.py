"""Where each text field of each form is typed: an address, a person, and what else the form needs. A form that is not here fails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns.access.signin import link_token
from concerns.actions.accounts import send_link
from concerns.actions.centre import set_up_centre
from concerns.actions.closing import change_level
from concerns.actions.handover import hand_over
from concerns.actions.referrals import record_referral
from concerns.choices import Level, LinkKind, StepKind, StepState
from concerns.forms.plans import PlanForm
from concerns.models import Concern
from concerns.rules.deadlines import LONDON
from tests.contact_makers import make_contact
from tests.factories import AT, Cast, signed_in
from tests.makers import URGENT, answered, closed, make_concern, make_draft
from tests.views.pages import RECORD

Planted = tuple[Client, str, dict[str, Any]]
Place = Callable[[Cast], Planted]


def a_concern(cast: Cast) -> Concern:
    return answered(make_concern(cast, answers=URGENT), by=cast.lead)


def on_concern(name: str, **fields: str) -> Place:
    """A form of the lead's about one concern."""

    def place(cast: Cast) -> Planted:
        concern = a_concern(cast)
        return signed_in(cast.lead), reverse(name, args=[concern.pk]), {"version": str(concern.version), **fields}

    return place


def on_mine(name: str, **fields: str) -> Place:
    def place(cast: Cast) -> Planted:
        return signed_in(cast.reporter), reverse(name, args=[a_concern(cast).pk]), fields

    return place


def correction(cast: Cast) -> Planted:
    concern = a_concern(cast)
    entry = concern.entries.get(kind="account")
    return signed_in(cast.lead), reverse("concern_correct", args=[concern.pk, entry.pk]), {}


def step(cast: Cast) -> Planted:
    concern = a_concern(cast)
    waiting = concern.steps.filter(state=StepState.WAITING).exclude(due_at=None).exclude(who="reporter")[0]
    return signed_in(cast.lead), reverse("concern_step", args=[concern.pk, waiting.pk]), {"done": "yes", "outcome": "Done."}


def second(cast: Cast) -> Planted:
    concern = a_concern(cast)
    change_level(by=cast.lead, concern_id=concern.pk, version=concern.version, to=Level.PROMPT, reason="Calmer.", at=AT)
    return signed_in(cast.deputy), reverse("concern_second", args=[concern.pk, concern.proposals.get().pk]), {"agree": "no"}


def closed_one(cast: Cast) -> Planted:
    concern = closed(make_concern(cast), by=cast.lead)
    return signed_in(cast.lead), reverse("concern_reopen", args=[concern.pk]), {"version": str(concern.version)}


def restricted(cast: Cast) -> Planted:
    client, address, typed = on_concern("concern_restrict", reason="Few need to know.")(cast)
    client.post(address, typed)
    concern = Concern.objects.latest("logged_at")
    return client, reverse("concern_lift", args=[concern.pk]), {"version": str(concern.version)}


def handing_over(cast: Cast) -> Planted:
    return on_concern("concern_hand_over", to=str(cast.deputy.pk))(cast)


def handed_over(cast: Cast) -> Planted:
    concern = a_concern(cast)
    hand_over(by=cast.lead, concern_id=concern.pk, version=concern.version, to=cast.deputy, note="Please.", at=timezone.now())
    waiting = concern.steps.get(kind=StepKind.ACCEPT_HANDOVER)
    return signed_in(cast.deputy), reverse("concern_handover", args=[concern.pk, waiting.pk]), {"accept": "no"}


LOCAL = (AT + timedelta(minutes=1)).astimezone(LONDON)
WHEN = {
    "happened_on_day": f"{LOCAL:%d}",
    "happened_on_month": f"{LOCAL:%m}",
    "happened_on_year": f"{LOCAL:%Y}",
    "happened_time": f"{LOCAL:%H:%M}",
}


def council_answer(cast: Cast) -> Planted:
    concern = a_concern(cast)
    said = {"was_said": "They will ring back.", "how": "phone"}
    made = record_referral(
        by=cast.lead, concern_id=concern.pk, version=concern.version, to="duty_city", made_at=AT, details=said, at=timezone.now()
    )
    return (
        signed_in(cast.lead),
        reverse("concern_referral_answer", args=[concern.pk, made.pk]),
        {"decision": "OTHER", "agrees": "yes", "what": "No.", **WHEN},
    )


def referral(cast: Cast) -> Planted:
    return on_concern("concern_referral", to="duty_city", how="phone", was_said="They will ring back.", **WHEN)(cast)


def glass(cast: Cast) -> Planted:
    return signed_in(cast.case_manager), reverse("break_glass"), {"reference": a_concern(cast).reference, "reason": "I must know."}


def record(cast: Cast) -> Planted:
    return signed_in(cast.reporter), reverse("record", args=[make_draft(cast)]), dict(RECORD)


def contact(cast: Cast) -> Planted:
    fields = {"name": "A line", "number": "01632 960001", "group": "6_health", "audience": "everyone", "source": "Test", "position": "100"}
    return signed_in(cast.admin), reverse("contact_new"), {**fields, "is_public": "on"}


def old_contact(name: str) -> Place:
    def place(cast: Cast) -> Planted:
        made = make_contact(cast, name="An old line")
        return signed_in(cast.admin), reverse(name, args=[made.pk]), {"version": "1"}

    return place


def plan(cast: Cast) -> Planted:
    """The newest version of a plan as its form sends it, with a step to add."""
    set_up_centre(name=cast.centre.name, at=AT)
    form = PlanForm(centre=cast.centre, key="prompt")
    typed = {name: str(form[name].value() or "") for name in form.fields if not name.startswith("remove_")}
    new = {"new_text": "Look.", "new_kind": "review", "new_who": "holder", "new_amount": "1", "new_clock": "working_days"}
    return signed_in(cast.admin), reverse("plan_edit", args=["prompt"]), {**typed, **new, "reason": "Quicker."}


def ladder(cast: Cast) -> Planted:
    return signed_in(cast.admin), reverse("plan_ladder", args=["ordinary"]), {}


def person(cast: Cast) -> Planted:
    return signed_in(cast.admin), reverse("person_new"), {"name": "Nadia Haddad", "email": f"n{timezone.now().timestamp()}@example.org"}


def new_address(cast: Cast) -> Planted:
    return signed_in(cast.admin), reverse("person_email", args=[cast.reporter2.pk]), {}


def own(name: str, **fields: str) -> Place:
    return lambda cast: (signed_in(cast.lead), reverse(name), fields)


def link(cast: Cast) -> Planted:
    made = send_link(cast.reporter2, cast.centre, kind=LinkKind.INVITED, made_by=cast.admin, at=timezone.now())
    return Client(), reverse("account_link", args=[link_token(made.pk)]), {}


def signing_in(cast: Cast) -> Planted:
    return Client(), reverse("account_login"), {"password": "wrong but long enough"}


# Each form with text → where it is typed. A form that another one is built on has no place of its own.
PLACES: dict[str, Place] = {
    "AddendumForm": on_mine("mine_add", worse="no"),
    "DisagreeForm": on_mine("mine_disagree"),
    "ConflictForm": on_concern("concern_conflict"),
    "EntryForm": on_concern("concern_entry", kind="note", text="A note."),
    "CorrectionForm": correction,
    "StepForm": step,
    "StatusForm": on_concern("concern_status", to="referred"),
    "LevelForm": on_concern("concern_level", to="prompt"),
    "CloseForm": on_concern("concern_close", outcome="support_here", reason="Done."),
    "ReopenForm": closed_one,
    "SecondForm": second,
    "ReferralForm": referral,
    "CouncilAnswerForm": council_answer,
    "RestrictForm": on_concern("concern_restrict"),
    "LiftForm": restricted,
    "HandOverForm": handing_over,
    "HandoverAnswerForm": handed_over,
    "LeaveForm": lambda cast: (signed_in(cast.lead), reverse("leave_new"), {"user": str(cast.lead.pk)}),
    "NoteForm": lambda cast: (signed_in(cast.lead), reverse("rota_note"), {}),
    "SessionForm": lambda cast: (signed_in(cast.admin), reverse("session_new"), {"weekday": "2"}),
    "GlassForm": glass,
    "RecordForm": record,
    "ContactForm": contact,
    "PlanForm": plan,
    "LadderForm": ladder,
    "PersonForm": person,
    "EmailForm": new_address,
    "NewPasswordForm": link,
    "SignInForm": signing_in,
    "PasswordAgainForm": own("account_reauthenticate"),
    "CodeForm": own("mfa_authenticate"),
    "CodeAgainForm": own("mfa_reauthenticate"),
    "FirstCodeForm": own("mfa_activate_totp"),
    "PasskeyForm": own("mfa_add_webauthn"),
}
# Forms whose text stands in an address: the page is asked for with it.
FILTERS: dict[str, Place] = {
    "AuditFilterForm": lambda cast: (signed_in(cast.auditor), reverse("audit"), {}),
    "QueueFilterForm": own("queue"),
    "WhatIfForm": own("what_would_happen"),
}
# Forms without a box to type into: choices only.
CHOICES = {"TakeForm", "VerifyForm", "RetireForm", "RoleForm", "CentreForm", "AboutStaffForm", "DangerForm", "WorryForm", "QuestionsForm"}
CHOICES |= {"AgainForm", "DrillForm", "DutyForm"}
PARTS = {"_WhenForm", "PlainForm", "SessionGoesForm", "VersionedForm", "HappenedForm", "FilterForm", "_Plain"}
