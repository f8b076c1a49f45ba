"""A concern may be about several adults who work here: each of them is kept out of it before any alert leaves. (S5)"""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.access.standing import vetoed_people
from concerns.actions.drafts import save_draft, start_draft
from concerns.choices import MessageKind
from concerns.models import Concern, Message
from tests.factories import Cast, signed_in
from tests.views.pages import PAGE_ONE, new_form, now, plain, sure, through, title_of, typed_in, worry


def test_two_leads_whom_it_is_about_are_both_kept_out_before_any_alert_leaves(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    about = {"about_staff": "listed", "adult": [str(cast.lead.pk), str(cast.deputy.pk)]}

    through(client, new_form(client), two=sure(harm_soon="yes"), **about)

    concern = Concern.objects.get()
    assert vetoed_people(concern) == {cast.lead.pk, cast.deputy.pk}
    assert concern.ladder == [str(cast.case_manager.pk)]
    assert [message.recipient for message in Message.objects.all()] == [cast.case_manager]


def test_two_leads_are_kept_out_when_somebody_is_in_danger(cast: Cast) -> None:
    client = signed_in(cast.reporter)

    client.post(now(new_form(client)), {"about_staff": "listed", "adult": [str(cast.lead.pk), str(cast.case_manager.pk)]})

    asked = {message.recipient for message in Message.objects.exclude(kind=MessageKind.NOBODY_HERE)}
    assert vetoed_people(Concern.objects.get()) == {cast.lead.pk, cast.case_manager.pk}
    assert not asked & {cast.lead, cast.case_manager}


def test_several_names_stay_ticked_after_a_mistake_and_on_the_way_back(cast: Cast) -> None:
    client = signed_in(cast.reporter)
    token, names = new_form(client), [str(cast.lead.pk), str(cast.deputy.pk)]
    one = {**PAGE_ONE, "about_staff": "listed", "adult": names}

    wrong = client.post(worry(token), {**one, "home_area": ""})
    client.post(worry(token), one)

    assert [sorted(typed_in(page)["adult"]) for page in (wrong, client.get(worry(token)), client.get(now(token)))] == [sorted(names)] * 3


@pytest.mark.parametrize(("held", "ticked"), [([""], []), (["lead"], ["lead"])])
def test_record_that_was_begun_when_one_name_could_be_chosen_still_opens(cast: Cast, held: list[str], ticked: list[str]) -> None:
    client, token = signed_in(cast.reporter), uuid.uuid4()
    pks = {"": "", "lead": str(cast.lead.pk)}
    content = {name: value if isinstance(value, list) else [value] for name, value in PAGE_ONE.items()}
    content |= {"adult": [pks[name] for name in held], "about_staff": ["listed" if ticked else "no"]}
    start_draft(by=cast.reporter, centre=cast.centre, draft_id=token, at=timezone.now())
    save_draft(by=cast.reporter, draft_id=token, part="triage", content=content, at=timezone.now())

    pages = [client.get(worry(str(token))), client.get(now(str(token)))]
    questions = client.get(reverse("triage_questions", args=[token]))

    assert [typed_in(page).get("adult", []) for page in pages] == [[pks[name] for name in ticked]] * 2
    assert title_of(questions).startswith("A few more questions")


def test_somebody_who_is_alone_at_their_centre_is_told_so(cast: Cast) -> None:
    client = signed_in(cast.outsider)

    pages = [plain(client.get(address(new_form(client)))) for address in (worry, now)]
    chosen = client.post(worry(new_form(client)), {**PAGE_ONE, "about_staff": "listed"})

    assert ["If it is, who? Nobody else has an account here." in page for page in pages] == [True, True]
    assert (chosen.status_code, "answer “their name is not in the list”" in plain(chosen)) == (422, True)
