"""A small project with voices, clips and people, on any catalogue: what the tests of this room start from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from catalog import consent
from catalog.config.project import Project, load_project
from catalog.config.recognisers import Recogniser
from catalog.consent import ConsentScope
from catalog.database import Catalog
from catalog.ids import content_id
from catalog.states import ClipState, RecordingState, Role, UploadState
from catalog.tables import (
    Clip,
    LanguageRow,
    LearntSpelling,
    ProjectRow,
    Recording,
    RecordingSpeaker,
    Speaker,
    Upload,
)
from transcription.context import ProjectContext
from transcription.people import StaffMember, add_person
from transcription.rules.guideline import Guideline, load_guidelines
from transcription.rules.language import load_languages

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

SENTENCES = (
    "నేను రేపు ఊరికి వెళ్తాను",
    "వాన బాగా పడింది",
    "మా ఊరి చెరువు నిండింది",
    "పిల్లలు బడికి వెళ్ళారు",
)


@cache
def guidelines() -> dict[str, Guideline]:
    return load_guidelines(CONFIGS, load_languages(CONFIGS / "languages"))


@cache
def demo_project() -> Project:
    languages = load_languages(CONFIGS / "languages")
    recipes = [path.stem for path in (CONFIGS / "recipes").glob("*.yaml")]
    return load_project(CONFIGS / "projects" / "demo.yaml", languages=languages, recipes=recipes)


def project_with(
    transcription: dict[str, Any] | None = None,
    review: dict[str, Any] | None = None,
    agreement: dict[str, Any] | None = None,
    prefill: dict[str, Any] | None = None,
) -> Project:
    """The demo project with some rules changed; nothing is drawn for review unless asked for."""
    demo = demo_project()
    return replace(
        demo,
        transcription=replace(demo.transcription, **(transcription or {})),
        review=replace(demo.review, **{"share": 0.0, "super_check_share": 0.0, **(review or {})}),
        agreement=replace(demo.agreement, **(agreement or {})),
        recognisers={"te": Recogniser(service="te-small")} if prefill else {},
        prefill=replace(demo.prefill, **(prefill or {})),
    )


@dataclass(frozen=True)
class Village:
    """A project whose clips wait to be routed."""

    context: ProjectContext
    speakers: tuple[str, ...]
    clips: tuple[str, ...]

    @property
    def catalog(self) -> Catalog:
        return self.context.catalog

    def person(
        self,
        handle: str,
        roles: Sequence[Role] = (Role.TRANSCRIBER,),
        languages: Sequence[str] = ("te",),
        **facts: str,
    ) -> StaffMember:
        with self.catalog.writing() as session:
            return add_person(
                session,
                handle,
                project=self.context.project.name,
                roles=roles,
                languages=languages,
                by="tests",
                now=START,
                **facts,
            )


def build_village(
    catalog: Catalog,
    project: Project | None = None,
    *,
    clips: int = 3,
    speakers: int = 1,
    language: str = "te",
) -> Village:
    """Voices who consent, a recording of each, and `clips` clips of each, cut and not yet routed."""
    project = project or project_with()
    clip_ids: list[str] = []
    voices: list[str] = []
    with catalog.writing() as session:
        session.add(ProjectRow(id=project.name, title=project.title, created_at=START))
        session.add_all(LanguageRow(code=code, name=code) for code in project.languages)
        session.flush()
        for number in range(speakers):
            voice, ids = add_voice(session, project, number, clips=clips, language=language)
            voices.append(voice)
            clip_ids += ids
    return Village(ProjectContext(catalog, project, guidelines()), tuple(voices), tuple(clip_ids))


def add_voice(
    session: Any,
    project: Project,
    number: int,
    *,
    clips: int,
    language: str = "te",
    consents: bool = True,
    **facts: str,
) -> tuple[str, list[str]]:
    speaker = Speaker(
        id=content_id("speaker", project.name, number),
        project_id=project.name,
        pseudonym=f"{language}-{number:03d}",
        language=language,
        created_at=START,
        **facts,
    )
    session.add(speaker)
    session.flush()
    if consents:
        consent.grant(
            session,
            speaker_id=speaker.id,
            scopes=[ConsentScope.TRANSCRIPTION, ConsentScope.PUBLICATION],
            notice_version="1",
            notice_language=language,
            evidence=f"consent/{number}.ogg",
            evidence_sha256=None,
            recorded_by="tests",
            at=START,
        )
    upload_id = content_id("upload", speaker.id)
    session.add(
        Upload(
            id=upload_id,
            project_id=project.name,
            name=f"{number}.ogg",
            sha256=f"{number:064x}",
            size=1,
            receipt="AAA-AAA",
            language=language,
            speaker_id=speaker.id,
            state=UploadState.INGESTED,
            received_at=START,
        )
    )
    session.flush()
    recording = Recording(
        id=content_id("recording", speaker.id),
        project_id=project.name,
        upload_id=upload_id,
        sha256=f"{number:064x}",
        audio_sha256=f"{number:064x}",
        key="key",
        language=language,
        codec="opus",
        sample_rate=16000,
        channels=1,
        samples=16000 * 4 * clips,
        state=RecordingState.SEGMENTED,
        findings=[],
        created_at=START,
    )
    session.add(recording)
    session.flush()
    session.add(RecordingSpeaker(recording_id=recording.id, speaker_id=speaker.id))
    ids = []
    for index in range(clips):
        start = index * 64000
        clip = Clip(
            id=content_id("clip", recording.id, start),
            project_id=project.name,
            recording_id=recording.id,
            recipe_id="field-1",
            language=language,
            number=index,
            start=start,
            end=start + 48000,
            seconds=3.0,
            state=ClipState.CUT,
            measures={"snr_db": 30.0},
            findings=[],
            cut_key="cut",
            cut_sha256="0" * 64,
            clean_key="clean",
            clean_sha256="0" * 64,
            preview_key="preview",
            peaks_key="peaks",
            created_at=START,
        )
        session.add(clip)
        ids.append(clip.id)
    session.flush()
    return speaker.id, ids


def after(minutes: float) -> datetime:
    """So many minutes after the village's day began."""
    return START + timedelta(minutes=minutes)


def add_spelling(session: Session, project: str, task_id: str, reviewer_id: str, at: datetime) -> None:
    """Two spellings of a loan word, called right both ways."""
    session.add(
        LearntSpelling(
            id=f"spelling-{project}",
            project_id=project,
            language="te",
            one="టమాటా",
            other="టొమాటో",
            task_id=task_id,
            reviewer_id=reviewer_id,
            at=at,
        )
    )
