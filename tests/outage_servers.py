"""Real servers for the tests of outages: gunicorn with the app, a throwaway PostgreSQL, a process that holds a SQLite file."""

import glob
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tests.ready_made import copied

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 120
OLD_COOKIE, FORM = "sessionid=abcdefghijklmnopqrstuvwxyz012345", "application/x-www-form-urlencoded"
READY = """
import django
django.setup()
"""
CARD = """
from django.core.management import call_command
call_command("write_card")
"""
SET_UP = """
from django.core.management import call_command
call_command("init_keys", verbosity=0)
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
call_command("setup_centre", name="Riverside Youth Centre")
"""
HOLD_SQLITE = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
held.execute("PRAGMA locking_mode=EXCLUSIVE")
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(600)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Site:
    """One installation: its folder and the environment of its processes."""

    var: Path
    env: dict[str, str]

    @classmethod
    def at(cls, var: Path, database_url: str = "", **settings: str) -> "Site":
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SAFEGUARDING_", "DATABASE_URL", "PYTEST"))}
        own = {"SAFEGUARDING_MODE": "practice", "SAFEGUARDING_VAR_DIR": str(var), "SAFEGUARDING_DATABASE_DEADLINE": "3"}
        named = {f"SAFEGUARDING_{name}": value for name, value in settings.items()}
        address = {"DATABASE_URL": database_url} if database_url else {}
        return cls(var, {**kept, **own, **named, **address, "DJANGO_SETTINGS_MODULE": "safeguarding.settings"})

    @property
    def card_file(self) -> Path:
        return self.var / "card" / "emergency.html"

    def set_up(self, more: str = "") -> None:
        """Give it keys, tables, static files, the centre and the card; then run `more`, which is Python."""
        if not copied(self.var, self.env.get("DATABASE_URL", ""), lambda var, url: Site.at(var, url).make()):
            self.make()
        self.run(CARD + more)

    def make(self) -> None:
        """Make all that from nothing, which takes seconds."""
        self.run(SET_UP)

    def run(self, code: str) -> str:
        """Run Python in this installation, and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", READY + code],
            cwd=ROOT,
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        return done.stdout

    @contextmanager
    def served(self, port: int = 0) -> Iterator["Web"]:
        """Serve it by gunicorn, on a port of its own unless one is given, until the block ends."""
        web = Web(port or free_port())
        command = [
            "-m",
            "gunicorn",
            "safeguarding.wsgi:application",
            "--bind",
            f"127.0.0.1:{web.port}",
            "--threads",
            "4",
            "--timeout",
            "100",
        ]
        with open(self.var / "web.log", "wb") as log:
            process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.env, stdout=log, stderr=log)
        try:
            wait_for_port(web.port, process)
            yield replace(web, pid=process.pid)
        finally:
            for pid in (*children_of(process.pid), process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            process.terminate()
            process.wait(PATIENCE_SECONDS)

    @contextmanager
    def worked(self) -> Iterator[None]:
        """Run its worker until the block ends."""
        with open(self.var / "worker.log", "wb") as log:
            process = subprocess.Popen([sys.executable, "manage.py", "run_worker"], cwd=ROOT, env=self.env, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Web:
    """A served site. `pid` is its first process."""

    port: int
    pid: int = 0

    def signal(self, number: int) -> None:
        """Send a signal to every process of it."""
        for pid in (*children_of(self.pid), self.pid):
            os.kill(pid, number)

    def get(self, path: str, cookie: str = "") -> Answer:
        return self._ask("GET", path, {"Cookie": cookie} if cookie else {})

    def post(self, path: str, body: str, cookie: str = OLD_COOKIE, kind: str = FORM) -> Answer:
        """Send a form, as a browser does that has signed in before."""
        return self._ask("POST", path, {"Cookie": cookie, "Content-Type": kind}, body)

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()


def wait_for_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(f"Nothing answers on port {port}.")


@contextmanager
def sqlite_held(path: Path) -> Iterator[None]:
    """Another process holds the database file until the block ends."""
    process = subprocess.Popen([sys.executable, "-c", HOLD_SQLITE, str(path)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield
    finally:
        process.kill()
        process.wait()


def postgresql_programs() -> Path | None:
    """The newest folder that holds initdb, where PostgreSQL's server is installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    on_path = shutil.which("initdb")
    best = found[-1] if found else on_path
    return Path(best).parent if best else None


@dataclass(frozen=True)
class PostgreSQL:
    """A server of our own in `data`, which may be stopped, frozen and thawed."""

    programs: Path
    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgres://safeguarding@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs; it refuses to run as root, so there as the system's `postgres` account."""
        account = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*account, str(self.programs / program), "-D", str(self.data), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE_SECONDS)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self.run("pg_ctl", "-w", "-o", options, "-l", str(self.data / "log"), "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")

    def signal(self, number: int) -> None:
        """Send a signal to the server and every process it has started."""
        server = int((self.data / "postmaster.pid").read_text().split()[0])
        for pid in [server, *children_of(server)]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It keeps its sockets and answers nothing until the block ends."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)


def children_of(parent: int) -> list[int]:
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                children.append(int(stat.parent.name))
    return children
