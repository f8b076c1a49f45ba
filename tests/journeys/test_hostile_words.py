"""A real browser under the real policy opens pages full of hostile words: nothing runs, nothing is blocked, nothing asks. (S17, S18)"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.backups import python
from tests.browser.corpus import SCRIPTS, WORD
from tests.journeys.conftest import database
from tests.outage_servers import Site, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PLANT = """
import django
django.setup()
from django.test import Client
from django.utils import timezone
from concerns.actions.casework import add_entry
from concerns.choices import EntryKind
from concerns.models import Contact, User
from tests.browser.corpus import SCRIPTS
from tests.factories import let_in, make_cast
from tests.makers import DANGER, answered, make_concern
now, words = timezone.now(), "\\n".join(SCRIPTS).replace("\\x00", "")
cast = make_cast()
concern = answered(make_concern(cast, answers=DANGER, seen=words, said=words, think=words, where=words[:300], at=now), by=cast.lead, at=now)
add_entry(by=cast.lead, concern_id=concern.pk, kind=EntryKind.NOTE, text=words, at=now)
User.objects.filter(pk=cast.reporter2.pk).update(name=SCRIPTS[11])
Contact.objects.create(centre=cast.centre, group="3_centre", name=SCRIPTS[0], purpose=SCRIPTS[9], number="01632 960001", source=SCRIPTS[14])
for user in (cast.lead, cast.reporter):
    client = Client()
    let_in(client, user)
    print(client.cookies["sessionid"].value)
print(concern.pk)
"""
INTRUDERS = (
    "document.querySelectorAll('script:not([src]), iframe, object, embed, base, style, svg[onload], [onerror], [onclick], [srcdoc]').length"
)


@pytest.mark.journey
def test_hostile_words_do_nothing_in_a_real_browser(browser: "Browser", tmp_path: Path) -> None:
    port, noises, words = free_port(), list[str](), 0
    with database() as url:
        site = Site.at(tmp_path, url, SITE_URL=f"http://localhost:{port}")
        site.set_up()
        lead, reporter, concern = python(site, PLANT).split()
        with site.served(port):
            for session, paths in (
                (lead, ["/", "/concerns/", f"/concerns/{concern}/", f"/concerns/{concern}/entry/", "/contacts/", "/people/", "/audit/"]),
                (reporter, ["/", f"/mine/{concern}/", "/contacts/"]),
            ):
                context = browser.new_context(service_workers="block")
                context.add_cookies([{"name": "sessionid", "value": session, "url": f"http://localhost:{port}"}])
                page = context.new_page()
                page.on("dialog", lambda dialog: (noises.append(f"dialog {dialog.message}"), dialog.dismiss()))
                page.on("pageerror", lambda error: noises.append(str(error)))
                page.on("console", lambda message: noises.append(message.text) if message.type == "error" else None)
                for path in paths:
                    answer = page.goto(f"http://localhost:{port}{path}")
                    if not answer or answer.status != 200 or page.evaluate(INTRUDERS):
                        noises.append(f"{path}: {answer and answer.status}, {page.url}")
                    words += page.inner_text("main").count(WORD)
                context.close()

    assert noises == []
    assert words > len(SCRIPTS)  # they stand there, as text
