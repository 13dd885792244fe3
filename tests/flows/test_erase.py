"""A consent that was taken back, on whatever way, is obeyed by the next run of the flows."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from audio.voices.values import MODEL
from catalog.consent import withdraw
from catalog.tables import Recording, RecordingFingerprint, SoundLandmark, Speaker, VoiceEmbedding
from flows.collect import collect
from flows.steps.erase import erase_withdrawn
from flows.steps.segment import segment_batch, uncut_recordings


def test_the_sweep_destroys_the_sound_of_a_withdrawn_voice_and_the_next_finds_nothing_to_do(accepted):
    for batch in uncut_recordings(accepted):
        segment_batch(accepted, batch)
    with accepted.catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        withdraw(session, speaker_id=speaker.id, recorded_by="withdrawal code", at=accepted.now())

    with accepted.catalog.reading() as session:
        assert len(session.scalars(select(RecordingFingerprint.id)).all()) == 3
        kept = session.scalars(select(VoiceEmbedding)).all()
        assert kept and all(each.model == MODEL and len(each.embedding) == 512 for each in kept)

    first, second = erase_withdrawn(accepted), erase_withdrawn(accepted)

    assert first.sound.recordings == 3 and first.sound.voices == 1 and first.sound.objects > 3
    assert second.is_empty
    assert list(accepted.store.list("clips/")) == []
    assert list(accepted.store.list("recordings/")) == []
    with accepted.catalog.reading() as session:
        assert (
            session.scalars(select(RecordingFingerprint.id)).all()
            == session.scalars(select(SoundLandmark.print_id)).all()
            == session.scalars(select(VoiceEmbedding.upload_id)).all()
            == []
        )
    _nothing_of_it_is_in_the_database(accepted, [each.embedding for each in kept])


def _nothing_of_it_is_in_the_database(workspace, embeddings):
    """SQLite writes zeros over what is deleted; after a checkpoint the file is all there is."""
    with workspace.catalog.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    data = Path(workspace.catalog.engine.url.database).read_bytes()
    assert not [embedding for embedding in embeddings if embedding[:64] in data]


def test_a_project_that_compares_no_voices_keeps_no_embedding(accepted):
    clips = replace(accepted.project.clips, voices="off")
    workspace = replace(accepted, project=replace(accepted.project, clips=clips))

    for batch in uncut_recordings(workspace):
        segment_batch(workspace, batch)

    with workspace.catalog.reading() as session:
        assert session.scalars(select(VoiceEmbedding.upload_id)).all() == []


def test_the_flow_collect_obeys_before_it_decides(prefect_api, accepted, flow_settings):
    with accepted.catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        withdraw(session, speaker_id=speaker.id, recorded_by="withdrawal code", at=accepted.now())

    collect("demo")

    with accepted.catalog.reading() as session:
        assert all(session.scalars(select(Recording.erased_at)))
