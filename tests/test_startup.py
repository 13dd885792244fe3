"""What starts does not load what it does not use: whole libraries, by name, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from boli.cli import COMMANDS
from tests.waiting import PATIENCE_SECONDS

SOUND = ("av", "librosa", "llvmlite", "numba", "numpy", "scipy", "sklearn", "soundfile", "soxr", "webrtcvad")
DATASETS = ("datasets", "pandas", "pyarrow")
FLOWS = ("dask", "prefect")
WEB = ("fastapi", "starlette", "uvicorn", "jinja2", "babel", "httpx")
CATALOGUE = ("sqlalchemy", "psycopg", "alembic")
STORE = ("boto3", "botocore")
PASSKEYS = ("webauthn", "cbor2", "OpenSSL")
OURS = ("audio", "catalog", "transcription", "releases", "flows", "portal")
TEST_TOOLS = ("pyloudnorm", "pytest", "hypothesis", "pydub")

RUN = """
import json, sys
sys.argv = ["boli", *{words!r}]
from boli.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
IMPORT = """
import json, sys
import {module}
from tests.waiting import PATIENCE_SECONDS
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded_by(code: str, home: Path) -> frozenset[str]:
    """The modules of a fresh process at its end."""
    environment = {**os.environ, "BOLI_HOME": str(home), "BOLI_WORKERS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    modules: list[str] = json.loads(done.stderr.splitlines()[-1])
    return frozenset(modules)


def of(modules: frozenset[str], packages: Sequence[str]) -> list[str]:
    return sorted(each for each in packages if each in modules)


def test_help_is_given_without_any_room_but_the_names_of_their_errors(tmp_path: Path) -> None:
    modules = loaded_by(RUN.format(words=["--help"]), tmp_path)

    assert of(modules, (*SOUND, *DATASETS, *FLOWS, *WEB, *CATALOGUE, *STORE, "pydantic", "yaml")) == []
    ours = {each for each in modules if each.partition(".")[0] in OURS}
    assert ours <= {"audio", "audio.errors", "audio.reasons", "catalog", "catalog.errors"}


def test_the_package_itself_loads_nothing(tmp_path: Path) -> None:
    modules = loaded_by(IMPORT.format(module="boli"), tmp_path)

    assert (
        of(modules, (*SOUND, *DATASETS, *FLOWS, *WEB, *CATALOGUE, *STORE, *OURS, "typer", "pydantic")) == []
    )


def test_the_status_of_a_catalogue_that_is_up_to_date_is_told_without_sound_flows_web_or_migrations(
    tmp_path: Path,
) -> None:
    loaded_by(RUN.format(words=["status"]), tmp_path)  # makes the catalogue

    modules = loaded_by(RUN.format(words=["status"]), tmp_path)

    assert of(modules, (*SOUND, *DATASETS, *FLOWS, *WEB, *STORE, *TEST_TOOLS, "alembic", "portal")) == []


def test_whoever_orders_a_measurement_loads_neither_decoder_nor_mathematics(
    tmp_path: Path, examples: Path
) -> None:
    file = next(examples.rglob("*.mp3"))

    modules = loaded_by(RUN.format(words=["measure", str(file)]), tmp_path)

    assert of(modules, (*SOUND, *DATASETS, *FLOWS, *WEB, *CATALOGUE, *STORE, "portal", "releases")) == []


def test_a_child_that_measures_loads_neither_numba_nor_the_whole_of_scipy(tmp_path: Path) -> None:
    modules = loaded_by(IMPORT.format(module="audio.files"), tmp_path)

    heavy = ("librosa", "numba", "sklearn", "scipy.signal", "scipy.stats", "scipy.ndimage", "asyncio")
    assert of(modules, (*heavy, *DATASETS, *FLOWS, *WEB, *CATALOGUE, *STORE, *TEST_TOOLS)) == []


@pytest.mark.parametrize("module", ["portal.app", "boli.serve.portal"])
def test_the_portal_loads_no_library_of_sound_of_datasets_of_flows_or_of_passkeys(
    module: str, tmp_path: Path
) -> None:
    modules = loaded_by(IMPORT.format(module=module), tmp_path)

    assert of(modules, (*SOUND, *DATASETS, *FLOWS, *STORE, *TEST_TOOLS, *PASSKEYS, "alembic")) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_list_of_commands_says_what_each_commands_own_help_says_first(command) -> None:
    said = " ".join((command.load().help or "").split("\n\n")[0].split())

    assert command.short_help == said
