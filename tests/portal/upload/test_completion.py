"""A whole file becomes an upload once: with its receipt, its sender and its prompt, or evidence of a consent."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from catalog.keys import consent_key
from catalog.states import TransferPurpose, TransferState
from catalog.store import open_store
from catalog.tables import AuditEvent, Speaker, Upload
from portal.upload import transfers
from portal.upload.evidence import ConsentEvidence, evidence_of
from portal.upload.limits import Sender, UploadLimits
from portal.upload.protocol import UploadRefused
from tests.portal.upload.server import PROJECT
from tests.portal.upload.upload_portal import (
    BODY,
    SPEAKER,
    TUS,
    UploadPortal,
    noise,
    pairs,
    patch,
    recording,
    upload_portal,
)
from tests.servers import PostgresServer
from tests.waiting import until


@contextmanager
def store_away(portal: UploadPortal) -> Iterator[None]:
    """The store's folder is a file for a while: as unreachable as a server that does not answer."""
    store, aside = portal.folder / "store", portal.folder / "store.aside"
    if store.exists():
        store.rename(aside)
    store.write_bytes(b"")
    try:
        yield
    finally:
        store.unlink()
        if aside.exists():
            aside.rename(store)


def test_a_recording_has_a_receipt_that_stays_the_same(portal: UploadPortal) -> None:
    body = noise(10_000, seed=60)
    given = recording("పాట 1.amr", prompt="village/well", sha256=hashlib.sha256(body).hexdigest())
    location = portal.create(len(body), given)

    with portal.client() as client:
        last = patch(client, location, 0, body)
        asked = client.head(location, headers=TUS)
        again = patch(client, location, len(body), b"")

    assert last.status_code == 204
    for answer in (asked, again):
        assert answer.headers["Boli-Receipt"] == last.headers["Boli-Receipt"]
        assert answer.headers["Boli-Upload"] == last.headers["Boli-Upload"]
        assert answer.headers["Upload-Offset"] == str(len(body))
    assert asked.headers["Upload-Metadata"] == given
    with portal.catalog.reading() as session:
        upload = session.get_one(Upload, last.headers["Boli-Upload"])
        speaker = session.get_one(Speaker, upload.speaker_id)
    assert (upload.name, upload.language, upload.prompt, upload.sent_by) == (
        "పాట 1.amr",
        "te",
        "village/well",
        "asha",
    )
    assert (upload.receipt, speaker.pseudonym) == (last.headers["Boli-Receipt"], SPEAKER)
    transfer = portal.transfer(location)
    assert (transfer.state, transfer.upload_id, transfer.locked_until) == (
        TransferState.COMPLETE,
        upload.id,
        None,
    )
    assert not portal.file_of(location).exists()


def test_a_file_sent_again_gets_the_receipt_it_had_and_is_kept_once(portal: UploadPortal) -> None:
    body = noise(5_000, seed=61)
    locations = [portal.create(len(body), recording("twice.amr")) for _ in range(2)]

    with portal.client() as client:
        first, second = (patch(client, location, 0, body) for location in locations)

    assert first.headers["Boli-Receipt"] == second.headers["Boli-Receipt"]
    assert first.headers["Boli-Upload"] == second.headers["Boli-Upload"]
    with portal.catalog.reading() as session:
        events = select(func.count()).where(
            AuditEvent.action == "upload.received", AuditEvent.subject_id == first.headers["Boli-Upload"]
        )
        assert session.scalar(events) == 1


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_file_that_is_not_what_was_sent_is_dropped_and_sent_again(
    portal: UploadPortal, pieces: int
) -> None:
    body = noise(90_000, seed=62 + pieces)
    given = recording(f"differs-{pieces}.amr", sha256=hashlib.sha256(body).hexdigest())
    location = portal.create(len(body), given)
    spoilt = body[:-1] + bytes([body[-1] ^ 1])

    with portal.client() as client:
        step = len(body) // pieces
        answers = [
            patch(client, location, start, spoilt[start : start + step])
            for start in range(0, len(body), step)
        ]
        later = client.head(location, headers=TUS)
        again = patch(client, portal.create(len(body), given), 0, body)

    assert answers[-1].status_code == 460
    assert "send it again" in answers[-1].json()["error"]["message"]
    assert later.status_code == 410
    assert not portal.file_of(location).exists()
    assert portal.transfer(location).state is TransferState.ENDED
    assert again.headers["Boli-Receipt"]
    assert portal.kept()[f"differs-{pieces}.amr"] == body


def test_a_digest_is_reckoned_anew_where_the_server_did_not_see_the_beginning(folder: Path) -> None:
    body = noise(300_000, seed=66)
    with upload_portal(folder, free_bytes=0) as portal, portal.client() as client:
        location = portal.create(len(body), recording("anew.amr", sha256=hashlib.sha256(body).hexdigest()))
        patch(client, location, 0, body[:100_000])
        portal.kill()
        portal.start()

        assert patch(client, location, 100_000, body[100_000:]).headers["Boli-Receipt"]
        assert portal.kept()["anew.amr"] == body


def test_a_spoken_consent_is_kept_as_evidence_and_not_as_a_recording(portal: UploadPortal) -> None:
    body = noise(3_000, seed=67)
    location = portal.create(len(body), pairs(purpose="consent", filename="yes.M4A"))

    with portal.client() as client:
        last = patch(client, location, 0, body)
        asked = client.head(location, headers=TUS)

    key = consent_key(hashlib.sha256(body).hexdigest(), "m4a")
    assert last.headers["Boli-Receipt"] == asked.headers["Boli-Receipt"]
    assert "Boli-Upload" not in last.headers
    transfer = portal.transfer(location)
    assert (transfer.purpose, transfer.evidence_key, transfer.upload_id) == (
        TransferPurpose.CONSENT,
        key,
        None,
    )
    store = open_store((portal.folder / "store").as_uri())
    assert store.get_bytes(key, 10_000) == body
    with portal.catalog.reading() as session:
        found = evidence_of(session, transfer.id, person_id="asha")
        assert found == ConsentEvidence(key, hashlib.sha256(body).hexdigest())
        assert evidence_of(session, transfer.id, person_id="ravi") is None
    assert "yes.M4A" not in portal.kept()


def test_an_empty_consent_is_none(portal: UploadPortal) -> None:
    with portal.client() as client:
        headers = TUS | {"Upload-Length": "0", "Upload-Metadata": pairs(purpose="consent", filename="a.jpg")}
        assert client.post("/uploads", headers=headers).json()["error"]["code"] == "empty_consent"


def test_while_the_store_is_away_nothing_is_promised_and_nothing_lost(portal: UploadPortal) -> None:
    body = noise(4_000, seed=68)
    location = portal.create(len(body), recording("away.amr"))

    with portal.client() as client:
        with store_away(portal):
            last = patch(client, location, 0, body)
            asked = client.head(location, headers=TUS)
        back = client.head(location, headers=TUS)

    assert last.status_code == 503  # tried again
    assert asked.status_code == 423  # after any other failure of HEAD a browser's client begins anew
    assert "Boli-Receipt" not in last.headers
    assert back.headers["Upload-Offset"] == str(len(body))
    assert back.headers["Boli-Receipt"]
    assert portal.kept()["away.amr"] == body


def test_what_a_crash_interrupts_is_handed_over_after_the_next_start(folder: Path) -> None:
    body = noise(4_000, seed=69)
    with upload_portal(folder, free_bytes=0, idle_seconds=0.1, portion_seconds=0.1) as portal:
        location = portal.create(len(body), recording("interrupted.amr"))
        with store_away(portal):
            with portal.client() as client:
                assert patch(client, location, 0, body).status_code == 503
            portal.kill()
        _let_the_lease_run_out(portal, location)

        portal.start()

        until(lambda: portal.transfer(location).state is TransferState.COMPLETE)
        assert portal.kept()["interrupted.amr"] == body


def _let_the_lease_run_out(portal: UploadPortal, location: str) -> None:
    with portal.catalog.writing() as session:
        session.merge(portal.transfer(location)).locked_until = datetime.now(UTC) - timedelta(seconds=1)


def test_an_upload_that_is_left_ends_and_its_disk_space_is_freed(folder: Path) -> None:
    with upload_portal(folder, lasts_seconds=1.0, sweep_seconds=0.1, free_bytes=0) as portal:
        location = portal.create(10)
        with portal.client() as client:
            patch(client, location, 0, b"0123")

            until(lambda: not portal.file_of(location).exists())
            asked = client.head(location, headers=TUS)
            late = patch(client, location, 4, b"456789")

        assert (asked.status_code, late.status_code) == (410, 410)
        assert portal.transfer(location).state is TransferState.ENDED
        with portal.catalog.reading() as session:
            ended = select(AuditEvent.actor).where(AuditEvent.action == "transfer.ended")
            assert session.scalar(ended) == "portal"


def test_files_that_nobody_needs_are_swept_and_those_just_begun_are_not(folder: Path) -> None:
    with upload_portal(folder, sweep_seconds=0.1, free_bytes=0) as portal:
        location = portal.create(10, recording("done.amr"))
        with portal.client() as client:
            patch(client, location, 0, b"0123456789")
        begun = portal.arriving / "transfer-ffffffffffffffffffff.part"
        begun.write_bytes(b"a row comes in a moment")
        portal.file_of(location).write_bytes(b"left by a crash after the receipt")

        until(lambda: not portal.file_of(location).exists())

        assert begun.exists()


def test_a_person_has_only_so_many_files_on_their_way(folder: Path) -> None:
    with upload_portal(folder, open_per_person=2, free_bytes=0) as portal, portal.client() as client:
        locations = [portal.create(10, recording(f"{n}.amr")) for n in range(2)]
        headers = TUS | {"Upload-Length": "10", "Upload-Metadata": recording("3.amr")}

        third = client.post("/uploads", headers=headers)
        patch(client, locations[0], 0, b"0123456789")
        then = client.post("/uploads", headers=headers)

        assert (third.status_code, third.json()["error"]["code"]) == (423, "too_many_open")
        assert then.status_code == 201


def test_a_full_disk_is_said_in_words_and_leaves_nothing(folder: Path) -> None:
    with upload_portal(folder, free_bytes=10**17) as portal, portal.client() as client:
        answer = client.post(
            "/uploads", headers=TUS | {"Upload-Length": "10", "Upload-Metadata": recording()}
        )

        assert answer.status_code == 507
        assert "stays on your phone" in answer.json()["error"]["message"]
        assert list(portal.arriving.glob("*")) == []


def test_room_promised_to_one_upload_is_not_promised_to_another(portal: UploadPortal) -> None:
    now = datetime.now(UTC) + timedelta(days=400)  # past the end of other tests' uploads
    limits = UploadLimits(free_bytes=0)

    def begin(number: int) -> None:
        with portal.catalog.writing() as session:
            transfers.begin(
                session,
                transfer_id=f"transfer-{number:020x}",
                sender=Sender("ravi", PROJECT),
                purpose=TransferPurpose.RECORDING,
                length=600,
                details={},
                speaker=None,
                limits=limits,
                free_bytes=1000,
                at=now,
            )

    begin(1)
    with pytest.raises(UploadRefused, match="no room"):
        begin(2)


def test_all_of_it_works_on_postgresql_too(folder: Path, postgres_server: PostgresServer) -> None:
    body = noise(200_000, seed=70)
    name = postgres_server.create_database()
    with upload_portal(folder, postgres_server.url(name), free_bytes=0) as portal, portal.client() as client:
        location = portal.create(
            len(body), recording("postgres.amr", sha256=hashlib.sha256(body).hexdigest())
        )
        first = patch(client, location, 0, body[:70_000])
        conflict = patch(client, location, 0, body)
        asked = client.head(location, headers=TUS)
        last = patch(client, location, 70_000, body[70_000:])

        assert (first.status_code, conflict.status_code) == (204, 409)
        assert (asked.headers["Upload-Offset"], last.status_code) == ("70000", 204)
        assert last.headers["Boli-Receipt"]
        assert portal.kept()["postgres.amr"] == body
        dropped = portal.create(10)
        assert client.delete(dropped, headers=TUS).status_code == 204
        assert client.post(dropped, headers=BODY).status_code == 405
    postgres_server.drop_database(name)
