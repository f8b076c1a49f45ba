"""From triage to a concern: the route is applied, the concern exists, the first person is asked. In one transaction."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from concerns.access.decisions import require
from concerns.access.keyring import Keyring
from concerns.access.permissions import Permission
from concerns.actions.audit import audit, recorded
from concerns.actions.drafts import lock_draft, save_draft
from concerns.actions.drills import end_for_a_real_one
from concerns.actions.entries import write_entry
from concerns.actions.escalation import start_plan, unanswer
from concerns.actions.locking import lock_concern, save_concern
from concerns.actions.outcomes import write_outcome
from concerns.actions.references import save_with_reference
from concerns.choices import AboutStaff, Answer, EntryKind, HomeArea, Level, LinkRole, StepState, StepWho, Vault
from concerns.models import Concern, Draft, Link, Step, User
from concerns.queries.ladder import responders_for, staff_it_is_about
from concerns.queries.triage import answers_of
from concerns.rules.desks import Desk, resolve
from concerns.rules.levels import PRESSING, lowers, plans_of
from concerns.rules.routing import Route, alert_ladder, route
from concerns.rules.triage import Answers, answers_to_json


@recorded
def finish_triage(*, by: User, draft_id: UUID, answers: Answers, rang: tuple[str, ...] = (), at: datetime) -> Draft:
    """Keep the answers of triage. An emergency or urgent concern exists and alerts from here on.

    `rang` holds the keys of the numbers that the worker says they have rung. Sent twice, it makes one concern; sent again
    with worse answers, it raises the one that is there. Raises NotVisible for somebody else's draft.
    """
    draft = lock_draft(by=by, draft_id=draft_id)
    if draft.concern_id is not None:
        _apply_again(by=by, draft=draft, answers=answers, at=at)
        return draft
    draft = save_draft(by=by, draft_id=draft_id, part="triage_done", content=answers_to_json(answers), at=at)
    if route(answers).level in PRESSING and draft.finished_at is None:
        open_concern(by=by, draft=draft, answers=answers, rang=rang, at=at)
    return draft


def _apply_again(*, by: User, draft: Draft, answers: Answers, at: datetime) -> None:
    """Answers sent again for a concern that is there: the same ones change nothing; others are kept, and raise it if worse."""
    assert draft.concern_id is not None  # noqa: S101 - the caller looked
    if draft.finished_at is None and answers_of(draft, Keyring.of(draft)) == answers:
        return
    triage_again(by=by, concern_id=draft.concern_id, answers=answers, at=at)


def open_concern(*, by: User, draft: Draft, answers: Answers, at: datetime, rang: tuple[str, ...] = (), **header: Any) -> Concern:
    """Make the concern of a locked draft: header, triage entry, links to the staff it is about, plan, first alert.

    `header` may hold happened_at, happened_about, leaves_at. No alert leaves before it is known whether it is about someone
    who works here: `Answers` cannot be made without that.
    """
    require(by, Permission.RECORD_CONCERN, draft.centre)
    found = route(answers)
    keyring = Keyring()
    concern = save_with_reference(
        Concern(
            centre=draft.centre,
            data_key=keyring.new_key(at=at),
            draft_token=draft.pk,
            level=found.level,
            vault=found.vault,
            plans=list(found.plans),
            uploads_allowed=found.uploads_allowed,
            home_area=answers.home_area,
            logged_by=by,
            logged_at=at,
            clock_started_at=at,
            next_due_at=at,
            **header,
        )
    )
    draft.concern = concern
    draft.save(update_fields=["concern"])
    _apply(concern, answers, by=by, at=at)
    write_entry(by=by, concern=concern, kind=EntryKind.TRIAGE, body=triage_body(answers, found, rang), at=at, keyring=keyring)
    _ask_the_first(concern, at=at)
    _note_what_was_rung(concern, rang, by=by, at=at)
    audit(by=by, verb="opened a concern", subject=concern, at=at, level=concern.level, vault=concern.vault)
    return concern


def _note_what_was_rung(concern: Concern, rang: tuple[str, ...], *, by: User, at: datetime) -> None:
    """End the reporter's steps for the numbers that they have rung already."""
    for step in Step.objects.filter(concern=concern, state=StepState.WAITING, who=StepWho.REPORTER, contact_key__in=_keys(rang, concern)):
        write_outcome(concern, step, by=by, done=True, outcome="", reference="", at=at)


def _keys(rang: tuple[str, ...], concern: Concern) -> set[str]:
    """The contact keys behind what the worker ticked; "duty_desk" stands for the desk of the home area."""
    desks = resolve(Desk.DUTY_DESK, HomeArea(concern.home_area)) if Desk.DUTY_DESK in rang else ()
    return {*rang, *desks}


def _apply(concern: Concern, answers: Answers, *, by: User, at: datetime) -> None:
    """Link the staff it is about, and put the people to ask on the concern: never one of those."""
    already = {user.pk for user in staff_it_is_about(concern)}
    for user in User.objects.filter(pk__in=answers.adults - already, grants__centre=concern.centre).distinct():
        Link.objects.create(concern=concern, user=user, role=LinkRole.MAY_HAVE_HARMED, made_at=at, made_by=by)
    ladder = alert_ladder(
        replace(answers, adults=answers.adults | already) if already else answers,
        responders_for(concern.centre, reporter=concern.logged_by),
    )
    concern.ladder = [str(person.user_id) for person in ladder]
    concern.save(update_fields=["ladder"])


def triage_body(answers: Answers, found: Route, rang: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what the triage entry seals: the answers, the reasons of the route in words, and whom the worker has rung."""
    return {"answers": answers_to_json(answers), "reasons": [reason.text for reason in found.reasons], "rang": list(rang)}


@recorded
def triage_again(*, by: User, concern_id: UUID, answers: Answers, at: datetime) -> Concern:
    """Apply new answers to a concern that is there: never a calmer level, never a wider vault; the clock starts again if worse.

    Source: "is it worse now?" triages again and restarts the clock.
    """
    concern = lock_concern(by=by, permission=Permission.ADD_TO_OWN, concern_id=concern_id)
    known = {user.pk for user in staff_it_is_about(concern)}
    if concern.vault == Vault.ADULT and answers.about_staff == AboutStaff.NO:
        answers = replace(answers, about_staff=AboutStaff.LISTED if known else AboutStaff.NOT_SURE, adults=frozenset(known))
    found = route(answers)
    level = concern.level if lowers(Level(concern.level), found.level) else found.level
    worse = level != concern.level or found.vault != concern.vault or bool(answers.adults - known)
    concern.level, concern.vault = level, found.vault
    concern.plans = list(plans_of(Level(level), found.vault))
    concern.uploads_allowed = concern.uploads_allowed and found.uploads_allowed
    write_entry(by=by, concern=concern, kind=EntryKind.TRIAGE, body=triage_body(answers, found), at=at, keyring=Keyring.of(concern))
    _apply(concern, answers, by=by, at=at)
    save_concern(concern, "level", "vault", "plans", "uploads_allowed")
    if worse or answers.danger_now != Answer.NO:
        restart_clock(concern, at=at)
    audit(by=by, verb="answered triage again", subject=concern, at=at, level=level, worse=worse)
    return concern


def restart_clock(concern: Concern, *, at: datetime) -> None:
    """Ask for an answer from the first person again, as if the locked concern had been opened now."""
    unanswer(concern)
    _ask_the_first(concern, at=at)


def _ask_the_first(concern: Concern, *, at: datetime) -> None:
    """Start the plans of a locked concern; where somebody may be in danger, no drill goes on beside it."""
    start_plan(concern, at=at)
    if concern.is_pressing:
        end_for_a_real_one(concern.centre, at=at)
