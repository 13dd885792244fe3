"""The environment of our datasets' users: lhotse and mlcroissant, with the torch they want, apart from ours.

    python -m tests.consumers        makes it, or says in one line why it can't be made here

Torch comes in a build for processors and in builds for graphics cards that weigh gigabytes. Only the first one is
ever installed: pip is asked beforehand what it would take.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from tests.waiting import PATIENCE_SECONDS

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = REPOSITORY / ".venv-consumers"
PYTHON = ENVIRONMENT / "bin" / "python"
REQUIREMENTS = REPOSITORY / "requirements-consumers.txt"
MADE_FROM = ENVIRONMENT / "made-from"
NO_BUILD = ENVIRONMENT / "why-not"
ASKING_SECONDS = 600


class NoEnvironment(Exception):
    """The environment can't be made on this machine."""


def why_not() -> str | None:
    """Why the consumers' tests can't run here; None where they can."""
    if PYTHON.exists() and MADE_FROM.exists() and MADE_FROM.read_text() == _fingerprint():
        return None
    if NO_BUILD.exists():
        return NO_BUILD.read_text()
    return f"{ENVIRONMENT.name} is not made from the present {REQUIREMENTS.name}: run `python -m tests.consumers`"


def make_environment() -> None:
    """Make the environment where it isn't there yet. Raises NoEnvironment."""
    if why_not() is None:
        return
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    try:
        _expect_cpu_build()
        _pip(["install", "--no-compile", "--requirement", str(REQUIREMENTS)])
    except NoEnvironment as error:
        NO_BUILD.write_text(str(error))
        raise
    MADE_FROM.write_text(_fingerprint())


def run(script: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a script in the environment, without network for what it imports."""
    return subprocess.run(
        [str(PYTHON), str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env={"PATH": "", "HF_HUB_OFFLINE": "1", "HOME": str(ENVIRONMENT)},
    )


def _expect_cpu_build() -> None:
    wanted = next(line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("torch=="))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        _pip(["install", "--dry-run", "--no-deps", "--report", str(report), wanted])
        (torch,) = [each["metadata"] for each in json.loads(report.read_text())["install"]]
    if not (torch["version"].endswith("+cpu") or sys.platform == "darwin"):
        raise NoEnvironment(
            f"pip finds no processor-only build of {wanted} here (it would take {torch['version']}, with the "
            "libraries of a graphics card), so what lhotse and mlcroissant make of a release is not tested"
        )


def _pip(arguments: Sequence[str]) -> None:
    done = subprocess.run(
        [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=ASKING_SECONDS,
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise NoEnvironment(
            f"pip can't install what {REQUIREMENTS.name} lists ({''.join(last)[:200]}), so what lhotse and "
            "mlcroissant make of a release is not tested"
        )


def _fingerprint() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()


if __name__ == "__main__":
    try:
        make_environment()
    except NoEnvironment as error:
        print(f"The consumers' tests will be skipped: {error}.")  # noqa: T201  (a command's answer)
    else:
        print(f"{ENVIRONMENT.name} is ready.")  # noqa: T201
