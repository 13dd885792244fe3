"""The erasure of a voice, where several speak, where a run is killed, and where objects and rows disagree."""

import hashlib
import os
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.consent import ConsentScope
from catalog.database import Catalog, open_catalog
from catalog.erasure import ErasureRules, erase_voices
from catalog.erasure.sweep import sweep_store
from catalog.keys import clip_key, consent_key, landing_key, recording_key
from catalog.receiving import ArrivingFile, UploadReceipt, receive
from catalog.speakers import SpeakerFacts
from catalog.states import RecordingState, UploadState
from catalog.store import ObjectStore, StoredVersion, open_store
from catalog.tables import ConsentEvent, ErasedObject, Erasure, Recording, RecordingSpeaker, Upload
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import say_no, say_yes, second_speaker_id

__all__ = ["second_speaker_id"]
DATA = b"two people talk" * 50
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store((tmp_path / "store").as_uri())


@pytest.fixture
def send(catalog: Catalog, store: ObjectStore, tmp_path: Path) -> Callable[[str], UploadReceipt]:
    """The file of both, sent for one of them."""
    path = tmp_path / "talk.wav"
    path.write_bytes(DATA)

    def sent(pseudonym: str, name: str = "talk.wav") -> UploadReceipt:
        return receive(
            catalog,
            store,
            project_id="telangana",
            arriving=ArrivingFile(name, len(DATA), SHA256, "te", SpeakerFacts(pseudonym)),
            path=path,
            sender="asha",
            at=NOON,
        )

    return sent


@pytest.fixture
def talk(
    catalog: Catalog,
    store: ObjectStore,
    send: Callable[[str], UploadReceipt],
    speaker_id: str,
    second_speaker_id: str,
) -> str:
    """A recording in which both speak, as ingest leaves it, with a rendition of a clip; its id."""
    for each in (speaker_id, second_speaker_id):
        say_yes(catalog, each)
    upload_id = send("te-01").upload_id
    with catalog.writing() as session:
        upload = session.get_one(Upload, upload_id)
        upload.state, upload.recording_id = UploadState.INGESTED, "recording-1"
        session.add(
            Recording(
                id="recording-1",
                project_id="telangana",
                upload_id=upload_id,
                sha256=SHA256,
                audio_sha256=SHA256,
                key=recording_key(SHA256, "wav"),
                language="te",
                codec="pcm_s16le",
                sample_rate=16_000,
                channels=1,
                samples=16_000,
                state=RecordingState.ACCEPTED,
                findings=[],
                created_at=NOON,
            )
        )
        session.flush()
        session.add_all(
            RecordingSpeaker(recording_id="recording-1", speaker_id=each)
            for each in (speaker_id, second_speaker_id)
        )
    store.put_bytes(recording_key(SHA256, "wav"), DATA)
    store.put_bytes(clip_key("recording-1", "clip-1"), b"a clip")
    store.delete(landing_key(upload_id))
    return "recording-1"


def erase(catalog: Catalog, store: ObjectStore, *, evidence: bool = False) -> None:
    rules = ErasureRules(erases_evidence=evidence)
    erase_voices(catalog, store, project_id="telangana", rules=rules, actor="test", at=NOON)


def test_one_of_several_voices_is_enough_and_the_others_can_not_bring_it_back(
    catalog: Catalog,
    store: ObjectStore,
    talk: str,
    second_speaker_id: str,
    send: Callable[[str], UploadReceipt],
) -> None:
    say_no(catalog, second_speaker_id)
    erase(catalog, store)

    assert list(store.list()) == []
    assert send("te-01").erased
    assert list(store.list()) == []

    say_yes(catalog, second_speaker_id)
    again = send("te-01")
    assert again.new and not again.erased
    assert [each.key for each in store.list()] == [landing_key(again.upload_id)]


def test_a_known_file_that_is_nowhere_in_the_store_is_stored_again(
    catalog: Catalog, store: ObjectStore, talk: str, send: Callable[[str], UploadReceipt]
) -> None:
    store.delete(recording_key(SHA256, "wav"))

    assert not send("te-01").new

    assert store.get_bytes(recording_key(SHA256, "wav"), 10_000) == DATA


@pytest.mark.parametrize("erased", [False, True])
def test_the_evidence_is_kept_or_erased_as_the_project_says(
    catalog: Catalog, store: ObjectStore, speaker_id: str, erased: bool
) -> None:
    key = consent_key("e" * 64, "ogg")
    store.put_bytes(key, b"yes")
    with catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=speaker_id,
            scopes=[ConsentScope.TRANSCRIPTION],
            notice_version="1",
            notice_language="te",
            evidence=key,
            evidence_sha256="e" * 64,
            recorded_by="asha",
            at=NOON,
        )
    say_no(catalog, speaker_id)

    erase(catalog, store, evidence=erased)

    assert store.exists(key) is not erased
    with catalog.reading() as session:
        [said, _] = session.scalars(select(ConsentEvent).order_by(ConsentEvent.number)).all()
    assert (said.evidence == key) is not erased
    assert said.evidence_sha256 == "e" * 64


class Deadly:
    """A store in whose hands its process dies once it has erased so often."""

    def __init__(self, store: ObjectStore, times: int) -> None:
        self._store, self._left = store, times

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def erase(self, versions: Sequence[StoredVersion]) -> None:
        self._store.erase(versions)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _erase_and_die(url: str, store: str, times: int) -> None:
    erase(open_catalog(url), Deadly(open_store(store), times))  # type: ignore[arg-type]


def test_killed_after_any_object_the_next_run_ends_it_and_the_log_lacks_none(
    catalog: Catalog, catalog_url: str, store: ObjectStore, talk: str, speaker_id: str
) -> None:
    say_no(catalog, speaker_id)
    held = {each.key for each in store.list()}
    for _ in range(3):
        child = get_context("spawn").Process(target=_erase_and_die, args=(catalog_url, store.url, 1))
        child.start()
        child.join(60)
        assert child.exitcode in (-signal.SIGKILL, 0)

    erase(catalog, store)

    assert list(store.list()) == []
    with catalog.reading() as session:
        assert {each.key for each in session.scalars(select(ErasedObject)) if each.erased_at} == held
        assert session.scalars(select(Erasure.finished_at)).one() == NOON


def test_a_sweep_names_what_no_row_knows_and_what_no_object_holds_and_erases_only_what_is_old(
    catalog: Catalog, store: ObjectStore, talk: str
) -> None:
    store.put_bytes("recordings/" + "f" * 64 + ".wav", b"left by a crash")
    store.put_bytes("probe/3f/0.txt", b"left by a probe whose store fell silent")
    store.delete(recording_key(SHA256, "wav"))
    [young] = list(store.versions("recordings/"))

    def sweep(hours: int, *, dry_run: bool = False) -> tuple[int, int, int, list[str]]:
        found = sweep_store(catalog, store, now=young.at + timedelta(hours=hours), dry_run=dry_run)
        return found.stray_count, found.erased, found.young, [each.id for each in found.missing]

    # the clip's rendition has no row either
    assert sweep(1) == (0, 0, 3, ["recording-1"])
    assert sweep(25, dry_run=True) == (3, 0, 0, ["recording-1"])
    assert sweep(25) == (3, 3, 0, ["recording-1"])
    assert list(store.list()) == []


def test_what_a_slow_step_puts_there_after_the_erasure_has_no_grace(
    catalog: Catalog, store: ObjectStore, talk: str, speaker_id: str
) -> None:
    say_no(catalog, speaker_id)
    erase(catalog, store)
    store.put_bytes(clip_key("recording-1", "clip-2"), b"came late")

    assert sweep_store(catalog, store, now=NOON, dry_run=False).erased == 1
    assert list(store.list()) == []
