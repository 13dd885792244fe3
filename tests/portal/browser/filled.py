"""A portal in which much has happened: work of every kind waits, some is done and published, and people are known.

The examples go through the real steps of the flows, and the demo's own scripts do the people's work; only Prefect is
left out, which takes longer to start than all of it.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from boli.demo.left_open import choose_left_open, kept_from
from boli.demo.run import spoken_texts
from boli.demo.sample_people import give_history, hire_samples, note_done
from boli.demo.scripted_people import hire, work
from catalog.config.settings import ROOT, Settings
from flows.sources import FolderSource
from flows.steps.align import align_batch, unaligned_clips
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.project_context import open_project_context
from flows.steps.publish import publish_release
from flows.steps.receive import receive_all
from flows.steps.segment import segment_batch, uncut_recordings
from flows.workspace import Workspace, open_workspace
from transcription.routing import route_clips

RECORDINGS = ROOT / "examples" / "recordings"
VOICES = (
    *(f"te/te-01_{number:03}.mp3" for number in range(1, 19) if number != 7),
    "te/te-01_session_1.m4a",
    "te/te-01 far away.wav",
    "te/te-01 only wind.wav",
    "sw/sw-01_101.webm",
    "sw/sw-01_session_1.mp3",
)
DATASET, BEFORE, VERSION = "boli-demo", "1.0.0", "1.1.0"


def fill(folder: Path, voices: Sequence[str] = VOICES) -> Path:
    """The home folder of such a portal, made in an empty folder."""
    inbox, settings = folder / "inbox", Settings(home=folder / "home", workers=2)
    inbox.mkdir()
    for name in ("recordings.tsv", "consents.tsv"):
        shutil.copy(RECORDINGS / name, inbox / name)
    for name in voices:
        (inbox / name).parent.mkdir(exist_ok=True)
        shutil.copy(RECORDINGS / name, inbox / name)
    with open_workspace("demo", settings) as workspace:
        receive_all(workspace, FolderSource(inbox))
        for batch in waiting_uploads(workspace):
            ingest_batch(workspace, batch)
        for batch in uncut_recordings(workspace):
            segment_batch(workspace, batch)
        project_context, texts = open_project_context(workspace), spoken_texts(workspace)
        route_clips(project_context, now=workspace.now())
        hire(project_context, now=workspace.now())
        staff = hire_samples(project_context, now=workspace.now())
        left = choose_left_open(project_context, texts)
        with kept_from(project_context, left.of_scripts(staff), now=workspace.now()):
            work(project_context, texts, clock=workspace.now)
        publish_what_is_accepted(workspace, BEFORE)
        give_history(project_context, staff, left, texts, clock=workspace.now)
        note_done(project_context, now=workspace.now())
        publish_what_is_accepted(workspace, VERSION)
    return settings.home


def publish_what_is_accepted(workspace: Workspace, version: str) -> None:
    for batch in unaligned_clips(workspace):
        align_batch(workspace, batch)
    published = publish_release(workspace)
    assert published.version == version, published
