"""A backup holds nothing of a voice that was taken back, whatever it copied before: as it landed, cut, or mended."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from catalog import legal_hold
from catalog.backup.backups import back_up
from catalog.database import Catalog
from catalog.erasure import ErasureRules, erase_voices
from catalog.keys import clip_key, landing_key, recording_key
from catalog.receiving import UploadReceipt
from catalog.states import ClipState, RecordingState, ReportKind, ReportState
from catalog.store import ObjectStore, open_store
from catalog.tables import Clip, ClipReport, Recording
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import say_no, second_speaker_id
from tests.catalog.test_erasure import SHA256, send, store, talk

__all__ = ["second_speaker_id", "send", "store", "talk"]
LANDED = "landing/"


@pytest.fixture
def mirror(tmp_path: Path) -> ObjectStore:
    return open_store((tmp_path / "elsewhere").as_uri())


@pytest.fixture
def copy(catalog: Catalog, store: ObjectStore, mirror: ObjectStore, tmp_path: Path) -> Callable[[int], int]:
    """A backup of an hour; returns how many objects left the mirror."""

    def made(hour: int) -> int:
        at = NOON + timedelta(hours=hour)
        return back_up(catalog, store, mirror, now=at, keep=timedelta(days=1), scratch=tmp_path).erased

    return made


def mirrored(mirror: ObjectStore) -> set[str]:
    return {each.key.removeprefix("objects/") for each in mirror.list("objects/")}


def erase(catalog: Catalog, store: ObjectStore, hour: int) -> None:
    erase_voices(
        catalog,
        store,
        project_id="telangana",
        rules=ErasureRules(),
        actor="test",
        at=NOON + timedelta(hours=hour),
    )


def test_what_the_store_had_let_go_of_before_the_withdrawal_goes_too(
    catalog: Catalog,
    store: ObjectStore,
    mirror: ObjectStore,
    copy: Callable[[int], int],
    talk: str,
    speaker_id: str,
) -> None:
    with catalog.reading() as session:
        landed = landing_key(session.get_one(Recording, talk).upload_id)
    old = clip_key(talk, "clip-1.before")
    for key in (landed, old):  # between its arrival and its cut, before and after a mend
        store.put_bytes(key, b"the voice")
    copy(0)
    for key in (landed, old):
        store.delete(key)
    assert {landed, old, recording_key(SHA256, "wav")} <= mirrored(mirror)

    say_no(catalog, speaker_id)
    erase(catalog, store, 1)

    assert copy(2) == 4
    assert mirrored(mirror) == set()


def test_a_clip_as_it_was_before_its_mend_leaves_the_mirror_with_the_mend(
    catalog: Catalog, store: ObjectStore, mirror: ObjectStore, copy: Callable[[int], int], talk: str
) -> None:
    old, new = clip_key(talk, "clip-1"), clip_key(talk, "clip-1.report-1")
    copy(0)
    store.put_bytes(new, b"a tone")
    store.delete(old)
    with catalog.writing() as session:
        session.add(
            Clip(
                id="clip-1", project_id="telangana", recording_id=talk, recipe_id="r@1", language="te", number=0,
                start=0, end=16_000, seconds=1.0, state=ClipState.ACCEPTED, measures={}, findings=[], cut_key=new,
                cut_sha256="", clean_key=new, clean_sha256="", preview_key=new, peaks_key=new, created_at=NOON,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            ClipReport(
                id="report-1", project_id="telangana", clip_id="clip-1", language="te", kind=ReportKind.PERSONAL,
                state=ReportState.DONE, opened_by="scan", opened_at=NOON, note="", found=[], spans=[[0, 10]],
                replaced=[old], done_at=NOON,
            )
        )  # fmt: skip

    assert copy(1) == 1
    assert mirrored(mirror) == {new, recording_key(SHA256, "wav")}


def test_what_a_legal_hold_keeps_stays_in_the_mirror_and_what_was_lost_otherwise_too(
    catalog: Catalog,
    store: ObjectStore,
    mirror: ObjectStore,
    copy: Callable[[int], int],
    talk: str,
    speaker_id: str,
) -> None:
    copy(0)
    with catalog.writing() as session:
        order = legal_hold.HoldOrder("High Court", "case 12")
        legal_hold.place(session, order, project_id="telangana", speaker_id=speaker_id, by="m", at=NOON)
    say_no(catalog, speaker_id)
    erase(catalog, store, 1)
    store.delete(recording_key(SHA256, "wav"))  # a disk that failed

    assert copy(2) == 0
    assert recording_key(SHA256, "wav") in mirrored(mirror)


def test_a_refused_file_that_was_kept_long_enough_leaves_the_mirror(
    catalog: Catalog,
    store: ObjectStore,
    mirror: ObjectStore,
    copy: Callable[[int], int],
    talk: str,
) -> None:
    copy(0)
    with catalog.writing() as session:
        recording = session.get_one(Recording, talk)
        recording.state, recording.erased_at = RecordingState.REJECTED, NOON
    for each in list(store.list()):
        store.delete(each.key)

    assert copy(1) == 2
    assert mirrored(mirror) == set()


def test_a_file_that_waits_is_never_taken_for_one_that_went(
    catalog: Catalog,
    store: ObjectStore,
    mirror: ObjectStore,
    copy: Callable[[int], int],
    send: Callable[[str], UploadReceipt],
    speaker_id: str,
) -> None:
    waiting = landing_key(send("te-01").upload_id)
    copy(0)
    store.delete(waiting)  # lost: the backup is all there is

    assert copy(1) == 0
    assert mirrored(mirror) == {waiting}
