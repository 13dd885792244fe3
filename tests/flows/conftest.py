"""A project's workspace in a folder of the test's own, and a coordinator who puts files into another."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from catalog.config.settings import ROOT, Settings, environment_of
from flows.sources import FolderSource
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.project_context import open_project_context
from flows.steps.receive import ReceiveReport, receive_all
from flows.steps.segment import segment_batch, uncut_recordings
from flows.workspace import Workspace, open_workspace
from transcription.routing import route_clips

RECORDINGS = ROOT / "examples" / "recordings"
GOOD = ("te/te-01_001.mp3", "te/te-01_002.mp3", "te/te-01_003.mp3")


@dataclass
class Coordinator:
    """Somebody with a folder of recordings and the lists beside them."""

    folder: Path
    files: list[tuple[str, str, str]] = field(default_factory=list)
    consents: list[str] = field(default_factory=list)

    def puts(self, name: str, what: bytes | Path, *, language: str = "te", speaker: str = "te-01") -> Path:
        """A file, with its line in the list."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(what, Path):
            shutil.copyfile(what, path)
        else:
            path.write_bytes(what)
        self.lists(name, language=language, speaker=speaker)
        return path

    def puts_examples(self, *names: str) -> None:
        for name in names:
            code = name.split("/")[0]
            self.puts(name, RECORDINGS / name, language=code, speaker=f"{code}-01")

    def lists(self, name: str, *, language: str, speaker: str) -> None:
        self.files.append((name, language, speaker))
        rows = ["file\tlanguage\tspeaker", *("\t".join(row) for row in self.files if "\n" not in row[0])]
        (self.folder / "recordings.tsv").write_text("\n".join(rows) + "\n", "utf-8")

    def brings_consent(self, speaker: str, scope: str = "transcribe,publish") -> None:
        self.consents.append(f"{speaker}\tte\t{scope}\t1\t2026-01-31T10:30:00+05:30\ttape 7")
        head = "speaker\tlanguage\tscope\tnotice_version\tgiven_at\tevidence"
        (self.folder / "consents.tsv").write_text("\n".join([head, *self.consents]) + "\n", "utf-8")


@pytest.fixture(autouse=True)
def no_running_loop() -> Iterator[None]:
    """Prefect's flows wait only where no event loop runs; Playwright's runs on after a worker's first page."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture
def coordinator(tmp_path: Path) -> Coordinator:
    """With the consent of one speaker of each language of the examples."""
    folder = tmp_path / "from the village"
    folder.mkdir()
    someone = Coordinator(folder)
    for code in ("te", "kn", "sw"):
        someone.brings_consent(f"{code}-01")
    return someone


@pytest.fixture(scope="session")
def configs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Beside the project `demo` one that keeps poor sound: `keeping`."""
    configs = tmp_path_factory.mktemp("installation") / "configs"
    shutil.copytree(ROOT / "configs", configs)
    demo = (configs / "projects" / "demo.yaml").read_text("utf-8")
    keeping = demo.replace("name: demo\n", "name: keeping\n", 1).replace(
        "poor_sound: reject", "poor_sound: keep"
    )
    (configs / "projects" / "keeping.yaml").write_text(keeping, "utf-8")
    return configs


@pytest.fixture
def settings(tmp_path: Path, configs: Path) -> Settings:
    """SQLite and a folder store of the test's own."""
    return Settings(home=tmp_path / "home", configs=configs, workers=1, batch_minutes=30)


@pytest.fixture
def workspace(settings: Settings) -> Iterator[Workspace]:
    with open_workspace("demo", settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def accepted_home(tmp_path_factory: pytest.TempPathFactory, configs: Path) -> Path:
    """A home folder where GOOD is accepted and not yet cut, to be copied."""
    folder = tmp_path_factory.mktemp("accepted")
    someone = Coordinator(folder / "inbox")
    someone.folder.mkdir()
    someone.brings_consent("te-01")
    someone.puts_examples(*GOOD)
    with open_workspace("demo", Settings(home=folder / "home", configs=configs, workers=1)) as workspace:
        receive_all(workspace, FolderSource(someone.folder))
        for batch in waiting_uploads(workspace):
            ingest_batch(workspace, batch)
    return folder / "home"


@pytest.fixture
def accepted(settings: Settings, accepted_home: Path) -> Iterator[Workspace]:
    """The project `demo` with GOOD accepted and not yet cut."""
    shutil.copytree(accepted_home, settings.home)
    with open_workspace("demo", settings) as opened:
        yield opened


@pytest.fixture
def flow_settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same settings for flows, which read them from the environment."""
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    return settings


def take_in(workspace: Workspace, folder: Path) -> ReceiveReport:
    """Receive and ingest a folder, and cut what is accepted, without Prefect."""
    report = receive_all(workspace, FolderSource(folder.resolve()))
    for batch in waiting_uploads(workspace):
        ingest_batch(workspace, batch)
    for batch in uncut_recordings(workspace):
        segment_batch(workspace, batch)
    return report


@pytest.fixture(scope="session")
def home_of_clips(tmp_path_factory: pytest.TempPathFactory, configs: Path) -> Path:
    """A home in which two sentences that the model has learnt, and one that it hasn't, wait for people."""
    folder = tmp_path_factory.mktemp("waiting clips")
    someone = Coordinator(folder / "inbox")
    someone.folder.mkdir()
    someone.brings_consent("te-01")
    someone.puts_examples("te/te-01_001.mp3", "te/te-01_002.mp3", "te/te-01_008.mp3")
    with open_workspace("demo", Settings(home=folder / "home", configs=configs, workers=1)) as workspace:
        take_in(workspace, someone.folder)
        route_clips(open_project_context(workspace), now=workspace.now())
    return folder / "home"
