"""What pages show of a concern that was disposed of: the tombstone in plain words, to those who saw the record; nothing to others. (S28)"""

from datetime import timedelta

from django.urls import reverse

from concerns.choices import LinkRole
from concerns.models import Concern, Conflict, Link, Person
from tests.disposals import SOON, disposed_early, make_closed, second_lead
from tests.factories import AT, Cast, signed_in
from tests.makers import MARKER
from tests.views.pages import plain


def test_leads_read_what_when_by_whom_and_under_which_rule(cast: Cast) -> None:
    concern = disposed_early(cast, make_closed(cast))

    page = plain(signed_in(cast.lead).get(reverse("concern", args=[concern.pk])))

    assert "The content of this record was disposed of on 19 November 2026, early because it was recorded by mistake about" in page
    assert "Rule: a child’s file, kept until the 25th birthday. It held 4 entries. Priya Shah proposed it and Zoe Hale agreed." in page
    assert "Until 24 December 2026 it may still be readable from a backup." in page
    assert MARKER not in page
    assert "Aria" not in page
    assert "I am too close to this" not in page
    assert "Not said" not in page
    assert "Lives in" not in page


def test_author_reads_that_it_is_gone_and_can_add_nothing(cast: Cast) -> None:
    concern = disposed_early(cast, make_closed(cast))
    client = signed_in(cast.reporter)

    page = plain(client.get(reverse("mine", args=[concern.pk])))
    refused = client.post(reverse("mine_add", args=[concern.pk]), {"text": MARKER, "worse": "yes"})

    assert "The content of this record was disposed of" in page
    assert "entries" not in page
    assert "Record a new one" in page
    assert "Add something" not in page
    assert (refused.status_code, "record a new concern" in plain(refused)) == (403, True)


def test_lists_go_on_without_the_name_of_a_person_who_is_kept_elsewhere(cast: Cast) -> None:
    concern, other = make_closed(cast), make_closed(cast)
    Link.objects.create(
        concern=other, person=Person.objects.get(links__concern=concern), role=LinkRole.HARMED, made_at=AT, made_by=cast.lead
    )
    disposed_early(cast, concern)

    queue = plain(signed_in(cast.lead).get(reverse("queue"), {"status": "closed"}))
    home = plain(signed_in(cast.reporter).get(reverse("home")))

    assert queue.count("Aria Blackwood") == 2  # both links of the other concern
    assert "Disposed of" in queue
    assert f"{concern.reference}" in home


def test_vetoed_lead_and_strangers_find_no_tombstone(cast: Cast) -> None:
    concern = make_closed(cast)
    vetoed = second_lead(cast)
    Conflict.objects.create(concern=concern, user=cast.deputy, reason=b"x", declared_by=cast.deputy, declared_at=AT)
    disposed_early(cast, concern)

    for user in (cast.deputy, cast.outsider, cast.admin, cast.reporter2):
        page = signed_in(user).get(reverse("concern", args=[concern.pk]))
        assert (page.status_code, concern.reference in plain(page)) == (404, False)
    assert signed_in(vetoed).get(reverse("concern", args=[concern.pk])).status_code == 200


def test_vetoed_author_reads_no_names_of_those_who_disposed_of_it(cast: Cast) -> None:
    concern = make_closed(cast)
    Conflict.objects.create(concern=concern, user=cast.reporter, reason=b"x", declared_by=cast.lead, declared_at=AT)
    disposed_early(cast, concern)

    page = plain(signed_in(cast.reporter).get(reverse("kept_words", args=[concern.pk])))

    assert "The content of this record was disposed of." in page
    assert "Zoe Hale" not in page
    assert MARKER not in page


def test_every_page_about_a_disposed_concern_answers(cast: Cast) -> None:
    concern = disposed_early(cast, make_closed(cast))
    Concern.objects.filter(pk=concern.pk).update(closed_at=SOON + timedelta(hours=1))
    lead, author = signed_in(cast.lead), signed_in(cast.reporter)

    statuses = {
        name: client.get(reverse(name, args=[concern.pk])).status_code
        for client, names in (
            (lead, ("concern", "concern_entry", "concern_level", "concern_close", "concern_status", "concern_conflict")),
            (author, ("mine", "mine_add", "mine_again", "mine_disagree")),
        )
        for name in names
    }
    record = author.get(reverse("record", args=[concern.draft.pk]))

    assert {name for name, status in statuses.items() if status >= 500} == set()
    assert {statuses[name] for name in ("concern_entry", "mine_add", "mine_again", "mine_disagree")} == {403}
    assert record.status_code < 500
