"""Recordings to clips: cut once, kept whole, judged by the project's rules."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from catalog import consent
from catalog.states import ClipState, RecordingState
from catalog.tables import Clip, Recording
from flows.steps.segment import segment_batch, uncut_recordings
from flows.steps.status import read_balance
from flows.workspace import open_workspace
from tests.flows.conftest import take_in

POOR = ("te/te-01 far away.wav", "te/te-01 too close.wav", "te/te-01 only wind.wav")


def rows_of(workspace, table):
    with workspace.catalog.reading() as session:
        return session.scalars(select(table)).all()


def test_clips_have_their_files_in_the_store_and_lie_inside_their_recording(accepted):
    for batch in uncut_recordings(accepted):
        segment_batch(accepted, batch)

    clips = rows_of(accepted, Clip)
    samples = {row.id: row.samples for row in rows_of(accepted, Recording)}
    assert clips
    for clip in clips:
        assert 0 <= clip.start < clip.end <= samples[clip.recording_id]
        for key in (clip.cut_key, clip.clean_key, clip.preview_key, clip.peaks_key):
            assert accepted.store.exists(key)
    assert {row.state for row in rows_of(accepted, Recording)} == {RecordingState.SEGMENTED}
    assert read_balance(accepted).missing == ()


def test_cutting_again_does_nothing(accepted):
    (batch,) = uncut_recordings(accepted)
    segment_batch(accepted, batch)
    before = {clip.id: clip.cut_sha256 for clip in rows_of(accepted, Clip)}

    again = segment_batch(accepted, batch)

    assert uncut_recordings(accepted) == ()
    assert (again.recordings, again.clips) == (0, 0)
    assert {clip.id: clip.cut_sha256 for clip in rows_of(accepted, Clip)} == before


def test_two_workers_on_the_same_batch_cut_every_recording_once(accepted):
    (batch,) = uncut_recordings(accepted)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _: segment_batch(accepted, batch), range(2)))

    assert sum(report.clips for report in reports) == len(rows_of(accepted, Clip))
    assert read_balance(accepted).missing == ()


def test_a_project_that_keeps_poor_sound_cuts_it_and_notes_what_is_wrong_but_keeps_no_silence(
    settings, coordinator
):
    coordinator.puts_examples(*POOR)

    with open_workspace("keeping", settings) as workspace:
        take_in(workspace, coordinator.folder)
        rows = {row.id: row for row in rows_of(workspace, Recording)}
        clips = rows_of(workspace, Clip)
        reconcile = read_balance(workspace)

    loud = next(row for row in rows.values() if any(finding["code"] == "clipped" for finding in row.findings))
    assert loud.state is RecordingState.SEGMENTED
    assert {finding["severity"] for finding in loud.findings} == {"warn"}
    assert any(clip.recording_id == loud.id and clip.state is ClipState.CUT for clip in clips)
    silent = next(row for row in rows.values() if row.reason == "no_speech")
    assert silent.state is RecordingState.REJECTED
    assert reconcile.missing == ()


def test_a_recording_whose_voice_took_its_consent_back_is_not_cut(accepted):
    (batch,) = uncut_recordings(accepted)
    with accepted.catalog.writing() as session:
        speaker = rows_of(accepted, Recording)[0]
        speaker_id = consent_holder(session, speaker)
        consent.withdraw(session, speaker_id=speaker_id, recorded_by="flow:ingest", at=accepted.now())

    report = segment_batch(accepted, batch)

    assert report.recordings == 0
    assert uncut_recordings(accepted) == ()
    assert rows_of(accepted, Clip) == []


def test_an_original_that_is_gone_from_the_store_is_told_and_the_recording_waits(accepted):
    recording = rows_of(accepted, Recording)[0]
    accepted.store.delete(recording.key)
    (batch,) = uncut_recordings(accepted)

    report = segment_batch(accepted, batch)

    assert [each.code for each in report.failed] == ["store_unavailable"]
    states = {row.id: row.state for row in rows_of(accepted, Recording)}
    assert states.pop(recording.id) is RecordingState.ACCEPTED
    assert set(states.values()) == {RecordingState.SEGMENTED}


def test_what_was_done_before_a_failure_stays_and_the_same_step_finishes_the_rest(accepted):
    (batch,) = uncut_recordings(accepted)
    last = max(rows_of(accepted, Recording), key=lambda row: row.id)
    original = accepted.store.get_bytes(last.key, 10**7)
    accepted.store.delete(last.key)
    segment_batch(accepted, batch)
    accepted.store.put_bytes(last.key, original)

    for batch in uncut_recordings(accepted):
        segment_batch(accepted, batch)

    assert {row.state for row in rows_of(accepted, Recording)} == {RecordingState.SEGMENTED}
    assert read_balance(accepted).missing == ()


def consent_holder(session, recording) -> str:
    from catalog.tables import RecordingSpeaker

    return session.scalars(
        select(RecordingSpeaker.speaker_id).where(RecordingSpeaker.recording_id == recording.id)
    ).one()
