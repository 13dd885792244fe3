"""What files of `deploy/` name of the product: settings, commands and modules, each of which must be there."""

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from boli.reference import leaves
from catalog.config.settings import CONFIG_FILE, ROOT, Settings

DEPLOY = ROOT / "deploy"
SETTINGS = {f"BOLI_{name.upper()}" for name in Settings.model_fields} | {CONFIG_FILE}
_SETTING = re.compile(r"\bBOLI_[A-Z0-9_]+\b")


def unknown_settings(text: str) -> list[str]:
    return sorted(set(_SETTING.findall(text)) - SETTINGS)


def command_fault(words: Sequence[str]) -> str | None:
    """Why `boli` or `python -m` would not understand these words; None where it does."""
    if words[0] == "python" and words[1] == "-m":
        return None if find_spec(words[2]) else f"there is no module {words[2]}"
    commands = dict(leaves())
    for count in (2, 1):
        command = commands.get(" ".join(words[1 : 1 + count]))
        if command is not None:
            try:
                command.make_context("boli", list(words[1 + count :]))
            except click.ClickException as error:
                return error.format_message()
            return None
    return f"there is no command {' '.join(words)}"


PREFECTS = frozenset(
    {
        ("prefect", "work-pool", "create", "boli", "--type", "process", "--overwrite"),
        ("prefect", "work-pool", "create", "boli-batches", "--type", "process", "--overwrite"),
        ("prefect", "worker", "start", "--pool", "boli"),
        ("prefect", "worker", "start", "--pool", "boli-batches", "--limit", "1"),
        ("prefect", "--no-prompt", "deploy", "--all"),
    }
)
"""Prefect's commands that are given; a test asks Prefect about each."""


def runs(words: Sequence[str]) -> str | None:
    """Why a command would not be understood; None where it is."""
    if words[0] == "prefect":
        return None if tuple(words) in PREFECTS else f"an unknown command of Prefect's: {words}"
    return command_fault(words)


def program(name: str) -> str:
    """A program that comes with the tests' environment, or with the system. Skips the test where neither has it."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here: pip install --requirement requirements-dev.lock brings it.")
    return found


def files(*patterns: str) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(DEPLOY.glob(pattern))
