"""A receipt is a promise: durable first, and the same file gets the same receipt."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import func, select

from catalog import consent
from catalog.consent import ConsentScope
from catalog.database import Catalog
from catalog.erasure import ErasedSound, ErasureRules, erase_voices
from catalog.receiving import ArrivingFile, UploadReceipt, receive, record_refused
from catalog.speakers import SpeakerFacts
from catalog.states import UploadState
from catalog.store import Damaged, ObjectStore, open_store
from catalog.tables import AuditEvent, Upload
from tests.catalog.conftest import NOON


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store((tmp_path / "store").as_uri())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "మాట 1.amr"
    path.write_bytes(b"#!AMR\n" + bytes(1000))
    return path


def send(catalog: Catalog, store: ObjectStore, file: Path, sha256: str | None = None) -> UploadReceipt:
    digest = sha256 or hashlib.sha256(file.read_bytes()).hexdigest()
    arriving = ArrivingFile(file.name, file.stat().st_size, digest, "te", SpeakerFacts("te-01"))
    return receive(
        catalog, store, project_id="telangana", arriving=arriving, path=file, sender="asha", at=NOON
    )


def erase_all(catalog: Catalog, store: ObjectStore) -> ErasedSound:
    return erase_voices(catalog, store, project_id="telangana", rules=ErasureRules(), actor="asha", at=NOON)


def test_a_receipt_is_given_for_bytes_that_are_in_the_store(
    catalog: Catalog, store: ObjectStore, file: Path
) -> None:
    receipt = send(catalog, store, file)

    assert receipt.new
    with catalog.reading() as session:
        upload = session.get_one(Upload, receipt.upload_id)
        assert (upload.state, upload.receipt) == (UploadState.RECEIVED, receipt.code)
        assert store.get_bytes(str(upload.landing_key), 10_000) == file.read_bytes()


def test_sending_again_gives_the_same_receipt_and_keeps_nothing_twice(
    catalog: Catalog, store: ObjectStore, file: Path
) -> None:
    first, second = send(catalog, store, file), send(catalog, store, file)

    assert (second.upload_id, second.code, second.new) == (first.upload_id, first.code, False)
    assert len(list(store.list())) == 1
    with catalog.reading() as session:
        received = select(func.count()).where(AuditEvent.action == "upload.received")
        assert session.scalar(received) == 1


def test_bytes_that_changed_on_the_way_get_no_receipt(
    catalog: Catalog, store: ObjectStore, file: Path
) -> None:
    with pytest.raises(Damaged):
        send(catalog, store, file, sha256="0" * 64)

    with catalog.reading() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 0


def test_a_file_nobody_can_read_is_counted_with_its_reason(catalog: Catalog) -> None:
    arriving = ArrivingFile("gone.wav", 0, None, "te", None)
    said = [
        record_refused(
            catalog,
            project_id="telangana",
            arriving=arriving,
            reason="unreadable",
            detail="Permission denied",
            sender="asha",
            at=NOON,
        )
        for _ in range(2)
    ]

    assert [receipt.new for receipt in said] == [True, False]
    with catalog.reading() as session:
        upload = session.get_one(Upload, said[0].upload_id)
        assert (upload.reason, upload.detail) == ("unreadable", "Permission denied")


def test_a_file_whose_speaker_withdraws_before_it_is_looked_at_leaves_the_store(
    catalog: Catalog, store: ObjectStore, file: Path
) -> None:
    receipt = send(catalog, store, file)
    with catalog.writing() as session:
        speaker_id = str(session.get_one(Upload, receipt.upload_id).speaker_id)
        consent.grant(
            session,
            speaker_id=speaker_id,
            scopes=[ConsentScope.TRANSCRIPTION],
            notice_version="1",
            notice_language="te",
            evidence="spoken",
            evidence_sha256=None,
            recorded_by="asha",
            at=NOON,
        )
        consent.withdraw(session, speaker_id=speaker_id, recorded_by="asha", at=NOON)

    assert erase_all(catalog, store).objects == 1

    assert list(store.list()) == []
    assert erase_all(catalog, store) == ErasedSound()
