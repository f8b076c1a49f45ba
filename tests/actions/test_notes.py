"""Notes for the next session: sealed, for those who answer alerts, never a hint of a concern to whom it is hidden, gone in four weeks."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from concerns.access.scopes import visible_audit
from concerns.actions.notes import purge_notes, remove_note, write_note
from concerns.choices import LinkRole
from concerns.exceptions import NotAllowed, NotVisible
from concerns.management.commands.run_worker import every_minute
from concerns.models import DataKey, HandoverNote, Link, User
from concerns.queries.notes import UNREADABLE, notes_for
from concerns.rules.references import tails_in
from tests.factories import AT, Cast, signed_in
from tests.makers import CALM, URGENT, about, answered, make_concern
from tests.views.pages import plain

WORDS = "Ring the school at nine."


def note(cast: Cast, text: str = WORDS, **options: object) -> HandoverNote:
    return write_note(**{"by": cast.lead, "centre": cast.centre, "text": text, "at": timezone.now(), **options})  # type: ignore[arg-type]


def read_by(user: User, cast: Cast) -> list[str]:
    return [line.text for line in notes_for(user, cast.centre, at=timezone.now(), limit=9)]


def test_note_is_sealed_and_shown_to_those_who_answer_on_the_rota(cast: Cast) -> None:
    written = note(cast)

    pages = {name: plain(signed_in(getattr(cast, name)).get(reverse("rota"))) for name in ("lead", "deputy", "reporter", "admin")}

    assert WORDS.encode() not in bytes(written.body)
    assert {name: WORDS in page for name, page in pages.items()} == {"lead": True, "deputy": True, "reporter": False, "admin": False}


def test_note_is_written_on_its_page_and_kept_as_it_was_typed(cast: Cast) -> None:
    page = plain(signed_in(cast.deputy).post(reverse("rota_note"), {"text": "First line.\nSecond line."}, follow=True))

    assert read_by(cast.lead, cast) == ["First line.\nSecond line."]
    assert "The note is there for the next session." in page


def test_note_that_is_too_long_or_empty_is_not_taken_and_not_lost(cast: Cast) -> None:
    long = signed_in(cast.lead).post(reverse("rota_note"), {"text": "x" * 2001})

    assert (long.status_code, "x" * 2001 in long.content.decode(), HandoverNote.objects.count()) == (422, True, 0)


SPELLINGS = [
    str,
    str.lower,
    lambda reference: reference.replace("-", " "),
    lambda reference: reference[5:],
    lambda reference: f"{reference[5:8]} {reference[8:]}",
    lambda reference: f"{reference[5]}-{reference[6:]}",
    lambda reference: f"{reference[5:]}x",
    lambda reference: f"x{reference[5:]}",
    lambda reference: ".".join(reference[5:]),
    lambda reference: "".join(chr(ord(letter) + 0xFEE0) for letter in reference[5:]),
]


@pytest.mark.parametrize("spell", SPELLINGS)
def test_note_that_names_a_concern_is_hidden_from_whom_the_concern_is(cast: Cast, spell) -> None:  # type: ignore[no-untyped-def]
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    note(cast, f"Look at {spell(concern.reference)} again, please.")
    before = len(read_by(cast.deputy, cast))
    Link.objects.create(concern=concern, user=cast.deputy, role=LinkRole.MAY_HAVE_HARMED, made_at=AT, made_by=cast.lead)

    pages = [plain(signed_in(cast.deputy).get(reverse(name))) for name in ("home", "rota")]

    assert (before, read_by(cast.deputy, cast), len(read_by(cast.lead, cast))) == (1, [], 1)
    assert ["Look at" in page for page in pages] == [False, False]
    assert not visible_audit(cast.deputy).filter(subject_type="handovernote").exists()


def test_note_about_an_adult_case_is_for_those_who_work_with_it(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.reporter2, answers=CALM))
    note(cast, f"{concern.reference}: I rang.", by=cast.case_manager)

    assert [len(read_by(user, cast)) for user in (cast.case_manager, cast.lead, cast.deputy)] == [1, 1, 0]


def test_author_reads_their_own_note_whatever_became_of_the_concern(cast: Cast) -> None:
    concern = answered(make_concern(cast, answers=URGENT), by=cast.lead)
    note(cast, concern.reference)
    Link.objects.create(concern=concern, user=cast.lead, role=LinkRole.MAY_HAVE_HARMED, made_at=AT, made_by=cast.deputy)

    assert read_by(cast.lead, cast) == [concern.reference]


def test_hidden_notes_push_no_other_note_out_of_sight(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.reporter2, answers=CALM))
    note(cast)
    for _ in range(9):
        note(cast, concern.reference)

    assert [line.text for line in notes_for(cast.deputy, cast.centre, at=timezone.now(), limit=1)] == [WORDS]


def test_only_its_author_removes_a_note(cast: Cast) -> None:
    written = note(cast)

    with pytest.raises(NotVisible):
        remove_note(by=cast.deputy, note=written, at=AT)
    remove_note(by=cast.lead, note=written, at=AT)

    assert not HandoverNote.objects.exists()
    assert not DataKey.objects.filter(pk=written.data_key_id).exists()


@pytest.mark.parametrize("who", ["reporter", "admin", "auditor"])
def test_who_answers_no_alerts_writes_no_note(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        note(cast, by=getattr(cast, who))


def test_notes_of_another_centre_are_not_read(cast: Cast) -> None:
    note(cast, by=cast.outsider, centre=cast.outsider.grants.all()[0].centre)

    assert read_by(cast.lead, cast) == []


def test_note_goes_after_four_weeks_with_its_key_and_not_before(cast: Cast) -> None:
    now = timezone.now()
    old, young = note(cast, at=now - timedelta(days=28)), note(cast, at=now - timedelta(days=27, hours=23))

    gone = purge_notes(by=None, at=now)

    assert (gone, set(HandoverNote.objects.values_list("pk", flat=True))) == (1, {young.pk})
    assert not DataKey.objects.filter(pk=old.data_key_id).exists()


def test_worker_removes_them_once_a_minute(cast: Cast) -> None:
    note(cast, at=timezone.now() - timedelta(days=29))

    every_minute(timezone.now())

    assert not HandoverNote.objects.exists()


def test_damaged_note_hides_no_other(cast: Cast) -> None:
    note(cast)
    HandoverNote.objects.filter(pk=note(cast).pk).update(body=b"\x01" + bytes(80))

    assert read_by(cast.deputy, cast) == [UNREADABLE, WORDS]


AS_WRITTEN = ["C-26-7K4M", "c-26-7k4m", "C 26 7K4M", "C267K4M", "26-7K4M", "267k4m", "see 7K4M."]
BROKEN_UP = [
    "7K4 M",
    "7-K4M",
    "7K4Mx",
    "x7K4M",
    "see7K4Mnow",
    "７Ｋ４Ｍ",
    "７ｋ４ｍ",
    "7\nK4M",
    "7.K.4.M",
    "7 K 4 M",
    "C26/7K4M",
    "7K\u00ad4M",
]


@pytest.mark.parametrize("text", AS_WRITTEN + BROKEN_UP)
def test_reference_is_found_however_it_is_written(text: str) -> None:
    assert "7K4M" in tails_in(text)


@pytest.mark.parametrize("text", ["KRMT", "xKRMT", "KRMTx", "C26KRMT", "KR MT", "K-RMT"])
def test_reference_without_a_digit_is_found_where_a_word_begins_or_ends(text: str) -> None:
    assert "KRMT" in tails_in(text)


def test_middle_of_plain_words_is_no_reference() -> None:
    assert tails_in("They met.") == {"THEY", "THEYM", "THEYME", "THEYMET", "EYMET", "HEYMET", "YMET"}


def test_twenty_of_the_longest_notes_are_read_in_one_breath(cast: Cast) -> None:
    concern = make_concern(cast, answers=about(cast.reporter2, answers=CALM))
    words = "The school rang at seven and wants to meet at the gate next week; see 12 papers, please. "
    for number in range(19):
        note(cast, f"{number} {words * 30}"[:2000])
    note(cast, concern.reference, by=cast.case_manager)

    assert len(read_by(cast.lead, cast)) == 9
    assert not any(concern.reference in text for text in read_by(cast.deputy, cast))
