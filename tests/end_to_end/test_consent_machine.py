"""The promise of consent, after every step in any order: nobody's voice is used, or found, against their word.

On SQLite with a folder and on PostgreSQL with a bucket that keeps versions. What the steps of sound would leave (a
recording, its clips, their texts) is written as they write it; everything that receives, withdraws, erases, publishes
and pulls is the product itself.
"""

import io
import shutil
import uuid
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from catalog import consent, legal_hold
from catalog.age import ask_again_at_18
from catalog.consent import ConsentScope
from catalog.erasure import ErasureRules, erase_voices
from catalog.keys import landing_key
from catalog.legal_hold import HoldOrder
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import TransferPurpose, UploadState
from catalog.store import ObjectStore, S3Options, open_store
from catalog.tables import (
    Clip,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Speaker,
    Upload,
)
from portal.record.export.archive import voice_archive
from portal.record.export.page import voice_page
from portal.upload import transfers
from portal.upload.description import describe
from portal.upload.limits import Sender, UploadLimits
from portal.upload.protocol import UploadRefused
from portal.upload.voice import consenting
from releases.pull import pull
from releases.refusals import NothingToPublish
from releases.versions import listed
from tests.end_to_end.consent_less import AgreesToLess
from tests.end_to_end.consent_promise import (
    VOICES,
    Copy,
    base64_of,
    files_below,
    new_archive,
    sound_of,
    voice_id,
)
from tests.releases.conftest import NOON, Archive
from tests.servers import PostgresServer, S3Server

EVERY_SCOPE = tuple(ConsentScope)
# An order that fails is told as it is: making it shorter would take longer than all else.
BOUNDED = settings(max_examples=20, stateful_step_count=30, phases=[Phase.generate])
voices = st.sampled_from(VOICES)
takes = st.integers(0, 2)


class Promise(AgreesToLess):
    """Two voices, three takes each, a card that nobody labelled."""

    # ---- what people do

    @initialize()
    def speakers(self) -> None:
        for voice in VOICES:
            self.says_yes(voice)

    @rule(voice=voices)
    def says_yes(self, voice: str) -> None:
        with self.catalog.writing() as session:
            facts = SpeakerFacts(voice, language="te", gender="female", age_band="30-44")
            speaker = register_speaker(session, project_id="demo", facts=facts, actor="asha", at=NOON)
            consent.grant(
                session,
                speaker_id=speaker.id,
                scopes=EVERY_SCOPE,
                notice_version="1",
                notice_language="te",
                evidence=f"tape {self._act()}",
                evidence_sha256=None,
                recorded_by="asha",
                at=self.archive.later(),
            )
        self.yes[voice] = self.asked[voice] = self.published[voice] = True
        self.came_of_age[voice] = self.held[voice] = False

    @rule(voice=voices)
    def takes_it_back(self, voice: str) -> None:
        if self.yes[voice]:
            with self.catalog.writing() as session:
                consent.withdraw(
                    session, speaker_id=voice_id(voice), recorded_by="asha", at=self.archive.later()
                )
            self.yes[voice] = False
            self.rounds[voice] += 1

    @rule(voice=voices, take=takes)
    def uploads(self, voice: str, take: int) -> None:
        self._send(f"{voice}-{take}.flac", voice, voice, take)

    @rule(voice=voices, take=takes)
    def sends_a_copy(self, voice: str, take: int) -> None:
        self._send(f"{voice}-{take} (1).flac", voice, voice, take)

    @rule(voice=voices, take=takes)
    def sends_anothers_file_as_their_own(self, voice: str, take: int) -> None:
        other = VOICES[1 - VOICES.index(voice)]
        self._send(f"from {other}-{take}.flac", voice, other, take)

    @rule(voice=voices, take=takes)
    def a_card_is_imported(self, voice: str, take: int) -> None:
        self._send(f"card/{voice}-{take}.flac", None, voice, take)

    @rule(voice=voices, take=takes)
    def an_upload_breaks_off(self, voice: str, take: int) -> None:
        half = sound_of(voice, take)[:4000]
        transfer_id = f"transfer-{self._act():020x}"
        description = describe({"speaker": base64_of(voice)}, name_letters=50)
        try:
            with self.catalog.writing() as session:
                speaker = consenting(session, description, session.get_one(Speaker, voice_id(voice)))
                transfers.begin(
                    session,
                    transfer_id=transfer_id,
                    sender=Sender("asha", "demo"),
                    purpose=TransferPurpose.RECORDING,
                    length=10_000,
                    details={"speaker": base64_of(voice)},
                    speaker=speaker,
                    limits=UploadLimits(free_bytes=0),
                    free_bytes=10**9,
                    at=NOON,
                )
        except UploadRefused as refused:
            assert refused.status == 410 and not self.yes[voice] and self.rounds[voice] > 0
            return
        assert self.yes[voice]
        self.partial.create(transfer_id)
        with self.partial.open(transfer_id) as part:
            part.write(half, 0)
        moment = timedelta(days=1)
        transfers.take_lock(self.catalog, transfer_id, at=NOON, lease=moment, lasts=moment)
        transfers.count(self.catalog, transfer_id, token=1, offset=len(half), locked_until=None)
        self._note(Copy(half[2000:2064], voice, self.rounds[voice]))

    @rule(voice=voices)
    def a_court_orders_to_keep(self, voice: str) -> None:
        if self.holds[voice] is None:
            order = HoldOrder("District Court, 114/2026", "evidence")
            with self.catalog.writing() as session:
                placed = legal_hold.place(
                    session,
                    order,
                    project_id="demo",
                    speaker_id=voice_id(voice),
                    by="meera",
                    at=self.archive.later(),
                )
                self.holds[voice] = placed.id

    @rule(voice=voices)
    def the_order_ends(self, voice: str) -> None:
        hold = self.holds[voice]
        if hold is not None:
            with self.catalog.writing() as session:
                legal_hold.end(session, hold, project_id="demo", by="meera", at=self.archive.later())
            self.holds[voice] = None

    @rule(voice=voices)
    def comes_of_age(self, voice: str) -> None:
        """A guardian's yes was enough until today."""
        self.archive.now += timedelta(days=1)
        today = self.archive.now.date()
        with self.catalog.writing() as session:
            session.get_one(Speaker, voice_id(voice)).of_age_on = today
        with self.catalog.writing() as session:
            ask_again_at_18(session, "demo", today=today, by="flow", at=self.archive.now)
            self.came_of_age[voice] = session.get_one(Speaker, voice_id(voice)).adult_yes_due
        assert self.came_of_age[voice] or not self.yes[voice]

    @rule(voice=voices)
    def asks_for_everything(self, voice: str) -> None:
        """What the speaker takes home is theirs, and nothing that was taken back is in it."""
        with self.catalog.reading() as session:
            page = voice_page(
                session,
                session.get_one(Speaker, voice_id(voice)),
                self.archive.project,
                {},
                at=self.archive.later(),
                tells_private=True,
            )
        data = b"".join(voice_archive(self.catalog, self.store, page))
        assert not self._found(iter([("export", data)]))
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            sound = [name for name in opened.namelist() if name.startswith(("recordings/", "clips/"))]
        assert self.yes[voice] or not sound

    # ---- what the flows do

    @rule()
    def cuts_what_waits(self) -> None:
        with self.catalog.reading() as session:
            waiting = session.scalars(
                select(Upload)
                .join(Speaker, Speaker.id == Upload.speaker_id)
                .where(
                    Upload.state == UploadState.RECEIVED,
                    Upload.consent_round == Speaker.consent_round,
                    Speaker.consent_scopes != "",
                    ~Speaker.guardian_yes_due,
                )
                .order_by(Upload.name)
            ).all()
        for upload in waiting:
            self._ingest(upload)

    @rule()
    def writes_down_a_clip(self) -> None:
        with self.catalog.reading() as session:
            found = session.execute(
                select(Clip.id, Speaker.pseudonym)
                .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
                .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
                .where(consent.consented(Clip.recording_id, ConsentScope.TRANSCRIPTION))
                .order_by(Clip.id)
            ).first()
        if found is not None:
            words = f"రహస్యం {self._act()}"
            self.archive.rewrite(found.id, words)
            self._make(found.pseudonym, {words.encode()})

    @rule()
    def publishes(self) -> None:
        before = len(listed(self.store, "tiny"))
        try:
            self.archive.publish()
        except NothingToPublish:
            return
        versions = listed(self.store, "tiny")
        if len(versions) > before:
            with self.catalog.reading() as session:
                waiting = session.scalars(
                    select(Speaker.pseudonym)
                    .join(RecordingSpeaker, RecordingSpeaker.speaker_id == Speaker.id)
                    .join(Clip, Clip.recording_id == RecordingSpeaker.recording_id)
                    .join(ReleaseItem, ReleaseItem.clip_id == Clip.id)
                    .join(Release, Release.id == ReleaseItem.release_id)
                    .where(Release.version == versions[-1].commit.version)
                ).all()
            assert not [
                each for each in waiting if self.came_of_age[each] or not self._may_be_published(each)
            ]

    @rule()
    def erases(self) -> None:
        erase_voices(
            self.catalog,
            self.store,
            project_id="demo",
            rules=ErasureRules(partial_uploads=self.folder / "arriving"),
            actor="flow:collect",
            at=self.archive.later(),
        )
        self.archive.erase()
        assert all(self._may_be_published(voice) for voice in self._published_now())
        for voice, now in self.rounds.items():
            if self.holds[voice] is not None:
                continue
            self.gone[voice] |= {
                each.piece for each in self.copies if each.sender == voice and each.round < now
            }
            self.made = [each for each in self.made if each.voice != voice or each.round >= now]
        taken_back = {piece for voice in VOICES if self.rounds[voice] for piece in self.gone[voice]}
        self.copies = [
            each
            for each in self.copies
            if self._is_held(each)
            or (self._stands(each) and (each.piece not in taken_back or self._says_yes(each)))
        ]

    @rule()
    def somebody_pulls_the_newest_version(self) -> None:
        names = listed(self.store, "tiny")
        if names:
            target = self.folder / "pulled"
            pull(self.store, "tiny", names[-1].commit.version, target)
            assert not self._found((str(path), path.read_bytes()) for path in files_below(target))
            shutil.rmtree(target)

    # ---- what is always true

    @invariant()
    def nothing_is_used_against_the_word_of_its_voice(self) -> None:
        with self.catalog.reading() as session:
            for scope in ConsentScope:
                for pseudonym, given in session.execute(
                    select(Speaker.pseudonym, RecordingSpeaker.consent_round)
                    .join(RecordingSpeaker, RecordingSpeaker.speaker_id == Speaker.id)
                    .join(Recording, Recording.id == RecordingSpeaker.recording_id)
                    .where(consent.consented(Recording.id, scope))
                ):
                    assert self.yes[pseudonym] and given == self.rounds[pseudonym]
                    assert not self.held[pseudonym]
                    assert scope is ConsentScope.TRANSCRIPTION or self.published[pseudonym]

    @invariant()
    def a_receipt_is_for_bytes_that_can_be_read(self) -> None:
        with self.catalog.reading() as session:
            kept = session.execute(
                select(Upload.id, Upload.state, Upload.size, Recording.key)
                .outerjoin(Recording, Recording.upload_id == Upload.id)
                .outerjoin(Speaker, Speaker.id == Upload.speaker_id)
                .where(
                    Upload.erased_at.is_(None),
                    Speaker.id.is_(None) | (Speaker.consent_round == Upload.consent_round),
                )
            ).all()
        for upload_id, state, size, key in kept:
            stored = self.store.head(key if state is UploadState.INGESTED else landing_key(upload_id))
            assert stored is not None and stored.size == size

    @invariant()
    def what_was_erased_is_found_nowhere(self) -> None:
        if self._forbidden():
            assert not self._found(type(self).versions(self.store))
            assert not self._found(
                (str(path), path.read_bytes()) for path in files_below(self.folder / "arriving")
            )
            assert not self._found(self._texts())


def test_the_promise_holds_after_every_step_on_sqlite_and_a_folder() -> None:
    def make(folder: Path) -> Archive:
        return new_archive(
            f"sqlite:///{folder / 'boli.sqlite'}", open_store((folder / "store").as_uri()), folder
        )

    def versions(store: ObjectStore) -> Iterator[tuple[str, bytes]]:
        for each in store.list():
            yield each.key, store.get_bytes(each.key, 10**8)

    machine = type(
        "OnOneMachine", (Promise,), {"make": staticmethod(make), "versions": staticmethod(versions)}
    )
    run_state_machine_as_test(machine, settings=BOUNDED)


def test_the_promise_holds_after_every_step_on_postgresql_and_a_bucket_with_versions(
    postgres_server: PostgresServer, s3_server: S3Server, s3_options: S3Options
) -> None:
    bucket, client = "boli-versions", s3_server.client()
    s3_server.create_bucket(bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def make(folder: Path) -> Archive:
        store = open_store(f"s3://{bucket}/{uuid.uuid4().hex}", s3_options)
        return new_archive(postgres_server.url(postgres_server.create_database()), store, folder)

    def versions(store: ObjectStore) -> Iterator[tuple[str, bytes]]:
        prefix = store.url.removeprefix(f"s3://{bucket}/")
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Versions", []):
                found = client.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
                yield f"{each['Key']}@{each['VersionId']}", found["Body"].read()

    machine = type("OnACluster", (Promise,), {"make": staticmethod(make), "versions": staticmethod(versions)})
    run_state_machine_as_test(machine, settings=settings(BOUNDED, max_examples=6))
