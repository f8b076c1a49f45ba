"""Pages of a referral: the form begins with what is known, the answer closes it, the sheet can be copied and its reading is noted."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from concerns.actions.conflicts import declare_conflict
from concerns.choices import StepKind, StepState
from concerns.models import AuditEvent, Concern, Referral, Step
from tests.browser.planting import WHEN
from tests.factories import Cast, signed_in
from tests.makers import MARKER, URGENT, answered, make_concern

SAID = {"to": "duty_city", "how": "phone", "was_said": "They ring back.", "religion": "Not known", "child": "Aria <b>", **WHEN}


def sent(cast: Cast, **more: str) -> tuple[Concern, object]:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    address = reverse("concern_referral", args=[concern.pk])
    return concern, signed_in(cast.lead).post(address, {**SAID, "version": concern.version, **more}, follow=True)


def test_form_begins_with_what_the_record_knows(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)

    page = signed_in(cast.lead).get(reverse("concern_referral", args=[concern.pk]))

    initial = page.context["form"].initial
    assert (initial["to"], initial["referred_by"], initial["child"]) == ("duty_city", cast.lead.name, "Aria Blackwood, age 14")
    assert f"{MARKER} seen" in initial["events"]
    names = list(page.context["form"].fields)
    order = ["child", "ethnicity", "religion", "parents_details", "address", "agencies", "events", "parents_know"]
    assert [name for name in names if name in order] == order


def test_referral_is_shown_and_answered(cast: Cast) -> None:
    concern, page = sent(cast)
    referral = Referral.objects.get(concern=concern)
    html = page.content.decode()  # type: ignore[attr-defined]
    answer = reverse("concern_referral_answer", args=[concern.pk, referral.pk])
    assert answer in html and "Referral sheet" in html and "Aria &lt;b&gt;" in html

    client = signed_in(cast.lead)
    after = client.post(answer, {"decision": "ENQUIRY", "what": "Yes.", "agrees": "yes", **WHEN}, follow=True).content.decode()

    assert answer not in after and "What the council answered" in after
    assert not Step.objects.filter(concern=concern, kind=StepKind.CHASE, state=StepState.WAITING).exists()
    again = client.post(answer, {"decision": "ENQUIRY", "what": "Yes.", "agrees": "yes", **WHEN})
    assert (again.status_code, "recorded already" in again.content.decode()) == (422, True)


def test_form_says_what_is_missing(cast: Cast) -> None:
    concern, page = sent(cast, to="other", duty_by="Tom Reed", was_said="")

    errors = page.context["form"].errors  # type: ignore[attr-defined]
    assert set(errors) == {"spoken_to", "duty_at", "was_said"}
    assert not Referral.objects.filter(concern=concern).exists()


def test_sheet_shows_boxes_in_order_and_is_noted(cast: Cast) -> None:
    concern, _ = sent(cast)
    referral = Referral.objects.get(concern=concern)

    html = signed_in(cast.lead).get(reverse("concern_referral_sheet", args=[concern.pk, referral.pk])).content.decode()

    assert html.index("What was said") < html.index("The child’s details") < html.index("Religion")
    assert '<div class="copy-box">Aria &lt;b&gt;</div>' in html and "Ethnicity" not in html
    assert AuditEvent.objects.filter(concern=concern, verb="read a referral", by=cast.lead).count() == 1


def test_referral_of_another_concern_or_behind_a_veto_does_not_exist(cast: Cast) -> None:
    concern, _ = sent(cast)
    other = answered(make_concern(cast), by=cast.lead)
    referral = Referral.objects.get(concern=concern)
    client = signed_in(cast.lead)

    for name in ("concern_referral_answer", "concern_referral_sheet"):
        assert client.get(reverse(name, args=[other.pk, referral.pk])).status_code == 404
    declare_conflict(by=cast.lead, concern_id=concern.pk, reason="Mine.", at=timezone.now() + timedelta(seconds=1))
    for name in ("concern_referral_answer", "concern_referral_sheet"):
        assert client.get(reverse(name, args=[concern.pk, referral.pk])).status_code == 404
    assert client.get(reverse("concern_referral", args=[concern.pk])).status_code == 404
