"""A voice that was taken back is gone to the last byte, in store, folders and rows; and a proof shows it."""

import base64
import hashlib
import io
import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import consent
from catalog.config.settings import ROOT, Settings
from catalog.consent import ConsentScope
from catalog.database import Catalog
from catalog.erasure.late import LATE_REASON
from catalog.erasure.proof import InvalidProof, check_proof, public_key, write_proof
from catalog.erasure.sweep import sweep_store
from catalog.import_changes import SpeakerChange, SpeakerValues, note_changes
from catalog.imports import note_import
from catalog.keys import consent_key
from catalog.reconciliation.balance import balance_of
from catalog.speakers import facts_in, speaker_id_of
from catalog.states import ImportKind, Role, TransferPurpose, UploadState
from catalog.tables import (
    Base,
    ErasedObject,
    Recording,
    Speaker,
    SpeakerPrivate,
    Upload,
)
from flows.sources import FolderSource
from flows.steps.erase import erase_withdrawn
from flows.steps.project_context import open_project_context
from flows.steps.receive import receive_all
from flows.workspace import Workspace, open_workspace
from portal.upload import transfers
from portal.upload.limits import Sender, UploadLimits
from portal.upload.partial_uploads import PartialUploads
from tests.flows.conftest import Coordinator, take_in
from tests.servers import REGION, S3Server
from transcription.notes import add_note
from transcription.people import add_person
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.submission import save_draft, submit

FILES = {
    "te/te-01_001.mp3": "accepted",
    "te/te-01_001 (1).mp3": "duplicate_bytes",
    "te/te-01_same.wav": "accepted",
    "te/te-01_same.flac": "duplicate_audio",
    "te/te-01 only wind.wav": "rejected when it is cut",
    "te/te-01 cut off.m4a": "corrupt",
    "te/te-01 playlist.wav": "refused_format",
}
WORDS = "నాకు పాట పాడటం చాలా ఇష్టం"
NAME, PHONE = "Lakshmi Devi Kumari", "+91 98480 22338"
OLD_NAME, OLD_PHONE = "Laxmi Deevi", "+91 98480 99999"
KEY = bytes(range(32))
HALF = hashlib.shake_128(b"half").digest(3000)
RECORDINGS = ROOT / "examples" / "recordings"


@dataclass
class Place:
    """A project on one kind of catalogue and store, and how to look at all that its store keeps."""

    workspace: Workspace
    s3: S3Server | None

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """All bytes in every version, hidden ones too, and every file of the home folder."""
        home = self.workspace.scratch.parent
        for path in home.rglob("*"):
            if path.is_file() and not path.name.startswith("boli.sqlite"):
                yield str(path), path.read_bytes()
        if self.s3 is None:
            return
        client, store = self.s3.client(), self.workspace.store
        bucket, _, prefix = store.url.removeprefix("s3://").partition("/")
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Versions", []):
                body = client.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])["Body"]
                yield f"{each['Key']}@{each['VersionId']}", body.read()


@pytest.fixture(params=["SQLite and a folder", "PostgreSQL and S3 with versions"])
def place(request: pytest.FixtureRequest, tmp_path: Path, configs: Path) -> Iterator[Place]:
    home = tmp_path / "home"
    if request.param.startswith("SQLite"):
        with open_workspace("demo", Settings(home=home, configs=configs, workers=1)) as opened:
            yield Place(opened, None)
        return
    server: S3Server = request.getfixturevalue("s3_server")
    server.create_bucket("boli-versions")
    server.client().put_bucket_versioning(
        Bucket="boli-versions", VersioningConfiguration={"Status": "Enabled"}
    )
    settings = Settings(
        home=home,
        configs=configs,
        workers=1,
        database_url=SecretStr(request.getfixturevalue("postgres_url")),
        store_url=f"s3://boli-versions/{uuid.uuid4().hex}",
        s3_endpoint=server.endpoint,
        s3_region=REGION,
        s3_access_key=server.access_key,
        s3_secret_key=SecretStr(server.secret_key),
    )
    with open_workspace("demo", settings) as opened:
        yield Place(opened, server)


SPEAKER_ID = speaker_id_of("demo", "te-01")


def give(workspace: Workspace, coordinator: Coordinator) -> None:
    """All that a voice can bring: files of every end, a half upload, evidence, texts, notes, name and phone."""
    coordinator.puts_examples(*FILES)
    take_in(workspace, coordinator.folder)
    now = workspace.now()
    spoken = b"yes, I agree: this is my voice" * 100
    digest = hashlib.sha256(spoken).hexdigest()
    workspace.store.put_bytes(consent_key(digest, "ogg"), spoken)
    with workspace.catalog.writing() as session:
        asha = add_person(
            session,
            "asha",
            project=workspace.project.name,
            roles=[Role.COORDINATOR, Role.TRANSCRIBER],
            languages=["te"],
            by="test",
            now=now,
        ).id
        session.add(SpeakerPrivate(speaker_id=SPEAKER_ID, name=NAME, phone=PHONE))
        change_by_list(session, asha, now)
        say_yes(session, now, evidence=consent_key(digest, "ogg"))
    send_half(workspace, asha)
    context = open_project_context(workspace)
    route_clips(context, now=now)
    lease = claim(context, asha, now=now)
    assert lease is not None
    save_draft(context, lease.hold, f"{WORDS} …", request_id="1", now=now)
    submit(context, lease.hold, WORDS, request_id="1", now=now)
    add_note(context, lease.task_id, asha, f"{WORDS}: {NAME}", request_id="n", now=now)


def change_by_list(session: Session, by: str, now: datetime) -> None:
    """A list has put name and phone right: as they were before is kept, for it to be taken back."""
    import_id = note_import(session, "demo", ImportKind.SPEAKERS, [], changed=1, by=by, now=now)
    facts = facts_in(session.get_one(Speaker, SPEAKER_ID))
    before, after = SpeakerValues(facts, OLD_NAME, OLD_PHONE), SpeakerValues(facts, NAME, PHONE)
    note_changes(session, import_id, [SpeakerChange(SPEAKER_ID, 0, before, after)])


def say_yes(session: Session, now: datetime, *, evidence: str) -> None:
    consent.grant(
        session,
        speaker_id=SPEAKER_ID,
        scopes=list(ConsentScope),
        notice_version="1",
        notice_language="te",
        evidence=evidence,
        evidence_sha256=None,
        recorded_by="asha",
        at=now,
    )


def send_half(workspace: Workspace, person: str) -> None:
    """An upload that broke off: its bytes lie on the portal's own disk."""
    folder = PartialUploads(workspace.partial_uploads)
    transfer_id = f"transfer-{'0' * 20}"
    folder.create(transfer_id)
    with folder.open(transfer_id) as part:
        part.write(HALF, 0)
    name = base64.b64encode(f"{NAME}.amr".encode()).decode()
    with workspace.catalog.writing() as session:
        transfers.begin(
            session,
            transfer_id=transfer_id,
            sender=Sender(person, "demo"),
            purpose=TransferPurpose.RECORDING,
            length=10 * len(HALF),
            details={"filename": name},
            speaker=session.get_one(Speaker, SPEAKER_ID),
            limits=UploadLimits(free_bytes=0),
            free_bytes=10**9,
            at=workspace.now(),
        )
    transfers.take_lock(
        workspace.catalog,
        transfer_id,
        at=workspace.now(),
        lease=timedelta(seconds=1),
        lasts=timedelta(days=7),
    )
    transfers.count(workspace.catalog, transfer_id, token=1, offset=len(HALF), locked_until=None)


def take_back(workspace: Workspace) -> None:
    with workspace.catalog.writing() as session:
        consent.withdraw(session, speaker_id=SPEAKER_ID, recorded_by="asha", at=workspace.now())


def pieces_of(place: Place) -> dict[str, bytes]:
    """From the middle of every file of the voice, and of everything that was made of it."""
    pieces = {"half": HALF[100:164]}
    for name in FILES:
        data = (RECORDINGS / name).read_bytes()
        pieces[name] = data[len(data) // 2 :][:64]
    for stored in place.workspace.store.list("clips/"):
        data = place.workspace.store.get_bytes(stored.key, 10**7)
        pieces[stored.key] = data[len(data) // 2 :][:64]
    return pieces


def found(place: Place, pieces: dict[str, bytes]) -> list[tuple[str, str]]:
    return [
        (what, where) for where, data in place.everything() for what, piece in pieces.items() if piece in data
    ]


def said_in_rows(catalog: Catalog, *words: str) -> list[str]:
    """Tables whose rows hold one of the words, in whatever column."""
    said = []
    with catalog.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                text = json.dumps(list(row), ensure_ascii=False, default=str)
                said += [f"{table.name}: {word}" for word in words if word in text]
    return said


NAMES = tuple(name.rpartition("/")[2] for name in FILES)
SECRETS = (WORDS, NAME, PHONE, OLD_NAME, OLD_PHONE, base64.b64encode(f"{NAME}.amr".encode()).decode(), *NAMES)


def test_every_kind_of_file_and_every_word_of_a_withdrawn_voice_is_gone(
    place: Place, coordinator: Coordinator
) -> None:
    workspace = place.workspace
    give(workspace, coordinator)
    shutil.rmtree(coordinator.folder)
    pieces = pieces_of(place)
    ends = {reason for _, reason in _uploads(workspace)}
    assert {None, "duplicate_bytes", "duplicate_audio", "corrupt"} <= ends
    assert {what for what, _ in found(place, pieces)} == set(pieces)
    assert {said.partition(": ")[2] for said in said_in_rows(workspace.catalog, *SECRETS)} == set(SECRETS)

    take_back(workspace)
    first, second = erase_withdrawn(workspace), erase_withdrawn(workspace)

    assert first.sound.voices == 1 and second.is_empty
    assert found(place, pieces) == []
    assert said_in_rows(workspace.catalog, *SECRETS) == []
    assert [each.key for each in workspace.store.list()] == [
        each.key for each in workspace.store.list("consents/")
    ]
    with workspace.catalog.reading() as session:
        assert all(session.scalars(select(ErasedObject.erased_at)))
    assert balance_of(workspace.catalog, workspace.store, "demo").balanced
    assert sweep_store(workspace.catalog, workspace.store, now=workspace.now(), dry_run=True).stray_count == 0


def test_the_proof_names_what_was_destroyed_and_what_remains_and_shows_a_change(
    place: Place, coordinator: Coordinator
) -> None:
    workspace = place.workspace
    give(workspace, coordinator)
    with workspace.catalog.reading() as session:
        originals = set(session.scalars(select(Recording.sha256)))
    take_back(workspace)

    before = _proof(workspace)
    erase_withdrawn(workspace)
    proof = _proof(workspace)

    assert not check_proof(before)["complete"]
    assert check_proof(proof, public=public_key(KEY))["complete"]
    assert originals <= {each["sha256"] for each in proof["objects"]}
    kinds = {each["kind"] for each in proof["objects"]}
    assert kinds == {"original", "upload", "partial upload", "rendition"}
    assert {each["what"] for each in proof["statement"]["remains"]} == {"pseudonym", "evidence"}
    for spoilt in (
        {**proof, "objects": proof["objects"][1:]},
        {**proof, "statement": {**proof["statement"], "remains": []}},
    ):
        with pytest.raises(InvalidProof):
            check_proof(spoilt)
    with pytest.raises(InvalidProof):
        check_proof(proof, public=public_key(bytes(32)))


def test_what_arrives_after_the_withdrawal_is_counted_and_nothing_of_it_is_kept(
    place: Place, coordinator: Coordinator
) -> None:
    workspace = place.workspace
    coordinator.puts_examples("te/te-01_001.mp3")
    take_in(workspace, coordinator.folder)
    take_back(workspace)
    erase_withdrawn(workspace)

    coordinator.puts_examples("te/te-01_002.mp3")
    coordinator.puts("card/000001.mp3", RECORDINGS / "te/te-01_001.mp3", speaker="somebody")
    report = receive_all(workspace, FolderSource(coordinator.folder.resolve()))
    again = receive_all(workspace, FolderSource(coordinator.folder.resolve()))

    assert (report.received, report.erased) == (0, 2)
    assert (again.received, again.erased) == (0, 0)
    late = [state for state, reason in _uploads(workspace) if reason == LATE_REASON]
    assert late == [UploadState.REJECTED] * 2
    assert list(workspace.store.list("landing/")) == list(workspace.store.list("recordings/")) == []
    assert balance_of(workspace.catalog, workspace.store, "demo").balanced


def test_after_a_new_yes_the_same_file_is_stored_again_and_usable_again_and_nothing_older_is(
    place: Place, coordinator: Coordinator
) -> None:
    workspace = place.workspace
    coordinator.puts_examples("te/te-01_001.mp3", "te/te-01_002.mp3")
    take_in(workspace, coordinator.folder)
    take_back(workspace)
    with workspace.catalog.writing() as session:
        say_yes(session, workspace.now(), evidence="tape 8")
    with workspace.catalog.reading() as session:
        usable = select(Recording.id).where(consent.consented(Recording.id, ConsentScope.PUBLICATION))
        assert session.scalars(usable).all() == []
    erase_withdrawn(workspace)
    (coordinator.folder / "te" / "te-01_002.mp3").unlink()

    report = take_in(workspace, coordinator.folder)

    assert report.received == 1
    with workspace.catalog.reading() as session:
        [recording] = session.scalars(usable)
        key = session.get_one(Recording, recording).key
    assert workspace.store.get_bytes(key, 10**7) == (RECORDINGS / "te/te-01_001.mp3").read_bytes()
    assert [each.key for each in workspace.store.list("recordings/")] == [key]
    assert take_in(workspace, coordinator.folder).received == 0


def test_a_copy_of_somebody_elses_recording_stays_with_its_own_consent_alone(
    place: Place, coordinator: Coordinator
) -> None:
    workspace = place.workspace
    coordinator.brings_consent("te-02")
    coordinator.puts_examples("te/te-01_001.mp3")
    take_in(workspace, coordinator.folder)
    for name, speaker in (("consents.mp3", "te-02"), ("waits.mp3", "te-03")):
        coordinator.puts(name, RECORDINGS / "te/te-01_001.mp3", speaker=speaker)
    take_in(workspace, coordinator.folder)

    take_back(workspace)
    erase_withdrawn(workspace)

    with workspace.catalog.reading() as session:
        kept = session.scalars(select(Upload).where(Upload.erased_at.is_(None))).all()
    assert [each.name for each in kept] == ["consents.mp3"]
    assert [each.key for each in workspace.store.list("landing/")] == [f"landing/{kept[0].id}"]
    remains = _proof(workspace)["statement"]["remains"]
    assert any("te-02" in each["why"] for each in remains)


def _uploads(workspace: Workspace) -> list[tuple[UploadState, str | None]]:
    with workspace.catalog.reading() as session:
        return [(state, reason) for state, reason in session.execute(select(Upload.state, Upload.reason))]


def _proof(workspace: Workspace) -> dict[str, Any]:
    target = io.StringIO()
    write_proof(workspace.catalog, SPEAKER_ID, target, key=KEY, at=workspace.now())
    read: dict[str, Any] = json.loads(target.getvalue())
    return read
