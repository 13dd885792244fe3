"""Consent as events: the last one holds, for every voice in a recording, and a withdrawal stops work at once."""

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.consent import ConsentScope, NoConsent
from catalog.database import Catalog
from catalog.ids import content_id
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import ConsentKind, RecordingState, UploadState
from catalog.tables import Recording, RecordingSpeaker, Upload
from tests.catalog.conftest import NOON


def say_yes(catalog: Catalog, speaker_id: str, *scopes: ConsentScope) -> None:
    with catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=speaker_id,
            scopes=scopes or tuple(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence="spoken",
            evidence_sha256=None,
            recorded_by="test",
            at=NOON,
        )


def say_no(catalog: Catalog, speaker_id: str) -> consent.Withdrawal:
    with catalog.writing() as session:
        consent.withdraw(session, speaker_id=speaker_id, recorded_by="test", at=NOON)
    with catalog.reading() as session:
        return consent.reached(session, speaker_id)


@pytest.fixture
def second_speaker_id(catalog: Catalog) -> str:
    with catalog.writing() as session:
        facts = SpeakerFacts("te-02")
        return register_speaker(session, project_id="telangana", facts=facts, actor="test", at=NOON).id


@pytest.fixture
def recording_id(catalog: Catalog, speaker_id: str, second_speaker_id: str) -> str:
    """A recording in which two people talk."""
    with catalog.writing() as session:
        upload = Upload(
            id="upload-1",
            project_id="telangana",
            name="talk.wav",
            sha256="a" * 64,
            size=1,
            receipt="AAA-AAA",
            state=UploadState.INGESTED,
            speaker_id=speaker_id,
            received_at=NOON,
        )
        recording = Recording(
            id="recording-1",
            project_id="telangana",
            upload_id=upload.id,
            sha256="a" * 64,
            audio_sha256="b" * 64,
            key="recordings/a.wav",
            language="te",
            codec="pcm_s16le",
            sample_rate=16_000,
            channels=1,
            samples=16_000,
            state=RecordingState.ACCEPTED,
            findings=[],
            created_at=NOON,
        )
        session.add(upload)
        session.flush()
        session.add(recording)
        session.flush()
        session.add_all(
            RecordingSpeaker(recording_id=recording.id, speaker_id=each)
            for each in (speaker_id, second_speaker_id)
        )
    return "recording-1"


def usable(catalog: Catalog, scope: ConsentScope) -> list[str]:
    with catalog.reading() as session:
        return list(session.scalars(select(Recording.id).where(consent.consented(Recording.id, scope))))


def test_a_recording_is_usable_only_while_every_voice_in_it_consents(
    catalog: Catalog, recording_id: str, speaker_id: str, second_speaker_id: str
) -> None:
    assert usable(catalog, ConsentScope.TRANSCRIPTION) == []

    say_yes(catalog, speaker_id)
    assert usable(catalog, ConsentScope.TRANSCRIPTION) == []

    say_yes(catalog, second_speaker_id, ConsentScope.TRANSCRIPTION)
    assert usable(catalog, ConsentScope.TRANSCRIPTION) == [recording_id]
    assert usable(catalog, ConsentScope.PUBLICATION) == []


def test_a_recording_of_nobody_is_never_usable(catalog: Catalog, recording_id: str, speaker_id: str) -> None:
    say_yes(catalog, speaker_id)
    with catalog.writing() as session:
        for row in session.scalars(select(RecordingSpeaker)):
            session.delete(row)

    assert usable(catalog, ConsentScope.TRANSCRIPTION) == []


def test_saying_yes_twice_is_one_event_and_a_yes_after_a_no_holds_again(
    catalog: Catalog, speaker_id: str
) -> None:
    say_yes(catalog, speaker_id)
    say_yes(catalog, speaker_id)
    say_no(catalog, speaker_id)
    say_yes(catalog, speaker_id)

    with catalog.reading() as session:
        kinds = [event.kind for event in consent.history(session, speaker_id)]
    assert kinds == [ConsentKind.GRANTED, ConsentKind.WITHDRAWN, ConsentKind.GRANTED]


def test_a_withdrawal_stops_the_recording_and_the_files_still_waiting_and_can_be_repeated(
    catalog: Catalog, recording_id: str, speaker_id: str, second_speaker_id: str
) -> None:
    say_yes(catalog, speaker_id)
    say_yes(catalog, second_speaker_id)
    with catalog.writing() as session:
        session.add(
            Upload(
                id="upload-2",
                project_id="telangana",
                name="more.wav",
                sha256="c" * 64,
                size=1,
                receipt="BBB-BBB",
                landing_key="landing/upload-2",
                state=UploadState.RECEIVED,
                speaker_id=second_speaker_id,
                received_at=NOON,
            )
        )

    reached = say_no(catalog, second_speaker_id)

    assert (reached.recordings, reached.uploads) == (1, 1)
    assert say_no(catalog, second_speaker_id) == reached
    with catalog.reading() as session:
        assert session.get_one(Recording, recording_id).state is RecordingState.WITHDRAWN
        waiting = session.get_one(Upload, "upload-2")
        assert (waiting.state, waiting.reason) == (UploadState.REJECTED, "consent_withdrawn")


def test_nobody_can_take_back_what_was_never_given(catalog: Catalog, speaker_id: str) -> None:
    with pytest.raises(NoConsent, match="never gave consent"):
        say_no(catalog, speaker_id)
    assert content_id("speaker", "telangana", "te-01") == speaker_id


def test_a_yes_after_a_no_brings_nothing_back_that_was_given_before(
    catalog: Catalog, recording_id: str, speaker_id: str, second_speaker_id: str
) -> None:
    for speaker in (speaker_id, second_speaker_id):
        say_yes(catalog, speaker)
    say_no(catalog, second_speaker_id)
    say_yes(catalog, second_speaker_id)

    assert usable(catalog, ConsentScope.TRANSCRIPTION) == []
