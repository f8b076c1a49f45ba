"""An open page asks whether its reader may still see it; the answer says nothing else. (S5)"""

import uuid

import pytest
from django.urls import resolve, reverse

from concerns.actions.conflicts import declare_conflict
from concerns.models import AuditEvent, Concern
from concerns.rules.audit import REFUSAL
from tests.factories import AT, Cast, signed_in
from tests.makers import answered, make_concern
from tests.views.pages import plain

PAGES = {"concern": "concern_still", "mine": "mine_still"}


def asked_by(page: str, concern: Concern) -> tuple[str, str]:
    return reverse(page, args=[concern.pk]), reverse(PAGES[page], args=[concern.pk])


@pytest.mark.parametrize(("page", "who"), [("concern", "lead"), ("mine", "reporter")])
def test_page_names_the_address_that_it_asks_and_the_answer_is_empty(cast: Cast, page: str, who: str) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    shown, asks = asked_by(page, concern)
    client = signed_in(getattr(cast, who))

    answer = client.get(asks)

    assert f'data-still="{asks}"' in client.get(shown).content.decode()
    assert (answer.status_code, answer.content) == (204, b"")
    assert resolve(asks).func.is_poll is True


def test_late_conflict_turns_the_answer_of_the_open_page(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    _, asks = asked_by("concern", concern)
    client = signed_in(cast.lead)
    before = client.get(asks).status_code

    declare_conflict(by=cast.lead, concern_id=concern.pk, reason="My niece.", at=AT)

    assert (before, client.get(asks).status_code) == (204, 404)


def test_asking_leaves_no_sign_of_having_read_it(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    client = signed_in(cast.lead)
    before = AuditEvent.objects.count()

    client.get(asked_by("concern", concern)[1])

    assert AuditEvent.objects.count() == before


def test_hidden_and_unknown_give_the_same_answer_and_are_noted(cast: Cast) -> None:
    concern, client = make_concern(cast), signed_in(cast.reporter2)

    answers = [client.get(reverse("concern_still", args=[pk])) for pk in (concern.pk, uuid.uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert plain(answers[0]) == plain(answers[1])
    assert AuditEvent.objects.filter(verb=REFUSAL, by=cast.reporter2).count() == 2
