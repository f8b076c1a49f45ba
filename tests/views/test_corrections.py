"""A correction stands beside what it corrects, wherever both may be read; it opens nothing that the reader may not see. (S2, S5)"""

import re
from datetime import timedelta

from django.http import HttpResponse
from django.urls import reverse

from concerns.actions.casework import add_entry, correct_entry
from concerns.choices import EntryKind, Role
from concerns.models import Concern, Conflict, Entry, User
from tests.factories import AT, Cast, grant, make_user, signed_in
from tests.makers import MARKER, answered, make_concern
from tests.views.pages import plain

LATER = AT + timedelta(hours=1)
SECRET = "quartz-lantern"


def item(page: HttpResponse, number: int) -> str:
    """One entry of a timeline, as HTML."""
    found = re.search(rf'<li class="timeline-item[^>]*id="entry-{number}".*?</li>', page.content.decode(), re.DOTALL)
    return found[0] if found else ""


def sides(page: HttpResponse, number: int) -> list[str]:
    """The words of both versions in an entry."""
    parts = re.split(r'<div class="versions__one[^"]*">', item(page, number).split('<p class="timeline-item__when"><a')[0])[1:]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)).strip() for part in parts]


def correct(by: User, concern: Concern, entry: Entry, text: str) -> Entry:
    return correct_entry(by=by, concern_id=concern.pk, entry_id=entry.pk, text=text, at=LATER)


def of_kind(concern: Concern, kind: EntryKind) -> Entry:
    return Entry.objects.get(concern=concern, kind=kind)


def test_lead_sees_both_versions_side_by_side_and_the_way_between_them(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    wrong = of_kind(concern, EntryKind.ACCOUNT)
    right = correct(cast.lead, concern, wrong, "It was blue.")

    page = signed_in(cast.lead).get(reverse("concern", args=[concern.pk]))

    before, after = sides(page, right.number)
    assert before.startswith(f"Before: entry {wrong.number} ")
    assert f"{MARKER} seen" in before
    assert after == "Corrected to It was blue."
    assert f'Corrected: see <a href="#entry-{right.number}">entry {right.number}</a>' in item(page, wrong.number)
    assert f"{MARKER} seen" in item(page, wrong.number)


def test_correction_of_a_correction_shows_the_one_before_it(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    first = of_kind(concern, EntryKind.ACCOUNT)
    second = correct(cast.lead, concern, first, "It was blue.")
    third = correct(cast.lead, concern, second, "It was green.")
    fourth = correct(cast.lead, concern, first, "It was on Monday.")

    page = signed_in(cast.lead).get(reverse("concern", args=[concern.pk]))

    assert sides(page, third.number) == [f"Before: entry {second.number} It was blue.", "Corrected to It was green."]
    assert f'see <a href="#entry-{third.number}">' in item(page, second.number)
    both = f'#entry-{second.number}">entry {second.number}</a>, <a href="#entry-{fourth.number}">'
    assert both in item(page, first.number)


def test_author_sees_corrections_of_replies_however_many(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    reply = add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.REPLY, text="Come at four.", at=LATER)
    second = correct(cast.lead, concern, reply, "Come at five.")
    third = correct(cast.lead, concern, second, "Come at six.")

    page = signed_in(cast.reporter).get(reverse("mine", args=[concern.pk]))

    assert sides(page, third.number) == [f"Before: entry {second.number} Come at five.", "Corrected to Come at six."]
    assert "Corrected: see" in item(page, reply.number)


def test_author_sees_no_correction_that_is_not_for_them(cast: Cast) -> None:
    concern = answered(make_concern(cast), by=cast.lead)
    note = add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.NOTE, text=SECRET, at=LATER)
    correct(cast.lead, concern, note, f"{SECRET} again")
    correct(cast.lead, concern, of_kind(concern, EntryKind.ACCOUNT), f"{SECRET} about the account")

    page = signed_in(cast.reporter).get(reverse("mine", args=[concern.pk]))

    assert SECRET not in plain(page)
    assert "Corrected: see" not in plain(page)
    assert MARKER in plain(page)


def test_vetoed_author_who_corrected_a_colleague_reads_only_their_own_half(cast: Cast) -> None:
    lead = grant(make_user("Zoe Hale"), cast.centre, Role.REPORTER, Role.LEAD)
    concern = answered(make_concern(cast, by=lead), by=cast.lead)
    note = add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.NOTE, text=SECRET, at=LATER)
    right = correct(lead, concern, note, "That was on Monday.")
    Conflict.objects.create(concern=concern, user=lead, reason=b"x", declared_by=lead, declared_at=LATER)

    page = signed_in(lead).get(reverse("kept_words", args=[concern.pk]))

    assert "That was on Monday." in item(page, right.number)
    assert sides(page, right.number) == []
    assert SECRET not in plain(page)


def test_both_versions_are_escaped(cast: Cast) -> None:
    attack = "<script>alert(1)</script>"
    concern = answered(make_concern(cast, seen=attack), by=cast.lead)
    correct(cast.lead, concern, of_kind(concern, EntryKind.ACCOUNT), attack)

    page = signed_in(cast.lead).get(reverse("concern", args=[concern.pk])).content.decode()

    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") == 3


def test_page_asks_no_more_for_many_corrections_than_for_one(cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    concern = answered(make_concern(cast), by=cast.lead)
    entry = of_kind(concern, EntryKind.ACCOUNT)
    client = signed_in(cast.lead)
    address = reverse("concern", args=[concern.pk])
    for _ in range(12):
        entry = correct(cast.lead, concern, entry, "Once more.")
    client.get(address)

    with django_assert_max_num_queries(45):
        page = client.get(address)

    assert plain(page).count("Corrected: see") == 12
