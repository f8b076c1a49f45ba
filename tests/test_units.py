"""The shipped systemd units: nothing but their own work, scripts that exist, and settings that the product reads. (S40)

What systemd's own tools say is asked where they are installed; elsewhere the units are read and their lines compared.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
HIGHEST_EXPOSURE = 2.0
NEEDED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "MemoryDenyWriteExecute": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "User": "safeguarding",
}


def unit(path: Path) -> dict[str, dict[str, str]]:
    """Section → name → value; of a name that stands several times, all values, one a line."""
    found: dict[str, dict[str, str]] = {}
    section = ""
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            before = found.setdefault(section, {})
            before[name] = f"{before[name]}\n{value}" if name in before else value
    return found


def analyze(*arguments: str) -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed: the units are read instead, by the other tests")
    ran = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)
    return ran.stdout + ran.stderr


def test_there_is_a_unit_for_everything_that_runs() -> None:
    assert {path.name for path in UNITS.iterdir()} == {
        "safeguarding-web.service",
        "safeguarding-worker.service",
        "safeguarding-backup.service",
        "safeguarding-backup.timer",
        "safeguarding.target",
    }


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_service_may_do_nothing_but_its_own_work(path: Path) -> None:
    service = unit(path)["Service"]

    assert {name: service.get(name) for name in NEEDED} == NEEDED
    assert service["SystemCallFilter"].splitlines() == ["@system-service", "~@privileged @resources"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_service_is_hardly_exposed_by_systemds_own_count(path: Path) -> None:
    said = analyze("security", "--offline=true", str(path))

    found = re.search(r"exposure level for \S+: ([\d.]+)", said)

    assert found and float(found[1]) <= HIGHEST_EXPOSURE


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for path in UNITS.iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/safeguarding/.venv/bin/python", "/bin/true"))
    for path in tmp_path.iterdir():
        path.write_text(path.read_text().replace("/opt/safeguarding/script", str(ROOT / "script")))

    said = analyze("verify", *(str(path) for path in tmp_path.iterdir()))

    assert [line for line in said.splitlines() if "safeguarding" in line] == []


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_service_starts_what_is_shipped(path: Path) -> None:
    program, *arguments = unit(path)["Service"]["ExecStart"].removeprefix("/opt/safeguarding/").split()

    shipped = {"script/serve": {"web", "worker"}, ".venv/bin/python": {"manage.py"}}

    assert arguments[0] in shipped[program]
    assert program.startswith(".venv") or (ROOT / program).stat().st_mode & 0o111
    if arguments[0] == "manage.py":
        assert (ROOT / "concerns" / "management" / "commands" / f"{arguments[1]}.py").exists()


def test_start_that_was_refused_is_not_tried_again_and_again() -> None:
    for name in ("web", "worker"):
        service = unit(UNITS / f"safeguarding-{name}.service")["Service"]

        assert (service["Restart"], service["RestartPreventExitStatus"]) == ("always", "3")


def test_example_environment_names_settings_that_are_read() -> None:
    names = re.findall(r"^(\w+)=", (ROOT / "deploy" / "environment.example").read_text(), re.MULTILINE)
    readme = (ROOT / "README.md").read_text()

    unknown = [name for name in names if name not in readme and not name.startswith("SAFEGUARDING_EMAIL_")]

    assert unknown == []
    assert {"SAFEGUARDING_HOSTS", "SAFEGUARDING_BEHIND_PROXY", "SAFEGUARDING_KEYS_DIR", "DATABASE_URL"} <= set(names)


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_example_proxy_sets_the_word_that_the_product_trusts_and_keeps_no_log_of_who_opened_what(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text()

    trusted = "X-Forwarded-Proto https" if name == "nginx.conf" else "X-Forwarded-Proto itself"

    assert trusted in text
    assert "access_log off" in text or "output discard" in text
