"""What docs/getting-started.md shows is what happens."""

import re
from pathlib import Path

import pytest

from catalog.config.project import load_project
from catalog.config.settings import ROOT
from flows.steps.sidecar import ListFile, read_consent_notes, read_file_notes
from tests.boli.conftest import Boli


def python_of(page: str) -> str:
    """The first block of Python on a page of docs/."""
    found = re.search(r"```python\n(.+?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    assert found
    return found.group(1)


def blocks_of(page: str, start: str) -> list[str]:
    """Blocks of a page that begin with `start`."""
    blocks = re.findall(r"```\w*\n(.+?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    return [block for block in blocks if block.startswith(start)]


def test_the_lists_of_the_first_steps_are_read_as_it_says() -> None:
    rows = blocks_of("getting-started.md", "file\t")[0]
    names = [row.split("\t")[0] for row in rows.splitlines()[1:]]
    listed = read_file_notes([ListFile("recordings.tsv", rows.encode())], names)
    agreed = blocks_of("getting-started.md", "speaker\t")[0]
    consents, faults = read_consent_notes([ListFile("consents.tsv", agreed.encode())])

    files = listed.notes
    assert (*listed.faults, *faults, *listed.without_file, *listed.without_row) == ()
    assert files["hi/asha_01.m4a"].dialect == "Khortha" and files["bn/ravi_01.ogg"].dialect is None
    assert {note.speaker: len(note.scopes) for note in consents} == {"sp-001": 2, "sp-002": 1}


def test_the_project_of_the_first_steps_loads(tmp_path: Path) -> None:
    project = tmp_path / "dumka.yaml"
    project.write_text(blocks_of("getting-started.md", "name: dumka")[0], "utf-8")

    loaded = load_project(project, languages=["hi", "bn"], recipes=["field"])

    assert loaded.release.name == "voices-of-dumka" and loaded.release.min_speakers == 5


def test_the_python_of_the_first_steps_hands_in_a_text(
    boli: Boli, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boli("people", "add", "asha", "--role", "transcriber", "--language", "te")
    code = python_of("getting-started.md").replace('"dumka"', '"demo"').replace("जो सुना वही", "ఆకుకూరలు తినాలి")

    exec(compile(code, "getting-started.md", "exec"), {})

    assert re.search(r"clip-\w+ te \d", capsys.readouterr().out)
