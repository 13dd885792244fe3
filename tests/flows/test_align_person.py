"""Word times that a person put right stand while the text does: no run of the aligner looks at that clip again."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from catalog.alignments import PERSON
from catalog.states import ClipState, Role
from catalog.tables import Alignment, Clip, Transcript
from flows.sources import FolderSource
from flows.steps.align import align_batch, unaligned_clips
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.project_context import open_project_context
from flows.steps.receive import receive_all
from flows.steps.segment import segment_batch, uncut_recordings
from tests.flows.conftest import GOOD
from transcription.people import add_person
from transcription.word_times.clips import timed_clip
from transcription.word_times.saving import save_word_times
from transcription.word_times.spans import WordSpan


@pytest.fixture
def received(workspace, coordinator):
    coordinator.puts_examples(GOOD[0])
    receive_all(workspace, FolderSource(coordinator.folder.resolve()))
    return workspace


def accepted_clip(workspace) -> str:
    """The id of a clip that somebody wrote down."""
    for batch in waiting_uploads(workspace):
        ingest_batch(workspace, batch)
    for batch in uncut_recordings(workspace):
        segment_batch(workspace, batch)
    with workspace.catalog.writing() as session:
        clip = session.scalars(select(Clip).where(Clip.state == ClipState.CUT).order_by(Clip.id)).first()
        assert clip is not None
        clip.state = ClipState.ACCEPTED
        session.add(_text(clip.id, 1, "నమస్కారం అందరికీ", workspace.now()))
        return clip.id


def _text(clip_id, version, words, at) -> Transcript:
    return Transcript(
        id=f"transcript-{clip_id}-{version}",
        clip_id=clip_id,
        version=version,
        verbatim=words,
        normalised=words,
        origin="agreement",
        guideline="te@v1",
        accepted_at=at,
    )


def test_the_aligner_leaves_what_a_person_placed_and_comes_back_when_the_text_changes(received):
    clip_id, project = accepted_clip(received), received.project.name
    for batch in unaligned_clips(received):
        align_batch(received, batch)
    with received.catalog.writing() as session:
        lead = add_person(
            session,
            "sunita",
            project=project,
            roles=[Role.REVIEWER],
            languages=["te"],
            by="tests",
            now=received.now(),
        )
        found = timed_clip(session, project, clip_id, ["te"])
    assert found is not None
    spans = [span for _, span, _ in found.words]
    placed = [WordSpan(spans[0].start, spans[0].end - 160), *spans[1:]]
    save_word_times(
        open_project_context(received), clip_id, lead.id, placed, seen=found.seen, now=received.now()
    )
    with received.catalog.writing() as session:  # as if the language's aligner had changed since
        session.execute(delete(Alignment).where(Alignment.aligner != PERSON))

    assert unaligned_clips(replace(received, version="a later one")) == ()

    with received.catalog.writing() as session:
        session.add(_text(clip_id, 2, "నమస్కారం", received.now()))
    (batch,) = unaligned_clips(replace(received, version="a later one"))
    assert batch.ids == (clip_id,)
