"""The people, takes and records of the consent machine: what stands behind its steps, as the product would leave it."""

import atexit
import base64
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from catalog.database import open_catalog
from catalog.ids import content_id
from catalog.keys import landing_key, recording_key
from catalog.receiving import ArrivingFile, receive
from catalog.speakers import SpeakerFacts, speaker_id_of
from catalog.states import RecordingState, UploadState
from catalog.store import ObjectStore
from catalog.tables import (
    Person,
    Recording,
    RecordingSpeaker,
    Speaker,
    Transcript,
    Upload,
    VoiceEmbedding,
)
from catalog.voices import keep_embedding
from portal.upload.partial_uploads import PartialUploads
from tests.releases.conftest import NOON, Archive, tone

VOICES = ("te-01", "te-02")


@dataclass
class Copy:
    """One file as somebody sent it. sender: None for a card that says nothing; round: of the sender's consent then"""

    piece: bytes
    sender: str | None
    round: int


@dataclass
class Made:
    """What was made of a voice's file: stretches of its renditions, words that somebody wrote."""

    voice: str
    round: int
    pieces: set[bytes] = field(default_factory=set)


class PromiseState(RuleBasedStateMachine):
    """Two voices, three takes each, a card that nobody labelled."""

    make: Callable[[Path], Archive]
    versions: Callable[[ObjectStore], Iterator[tuple[str, bytes]]]

    def __init__(self) -> None:
        super().__init__()
        self.home = TemporaryDirectory()
        self.folder = Path(self.home.name)
        self.archive = type(self).make(self.folder)
        self.catalog, self.store = self.archive.catalog, self.archive.store
        self.partial = PartialUploads(self.folder / "arriving")
        with self.catalog.writing() as session:
            session.add(Person(id="asha", handle="asha", languages=["te"], created_at=NOON))
        self.rounds = dict.fromkeys(VOICES, 0)
        self.yes = dict.fromkeys(VOICES, False)
        self.asked = dict.fromkeys(VOICES, False)
        self.copies: list[Copy] = []
        self.made: list[Made] = []
        self.ever: set[bytes] = set()
        self.gone: dict[str, set[bytes]] = {voice: set() for voice in VOICES}
        self.holds: dict[str, str | None] = dict.fromkeys(VOICES)
        self.came_of_age = dict.fromkeys(VOICES, False)
        self.acts = 0

    def teardown(self) -> None:
        self.archive.catalog.close()
        self.home.cleanup()

    def _send(self, name: str, sender: str | None, voice: str, take: int) -> None:
        data = sound_of(voice, take)
        path = self.folder / "sent"
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        receipt = receive(
            self.catalog,
            self.store,
            project_id="demo",
            arriving=ArrivingFile(name, len(data), digest, "te", SpeakerFacts(sender) if sender else None),
            path=path,
            sender="asha",
            at=self.archive.later(),
        )
        path.unlink()
        if sender is not None and not self.yes[sender]:
            assert receipt.erased
        if sender is not None and self.yes[sender]:
            assert not receipt.erased
        if not receipt.erased:
            self._note(Copy(piece_of(data), sender, self.rounds.get(sender or "", 0)))

    def _ingest(self, upload: Upload) -> None:
        """As flows.steps.ingest and segment leave it."""
        data = self.store.get_bytes(landing_key(upload.id), 10**7)
        with self.catalog.writing() as session:
            row = session.get_one(Upload, upload.id)
            held = session.scalar(select(Recording).where(Recording.sha256 == upload.sha256))
            if held is not None and held.state is RecordingState.WITHDRAWN:
                return
            if held is not None:
                row.state, row.reason, row.recording_id = UploadState.REJECTED, "duplicate_bytes", held.id
                return
            key = recording_key(upload.sha256, "flac")
            self.store.put_bytes(key, data)
            recording_id = content_id("recording", upload.id)
            session.add(
                Recording(
                    id=recording_id,
                    project_id="demo",
                    upload_id=upload.id,
                    sha256=upload.sha256,
                    audio_sha256=upload.sha256,
                    key=key,
                    language="te",
                    codec="flac",
                    sample_rate=16_000,
                    channels=1,
                    samples=16_000,
                    state=RecordingState.SEGMENTED,
                    recipe_id="field@1",
                    clips_cut=1,
                    measures={"source": {"bandwidth_hz": 7600.0}},
                    findings=[],
                    created_at=NOON,
                )
            )
            session.flush()
            session.add(
                RecordingSpeaker(
                    recording_id=recording_id,
                    speaker_id=str(upload.speaker_id),
                    consent_round=upload.consent_round,
                )
            )
            row.state, row.recording_id = UploadState.INGESTED, recording_id
            pitch = 300.0 + int(upload.sha256[:6], 16) % 3000
            self.archive._add_clip(session, recording_id, 0, 1.0, "te", pitch, True)
            voice = session.get_one(Speaker, upload.speaker_id).pseudonym
            embedding = embedding_of(upload.id)
            keep_embedding(session, upload.id, embedding, model="test/1", seconds=1.0, at=NOON)
        self.store.delete(landing_key(upload.id))
        sounds = [self.store.get_bytes(each.key, 10**7) for each in self.store.list(f"clips/{recording_id}/")]
        self._make(voice, {embedding, *(piece_of(sound) for sound in sounds)})

    def _note(self, copy: Copy) -> None:
        self.copies.append(copy)
        self.ever.add(copy.piece)

    def _make(self, voice: str, pieces: set[bytes]) -> None:
        self.made.append(Made(voice, self.rounds[voice], pieces))
        self.ever |= pieces

    def _stands(self, copy: Copy) -> bool:
        return copy.sender is None or copy.round == self.rounds[copy.sender]

    def _is_held(self, copy: Copy) -> bool:
        return copy.sender is not None and self.holds[copy.sender] is not None

    def _says_yes(self, copy: Copy) -> bool:
        return copy.sender is not None and self.yes[copy.sender] and self._stands(copy)

    def _forbidden(self) -> set[bytes]:
        return (
            self.ever - {each.piece for each in self.copies} - {p for each in self.made for p in each.pieces}
        )

    def _found(self, everything: Iterator[tuple[str, bytes]]) -> list[str]:
        forbidden = self._forbidden()
        return [where for where, data in everything if any(piece in data for piece in forbidden)]

    def _texts(self) -> Iterator[tuple[str, bytes]]:
        with self.catalog.reading() as session:
            for text in session.scalars(select(Transcript.verbatim + Transcript.normalised)):
                yield "transcript", text.encode()
            for embedding in session.scalars(select(VoiceEmbedding.embedding)):
                yield "voice embedding", embedding

    def _act(self) -> int:
        self.acts += 1
        return self.acts


def voice_id(voice: str) -> str:
    return speaker_id_of("demo", voice)


@cache
def sound_of(voice: str, take: int) -> bytes:
    return tone(1.0, pitch=4000 + 100 * VOICES.index(voice) + 10 * take)


def embedding_of(upload_id: str) -> bytes:
    """Bytes that are this file's alone, as many as a voice embedding has."""
    return hashlib.shake_128(upload_id.encode()).digest(512)


def piece_of(data: bytes) -> bytes:
    return data[len(data) // 2 :][:64]


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def new_archive(url: str, store: ObjectStore, folder: Path) -> Archive:
    if url.startswith("sqlite"):
        shutil.copy(_empty_catalogue(), folder / "boli.sqlite")
    made = Archive(open_catalog(url), store, folder / "scratch")
    made.open()
    return made


@cache
def _empty_catalogue() -> Path:
    """Tables without rows: making them takes longer than all steps together, copying them no time."""
    folder = Path(tempfile.mkdtemp(prefix="boli-catalogue-"))
    atexit.register(shutil.rmtree, folder)
    open_catalog(f"sqlite:///{folder / 'boli.sqlite'}").close()
    return folder / "boli.sqlite"
