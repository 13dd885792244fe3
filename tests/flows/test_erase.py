"""A consent that was taken back, on whatever way, is obeyed by the next run of the flows."""

from sqlalchemy import select

from catalog.consent import withdraw
from catalog.tables import Recording, RecordingFingerprint, SoundLandmark, Speaker
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

    first, second = erase_withdrawn(accepted), erase_withdrawn(accepted)

    assert first.sound.recordings == 3 and first.sound.voices == 1 and first.sound.objects > 3
    assert second.is_empty
    assert list(accepted.store.list("clips/")) == []
    assert list(accepted.store.list("recordings/")) == []
    with accepted.catalog.reading() as session:
        assert (
            session.scalars(select(RecordingFingerprint.id)).all()
            == session.scalars(select(SoundLandmark.print_id)).all()
            == []
        )


def test_the_flow_collect_obeys_before_it_decides(prefect_api, accepted, flow_settings):
    with accepted.catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        withdraw(session, speaker_id=speaker.id, recorded_by="withdrawal code", at=accepted.now())

    collect("demo")

    with accepted.catalog.reading() as session:
        assert all(session.scalars(select(Recording.erased_at)))
