"""The form that changes a plan: its steps one by one, a step to add, steps to remove, and why. Builds the plan; the action checks it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms

from concerns.actions.plans import LONGEST_REASON
from concerns.choices import Clock, ContactKey, OutOfHours, StepKind, StepWho
from concerns.forms.base import PlainForm, word_messages
from concerns.models import Centre
from concerns.queries.plans import plan_at, plans_in_use
from concerns.rules.plan_limits import LONGEST_TEXT, MOST, MOST_RUNGS, PLANNED_KINDS, PLANNED_WHO, WALL_CEILING_MINUTES
from concerns.rules.plan_words import DESK_WORDS
from concerns.rules.plans import ACKNOWLEDGE, Plan, PlanStep, contact_named

NEW = "new"
CONTACTS = [("", "Nobody"), *((desk.value, f"{words[0].upper()}{words[1:]}") for desk, words in DESK_WORDS.items()), *ContactKey.choices]
WHO = [(who.value, f"{who.label[0].upper()}{who.label[1:]}") for who in PLANNED_WHO]
CLOCKS = [(clock.value, f"{clock.label[0].upper()}{clock.label[1:]}") for clock in Clock]
MOST_OF_ALL = max(MOST.values())
NEW_SAYS = ("new_text", "new_kind", "new_who", "new_contact", "new_amount", "new_after")
NARROW = {"class": "govuk-input--width-5"}
RUNGS_WRONG = "Write minutes with commas between them, each more than the one before, such as 10, 20, 30"
ORPHAN = "You remove the step that this one comes after. Choose another, or remove this one too"


def _number(label: str, lowest: int, highest: int, **options: Any) -> forms.IntegerField:
    """A box for a whole number, whose every mistake is answered by saying what is wanted."""
    wanted = f"“{label}” needs a whole number from {lowest} to {highest}"
    return forms.IntegerField(
        label=label,
        min_value=lowest,
        max_value=highest,
        widget=forms.TextInput(attrs=NARROW),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wanted),
        **options,
    )


def _amount(**options: Any) -> forms.IntegerField:
    return _number("How much time?", 0, MOST_OF_ALL, **options)


class PlanForm(PlainForm):
    """One plan of a centre. `base` is the version that the boxes were made from, `version` the one that the person has seen last."""

    reason = forms.CharField(label="Why do you change it?", max_length=LONGEST_REASON, help_text="It is kept with this version.")
    out_of_hours = forms.ChoiceField(
        label="While no session is on, alerts go to:", choices=OutOfHours.choices, widget=forms.RadioSelect, initial=OutOfHours.LIST
    )
    new_text = forms.CharField(label="What is to be done?", max_length=LONGEST_TEXT, required=False)
    new_kind = forms.ChoiceField(
        label="What sort of step is it?",
        choices=[("", "Choose"), *((kind.value, kind.label) for kind in PLANNED_KINDS)],
        required=False,
    )
    new_who = forms.ChoiceField(label="By whom?", choices=[("", "Choose"), *WHO], required=False)
    new_contact = forms.ChoiceField(label="With whom?", choices=CONTACTS, required=False)
    new_amount = _amount(required=False)
    new_clock = forms.ChoiceField(label="Counted in", choices=CLOCKS, required=False)
    new_after = forms.ChoiceField(label="Counted from", required=False)
    base = forms.IntegerField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    required_sometimes = frozenset({"new_text", "new_kind", "new_who", "new_contact", "new_amount", "new_clock", "new_after"})

    def __init__(self, *args: Any, centre: Centre, key: str, **options: Any) -> None:
        super().__init__(*args, **options)
        newest = plans_in_use(centre)[key]
        typed = str(self.data.get("base", "")) if self.is_bound else ""
        is_old = typed.isascii() and typed.isdigit() and len(typed) < 6 and int(typed) != newest.version
        self.base_plan = plan_at(centre, key, int(typed)) if is_old else newest
        self.initial.update({"base": newest.version, "version": newest.version, "out_of_hours": newest.out_of_hours})
        self.fields["new_after"].choices = self._befores("")  # type: ignore[attr-defined]
        for step in self.base_plan.steps:
            self._add_ladder(step) if step.key == ACKNOWLEDGE else self._add_step(step)
        self.helper.layout = self._layout()

    def _befores(self, but: str) -> list[tuple[str, str]]:
        return [
            ("", "The moment it is recorded"),
            *((step.key, f"After “{step.text}”") for step in self.base_plan.steps if step.key != but),
        ]

    def _add(self, key: str, name: str, field: forms.Field, initial: Any) -> None:
        self.fields[f"{name}_{key}"] = field
        self.initial[f"{name}_{key}"] = initial
        word_messages(field, str(field.label))

    def _add_step(self, step: PlanStep) -> None:
        key, contact = step.key, step.contact.value if step.contact else ""
        self._add(key, "text", forms.CharField(label="What is to be done?", max_length=LONGEST_TEXT), step.text)
        self._add(key, "who", forms.ChoiceField(label="By whom?", choices=WHO), step.who)
        self._add(key, "contact", forms.ChoiceField(label="With whom?", choices=CONTACTS, required=False), contact)
        self._add(key, "amount", _amount(), step.amount)
        self._add(key, "clock", forms.ChoiceField(label="Counted in", choices=CLOCKS), step.clock)
        self._add(key, "after", forms.ChoiceField(label="Counted from", choices=self._befores(key), required=False), step.after)
        self._add(key, "remove", forms.BooleanField(label="Remove this step", required=False), False)
        self.required_sometimes |= {f"contact_{key}", f"after_{key}", f"remove_{key}"}

    def _add_ladder(self, step: PlanStep) -> None:
        key, contact = step.key, step.contact.value if step.contact else ""
        rungs = forms.CharField(
            label="After how many minutes is each one’s time over?",
            max_length=100,
            help_text="One number for each person, counted from the moment it is recorded: 10, 20, 30. After the last everybody is asked.",
            widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
        )
        again = _number("After how many minutes is everybody asked again?", 1, MOST_OF_ALL)
        self._add(key, "text", forms.CharField(label="What is to be done?", max_length=LONGEST_TEXT), step.text)
        self._add(key, "contact", forms.ChoiceField(label="Whom to ring until somebody answers?", choices=CONTACTS[1:]), contact)
        self._add(key, "rungs", rungs, ", ".join(map(str, step.rungs)))
        self._add(key, "repeats", again, step.repeats_minutes)
        if step.clock == Clock.OPEN_MINUTES:
            most = _number("How many minutes does the first person have at most, by the clock?", 1, WALL_CEILING_MINUTES)
            self._add(key, "ceiling", most, step.ceiling_minutes)

    def _layout(self) -> Layout:
        """A legend never holds what somebody typed: it is read as a template."""
        parts = []
        for number, step in enumerate(self.base_plan.steps, start=1):
            names = {name.partition("_")[0]: name for name in self.fields if name.partition("_")[2] == step.key}
            if step.key == ACKNOWLEDGE:
                parts.append(Fieldset(f"Step {number}: answering the alert", *names.values()))
            else:
                parts.append(Fieldset(f"Step {number}", *_in_rows(names), names["remove"]))
        new = {name.partition("_")[2]: name for name in self.fields if name.startswith("new_")}
        return Layout(
            *parts,
            Fieldset("Add a step", new["kind"], *_in_rows(new)),
            Fieldset("This change", "out_of_hours", "reason"),
            "base",
            "version",
        )

    def _kept(self) -> list[PlanStep]:
        return [step for step in self.base_plan.steps if not self.cleaned_data.get(f"remove_{step.key}")]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kept = {step.key for step in self._kept()}
        for name in [*(f"after_{key}" for key in kept), "new_after"]:
            if cleaned.get(name) and cleaned[name] not in kept:
                self.add_error(name, ORPHAN)
        rungs = f"rungs_{ACKNOWLEDGE}"
        if rungs in cleaned and _numbers(cleaned[rungs]) is None:
            self.add_error(rungs, RUNGS_WRONG)
        if any(cleaned.get(name) not in (None, "") or name in self.errors for name in NEW_SAYS):
            for name in ("new_text", "new_kind", "new_who", "new_amount"):
                if cleaned.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, f"Fill in “{self.fields[name].label}” for the new step, or leave all of it empty")
        return cleaned

    def plan(self) -> Plan:
        """Return the plan that a valid form describes."""
        steps = [self._ladder(step) if step.key == ACKNOWLEDGE else self._step(step) for step in self._kept()]
        if self.cleaned_data["new_text"]:
            steps.append(self._new_step({step.key for step in self.base_plan.steps}))
        return replace(self.base_plan, steps=tuple(steps), out_of_hours=OutOfHours(self.cleaned_data["out_of_hours"]))

    def _step(self, step: PlanStep) -> PlanStep:
        typed = {name: self.cleaned_data[f"{name}_{step.key}"] for name in ("text", "who", "contact", "amount", "clock", "after")}
        return _with(step, **typed)

    def _ladder(self, step: PlanStep) -> PlanStep:
        data = self.cleaned_data
        rungs = tuple(_numbers(data[f"rungs_{step.key}"]) or ())
        return replace(
            step,
            text=data[f"text_{step.key}"],
            contact=contact_named(data[f"contact_{step.key}"]),
            amount=rungs[0],
            rungs=rungs,
            repeats_minutes=data[f"repeats_{step.key}"],
            ceiling_minutes=data.get(f"ceiling_{step.key}", step.ceiling_minutes),
        )

    def _new_step(self, taken: set[str]) -> PlanStep:
        kind = StepKind(self.cleaned_data["new_kind"])
        names = (kind.value, *(f"{kind.value}_{number}" for number in range(2, len(taken) + 3)))
        key = next(name for name in names if name not in taken)
        blank = PlanStep(key=key, kind=kind, text="", who=StepWho.HOLDER, clock=Clock.MINUTES, amount=0)
        typed = {name: self.cleaned_data[f"{NEW}_{name}"] for name in ("text", "who", "contact", "amount", "clock", "after")}
        return _with(blank, **{**typed, "clock": typed["clock"] or Clock.MINUTES})


def _in_rows(names: Mapping[str, str]) -> list[Any]:
    """The boxes of a step, the time and its clock beside each other: `names` maps what each is to its field."""
    time = Row(Column(names["amount"]), Column(names["clock"]))
    return [names["text"], names["who"], names["contact"], time, names["after"]]


def _with(step: PlanStep, *, text: str, who: str, contact: str, amount: int, clock: str, after: str) -> PlanStep:
    """The step with what was typed; minutes while the centre is open have a ceiling by the wall clock."""
    counted = Clock(clock)
    ceiling = (step.ceiling_minutes or WALL_CEILING_MINUTES) if counted == Clock.OPEN_MINUTES else None
    found = contact_named(contact)
    return replace(step, text=text, who=StepWho(who), contact=found, amount=amount, clock=counted, after=after, ceiling_minutes=ceiling)


def _numbers(text: str) -> list[int] | None:
    """The minutes in "10, 20, 30", or None where they are none, or do not grow."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > MOST_RUNGS or not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
        return None
    found = [int(part) for part in parts]
    return found if found[0] > 0 and found == sorted(set(found)) else None
