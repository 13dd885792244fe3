"""The units of `deploy/systemd` are what systemd takes, and name only what is there."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from boli.serve.prefect_environment import OF_RUNS
from tests.deploy.mentions import DEPLOY, files, runs, unknown_settings

UNITS = tuple(files("systemd/*.service", "systemd/*.timer"))
SERVICES = tuple(files("systemd/*.service"))
PROGRAMS = "/opt/boli/.venv/bin/"


def test_there_is_a_service_for_work_for_alarms_for_backups_and_for_checks() -> None:
    assert {path.name for path in UNITS} == {
        "boli.service",
        "boli-alarms.service",
        "boli-worker.service",
        "boli-batches.service",
        "boli-backup.service",
        "boli-backup.timer",
        "boli-checks.service",
        "boli-checks.timer",
    }


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_every_service_runs_commands_that_boli_understands(unit: Path) -> None:
    lines = re.findall(r"^ExecStart=(.+)$", unit.read_text("utf-8"), re.MULTILINE)

    assert lines
    for line in lines:
        words = shlex.split(line)
        assert words[0].startswith(PROGRAMS)
        assert runs([words[0].removeprefix(PROGRAMS), *words[1:]]) is None


@pytest.mark.parametrize("path", tuple(files("systemd/*")), ids=lambda path: path.name)
def test_units_and_their_environment_name_only_settings_that_there_are(path: Path) -> None:
    assert unknown_settings(path.read_text("utf-8")) == []


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_every_service_is_of_a_user_without_rights_and_may_write_in_few_places(unit: Path) -> None:
    lines = unit.read_text("utf-8").splitlines()

    assert {"User=boli", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict"} <= set(
        lines
    )
    assert {"UMask=0077", "StateDirectoryMode=0700"} <= set(lines)


def verified(tmp_path: Path, edit: tuple[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """What systemd says of the units, their program and user being ones that are here."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here: only systemd itself knows all that a unit may say.")
    for unit in UNITS:
        text = re.sub(f"{PROGRAMS}[a-z]+", "/bin/true", unit.read_text("utf-8"))
        text = text.replace("User=boli", "User=root")
        (tmp_path / unit.name).write_text(text.replace(*edit) if edit else text)
    return subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_systemd_takes_every_unit_without_a_word(tmp_path: Path) -> None:
    said = verified(tmp_path)

    ours = [line for line in said.stderr.splitlines() if str(tmp_path) in line]
    assert (said.returncode, ours) == (0, [])


def test_runs_have_the_environment_that_boli_up_gives_them() -> None:
    said = dict(
        line.split("=", 1)
        for line in (DEPLOY / "systemd/boli.env").read_text("utf-8").splitlines()
        if "=" in line and not line.startswith("#")
    )

    assert said.items() >= OF_RUNS.items()


def test_a_line_that_systemd_does_not_know_would_be_found(tmp_path: Path) -> None:
    assert "ProtectSistem" in verified(tmp_path, ("ProtectSystem=", "ProtectSistem=")).stderr


def test_the_proxies_and_the_environment_are_for_the_same_name() -> None:
    name = "boli.example.org"

    for path in ("systemd/boli.env", "proxy/nginx.conf", "proxy/Caddyfile"):
        assert name in (DEPLOY / path).read_text("utf-8")
