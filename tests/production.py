"""Production for the tests: `script/serve` as it is shipped, with a small centre whose people have real-looking addresses."""

import ctypes
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.outage_servers import PATIENCE_SECONDS, ROOT, Site, wait_for_port

PASSWORD = "a long enough password"
PEOPLE = f"""
from django.utils import timezone
from concerns.actions.roles import make_first_account
from concerns.choices import Role
from concerns.models import Centre
for name, roles in (("sam", [Role.REPORTER]), ("priya", [Role.LEAD]), ("tom", [Role.DEPUTY])):
    make_first_account(
        by=None, centre=Centre.objects.get(), email=f"{{name}}@riverside.test", name=name.title(), roles=roles, at=timezone.now(),
        password="{PASSWORD}",
    )
"""
NO_NEW_PRIVILEGES, NO_WRITABLE_CODE = (38, 1), (65, 1)  # what NoNewPrivileges and MemoryDenyWriteExecute set


def production(var: Path, database_url: str = "", *, port: int = 0, mail: int = 25) -> Site:
    """An installation with everything that production needs set."""
    address = f"https://localhost:{port}"
    site = Site.at(
        var,
        database_url,
        MODE="production",
        HOSTS="localhost",
        SITE_URL=address,
        BEHIND_PROXY="yes",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=str(mail),
        VENV=str(Path(sys.executable).parent.parent),
    )
    site.set_up(PEOPLE)
    return site


def sandboxed() -> None:
    """Give up what the units take away and a process can give up by itself; nothing where the kernel is too old."""
    libc = ctypes.CDLL(None)
    for what, value in (NO_NEW_PRIVILEGES, NO_WRITABLE_CODE):
        libc.prctl(what, value, 0, 0, 0)


def start(site: Site, *arguments: str, **env: str) -> "subprocess.Popen[bytes]":
    with open(site.var / "serve.log", "ab") as log:
        return subprocess.Popen(
            ["script/serve", *arguments], cwd=ROOT, env={**site.env, **env}, stdout=log, stderr=log, preexec_fn=sandboxed, process_group=0
        )


@contextmanager
def serving(site: Site, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `script/serve` until the block ends."""
    process = start(site, PORT=str(port))
    try:
        wait_for_port(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def refusal(site: Site, *arguments: str, **env: Any) -> tuple[int, str]:
    """What `script/serve` says when it starts nothing, and its exit code."""
    kept = {name: value for name, value in {**site.env, **env}.items() if value is not None}
    ran = subprocess.run(["script/serve", *arguments], cwd=ROOT, env=kept, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    return ran.returncode, ran.stderr
