"""Received files to recordings, or to a rejection with the reason."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from audio.decode import open_recording
from audio.limits import Limits
from audio.mono import Mono16k
from catalog.states import RecordingState, UploadState
from catalog.tables import Recording, Upload
from flows.sources import FolderSource
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import receive_all
from flows.steps.status import read_balance
from tests.audio.sounds import babble, encode, pcm
from tests.flows.conftest import GOOD, RECORDINGS


def bring_in(workspace, coordinator):
    """Receive and ingest everything; the reports of the batches."""
    receive_all(workspace, FolderSource(coordinator.folder.resolve()))
    return [ingest_batch(workspace, batch) for batch in waiting_uploads(workspace)]


def uploads(workspace) -> dict[str, Upload]:
    with workspace.catalog.reading() as session:
        return {row.name: row for row in session.scalars(select(Upload))}


def test_good_recordings_are_accepted_and_their_originals_kept_byte_for_byte(workspace, coordinator):
    coordinator.puts_examples(*GOOD)

    (report,) = bring_in(workspace, coordinator)

    assert (report.accepted, report.rejected) == (3, ())
    with workspace.catalog.reading() as session:
        rows = session.scalars(select(Recording)).all()
    assert {row.state for row in rows} == {RecordingState.ACCEPTED}
    originals = {(RECORDINGS / name).read_bytes() for name in GOOD}
    assert {workspace.store.get_bytes(row.key, 10**7) for row in rows} == originals
    assert not any(workspace.store.list("landing/"))


def test_ingesting_again_does_nothing(workspace, coordinator):
    coordinator.puts_examples(*GOOD)
    bring_in(workspace, coordinator)

    assert bring_in(workspace, coordinator) == []


def test_every_kind_of_bad_file_gets_its_reason_and_the_rest_goes_on(workspace, coordinator):
    sound = babble(3.0, 16_000)
    coordinator.puts_examples("te/te-01_001.mp3")
    coordinator.puts("empty.mp3", b"")
    coordinator.puts("header only.wav", pcm(coordinator.folder / "x.wav", sound[:0], 16_000))
    coordinator.puts("text.mp3", b"dear coordinator, the recordings are on the other card\n" * 50)
    coordinator.puts("playlist.wav", b"ffconcat version 1.0\nfile te/te-01_001.mp3\n")
    coordinator.puts("picture.m4a", (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(2000)))
    coordinator.puts("cut.m4a", encode(coordinator.folder / "y.m4a", sound, 16_000).read_bytes()[:12_000])
    coordinator.puts(
        "seventeen.wav", pcm(coordinator.folder / "z.wav", np.tile(sound[:1600], (17, 1)), 16_000)
    )
    coordinator.puts("other tongue.wav", pcm(coordinator.folder / "w.wav", sound, 16_000), language="fr")
    for made in ("x.wav", "y.m4a", "z.wav", "w.wav"):
        (coordinator.folder / made).unlink()

    (report,) = bring_in(workspace, coordinator)

    rows = uploads(workspace)
    assert {name: row.reason for name, row in rows.items()} == {
        "te/te-01_001.mp3": None,
        "empty.mp3": "empty_file",
        "header only.wav": "empty_file",
        "text.mp3": "not_audio",
        "playlist.wav": "refused_format",
        "picture.m4a": rows["picture.m4a"].reason,  # FFmpeg's guess: refused or not sound
        "cut.m4a": rows["cut.m4a"].reason,  # its index is missing: corrupt or truncated
        "seventeen.wav": "too_many_channels",
        "other tongue.wav": "unknown_language",
    }
    assert rows["picture.m4a"].reason in ("not_audio", "refused_format", "corrupt")
    assert rows["cut.m4a"].reason in ("corrupt", "truncated", "not_audio")
    assert all(row.detail for row in rows.values() if row.reason)
    assert report.accepted == 1
    assert len(report.rejected) == 8
    assert read_balance(workspace).missing == ()


def test_the_wrong_ending_does_no_harm(workspace, coordinator):
    coordinator.puts("really an mp3.wav", RECORDINGS / GOOD[0])

    (report,) = bring_in(workspace, coordinator)

    assert report.accepted == 1


def test_the_same_bytes_under_another_name_count_once(workspace, coordinator):
    coordinator.puts("a.mp3", RECORDINGS / GOOD[0])
    coordinator.puts("b.mp3", RECORDINGS / GOOD[0])

    (report,) = bring_in(workspace, coordinator)

    row = uploads(workspace)["b.mp3"]
    assert report.accepted == 1
    assert (row.reason, row.detail) == ("duplicate_bytes", "the same as a.mp3")


def test_of_a_file_and_its_copy_with_a_number_behind_the_name_the_file_counts(workspace, coordinator):
    coordinator.puts("voice (1).mp3", RECORDINGS / GOOD[0])
    coordinator.puts("voice.mp3", RECORDINGS / GOOD[0])

    bring_in(workspace, coordinator)

    assert uploads(workspace)["voice.mp3"].state is UploadState.INGESTED
    assert uploads(workspace)["voice (1).mp3"].detail == "the same as voice.mp3"


def test_the_same_sound_in_another_container_counts_once(workspace, coordinator):
    sound = (babble(2.0, 16_000) * 32_000).astype(np.int16)  # libsndfile rounds floats otherwise for FLAC
    coordinator.puts("a.wav", pcm(coordinator.folder / "x.wav", sound, 16_000))
    coordinator.puts("b.flac", pcm(coordinator.folder / "y.flac", sound, 16_000))
    for made in ("x.wav", "y.flac"):
        (coordinator.folder / made).unlink()

    (report,) = bring_in(workspace, coordinator)

    row = uploads(workspace)["b.flac"]
    assert report.accepted == 1
    assert (row.reason, row.detail) == ("duplicate_audio", "the same as a.wav")


def test_a_copy_that_comes_later_is_found_too(workspace, coordinator):
    coordinator.puts("b.mp3", RECORDINGS / GOOD[0])
    bring_in(workspace, coordinator)
    coordinator.puts("a.mp3", RECORDINGS / GOOD[0])

    (report,) = bring_in(workspace, coordinator)

    assert report.rejected == ("duplicate_bytes",)


@pytest.fixture(scope="module")
def voice():
    """Twenty-five seconds of a real session, 16 kHz."""
    with open_recording(RECORDINGS / "te/te-01_session_1.m4a", Limits()) as recording:
        mixer = Mono16k(recording.info.sample_rate, recording.info.channels)
        sound = np.concatenate([mixer.feed(block) for block in recording])
    return sound[16_000 * 5 : 16_000 * 30]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("b.m4a", lambda voice: voice),
        ("b.opus.ogg", lambda voice: voice),
        ("b.mp3", lambda voice: voice[16_000 * 2 :]),
        ("b.ogg", lambda voice: voice[: -16_000 * 2]),
        ("b.wav", lambda voice: np.clip(2 * voice, -1, 1)),
        ("louder and trimmed.m4a", lambda voice: np.clip(2 * voice[16_000 * 2 + 333 :], -1, 1)),
    ],
    ids=["AAC", "Opus", "MP3, 2 s off the start", "Opus, 2 s off the end", "6 dB up", "all at once"],
)
def test_a_copy_in_other_clothes_is_rejected_and_names_its_twin(workspace, coordinator, voice, name, made):
    coordinator.puts("a.wav", pcm(coordinator.folder / "x.wav", voice, 16_000))
    (coordinator.folder / "x.wav").unlink()
    bring_in(workspace, coordinator)
    made_up = coordinator.folder / f"x{Path(name).suffix}"
    coordinator.puts(name, encode(made_up, made(voice), 16_000))
    made_up.unlink()

    (report,) = bring_in(workspace, coordinator)

    row = uploads(workspace)[name]
    assert report.rejected == ("near_duplicate",)
    assert row.state is UploadState.REJECTED
    assert str(row.detail).startswith("the same as a.wav")
    assert read_balance(workspace).missing == ()


def test_a_recording_that_holds_more_than_its_twin_is_kept_and_a_person_is_told(
    workspace, coordinator, voice
):
    coordinator.puts("half.wav", pcm(coordinator.folder / "x.wav", voice[: 16_000 * 18], 16_000))
    (coordinator.folder / "x.wav").unlink()
    bring_in(workspace, coordinator)
    coordinator.puts("whole.m4a", encode(coordinator.folder / "x.m4a", voice, 16_000))
    (coordinator.folder / "x.m4a").unlink()

    (report,) = bring_in(workspace, coordinator)

    row = uploads(workspace)["whole.m4a"]
    assert (report.accepted, report.rejected) == (1, ())
    assert (row.state, row.reason) == (UploadState.INGESTED, "partly_duplicate")
    assert "72 % of it is in half.wav" in str(row.detail)


def test_for_a_few_seconds_in_common_nobody_is_called(workspace, coordinator, voice):
    coordinator.puts("word.wav", pcm(coordinator.folder / "x.wav", voice[: 16_000 * 6], 16_000))
    (coordinator.folder / "x.wav").unlink()
    bring_in(workspace, coordinator)
    coordinator.puts("whole.m4a", encode(coordinator.folder / "x.m4a", voice, 16_000))
    (coordinator.folder / "x.m4a").unlink()

    bring_in(workspace, coordinator)

    assert uploads(workspace)["whole.m4a"].reason is None


def test_other_recordings_of_the_same_speaker_are_no_copies(workspace, coordinator):
    coordinator.puts_examples(*sorted(f"te/{p.name}" for p in (RECORDINGS / "te").glob("te-01_0*.mp3")))

    reports = bring_in(workspace, coordinator)

    assert not {reason for report in reports for reason in report.rejected} & {"near_duplicate"}
    assert all(row.reason != "partly_duplicate" for row in uploads(workspace).values())
    assert sum(report.accepted for report in reports) >= 5


def test_two_workers_on_the_same_batch_settle_every_upload_once(workspace, coordinator):
    coordinator.puts_examples(*GOOD)
    coordinator.puts("te/empty.mp3", b"")
    receive_all(workspace, FolderSource(coordinator.folder.resolve()))
    (batch,) = waiting_uploads(workspace)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _: ingest_batch(workspace, batch), range(2)))

    assert sum(report.accepted for report in reports) == 3
    assert sum((report.rejected for report in reports), ()) == ("empty_file",)
    assert {row.state for name, row in uploads(workspace).items() if name in GOOD} == {UploadState.INGESTED}
    assert read_balance(workspace).missing == ()


def test_bytes_that_are_gone_from_the_store_are_told_and_the_others_go_on(workspace, coordinator):
    coordinator.puts_examples(*GOOD)
    receive_all(workspace, FolderSource(coordinator.folder.resolve()))
    (batch,) = waiting_uploads(workspace)
    lost = uploads(workspace)[GOOD[1]]
    workspace.store.delete(lost.landing_key)

    report = ingest_batch(workspace, batch)

    assert report.accepted == 2
    assert [(each.name, each.code) for each in report.failed] == [(GOOD[1], "store_unavailable")]
    assert str(lost.landing_key) in report.failed[0].detail
    assert uploads(workspace)[GOOD[1]].state is UploadState.RECEIVED


def test_nothing_is_left_in_the_scratch_folder(workspace, coordinator):
    coordinator.puts_examples(*GOOD)
    bring_in(workspace, coordinator)

    assert [path for path in workspace.scratch.rglob("*") if path.is_file()] == []
    shutil.rmtree(workspace.scratch)
    coordinator.puts("te/te-01_004.mp3", RECORDINGS / "te" / "te-01_004.mp3")

    (report,) = bring_in(workspace, coordinator)

    assert report.accepted == 1
