"""A list that is mended later mends what came in before; what was published changes only when that is asked for."""

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.ids import new_id
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import UploadState
from catalog.tables import (
    AlignerModel,
    AlignerVoice,
    AuditEvent,
    Base,
    Person,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Speaker,
    Upload,
    VoiceEmbedding,
)
from flows.sources import FolderSource
from flows.steps.correct import correct
from flows.steps.erase import erase_withdrawn
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import ListsReport, receive_all
from flows.steps.status import read_balance
from flows.workspace import Workspace
from tests.flows.conftest import GOOD, Coordinator
from tests.releases.conftest import EVERYTHING, Archive


def run_again(workspace: Workspace, coordinator: Coordinator) -> ListsReport:
    return receive_all(workspace, FolderSource(coordinator.folder.resolve())).lists


def relist(coordinator: Coordinator, *rows: tuple[str, str, str]) -> None:
    """The list written anew: file, language, speaker."""
    lines = ["file\tlanguage\tspeaker", *("\t".join(row) for row in rows)]
    (coordinator.folder / "recordings.tsv").write_text("\n".join(lines) + "\n", "utf-8")


def upload_of(workspace: Workspace, name: str) -> tuple[Upload, str]:
    with workspace.catalog.reading() as session:
        upload = session.scalars(select(Upload).where(Upload.name == name)).one()
        return upload, session.get_one(Speaker, upload.speaker_id).pseudonym


def voices(workspace: Workspace, recording_id: str) -> list[str]:
    with workspace.catalog.reading() as session:
        return list(
            session.scalars(
                select(Speaker.pseudonym)
                .join(RecordingSpeaker, RecordingSpeaker.speaker_id == Speaker.id)
                .where(RecordingSpeaker.recording_id == recording_id)
            )
        )


def corrections(workspace: Workspace) -> list[AuditEvent]:
    with workspace.catalog.reading() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == "upload.corrected")))


def test_a_file_that_waits_gets_the_speaker_and_language_of_the_mended_list(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound", speaker="te-99")
    run_again(workspace, coordinator)
    relist(coordinator, ("a.mp3", "Kannada", "kn-01"))

    told = run_again(workspace, coordinator)

    upload, speaker = upload_of(workspace, "a.mp3")
    assert (upload.language, speaker) == ("kn", "kn-01")
    assert told.corrected.first == ("a.mp3: te-99 → kn-01, te → kn",)
    (event,) = corrections(workspace)
    assert event.detail["speaker"] == ["te-99", "kn-01"]
    assert [batch.ids for batch in waiting_uploads(workspace)] == [(upload.id,)]  # kn-01 has consented


def test_a_recording_that_nobody_has_published_gets_another_voice(accepted, coordinator):
    coordinator.puts_examples(*GOOD)
    relist(coordinator, *((name, "te", "te-02" if name == GOOD[0] else "te-01") for name in GOOD))

    told = run_again(accepted, coordinator)

    upload, speaker = upload_of(accepted, GOOD[0])
    assert speaker == "te-02"
    assert voices(accepted, upload.recording_id) == ["te-02"]
    assert told.corrected.count == 1
    assert voices(accepted, upload_of(accepted, GOOD[1])[0].recording_id) == ["te-01"]
    assert read_balance(accepted).missing == ()


def test_running_again_corrects_nothing_more(accepted, coordinator):
    coordinator.puts_examples(*GOOD)
    relist(coordinator, *((name, "te", "te-02") for name in GOOD))
    run_again(accepted, coordinator)

    again = run_again(accepted, coordinator)

    assert (again.corrected.count, again.uncorrected.count) == (0, 0)
    assert len(corrections(accepted)) == len(GOOD)


def test_a_file_that_was_turned_away_for_its_language_alone_comes_in_once_the_list_is_mended(
    workspace, coordinator, examples
):
    sound = examples / "recordings" / GOOD[0]
    coordinator.puts("a.mp3", sound, language="tel")
    run_again(workspace, coordinator)
    for batch in waiting_uploads(workspace):
        ingest_batch(workspace, batch)
    assert upload_of(workspace, "a.mp3")[0].reason == "unknown_language"
    relist(coordinator, ("a.mp3", "te", "te-01"))

    run_again(workspace, coordinator)
    for batch in waiting_uploads(workspace):
        ingest_batch(workspace, batch)

    upload, _ = upload_of(workspace, "a.mp3")
    assert (upload.state, upload.reason) == (UploadState.INGESTED, None)
    with workspace.catalog.reading() as session:
        assert session.get_one(Recording, upload.recording_id).language == "te"
    assert read_balance(workspace).missing == ()


def test_files_of_a_list_that_cannot_be_read_wait_and_come_in_with_their_speaker(workspace, coordinator):
    coordinator.puts("kn/good.mp3", b"good", language="kn", speaker="kn-01")
    (coordinator.folder / "te").mkdir()
    (coordinator.folder / "te" / "a.mp3").write_bytes(b"sound")
    (coordinator.folder / "te" / "recordings.tsv").write_bytes("Имя\tГолос\na.mp3\tте\n".encode("cp1251"))

    told = run_again(workspace, coordinator)

    assert told.waiting.first == ("te/a.mp3",)
    assert "te/recordings.tsv" in told.faults.first[0]
    assert upload_of(workspace, "kn/good.mp3")[1] == "kn-01"
    (coordinator.folder / "te" / "recordings.tsv").write_text("file\tspeaker\na.mp3\tte-07\n", "utf-8")
    told = run_again(workspace, coordinator)
    assert (told.waiting.count, told.faults.count) == (0, 0)
    assert upload_of(workspace, "te/a.mp3")[1] == "te-07"


def test_a_voice_that_took_its_consent_back_is_given_no_recording(accepted, coordinator):
    coordinator.brings_consent("te-02")
    coordinator.puts_examples(*GOOD)
    run_again(accepted, coordinator)
    with accepted.catalog.writing() as session:
        gone = session.scalars(select(Speaker).where(Speaker.pseudonym == "te-02")).one()
        consent.withdraw(session, speaker_id=gone.id, recorded_by="test", at=accepted.now())
    relist(coordinator, (GOOD[0], "te", "te-02"))

    told = run_again(accepted, coordinator)

    assert told.uncorrected.first == (f"{GOOD[0]}: te-01 → te-02 (te-02 took their consent back)",)
    assert upload_of(accepted, GOOD[0])[1] == "te-01"


def test_what_a_coordinator_said_on_their_phone_is_not_overwritten_by_a_list(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound", speaker="te-01")
    run_again(workspace, coordinator)
    upload, _ = upload_of(workspace, "a.mp3")
    with workspace.catalog.writing() as session:
        person = Person(id=new_id("person"), handle="asha", languages=["te"], created_at=workspace.now())
        session.add(person)
        session.flush()
        session.get_one(Upload, upload.id).sent_by = person.id

    assert correct(workspace, upload.id, SpeakerFacts("te-02"), None, published=True) is None


def test_facts_of_a_speaker_are_filled_in_and_contradictions_are_told(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound")
    run_again(workspace, coordinator)
    rows = "file\tspeaker\tlanguage\tgender\tdistrict\n"
    (coordinator.folder / "recordings.tsv").write_text(rows + "a.mp3\tte-01\tte\tfemale\tDumka\n", "utf-8")
    assert run_again(workspace, coordinator).uncorrected.count == 0
    (coordinator.folder / "recordings.tsv").write_text(rows + "a.mp3\tte-01\tte\tmale\tDumka\n", "utf-8")

    told = run_again(workspace, coordinator)

    assert told.uncorrected.first == (
        "speaker te-01: gender is male in the list, female on the speaker's page",
    )
    with workspace.catalog.reading() as session:
        speaker = session.scalars(select(Speaker).where(Speaker.pseudonym == "te-01")).one()
        assert (speaker.gender, speaker.district) == ("female", "Dumka")


@pytest.fixture
def published(workspace: Workspace) -> tuple[Archive, str]:
    """A dataset with a recording of te-01, and its upload's id."""
    archive = Archive(workspace.catalog, workspace.store, workspace.scratch)
    archive.open()
    for pseudonym in ("te-01", "te-03"):
        archive.add_speaker(pseudonym)
    archive.add_recording("te-01")
    archive.add_recording("te-03")
    with workspace.catalog.writing() as session:
        upload = session.scalars(select(Upload).where(Upload.name == "0.flac")).one()
        upload.speaker_id = "speaker-te-01"
        upload_id = upload.id
    archive.publish()
    return archive, upload_id


def test_of_what_is_published_it_is_said_what_a_correction_would_change(workspace, published):
    _, upload_id = published

    told = correct(workspace, upload_id, SpeakerFacts("te-02"), None, published=False)

    assert (told.made, told.clips) == (False, 2)
    assert str(told) == (
        f"0.flac: te-01 → te-02 (would change 2 clips of {told.versions[0]} in the next version)"
    )
    assert upload_of(workspace, "0.flac")[1] == "te-01"


def test_a_correction_of_what_is_published_is_the_next_version_and_the_old_one_stays(workspace, published):
    archive, upload_id = published
    with workspace.catalog.writing() as session:
        meant = register_speaker(
            session, project_id="demo", facts=SpeakerFacts("te-02"), actor="test", at=workspace.now()
        )
        consent.grant(
            session,
            speaker_id=meant.id,
            scopes=EVERYTHING,
            notice_version="1",
            notice_language="te",
            evidence="consents/spoken.ogg",
            evidence_sha256=None,
            recorded_by="test",
            at=workspace.now(),
        )

    told = correct(workspace, upload_id, SpeakerFacts("te-02"), None, published=True)
    done = archive.publish()

    assert told is not None and told.made
    assert done.outcome == "published"
    with workspace.catalog.reading() as session:
        rows = session.execute(
            select(Release.version, ReleaseItem.speaker).join(
                ReleaseItem, ReleaseItem.release_id == Release.id
            )
        ).all()
    assert {speaker for version, speaker in rows if version == done.version} == {"te-02", "te-03"}
    assert {speaker for version, speaker in rows if version != done.version} == {"te-01", "te-03"}
    assert archive.publish().outcome == "unchanged"


FOLLOWS = {"upload", "recording_speaker", "aligner_voice", "voice_embedding"}
"""Tables whose rows go to the speaker that a recording is given to."""
STAYS = {
    "person": "a member of the staff who also speaks",
    "speaker_private": "of the person, not of the recording",
    "consent_event": "what they said",
    "consent_receipt": "what they said",
    "erasure": "what they took back",
    "legal_hold": "whom it was ordered for",
    "speaker_split": "of the person in a dataset",
    "transfer": "a phone sent it, and what a phone says no list corrects",
    "speaker_likeness": "forgotten, of both: it is found anew with their next recordings",
    "breach_speaker": "whom a breach concerned",
    "import_change": "what a list said of the person",
}


def test_every_table_that_names_a_speaker_follows_a_corrected_recording_or_has_a_reason_to_stay():
    naming = {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name == "speaker" for key in table.foreign_keys)
    }

    assert naming == FOLLOWS | STAYS.keys()


def test_a_model_that_learnt_from_the_recording_stands_under_the_voice_it_is_given_to(accepted, coordinator):
    with accepted.catalog.writing() as session:
        before = session.scalars(select(Speaker).where(Speaker.pseudonym == "te-01")).one()
        model = AlignerModel(
            id="aligner-1",
            project_id="demo",
            language="te",
            clips=2,
            seconds=9.0,
            figures={},
            key="aligners/1.bin",
            sha256="a" * 64,
            size=5,
            learnt_at=accepted.now(),
            stored_at=accepted.now(),
        )
        session.add(model)
        session.flush()
        session.add(AlignerVoice(model_id=model.id, speaker_id=before.id, consent_round=0))
    accepted.store.put_bytes("aligners/1.bin", b"model")
    coordinator.puts_examples(*GOOD)
    coordinator.brings_consent("te-02")
    relist(coordinator, (GOOD[0], "te", "te-02"), (GOOD[1], "te", "te-01"))
    run_again(accepted, coordinator)

    with accepted.catalog.writing() as session:
        meant = session.scalars(select(Speaker).where(Speaker.pseudonym == "te-02")).one()
        consent.withdraw(session, speaker_id=meant.id, recorded_by="test", at=accepted.now())
    erase_withdrawn(accepted)

    assert not accepted.store.exists("aligners/1.bin")
    with accepted.catalog.reading() as session:
        assert session.get_one(AlignerModel, "aligner-1").erased_at is not None


def test_the_voice_of_a_recording_stands_under_the_speaker_it_is_given_to(accepted, coordinator):
    upload, _ = upload_of(accepted, GOOD[0])
    with accepted.catalog.writing() as session:
        session.add(
            VoiceEmbedding(
                upload_id=upload.id,
                speaker_id=upload.speaker_id,
                model="resemblyzer/1",
                embedding=bytes(512),
                seconds=4.0,
                likeness=0.1,
                is_other=True,
                made_at=accepted.now(),
            )
        )
    coordinator.brings_consent("te-02")
    coordinator.puts_examples(*GOOD)
    relist(coordinator, (GOOD[0], "te", "te-02"), (GOOD[1], "te", "te-01"))
    run_again(accepted, coordinator)

    _, speaker = upload_of(accepted, GOOD[0])
    with accepted.catalog.reading() as session:
        (kept,) = session.scalars(select(VoiceEmbedding))
        stands_under = session.get_one(Speaker, kept.speaker_id).pseudonym
    assert (speaker, stands_under, kept.likeness, kept.is_other) == ("te-02", "te-02", None, False)


AGED = "file\tlanguage\tspeaker\tage_band\n"


def test_a_list_that_turns_a_consented_adult_into_a_child_holds_their_recordings_and_says_so(
    workspace, coordinator
):
    coordinator.puts("a.mp3", b"sound")
    run_again(workspace, coordinator)
    assert len(waiting_uploads(workspace)) == 1
    (coordinator.folder / "recordings.tsv").write_text(AGED + "a.mp3\tte\tte-01\t13-17\n", "utf-8")

    told = run_again(workspace, coordinator)

    held = "speaker te-01: under 18 in the list, and said yes themselves: held until a guardian says yes"
    assert held in told.uncorrected.first
    assert waiting_uploads(workspace) == ()
    assert upload_of(workspace, "a.mp3")[0].reason == "no_consent"
    assert held in run_again(workspace, coordinator).uncorrected.first


def test_a_mended_list_of_consents_takes_back_what_it_leaves_out_and_gives_nothing_more(
    workspace, coordinator
):
    coordinator.puts("a.mp3", b"sound")
    run_again(workspace, coordinator)

    def scopes() -> str:
        with workspace.catalog.reading() as session:
            return session.scalars(select(Speaker.consent_scopes).where(Speaker.pseudonym == "te-01")).one()

    def says(scope: str) -> ListsReport:
        coordinator.consents.clear()
        coordinator.brings_consent("te-01", scope)
        return run_again(workspace, coordinator)

    assert scopes() == " publication transcription "
    says("transcribe")
    assert scopes() == " transcription "
    says("transcribe,publish")
    assert scopes() == " transcription "
    told = says("record")
    assert scopes() == " transcription "
    assert "te-01: the list has no yes" in told.faults.first[0]
