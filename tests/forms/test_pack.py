"""The crispy pack: what axe does not see. Every link leads to a control, ids are unique, no reference dangles."""

from datetime import date

import pytest
from crispy_forms.layout import ButtonHolder, Column, Field, Fieldset, Layout, Row, Submit
from django import forms
from django.template import Context, Template

from concerns.forms.base import HintedCheckboxes, HintedRadioSelect, NameField, NarrativeField, PlainForm
from concerns.forms.dates import DateBoxesField, TimeField
from tests.forms.markup import Markup

PLACES = [("centre", "At the centre"), ("online", "Online"), ("home", "At home")]


class EveryKindForm(PlainForm):
    required_sometimes = frozenset({"mail"})

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    danger = forms.ChoiceField(label="Is the child in danger?", choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect)
    place = forms.ChoiceField(
        label="Where did it happen?",
        help_text="Choose the nearest",
        choices=PLACES,
        widget=HintedRadioSelect(hints={"online": "A game or a chat"}),
    )
    kinds = forms.MultipleChoiceField(label="What worries you?", choices=PLACES, widget=HintedCheckboxes(hints={"home": "Or near it"}))
    told = forms.ChoiceField(label="Whom have you told?", choices=[("", "Choose"), *PLACES])
    name = NameField(label="Who is it about?", help_text="First name and family name")
    saw = NarrativeField(label="What did you see?", help_text="Use the child’s own words")
    note = NarrativeField(label="Anything else", required=False)
    mail = forms.EmailField(label="E-mail address", required=False)
    secret = forms.CharField(label="Password", widget=forms.PasswordInput)
    on = DateBoxesField(label="When did it happen?", help_text="For example, 21 11 2026", latest_today=True, today=date(2026, 11, 23))
    at = TimeField(label="At what time?")
    agreed = forms.BooleanField(label="I have read the guide", help_text="It is short")


WRONG = {
    "mail": "nobody",
    "at": "4.30",
    "on_day": "1",
    "on_month": "13",
    "on_year": "26",
    "place": "moon",
    "name": "x" * 201,
    "saw": "kept <b>",
}
LAYOUT = Layout(
    Fieldset("The child", Row(Column("name"), Column("told"))),
    Field("saw", css_class="wide", rows="3"),
    *("danger", "place", "kinds", "note", "mail", "secret", "on", "at", "agreed", "token"),
    ButtonHolder(Submit("send", "Send now")),
)


def rendered(form: forms.Form, template: str = "{{ form|crispy }}") -> str:
    return Template("{% load crispy_forms_tags %}" + template).render(Context({"form": form}))


def with_layout(data: dict[str, str] | None) -> str:
    form = EveryKindForm(data)
    form.helper.layout = LAYOUT
    return rendered(form, "{% crispy form %}")


PAGES = {
    "new": lambda: rendered(EveryKindForm()),
    "empty": lambda: rendered(EveryKindForm({})),
    "wrong": lambda: rendered(EveryKindForm(WRONG)),
    "prefixed": lambda: rendered(EveryKindForm({}, prefix="second")),
    "tag": lambda: rendered(EveryKindForm(WRONG), "{% crispy form %}"),
    "layout": lambda: with_layout(None),
    "layout wrong": lambda: with_layout(WRONG),
}


@pytest.fixture(params=list(PAGES))
def page(request: pytest.FixtureRequest) -> Markup:
    return Markup(PAGES[request.param]())


def test_ids_are_unique(page: Markup) -> None:
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("attribute", ["aria-describedby", "aria-labelledby", "for"])
def test_no_reference_dangles(page: Markup, attribute: str) -> None:
    assert set(page.referred_to(attribute)) - set(page.ids) == set()


def test_every_control_has_a_label(page: Markup) -> None:
    assert page.focusable_ids - set(page.referred_to("for")) <= {"submit-id-send"}


def test_every_error_link_leads_to_a_control(page: Markup) -> None:
    assert [link for link in page.fragment_links if link not in page.focusable_ids] == []


def test_empty_form_has_a_link_for_every_required_question() -> None:
    links = Markup(rendered(EveryKindForm({}))).fragment_links

    assert links == [
        "id_danger_0", "id_place_0", "id_kinds_0", "id_told", "id_name", "id_saw", "id_secret", "id_on_0", "id_at", "id_agreed",
    ]  # fmt: skip


def test_links_of_a_wrong_date_lead_to_the_wrong_boxes() -> None:
    links = Markup(rendered(EveryKindForm(WRONG))).fragment_links

    assert [link for link in links if link.startswith("id_on")] == ["id_on_1", "id_on_2"]


def test_new_form_has_no_summary() -> None:
    assert "There is a problem" not in rendered(EveryKindForm())


def test_summary_takes_focus_without_a_script() -> None:
    page = Markup(rendered(EveryKindForm({})))
    summary = next(attrs for _, attrs in page.elements if "data-error-summary" in attrs)

    assert (summary["tabindex"], "autofocus" in summary) == ("-1", True)


def test_hint_comes_before_error_and_error_before_control() -> None:
    html = rendered(EveryKindForm({}))
    places = [html.index(f'id="id_{part}"') for part in ("saw_helptext", "saw_error", "saw")]

    assert places == sorted(places)


def test_wrong_control_is_marked_and_described() -> None:
    control = Markup(rendered(EveryKindForm({}))).of("id_saw")

    assert (control["aria-invalid"], control["aria-describedby"]) == ("true", "id_saw_helptext id_saw_error")


def test_group_is_described_on_its_fieldset_only() -> None:
    page = Markup(rendered(EveryKindForm({})))
    fieldsets = [attrs.get("aria-describedby", "") for tag, attrs in page.elements if tag == "fieldset"]

    assert fieldsets == ["id_danger_error", "id_place_helptext id_place_error", "id_kinds_error", "id_on_helptext id_on_error"]
    assert "aria-invalid" not in page.of("id_place_0")


def test_choice_may_carry_a_hint() -> None:
    page = Markup(rendered(EveryKindForm()))

    assert [page.of(f"id_place_{n}").get("aria-describedby") for n in range(3)] == [None, "id_place_1_hint", None]


def test_what_was_typed_is_kept_and_escaped() -> None:
    html = rendered(EveryKindForm(WRONG))

    assert "kept &lt;b&gt;</textarea>" in html
    assert 'value="nobody"' in html
    assert 'value="13"' in html


def test_password_is_never_sent_back() -> None:
    assert "hunter2" not in rendered(EveryKindForm({"secret": "hunter2"}))


def test_optional_questions_say_so_unless_they_may_be_required() -> None:
    html = rendered(EveryKindForm())

    assert html.count("(optional)") == 1
    assert "Anything else <span" in html


def test_browser_does_not_check_or_remember() -> None:
    page = Markup(rendered(EveryKindForm()))
    private = [page.of(f"id_{name}") for name in ("saw", "note", "name")]

    assert [(attrs["autocomplete"], attrs["spellcheck"]) for attrs in private] == [("off", "false")] * 3
    assert [attrs for attrs in private if "maxlength" in attrs] == []
    assert [attrs for _, attrs in page.elements if "required" in attrs] == []


def test_buttons_are_buttons() -> None:
    page = Markup(with_layout(None))

    assert page.of("submit-id-send")["value"] == "Send now"
    assert [attrs for tag, attrs in page.elements if tag == "input" and attrs.get("type") == "submit"] == []


def test_layout_keeps_own_class_and_attributes() -> None:
    control = Markup(with_layout(None)).of("id_saw")

    assert (control["class"], control["rows"]) == ("govuk-textarea wide", "3")


def test_form_of_another_package_says_which_question_is_meant() -> None:
    class Theirs(forms.Form):
        password = forms.CharField(widget=forms.PasswordInput(attrs={"placeholder": "Password"}))

    html = rendered(Theirs({}))

    assert "Password: This field is required." in html
    assert "placeholder" not in html


def test_message_about_the_whole_form_is_shown() -> None:
    form = EveryKindForm({})
    form.add_error(None, "These two answers <disagree>")

    assert "<li>These two answers &lt;disagree&gt;</li>" in rendered(form)


def test_short_radio_group_stands_in_one_row() -> None:
    html = rendered(EveryKindForm())

    assert html.count('class="govuk-radios govuk-radios--inline"') == 2
    assert html.count('class="govuk-checkboxes"') == 2  # the tick boxes, and the single one


def test_summary_does_not_say_a_question_twice() -> None:
    summary = rendered(EveryKindForm({}), "{% crispy form %}").partition("</ul>")[0]

    assert summary.count("What did you see?") == 1


def test_summary_says_which_date_is_wrong() -> None:
    assert ">When did it happen? Enter a month between 1 and 12<" in rendered(EveryKindForm(WRONG))
