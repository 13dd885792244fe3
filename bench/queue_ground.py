"""A project with any number of clips waiting for people, made by bulk inserts: where the queue is measured."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, text

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from catalog import consent
from catalog.config.project import Project, load_project
from catalog.consent import ConsentScope
from catalog.database import Catalog, open_catalog
from catalog.ids import content_id
from catalog.states import (
    ClipState,
    RecordingState,
    Role,
    SlotPurpose,
    SlotState,
    TaskState,
    UploadState,
)
from catalog.tables import (
    Clip,
    LanguageRow,
    ProjectRow,
    Recording,
    RecordingSpeaker,
    Slot,
    Speaker,
    Task,
    Upload,
)
from tests.servers import SharedServers
from transcription.context import ProjectContext
from transcription.people import add_person
from transcription.rules.guideline import load_guidelines
from transcription.rules.language import load_language, load_languages
from transcription.slots.opening import slot_id

REPOSITORY = Path(__file__).resolve().parent.parent
CONFIGS = REPOSITORY / "configs"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLIPS_A_RECORDING = 250
TEXT = "వాన బాగా పడింది"


def bench_project(**transcription: Any) -> Project:
    """The demo project, nothing drawn for review, with some rules of transcription changed."""
    languages = load_languages(CONFIGS / "languages")
    recipes = [path.stem for path in (CONFIGS / "recipes").glob("*.yaml")]
    demo = load_project(CONFIGS / "projects" / "demo.yaml", languages=languages, recipes=recipes)
    return replace(
        demo,
        transcription=replace(demo.transcription, **transcription),
        review=replace(demo.review, share=0.0, super_check_share=0.0),
    )


def open_project_context(url: str, project: Project) -> ProjectContext:
    guidelines = load_guidelines(CONFIGS, {"te": load_language(CONFIGS / "languages" / "te.yaml")})
    return ProjectContext(open_catalog(url), project, guidelines)


def fill(project_context: ProjectContext, *, clips: int, people: int) -> list[str]:
    """Tasks with their slots for `clips` clips, by many voices; returns the ids of the people who wait."""
    project = project_context.project
    with project_context.catalog.writing() as session:
        session.add(ProjectRow(id=project.name, title=project.title, created_at=START))
        session.add_all(LanguageRow(code=code, name=code) for code in project.languages)
    recordings = -(-clips // CLIPS_A_RECORDING)
    for first in range(0, recordings, 40):
        _add_recordings(project_context, range(first, min(first + 40, recordings)), clips)
    with project_context.catalog.writing() as session:
        ids = [
            add_person(
                session,
                f"person{number}",
                project=project.name,
                roles=[Role.TRANSCRIBER],
                languages=["te"],
                by="bench",
                now=START,
                district=f"d{number % 7}",
                dialect=f"x{number % 3}",
            ).id
            for number in range(people)
        ]
    _analyse(project_context.catalog)
    return ids


@contextmanager
def databases(*kinds: str) -> Iterator[dict[str, str]]:
    """Addresses of new databases by kind (sqlite, postgresql); they end with the block."""
    with TemporaryDirectory(prefix="boli-bench-") as folder:
        servers = SharedServers.create()
        try:
            urls = {}
            for kind in kinds:
                if kind == "postgresql":
                    server = servers.postgres()
                    urls[kind] = server.url(server.create_database())
                else:
                    urls[kind] = f"sqlite:///{folder}/boli.sqlite"
            yield urls
        finally:
            servers.stop()


def _add_recordings(project_context: ProjectContext, numbers: range, clips: int) -> None:
    project = project_context.project.name
    speakers, uploads, recordings, voices, cuts, tasks, slots = ([] for _ in range(7))
    for number in numbers:
        speaker, recording = f"speaker-{number}", f"recording-{number}"
        digest = f"{number:064x}"
        speakers.append(_speaker_row(project, speaker, number))
        uploads.append(_upload_row(project, number, digest))
        recordings.append(_recording_row(project, recording, number, digest))
        voices.append({"recording_id": recording, "speaker_id": speaker})
        for index in range(number * CLIPS_A_RECORDING, min(clips, (number + 1) * CLIPS_A_RECORDING)):
            clip = f"clip-{index:08d}"
            priority = index % 9
            task = content_id("task", clip)
            cuts.append(_clip_row(project, recording, clip, index))
            tasks.append(_task_row(project_context, task, clip, priority))
            slots += _slot_rows(project_context, task, priority)
    with project_context.catalog.writing() as session:
        for table, rows in (
            (Speaker, speakers),
            (Upload, uploads),
            (Recording, recordings),
            (RecordingSpeaker, voices),
            (Clip, cuts),
            (Task, tasks),
            (Slot, slots),
        ):
            session.execute(insert(table), rows)
        for row in speakers:
            consent.grant(
                session,
                speaker_id=str(row["id"]),
                scopes=list(ConsentScope),
                notice_version="1",
                notice_language="te",
                evidence="bench",
                evidence_sha256=None,
                recorded_by="bench",
                at=START,
            )


def _speaker_row(project: str, speaker: str, number: int) -> dict[str, Any]:
    return {
        "id": speaker,
        "project_id": project,
        "pseudonym": speaker,
        "language": "te",
        "district": f"d{number % 7}",
        "dialect": f"x{number % 3}",
        "consent_scopes": "",
        "created_at": START,
    }


def _upload_row(project: str, number: int, digest: str) -> dict[str, Any]:
    return {
        "id": f"upload-{number}",
        "project_id": project,
        "name": digest,
        "sha256": digest,
        "size": 1,
        "receipt": "AAA-AAA",
        "state": UploadState.INGESTED,
        "received_at": START,
    }


def _recording_row(project: str, recording: str, number: int, digest: str) -> dict[str, Any]:
    return {
        "id": recording,
        "project_id": project,
        "upload_id": f"upload-{number}",
        "sha256": digest,
        "audio_sha256": digest,
        "key": "key",
        "language": "te",
        "codec": "opus",
        "sample_rate": 16000,
        "channels": 1,
        "samples": 1,
        "state": RecordingState.SEGMENTED,
        "findings": [],
        "created_at": START,
    }


def _task_row(context: ProjectContext, task: str, clip: str, priority: int) -> dict[str, Any]:
    return {
        "id": task,
        "project_id": context.project.name,
        "clip_id": clip,
        "language": "te",
        "state": TaskState.OPEN,
        "wanted": context.project.transcription.transcribers,
        "priority": priority,
        "why_now": "bench",
        "returns": 0,
        "created_at": START,
    }


def _slot_rows(context: ProjectContext, task: str, priority: int) -> list[dict[str, Any]]:
    return [
        {
            "id": slot_id(task, number),
            "task_id": task,
            "number": number,
            "purpose": SlotPurpose.TRANSCRIPTION,
            "project_id": context.project.name,
            "language": "te",
            "priority": priority,
            "state": SlotState.OPEN,
            "token": 0,
            "created_at": START,
        }
        for number in range(context.project.transcription.transcribers)
    ]


def _clip_row(project: str, recording: str, clip: str, index: int) -> dict[str, Any]:
    return {
        "id": clip,
        "project_id": project,
        "recording_id": recording,
        "recipe_id": "field-1",
        "language": "te",
        "number": index,
        "start": index * 64000,
        "end": index * 64000 + 48000,
        "seconds": 3.0,
        "state": ClipState.WAITING,
        "measures": {},
        "findings": [],
        "cut_key": "k",
        "cut_sha256": "s",
        "clean_key": "k",
        "clean_sha256": "s",
        "preview_key": "k",
        "peaks_key": "k",
        "created_at": START,
    }


def _analyse(catalog: Catalog) -> None:
    """What autovacuum would have done by the time people come."""
    with catalog.engine.connect() as connection:
        if catalog.is_postgresql:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("VACUUM ANALYZE"))
        else:
            connection.execute(text("ANALYZE"))
