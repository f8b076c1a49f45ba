"""`manage.py dispose` and `manage.py hold`, as people type them: who proves who they are, what is refused, what is printed. (S16, S28)"""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from concerns.models import AuditEvent, Concern, DataKey, Disposal, LastCode, User
from tests.disposals import make_closed, second_lead
from tests.factories import PASSWORD, Cast, next_code, with_app
from tests.makers import MARKER

EARLY = {"early": "wrong_person"}


def run(
    *words: str, by: User | None = None, monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, code: str = "", **options: Any
) -> str:
    """What a command prints."""
    known = User.objects.filter(email=by.email).first() if by else None
    if not code:
        LastCode.objects.filter(user=known).delete()  # a minute goes by
    answers = {"Password": password, "Code": code or (next_code(with_app(known)) if known else "000000")}
    monkeypatch.setattr("concerns.management.identity.getpass", lambda prompt: answers[prompt.split()[0]])
    out = io.StringIO()
    call_command(*words, **({"by": by.email} if by else {}), **options, stdout=out, stderr=out)
    return out.getvalue()


def test_two_leads_dispose_of_a_concern(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = make_closed(cast)
    other = second_lead(cast)

    proposal = run("dispose", "propose", concern.reference.lower(), by=cast.lead, monkeypatch=monkeypatch, **EARLY)
    tombstone = run("dispose", "approve", concern.reference, by=other, monkeypatch=monkeypatch)
    listed = run("dispose", "list", by=cast.lead, monkeypatch=monkeypatch)

    assert "A second lead or case manager must approve it." in proposal
    assert f"{concern.reference}: The content of this record was disposed of today, early because" in tombstone
    assert "Priya Shah proposed it and Zoe Hale agreed." in tombstone
    assert listed.startswith(f"{concern.reference}: ")
    assert MARKER not in proposal + tombstone + listed


def test_list_names_a_tombstone_that_the_list_outside_lacks(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    concern = make_closed(cast)
    run("dispose", "propose", concern.reference, by=cast.lead, monkeypatch=monkeypatch, **EARLY)
    run("dispose", "approve", concern.reference, by=second_lead(cast), monkeypatch=monkeypatch)
    settings.DISPOSALS_FILE.unlink()

    assert "NOT ON THE LIST" in run("dispose", "list", by=cast.lead, monkeypatch=monkeypatch)


def test_wrong_password_unknown_person_and_disabled_account_look_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = make_closed(cast)
    User.objects.filter(pk=cast.deputy.pk).update(is_active=False)
    stranger = User(email="nobody@example.org")

    for user, password in ((cast.lead, "wrong"), (stranger, PASSWORD), (cast.deputy, PASSWORD)):
        with pytest.raises(CommandError, match="do not belong together"):
            run("dispose", "propose", concern.reference, by=user, monkeypatch=monkeypatch, password=password, **EARLY)

    assert AuditEvent.objects.get(verb="failed to sign in").subject_id == cast.lead.pk


def test_lead_needs_a_code_that_was_not_used_before(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = make_closed(cast)
    used = next_code(with_app(cast.lead))
    run("hold", "list", concern.reference, by=cast.lead, monkeypatch=monkeypatch, code=used)

    for code in (used, "000000", "zebra"):
        with pytest.raises(CommandError, match="do not belong together"):
            run("dispose", "propose", concern.reference, by=cast.lead, monkeypatch=monkeypatch, code=code, **EARLY)

    assert {row.detail["what"] for row in AuditEvent.objects.filter(verb="failed to sign in")} == {"a command's code"}


def test_lead_without_a_second_factor_can_dispose_of_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = make_closed(cast)
    monkeypatch.setattr("concerns.management.identity.getpass", lambda prompt: PASSWORD)

    with pytest.raises(CommandError, match="do not belong together"):
        call_command("dispose", "propose", concern.reference, by=cast.lead.email, **EARLY)


def test_foreign_and_unknown_references_look_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = make_closed(cast)

    for user, reference in ((cast.outsider, concern.reference), (cast.lead, "C-26-0000"), (cast.admin, concern.reference)):
        for words in (("dispose", "propose"), ("dispose", "approve"), ("dispose", "decline"), ("hold", "list")):
            with pytest.raises(CommandError, match=f"You see no concern {reference}."):
                run(*words, reference, by=user, monkeypatch=monkeypatch)


def test_refusals_are_sentences(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = make_closed(cast)

    with pytest.raises(CommandError, match="This concern is kept until 17 November 2051"):
        run("dispose", "propose", concern.reference, by=cast.lead, monkeypatch=monkeypatch)
    with pytest.raises(CommandError, match="waits for a second person"):
        run("dispose", "approve", concern.reference, by=cast.lead, monkeypatch=monkeypatch)
    with pytest.raises(CommandError, match="Not found"):
        run("dispose", "propose", concern.reference, by=cast.deputy, monkeypatch=monkeypatch, **EARLY)


def test_holds_are_set_lifted_and_listed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = make_closed(cast)

    held = run("hold", "set", concern.reference, by=cast.lead, monkeypatch=monkeypatch, ground="police")
    with pytest.raises(CommandError, match="must be kept"):
        run("dispose", "propose", concern.reference, by=cast.lead, monkeypatch=monkeypatch, **EARLY)
    lifted = run("hold", "lift", concern.reference, by=cast.lead, monkeypatch=monkeypatch, ground="police")
    with pytest.raises(CommandError, match="Name the ground"):
        run("hold", "set", concern.reference, by=cast.lead, monkeypatch=monkeypatch)

    assert (held, lifted) == ("a police investigation, set by Priya Shah\n", "No hold.\n")


def test_due_lists_what_may_go_and_says_what_is_held(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    old, young = make_closed(cast), make_closed(cast)
    Concern.objects.filter(pk=old.pk).update(logged_at=timezone.now().replace(year=1999, day=1))
    run("hold", "set", old.reference, by=cast.lead, monkeypatch=monkeypatch, ground="court")

    due = run("dispose", "due", by=cast.lead, monkeypatch=monkeypatch)

    assert f"{old.reference}  since 2024-" in due
    assert ", but held  (a child’s file" in due
    assert young.reference not in due
    assert run("dispose", "due", by=cast.outsider, monkeypatch=monkeypatch) == ""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="test_disposal_crash.py looks into SQLite's files")
def test_key_table_is_written_anew(transactional_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL keeps deleted rows in a table's file until the table is written into another one."""
    cast = transactional_cast
    concern = make_closed(cast)
    run("dispose", "propose", concern.reference, by=cast.lead, monkeypatch=monkeypatch, **EARLY)
    before = file_of_keys()

    printed = run("dispose", "approve", concern.reference, by=second_lead(cast), monkeypatch=monkeypatch)

    assert file_of_keys() != before
    assert "may still be in the database" not in printed
    assert Disposal.objects.count() == 1


def file_of_keys() -> str:
    """The file in which PostgreSQL keeps the keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_filepath(%s)", [DataKey._meta.db_table])
        return str(cursor.fetchone()[0])
