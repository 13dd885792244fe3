"""Whose voice recordings are, once they are cut: by the product's own network, on the examples."""

import pytest
from sqlalchemy import select

from catalog import voices
from catalog.tables import Speaker, SpeakerLikeness, Upload, VoiceEmbedding
from tests.flows.conftest import RECORDINGS, take_in


@pytest.fixture
def cut(workspace, coordinator):
    """Five recordings of te-01, of which somebody else made the last, and four more of the same voice as te-02."""
    coordinator.brings_consent("te-02")
    for name in ("te-01_001.mp3", "te-01_003.mp3", "te-01_106.wav", "te-01_session_2.webm"):
        coordinator.puts(name, RECORDINGS / "te" / name)
    coordinator.puts("te-01_201.ogg", RECORDINGS / "kn" / "kn-01_102.ogg")
    for name in ("te-01_004.mp3", "te-01_008.mp3", "te-01_009.mp3", "te-01_session_1.m4a"):
        coordinator.puts(f"again {name}", RECORDINGS / "te" / name, speaker="te-02")
    take_in(workspace, coordinator.folder)
    return workspace


def test_somebody_elses_recording_is_found_among_a_speakers_own_and_one_person_under_two_names(cut):
    with cut.catalog.reading() as session:
        other = session.scalars(
            select(Upload.name)
            .join(VoiceEmbedding, VoiceEmbedding.upload_id == Upload.id)
            .where(VoiceEmbedding.is_other)
        ).all()
        speakers = {each.id: each.pseudonym for each in session.scalars(select(Speaker))}
        pairs = session.scalars(select(SpeakerLikeness)).all()

    assert other == ["te-01_201.ogg"]
    assert [{speakers[pair.first_id], speakers[pair.second_id]} for pair in pairs] == [{"te-01", "te-02"}]


def test_a_hint_that_is_no_longer_so_goes_with_the_next_recordings_that_are_cut(cut, coordinator):
    with cut.catalog.writing() as session:
        other = session.scalars(select(Speaker).where(Speaker.pseudonym == "te-02")).one()
        for embedding in session.scalars(select(VoiceEmbedding).where(VoiceEmbedding.speaker_id == other.id)):
            session.delete(embedding)
        session.flush()
        assert session.scalars(select(SpeakerLikeness)).all()
    coordinator.puts("te-01_101.m4a", RECORDINGS / "te" / "te-01_101.m4a")

    take_in(cut, coordinator.folder)

    with cut.catalog.reading() as session:
        assert session.scalars(select(SpeakerLikeness)).all() == []
        assert voices.of_each_speaker(session, "demo", model="resemblyzer/1", most=1) != []
