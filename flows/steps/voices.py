"""Whose voice the recordings of a batch are: embeddings kept, each speaker's recordings compared."""

from collections.abc import Collection

from sqlalchemy import select

from audio.voices.compare import others_alike, own_comparisons
from audio.voices.values import MODEL, HeardVoice
from catalog import voices
from catalog.tables import RecordingSpeaker, VoiceEmbedding
from flows.workspace import Workspace

MOST_COMPARED = 400
"""Recordings of one speaker that are held against one another, the newest."""


def with_embedding(workspace: Workspace, uploads: Collection[str]) -> frozenset[str]:
    """Files whose voice need not be heard: it was, or the project does not want it."""
    if workspace.project.clips.voices == "off":
        return frozenset(uploads)
    with workspace.catalog.reading() as session:
        return voices.with_embedding(session, uploads, model=MODEL)


def keep_voice(workspace: Workspace, upload_id: str, heard: HeardVoice | None) -> None:
    """Remember the voice of a recording, where it was heard."""
    if heard is None:
        return
    with workspace.catalog.writing() as session:
        voices.keep_embedding(
            session,
            upload_id,
            heard.embedding,
            model=heard.model,
            seconds=heard.seconds,
            within=heard.within,
            at=workspace.now(),
        )


def likeness_within(workspace: Workspace, upload_id: str) -> float | None:
    """How alike the most different parts of a recording are, whoever heard it; None where nobody did."""
    with workspace.catalog.reading() as session:
        kept = session.get(VoiceEmbedding, upload_id)
        return kept.within if kept is not None else None


def compare_speakers(workspace: Workspace, recordings: Collection[str]) -> None:
    """Hold recordings of whoever is heard in these against their others, and the speakers against all others."""
    if workspace.project.clips.voices == "off":
        return
    with workspace.catalog.reading() as session:
        speakers = session.scalars(
            select(RecordingSpeaker.speaker_id)
            .where(RecordingSpeaker.recording_id.in_(recordings))
            .distinct()
            .order_by(RecordingSpeaker.speaker_id)
        ).all()
        background = voices.background(session, workspace.project.name, model=MODEL)
        of_each = voices.of_each_speaker(session, workspace.project.name, model=MODEL, most=voices.OF_EACH)
    for speaker in speakers:
        alike = others_alike(speaker, of_each, background)
        with workspace.catalog.writing() as session:
            own = voices.of_speaker(session, speaker, model=MODEL, most=MOST_COMPARED)
            _note_own(own, background)
            voices.forget_likeness(session, speaker)  # found of a first recording, perhaps, and no longer so
            voices.note_alike(session, speaker, alike, at=workspace.now())


def _note_own(own: Collection[VoiceEmbedding], background: tuple[bytes, ...]) -> None:
    compared = own_comparisons([each.embedding for each in own], background)
    for row, found in zip(own, compared, strict=True):
        row.likeness, row.is_other = found.likeness, found.is_other
