"""Plan templates: what a plan is, and how one is read from data and checked.

Plans are data that an admin edits. What is checked here must hold for every version: an error names the plan and the
step in words an admin understands.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from concerns.choices import Clock, ContactKey, OutOfHours, StepKind, StepWho
from concerns.rules.desks import Desk

SHIPPED = Path(__file__).parent.parent / "data" / "plans.toml"
ACKNOWLEDGE = StepKind.ACKNOWLEDGE.value
INSIDE = frozenset({ContactKey.CENTRE_TEAM})

_KEY = re.compile(r"[a-z0-9_]+")


class PlanError(ValueError):
    """A plan that cannot be used, and why, in plain English."""


@dataclass(frozen=True, kw_only=True)
class PlanStep:
    """One step. `amount` is in units of `clock`, counted from the opening, or from the step named in `after`.

    `contact` may depend on the home area. The ACKNOWLEDGE step also has `rungs`: the minutes after the opening at which
    each person's time is over (the first is `amount`), and `repeats_minutes`, how often everybody is then asked again. On the OPEN_MINUTES
    clock the differences between rungs are the most that each further rung may take.
    """

    key: str
    kind: StepKind
    text: str
    who: StepWho
    contact: ContactKey | Desk | None = None
    clock: Clock
    amount: int
    ceiling_minutes: int | None = None
    after: str = ""
    rungs: tuple[int, ...] = ()
    repeats_minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A template of steps. A change is a new `version`; old ones are kept. `out_of_hours`: whom its alerts go to while no session is on."""

    key: str
    title: str
    version: int
    steps: tuple[PlanStep, ...]
    out_of_hours: OutOfHours = OutOfHours.LIST


def load_plans(path: Path = SHIPPED) -> dict[str, Plan]:
    """The plans in the TOML file at `path`, by key. Raises PlanError. The only reader of a file in the rules."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"The plans cannot be read: {error}.") from error
    return {key: plan_from_data(key, plan) for key, plan in data.items()}


def plan_from_data(key: str, data: Mapping[str, Any]) -> Plan:
    """The checked plan `key` from plain values: title, version, and a list of steps. Raises PlanError."""
    try:
        steps = tuple(_step(key, step) for step in data.get("steps", ()))
        plan = Plan(key=key, title=data["title"], version=data["version"], steps=steps, out_of_hours=_out_of_hours(key, data))
    except KeyError as error:
        raise PlanError(f"The plan “{key}” has no {error.args[0]}.") from error
    except (AttributeError, TypeError) as error:
        raise PlanError(f"The plan “{key}” cannot be read: {error}.") from error
    check_plan(plan)
    return plan


def plan_to_data(plan: Plan) -> dict[str, Any]:
    """The inverse of `plan_from_data`, as plain JSON-ready values."""
    steps = [{name: _plain(value) for name, value in asdict(step).items()} for step in plan.steps]
    return {"title": plan.title, "version": plan.version, "out_of_hours": plan.out_of_hours.value, "steps": steps}


def check_plan(plan: Plan) -> None:
    """Raises PlanError with the first thing that is wrong with `plan`.

    Source: Leicester Safeguarding Children Partnership procedures: somebody is always asked, and the council is always
    within reach.
    """
    if not plan.steps:
        raise PlanError(f"The plan “{plan.title}” has no steps.")
    _check_keys(plan)
    _check_order(plan)
    _check_ladder(plan)
    _check_times(plan)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.value if hasattr(value, "value") else value


def _out_of_hours(plan_key: str, data: Mapping[str, Any]) -> OutOfHours:
    try:
        return OutOfHours(data.get("out_of_hours", OutOfHours.LIST))
    except ValueError as error:
        raise PlanError(f"The plan “{plan_key}” does not say whom alerts go to out of hours: {error}.") from error


def _step(plan_key: str, data: Mapping[str, Any]) -> PlanStep:
    """One step from plain values; a KeyError names what is missing."""
    key = data["key"]
    if unknown := set(data) - set(PlanStep.__dataclass_fields__):
        raise PlanError(f"The step “{key}” of “{plan_key}” has something unknown: {', '.join(sorted(unknown))}.")
    try:
        return PlanStep(
            key=key,
            kind=StepKind(data["kind"]),
            text=data["text"],
            who=StepWho(data["who"]),
            contact=contact_named(data.get("contact")),
            clock=Clock(data["clock"]),
            amount=int(data["amount"]),
            ceiling_minutes=data.get("ceiling_minutes"),
            after=data.get("after", ""),
            rungs=tuple(int(rung) for rung in data.get("rungs", ())),
            repeats_minutes=int(data.get("repeats_minutes", 0)),
        )
    except (TypeError, ValueError) as error:
        raise PlanError(f"The step “{key}” of “{plan_key}” cannot be used: {error}.") from error


def contact_named(value: str | None) -> ContactKey | Desk | None:
    """The contact, or the desk, of this name; empty for none. Raises ValueError on a name that is neither."""
    if not value:
        return None
    return Desk(value) if value in set(Desk) else ContactKey(value)


def _check_keys(plan: Plan) -> None:
    counted = Counter(step.key for step in plan.steps)
    for step in plan.steps:
        if not _KEY.fullmatch(step.key):
            raise PlanError(f"The step “{step.text}” of “{plan.title}” needs a name of small letters, digits and _ only.")
        if counted[step.key] > 1:
            raise PlanError(f"The plan “{plan.title}” has two steps with one name: “{step.text}” is one of them.")
        if step.after and step.after not in counted:
            raise PlanError(f"The step “{step.text}” of “{plan.title}” comes after a step that is not there.")


def _check_order(plan: Plan) -> None:
    """Every step must go back to the opening."""
    before = {step.key: step.after for step in plan.steps}
    for step in plan.steps:
        key, steps_back = step.key, 0
        while key:
            key, steps_back = before[key], steps_back + 1
            if steps_back > len(before):
                raise PlanError(f"The step “{step.text}” of “{plan.title}” would wait for itself. Let it count from another step.")


def _check_times(plan: Plan) -> None:
    for step in plan.steps:
        if step.amount < 0 or (step.ceiling_minutes is not None and step.ceiling_minutes <= 0):
            raise PlanError(f"The step “{step.text}” of “{plan.title}” has a time below zero.")


def _check_ladder(plan: Plan) -> None:
    ladders = [step for step in plan.steps if ACKNOWLEDGE in (step.kind, step.key)]
    if len(ladders) != 1 or ladders[0].key != ladders[0].kind:
        raise PlanError(f"The plan “{plan.title}” needs exactly one step in which the alert is answered.")
    ladder = ladders[0]
    if ladder.after:
        raise PlanError(f"The alert of “{plan.title}” must leave at once, not after another step.")
    if ladder.contact is None or ladder.contact in INSIDE:
        raise PlanError(f"Until somebody answers the alert of “{plan.title}”, a contact outside the centre must be rung.")
    _check_rungs(plan, ladder)


def _check_rungs(plan: Plan, ladder: PlanStep) -> None:
    if not ladder.rungs or list(ladder.rungs) != sorted({rung for rung in ladder.rungs if rung > 0}):
        raise PlanError(f"“{plan.title}” must say after how many minutes each one’s time is over, each later than the one before.")
    if ladder.amount != ladder.rungs[0] or ladder.clock == Clock.WORKING_DAYS:
        raise PlanError(f"In “{plan.title}” the time to answer is that of the first person, in minutes.")
    if ladder.repeats_minutes <= 0:
        raise PlanError(f"“{plan.title}” must say after how many minutes everybody is asked again.")
