"""Voice embeddings in the catalogue: what is compared, what a withdrawal and the retention sweep take away."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog import consent, voices
from catalog.config.retention import Retention
from catalog.database import Catalog
from catalog.erasure import ErasureRules, erase_voices
from catalog.retention import sweep_retention
from catalog.states import UploadState
from catalog.store import ObjectStore, open_store
from catalog.tables import Speaker, SpeakerLikeness, Upload, VoiceEmbedding
from catalog.voice_records import files_of
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import say_no, say_yes, second_speaker_id

__all__ = ["second_speaker_id"]
MODEL = "test/1"
Send = Callable[..., str]


@pytest.fixture
def store(tmp_path) -> ObjectStore:
    return open_store((tmp_path / "store").as_uri())


@pytest.fixture
def heard(catalog: Catalog, speaker_id: str, second_speaker_id: str) -> Send:
    """A file of a speaker with its embedding; its id."""
    for each in (speaker_id, second_speaker_id):
        say_yes(catalog, each)

    def send(speaker: str, number: int, *, model: str = MODEL, seconds: float = 3.0) -> str:
        upload_id = f"upload-{speaker}-{number}"
        with catalog.writing() as session:
            upload = Upload(
                id=upload_id,
                project_id="telangana",
                name=f"{upload_id}.wav",
                sha256=hashlib.sha256(upload_id.encode()).hexdigest(),
                size=1,
                receipt="7QK-21",
                language="te",
                speaker_id=speaker,
                state=UploadState.RECEIVED,
                consent_round=session.get_one(Speaker, speaker).consent_round,
                received_at=NOON,
            )
            session.add(upload)
            session.flush()
            voices.keep_embedding(
                session, upload_id, embedding(upload_id), model=model, seconds=seconds, at=NOON
            )
        return upload_id

    return send


def embedding(upload_id: str) -> bytes:
    return hashlib.shake_128(upload_id.encode()).digest(512)


def kept(catalog: Catalog) -> list[str]:
    with catalog.reading() as session:
        return sorted(session.scalars(select(VoiceEmbedding.upload_id)))


def alike(catalog: Catalog) -> list[tuple[str, str]]:
    with catalog.reading() as session:
        return sorted(
            session.execute(select(SpeakerLikeness.first_id, SpeakerLikeness.second_id)).tuples().all()
        )


def known(catalog: Catalog, upload_id: str) -> voices.KnownVoices:
    with catalog.reading() as session:
        return voices.known_voices(session, session.get_one(Upload, upload_id), model=MODEL, fewest=2)


def test_a_recording_is_compared_with_its_speakers_others_and_a_new_speaker_with_everybody(
    catalog: Catalog, heard: Send, speaker_id: str, second_speaker_id: str
) -> None:
    first, *rest = (heard(speaker_id, number) for number in range(3))
    new = heard(second_speaker_id, 0)
    heard(second_speaker_id, 1, model="older/1")

    assert sorted(known(catalog, first).own) == sorted(embedding(each) for each in rest)
    assert known(catalog, first).others == ()
    assert known(catalog, new).own == ()
    assert {speaker for speaker, _ in known(catalog, new).others} == {speaker_id}
    assert len(known(catalog, new).background) == 2


def test_a_voice_that_was_taken_back_is_compared_with_nobody_from_that_moment_on(
    catalog: Catalog, heard: Send, speaker_id: str, second_speaker_id: str
) -> None:
    heard(speaker_id, 0)
    new = heard(second_speaker_id, 0)

    say_no(catalog, speaker_id)

    assert known(catalog, new).others == ()
    assert len(known(catalog, new).background) == 1


def test_what_is_heard_after_a_withdrawal_is_not_kept(catalog: Catalog, heard: Send, speaker_id: str) -> None:
    upload_id = heard(speaker_id, 0)
    with catalog.writing() as session:
        voices.forget_voice_of(session, [upload_id])
    say_no(catalog, speaker_id)

    with catalog.writing() as session:
        late = voices.keep_embedding(session, upload_id, b"", model=MODEL, seconds=3.0, at=NOON)

    assert late is None and kept(catalog) == []


def test_an_erasure_takes_the_embeddings_of_the_voice_and_whom_it_sounds_like_and_no_others(
    catalog: Catalog, store: ObjectStore, heard: Send, speaker_id: str, second_speaker_id: str
) -> None:
    heard(speaker_id, 0)
    other = heard(second_speaker_id, 0)
    with catalog.writing() as session:
        voices.note_alike(session, second_speaker_id, [(speaker_id, 0.7)], at=NOON)
    assert alike(catalog) == [tuple(sorted((speaker_id, second_speaker_id)))]

    say_no(catalog, speaker_id)
    erase_voices(catalog, store, project_id="telangana", rules=ErasureRules(), actor="test", at=NOON)

    assert kept(catalog) == [other]
    assert alike(catalog) == []


def test_embeddings_go_after_the_days_that_the_project_keeps_them(
    catalog: Catalog, store: ObjectStore, heard: Send, speaker_id: str, second_speaker_id: str
) -> None:
    heard(speaker_id, 0)
    with catalog.writing() as session:
        voices.note_alike(session, second_speaker_id, [(speaker_id, 0.7)], at=NOON)

    def sweep(days: int, *, dry_run: bool = False) -> int:
        return sweep_retention(
            catalog,
            store,
            project_id="telangana",
            rules=Retention(voices=30),
            actor="test",
            at=NOON + timedelta(days=days),
            dry_run=dry_run,
        ).voices

    assert sweep(29) == 0 and sweep(31, dry_run=True) == 1
    assert kept(catalog) and alike(catalog)
    assert sweep(31) == 1
    assert kept(catalog) == [] and alike(catalog) == []


def test_a_speaker_who_asks_for_everything_gets_the_embeddings_too_until_they_take_it_back(
    catalog: Catalog, heard: Send, speaker_id: str
) -> None:
    heard(speaker_id, 0)

    (file,) = files_of(catalog, speaker_id)
    assert file.embedding is not None and file.embedding.model == MODEL

    with catalog.writing() as session:
        consent.withdraw(session, speaker_id=speaker_id, recorded_by="te-01", at=NOON)
    (file,) = files_of(catalog, speaker_id)
    assert file.embedding is None
