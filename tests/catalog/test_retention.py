"""The retention sweep: what is older than the project's rules goes, a legal hold keeps it, the log says how much."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.config.retention import Retention
from catalog.consent import ConsentScope, grant
from catalog.database import Catalog
from catalog.erasure import ErasureRules, erase_voices
from catalog.erasure.sweep import sweep_store
from catalog.keys import consent_key, landing_key
from catalog.receiving import ArrivingFile, UploadReceipt, receive
from catalog.retention import RetentionReport, sweep_retention, was_swept
from catalog.speakers import SpeakerFacts
from catalog.states import RecordingState, TransferPurpose, TransferState, UploadState
from catalog.store import ObjectStore
from catalog.tables import AuditEvent, Person, Recording, SpeakerPrivate, Transfer, Upload
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import say_no, second_speaker_id
from tests.catalog.test_erasure import send, store, talk
from tests.catalog.test_legal_hold import hold, lift, original

__all__ = ["second_speaker_id", "send", "store", "talk"]
DAY = timedelta(days=1)
AFTER = NOON + 31 * DAY
MONTH = 30
RULES = Retention(names=MONTH, phones=MONTH, logs=MONTH, rejected_files=MONTH, evidence=MONTH)


def sweep(
    catalog: Catalog, store: ObjectStore, rules: Retention = RULES, *, days: int = 31, dry_run: bool = False
) -> RetentionReport:
    return sweep_retention(
        catalog,
        store,
        project_id="telangana",
        rules=rules,
        actor="flow:collect",
        at=NOON + days * DAY,
        dry_run=dry_run,
    )


@pytest.fixture
def refused(catalog: Catalog, store: ObjectStore, speaker_id: str, tmp_path: Path) -> str:
    """A file of a speaker with a name and a phone, refused; its id."""
    path = tmp_path / "noise.wav"
    path.write_bytes(b"noise" * 40)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    upload_id = receive(
        catalog,
        store,
        project_id="telangana",
        arriving=ArrivingFile(path.name, 200, digest, "te", SpeakerFacts("te-01")),
        path=path,
        sender="asha",
        at=NOON,
    ).upload_id
    with catalog.writing() as session:
        row = session.get_one(Upload, upload_id)
        row.state, row.reason = UploadState.REJECTED, "too_noisy"
        session.add(SpeakerPrivate(speaker_id=speaker_id, name="Lakshmi", phone="98480", guardian="Devi"))
    return upload_id


def private(catalog: Catalog, speaker_id: str) -> tuple[str | None, str | None, str | None]:
    with catalog.reading() as session:
        row = session.get_one(SpeakerPrivate, speaker_id)
        return row.name, row.phone, row.guardian


def acts(catalog: Catalog) -> list[AuditEvent]:
    with catalog.reading() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == "retention.swept")))


def test_a_project_that_says_nothing_keeps_everything_and_writes_no_line(
    catalog: Catalog, store: ObjectStore, refused: str, speaker_id: str
) -> None:
    assert sweep(catalog, store, Retention()).is_empty
    assert private(catalog, speaker_id) == ("Lakshmi", "98480", "Devi")
    assert acts(catalog) == []


def test_what_is_older_than_the_rules_goes_and_the_row_says_still_why_it_was_refused(
    catalog: Catalog, store: ObjectStore, refused: str, speaker_id: str
) -> None:
    assert sweep(catalog, store, days=MONTH).is_empty

    assert sweep(catalog, store) == RetentionReport(names=1, phones=1, rejected_files=1)

    assert private(catalog, speaker_id) == (None, None, None)
    assert not store.exists(landing_key(refused))
    with catalog.reading() as session:
        assert session.get_one(Upload, refused).reason == "too_noisy"
    assert sweep(catalog, store).is_empty


def test_each_sweep_leaves_a_line_with_its_counts_and_a_dry_run_leaves_none(
    catalog: Catalog, store: ObjectStore, refused: str, speaker_id: str
) -> None:
    found = sweep(catalog, store, dry_run=True)
    assert acts(catalog) == [] and store.exists(landing_key(refused))

    assert sweep(catalog, store) == found

    (line,) = acts(catalog)
    assert line.detail["names"] == 1 and line.detail["rules"]["names"] == MONTH
    with catalog.reading() as session:
        assert was_swept(session, "telangana", since=AFTER)
        assert not was_swept(session, "telangana", since=AFTER + DAY)


def test_names_are_counted_from_the_last_that_came_and_not_from_the_first(
    catalog: Catalog, store: ObjectStore, refused: str, speaker_id: str
) -> None:
    with catalog.writing() as session:
        session.get_one(Upload, refused).received_at = NOON + 20 * DAY

    assert sweep(catalog, store).names == 0
    assert sweep(catalog, store, days=51).names == 1


@pytest.mark.parametrize("whole_project", [False, True])
def test_nothing_of_a_voice_under_a_legal_hold_goes(
    catalog: Catalog, store: ObjectStore, refused: str, speaker_id: str, whole_project: bool
) -> None:
    order = hold(catalog, None if whole_project else speaker_id)

    assert sweep(catalog, store).is_empty
    assert private(catalog, speaker_id) == ("Lakshmi", "98480", "Devi")
    assert store.exists(landing_key(refused))

    lift(catalog, order)
    assert sweep(catalog, store).rejected_files == 1


def test_a_refused_recording_goes_with_its_fingerprint_and_is_taken_in_no_second_time(
    catalog: Catalog, store: ObjectStore, talk: str, send: Callable[[str], UploadReceipt]
) -> None:
    with catalog.writing() as session:
        session.get_one(Recording, talk).state = RecordingState.REJECTED

    assert sweep(catalog, store).rejected_files == 1
    assert not original(store)

    send("te-01")
    assert not original(store)
    assert sweep_store(catalog, store, now=AFTER, dry_run=True).missing_count == 0


def test_the_yes_of_a_withdrawn_voice_goes_after_its_days_and_that_of_a_standing_one_stays(
    catalog: Catalog, store: ObjectStore, speaker_id: str, second_speaker_id: str
) -> None:
    kept = {}
    for each in (speaker_id, second_speaker_id):
        spoken = f"{each} says yes".encode() * 50
        kept[each] = consent_key(hashlib.sha256(spoken).hexdigest(), "ogg")
        store.put_bytes(kept[each], spoken)
        with catalog.writing() as session:
            grant(
                session,
                speaker_id=each,
                scopes=tuple(ConsentScope),
                notice_version="1",
                notice_language="te",
                evidence=kept[each],
                evidence_sha256=None,
                recorded_by="asha",
                at=NOON,
            )
    say_no(catalog, speaker_id)
    erase_voices(catalog, store, project_id="telangana", rules=ErasureRules(), actor="flow", at=NOON)
    assert store.exists(kept[speaker_id])

    assert sweep(catalog, store, dry_run=True).evidence == 1
    assert sweep(catalog, store).evidence == 1

    assert not store.exists(kept[speaker_id])
    assert store.exists(kept[second_speaker_id])


def test_what_a_sender_wrote_beside_a_finished_upload_goes_with_the_logs_and_an_open_one_keeps_it(
    catalog: Catalog, store: ObjectStore
) -> None:
    with catalog.writing() as session:
        session.add(Person(id="asha", handle="asha", languages=["te"], created_at=NOON))
        session.flush()
        for number, state in enumerate((TransferState.COMPLETE, TransferState.ARRIVING)):
            session.add(
                Transfer(
                    id=f"transfer-{number}",
                    project_id="telangana",
                    person_id="asha",
                    purpose=TransferPurpose.RECORDING,
                    length=10,
                    offset=10,
                    details={"name": "TGFrc2htaQ=="},
                    state=state,
                    created_at=NOON,
                    expires_at=NOON,
                )
            )

    assert sweep(catalog, store).logs == 1
    assert sweep(catalog, store).logs == 0
    with catalog.reading() as session:
        assert session.get_one(Transfer, "transfer-0").details == {}
        assert session.get_one(Transfer, "transfer-1").details


def transfer(catalog: Catalog, name: str, **facts: object) -> None:
    with catalog.writing() as session:
        if session.get(Person, "asha") is None:
            session.add(Person(id="asha", handle="asha", languages=["te"], created_at=NOON))
            session.flush()
        usual: dict[str, object] = {
            "state": TransferState.COMPLETE,
            "purpose": TransferPurpose.RECORDING,
            "created_at": NOON,
        }
        session.add(
            Transfer(
                id=name,
                project_id="telangana",
                person_id="asha",
                length=10,
                offset=10,
                details={},
                expires_at=NOON,
                **(usual | facts),
            )
        )


def transfers(catalog: Catalog) -> set[str]:
    with catalog.reading() as session:
        return set(session.scalars(select(Transfer.id)))


def test_the_course_of_uploads_goes_after_its_days_and_one_on_its_way_stays(
    catalog: Catalog, store: ObjectStore
) -> None:
    rules = Retention(transfers=MONTH)
    transfer(catalog, "complete")
    transfer(catalog, "given up", state=TransferState.ENDED)
    transfer(catalog, "on its way", state=TransferState.ARRIVING)
    transfer(catalog, "younger", created_at=NOON + 5 * DAY)

    assert sweep(catalog, store, rules, dry_run=True).transfers == 2
    assert sweep(catalog, store, rules).transfers == 2

    assert transfers(catalog) == {"on its way", "younger"}


def test_what_erasure_needs_to_find_a_voice_stays_until_the_voice_is_gone(
    catalog: Catalog, store: ObjectStore, speaker_id: str
) -> None:
    rules = Retention(transfers=MONTH)
    transfer(catalog, "brought a voice", speaker_id=speaker_id)
    transfer(catalog, "brought a yes that no consent names", evidence_key="consents/yes.ogg")
    with catalog.writing() as session:
        grant(
            session,
            speaker_id=speaker_id,
            scopes=tuple(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence="tape 7",
            evidence_sha256=None,
            recorded_by="asha",
            at=NOON,
        )
    say_no(catalog, speaker_id)

    assert sweep(catalog, store, rules).transfers == 0

    erase_voices(catalog, store, project_id="telangana", rules=ErasureRules(), actor="flow", at=NOON)
    assert sweep(catalog, store, rules).transfers == 1
    assert transfers(catalog) == {"brought a yes that no consent names"}
