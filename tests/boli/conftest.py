"""The command line as a user meets it: what it says on both streams, and its exit status."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from boli.cli import main
from catalog.config.settings import Settings
from flows.sources import FolderSource
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.project_context import open_project_context
from flows.steps.receive import receive_all
from flows.steps.segment import segment_batch, uncut_recordings
from flows.workspace import open_workspace
from transcription.routing import route_clips

SENT = ("te/te-01_002.mp3", "te/te-01_102.amr", "te/te-01 playlist.wav", "te/te-01 empty.m4a")


@dataclass(frozen=True, slots=True)
class Said:
    """One command's answer."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Boli(Protocol):
    def __call__(self, *words: str | Path) -> Said: ...


@pytest.fixture
def boli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Boli]:
    """Run a command in an empty folder, with nothing set but a home folder there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOLI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BOLI_WORKERS", "1")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["boli", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(int(end.value.code or 0), said.out, said.err)

    yield run


@pytest.fixture(scope="session")
def brought_in(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of a project `demo` that received four files: two good ones, cut and waiting for people."""
    home = tmp_path_factory.mktemp("brought-in")
    source = tmp_path_factory.mktemp("card")
    for name in (*SENT, "recordings.tsv", "consents.tsv"):
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(examples / "recordings" / name, source / name)
    with open_workspace("demo", Settings(home=home, workers=1)) as workspace:
        receive_all(workspace, FolderSource(source))
        for batch in waiting_uploads(workspace):
            ingest_batch(workspace, batch)
        for batch in uncut_recordings(workspace):
            segment_batch(workspace, batch)
        route_clips(open_project_context(workspace), now=workspace.now())
    return home


@pytest.fixture
def home(brought_in: Path, boli: Boli, tmp_path: Path) -> Path:
    """A copy of it, where `boli` works."""
    del boli  # it names the folder
    return Path(shutil.copytree(brought_in, tmp_path / "home"))
