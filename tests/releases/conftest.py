"""A small collection with real sound: recordings, clips, texts and word times, as the flows would have left it."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy.orm import Session

from catalog import audit, consent
from catalog.config.project import ClipRules, Consent, Project
from catalog.config.release_rules import ReleaseRules
from catalog.consent import ConsentScope
from catalog.database import Catalog, open_catalog
from catalog.ids import content_id, receipt_code
from catalog.states import AlignmentState, ClipState, RecordingState, TaskState, UploadState
from catalog.store import ObjectStore, open_store
from catalog.tables import (
    Alignment,
    Clip,
    LanguageRow,
    ProjectRow,
    Recording,
    RecordingSpeaker,
    Speaker,
    Task,
    Transcript,
    Upload,
)
from releases.build import Progress
from releases.erase import Erased, erase
from releases.publish import Published, PublishRequest, publish

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RATE = 16_000
EVERYTHING = (ConsentScope.TRANSCRIPTION, ConsentScope.PUBLICATION)
TEXTS = {"te": "నాకు పాట పాడటం ఇష్టం", "kn": "ನನಗೆ ಹಾಡು ಇಷ್ಟ", "sw": "ninapenda kuimba nyimbo"}


def no_faults(language: str, text: str) -> list[str]:
    return []


def tone(seconds: float, *, pitch: float) -> bytes:
    """FLAC at 16 kHz: a tone in a little noise, the same for the same arguments."""
    time = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(int(pitch)).normal(0, 0.01, time.size)
    file = io.BytesIO()
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * pitch * time) + noise, RATE, format="FLAC")
    return file.getvalue()


@dataclass
class Archive:
    """A project in a catalogue and a store, and the hands that fill it."""

    catalog: Catalog
    store: ObjectStore
    scratch: Path
    now: datetime = NOON
    release: ReleaseRules = field(
        default_factory=lambda: ReleaseRules(name="tiny", licence="CC-BY-4.0", min_speakers=1)
    )

    @property
    def project(self) -> Project:
        return Project(
            name="demo",
            title="Voices of three villages",
            languages=tuple(TEXTS),
            consent=Consent(version="1", notices=dict.fromkeys(TEXTS, "We record you.")),
            clips=ClipRules(recipe="field"),
            release=self.release,
        )

    def open(self) -> None:
        with self.catalog.writing() as session:
            session.add(ProjectRow(id="demo", title="Demo", created_at=NOON))
            names = {"te": "Telugu", "kn": "Kannada", "sw": "Swahili"}
            session.add_all(LanguageRow(code=code, name=name) for code, name in names.items())

    def add_speaker(
        self,
        pseudonym: str,
        language: str = "te",
        gender: str = "female",
        scopes: tuple[ConsentScope, ...] = EVERYTHING,
        evidence: str = "consents/spoken.ogg",
    ) -> str:
        identifier = f"speaker-{pseudonym}"
        with self.catalog.writing() as session:
            session.add(
                Speaker(
                    id=identifier,
                    project_id="demo",
                    pseudonym=pseudonym,
                    language=language,
                    gender=gender,
                    age_band="30-44",
                    district="Warangal",
                    dialect=None,
                    created_at=NOON,
                )
            )
            session.flush()
            consent.grant(
                session,
                speaker_id=identifier,
                scopes=scopes,
                notice_version="1",
                notice_language=language,
                evidence=evidence,
                evidence_sha256=None,
                recorded_by="coordinator",
                at=NOON,
            )
        return identifier

    def add_recording(
        self, *pseudonyms: str, clips: int = 2, seconds: float = 1.0, language: str = "te", align: bool = True
    ) -> list[str]:
        """A recording of these speakers, cut into accepted clips; returns the clips' ids."""
        with self.catalog.writing() as session:
            number = session.query(Recording).count()
            data = tone(seconds * clips, pitch=200 + 13 * number)
            digest = hashlib.sha256(data).hexdigest()
            upload_id = content_id("upload", "demo", digest)
            recording_id = content_id("recording", "demo", digest)
            key = f"recordings/{digest}.flac"
            self.store.put_bytes(key, data)
            session.add(
                Upload(
                    id=upload_id,
                    project_id="demo",
                    name=f"{number}.flac",
                    sha256=digest,
                    size=len(data),
                    receipt=receipt_code(upload_id),
                    landing_key=None,
                    language=language,
                    speaker_id=None,
                    sent_by=None,
                    state=UploadState.INGESTED,
                    reason=None,
                    detail=None,
                    recording_id=recording_id,
                    received_at=NOON,
                )
            )
            self._receipt(session, upload_id, len(data))
            session.flush()
            session.add(
                Recording(
                    id=recording_id,
                    project_id="demo",
                    upload_id=upload_id,
                    sha256=digest,
                    audio_sha256=digest,
                    key=key,
                    language=language,
                    codec="flac",
                    sample_rate=RATE,
                    channels=1,
                    samples=round(seconds * clips * RATE),
                    state=RecordingState.SEGMENTED,
                    reason=None,
                    detail=None,
                    recipe_id="field@1",
                    clips_cut=clips,
                    measures={"source": {"bandwidth_hz": 7600.0}},
                    findings=[],
                    created_at=NOON,
                )
            )
            session.flush()
            session.add_all(
                RecordingSpeaker(recording_id=recording_id, speaker_id=f"speaker-{each}")
                for each in pseudonyms
            )
            return [
                self._add_clip(session, recording_id, each, seconds, language, 200 + 13 * number, align)
                for each in range(clips)
            ]

    def rewrite(self, clip_id: str, text: str) -> None:
        """A later version of a clip's text, aligned anew."""
        with self.catalog.writing() as session:
            clip = session.get_one(Clip, clip_id)
            old = (
                session.query(Transcript)
                .filter_by(clip_id=clip_id)
                .order_by(Transcript.version.desc())
                .first()
            )
            assert old is not None
            self._write_down(session, clip, text, version=old.version + 1)

    def withdraw(self, pseudonym: str) -> None:
        with self.catalog.writing() as session:
            consent.withdraw(
                session, speaker_id=f"speaker-{pseudonym}", recorded_by="coordinator", at=self.later()
            )

    def publish(self, progress: Progress | None = None, **options: object) -> Published:
        given: dict[str, object] = {
            "project": self.project,
            "rules": self.release,
            "text_faults": no_faults,
            "now": self.later(),
            "actor": "flow:publish",
            "scratch": self.scratch,
            **options,
        }
        return publish(self.catalog, self.store, PublishRequest(**given), progress=progress)  # type: ignore[arg-type]

    def erase(self) -> Erased:
        return erase(
            self.catalog, self.store, "tiny", now=self.later(), actor="flow:erase", scratch=self.scratch
        )

    def later(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def _receipt(self, session: Session, upload_id: str, size: int) -> None:
        audit.record(
            session,
            at=NOON,
            actor="coordinator",
            action="upload.received",
            subject=("upload", upload_id),
            detail={"size": size, "project": "demo"},
        )

    def _add_clip(
        self,
        session: Session,
        recording_id: str,
        number: int,
        seconds: float,
        language: str,
        pitch: float,
        align: bool,
    ) -> str:
        start = round(number * seconds * RATE)
        end = start + round(seconds * RATE)
        identifier = content_id("clip", recording_id, "field@1", start, end)
        data = tone(seconds, pitch=pitch + number)
        key = f"clips/{recording_id}/{identifier}.flac"
        self.store.put_bytes(key, data)
        clean = tone(seconds, pitch=pitch + number + 1000)
        clean_key = f"clips/{recording_id}/{identifier}.clean.flac"
        self.store.put_bytes(clean_key, clean)
        clip = Clip(
            id=identifier,
            project_id="demo",
            recording_id=recording_id,
            recipe_id="field@1",
            language=language,
            number=number,
            start=start,
            end=end,
            seconds=(end - start) / RATE,
            state=ClipState.ACCEPTED,
            reason=None,
            measures={"snr_db": 24.5},
            findings=[],
            cut_key=key,
            cut_sha256=hashlib.sha256(data).hexdigest(),
            clean_key=clean_key,
            clean_sha256=hashlib.sha256(clean).hexdigest(),
            preview_key=f"clips/{recording_id}/{identifier}.preview.opus",
            peaks_key=f"clips/{recording_id}/{identifier}.peaks",
            created_at=NOON,
        )
        session.add(clip)
        session.flush()
        session.add(
            Task(
                id=content_id("task", identifier),
                project_id="demo",
                clip_id=identifier,
                language=language,
                state=TaskState.ACCEPTED,
                reason=None,
                wanted=1,
                priority=0,
                why_now="",
                returns=0,
                created_at=NOON,
            )
        )
        self._write_down(session, clip, TEXTS[language], version=1, align=align)
        return identifier

    def _write_down(
        self, session: Session, clip: Clip, text: str, *, version: int, align: bool = True
    ) -> None:
        transcript = Transcript(
            id=content_id("transcript", clip.id, version),
            clip_id=clip.id,
            version=version,
            verbatim=text,
            normalised=text,
            origin="agreement",
            submission_id=None,
            review_id=None,
            cer=0.02,
            guideline=f"{clip.language}@v1",
            accepted_at=NOON,
        )
        session.add(transcript)
        session.flush()
        words = text.split()
        step = (clip.end - clip.start) // len(words)
        if align:
            session.add(
                Alignment(
                    id=content_id("alignment", transcript.id),
                    clip_id=clip.id,
                    transcript_id=transcript.id,
                    aligner="dtw@1",
                    state=AlignmentState.ALIGNED,
                    score=0.9,
                    words=[
                        {"word": word, "start": place * step, "end": (place + 1) * step, "score": 0.9}
                        for place, word in enumerate(words)
                    ],
                    detail=None,
                    at=NOON,
                )
            )


def fill(archive: Archive) -> None:
    """Four Telugu speakers and one Kannada speaker, a recording of two clips each."""
    for pseudonym, gender in (("te-01", "female"), ("te-02", "male"), ("te-03", "female"), ("te-04", "male")):
        archive.add_speaker(pseudonym, gender=gender)
        archive.add_recording(pseudonym)
    archive.add_speaker("kn-01", language="kn", evidence="licence MIT")
    archive.add_recording("kn-01", language="kn")


@pytest.fixture
def folder_store(tmp_path: Path) -> ObjectStore:
    return open_store((tmp_path / "store").as_uri())


@pytest.fixture
def make_archive(tmp_path: Path) -> Iterator[Callable[[ObjectStore, str], Archive]]:
    opened: list[Catalog] = []

    def make(store: ObjectStore, url: str = "") -> Archive:
        catalog = open_catalog(url or f"sqlite:///{tmp_path / 'boli.sqlite'}")
        opened.append(catalog)
        archive = Archive(catalog, store, tmp_path / "scratch")
        archive.open()
        return archive

    yield make
    for catalog in opened:
        catalog.close()


@pytest.fixture
def archive(make_archive: Callable[..., Archive], folder_store: ObjectStore) -> Archive:
    """A filled project on SQLite and a folder."""
    made = make_archive(folder_store)
    fill(made)
    return made


@pytest.fixture(params=["SQLite and a folder", "PostgreSQL and S3"])
def either_archive(
    request: pytest.FixtureRequest, make_archive: Callable[..., Archive], folder_store: ObjectStore
) -> Archive:
    """A filled project, on what one machine has and on what a cluster has."""
    if request.param == "SQLite and a folder":
        made = make_archive(folder_store)
    else:
        store = open_store(request.getfixturevalue("s3_store_url"), request.getfixturevalue("s3_options"))
        made = make_archive(store, request.getfixturevalue("postgres_url"))
    fill(made)
    return made
