"""What a model heard in clips of an archive, and a version that gives it out."""

from dataclasses import replace
from typing import Any

from catalog.config.project import Project
from catalog.tables import MachineDraft, Task
from releases.texts import describer
from tests.releases.conftest import NOON, Archive
from tests.releases.stores import rows_of
from tests.transcription.sentences import guidelines

MODEL = "onnx:0123456789ab"


def telugu_clips(archive: Archive) -> list[str]:
    with archive.catalog.reading() as session:
        return [task.clip_id for task in session.query(Task).filter_by(language="te").order_by(Task.clip_id)]


def hear(archive: Archive, clip_id: str, text: str, *, model: str = MODEL, fault: str | None = None) -> None:
    with archive.catalog.writing() as session:
        session.add(
            MachineDraft(
                id=f"{model} {clip_id}", clip_id=clip_id, model=model, text=text, fault=fault, at=NOON
            )
        )


def hear_telugu(archive: Archive, text: str) -> list[str]:
    """The same in every Telugu clip; returns these."""
    clips = telugu_clips(archive)
    for clip_id in clips:
        hear(archive, clip_id, text)
    return clips


def publish_pairs(archive: Archive, project: Project | None = None) -> list[dict[str, Any]]:
    """The rows of the next version, of a project that gives out pairs."""
    of_archive = archive.project
    asking = replace(of_archive, prefill=replace(of_archive.prefill, publish_pairs=True))
    version = archive.publish(project=project or asking, describe=describer(guidelines()))
    return rows_of(archive.store, version.version)
