"""A file that fails for a cause unknown: set aside, tried once by later code, and in an operator's hands."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from catalog import failures
from catalog.reasons import UnknownReason
from catalog.states import ClipState, RecordingState, UploadState
from catalog.tables import AuditEvent, Clip, Recording, Transcript, Upload
from flows.sources import FolderSource
from flows.steps.align import align_batch, unaligned_clips
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import receive_all
from flows.steps.segment import segment_batch, uncut_recordings
from flows.steps.status import read_balance
from tests.flows.conftest import GOOD


def faulty(workspace):
    """The same project under code with a mistake in it: what it hands to the children makes no sense."""
    return replace(workspace, limits=None, recipe=replace(workspace.recipe, detection=None), version="faulty")


@pytest.fixture
def received(workspace, coordinator):
    coordinator.puts_examples(*GOOD[:2])
    receive_all(workspace, FolderSource(coordinator.folder.resolve()))
    return workspace


def ingest_all(workspace):
    return [ingest_batch(workspace, batch) for batch in waiting_uploads(workspace)]


def test_a_cause_that_nobody_foresaw_sets_the_file_aside_with_what_the_machine_said(received):
    (report,) = ingest_all(faulty(received))

    assert [(each.name, each.code) for each in report.failed] == [
        (name, "decoder_crashed") for name in GOOD[:2]
    ]
    with received.catalog.reading() as session:
        rows = session.scalars(select(Upload)).all()
        assert {row.state for row in rows} == {UploadState.FAILED}
        assert all("AttributeError" in str(row.failure) and row.detail is None for row in rows)
        assert {row.failed_by for row in rows} == {"faulty"}
        assert session.scalars(select(AuditEvent).where(AuditEvent.action == "upload.failed")).all()
    assert read_balance(received).missing == ()


def test_the_same_code_does_not_try_it_again_and_later_code_does_once(received):
    ingest_all(faulty(received))

    assert waiting_uploads(faulty(received)) == ()
    later = replace(faulty(received), version="faulty still")
    assert len(ingest_all(later)[0].failed) == 2
    assert waiting_uploads(later) == ()
    (mended,) = ingest_all(received)

    assert (mended.accepted, mended.failed) == (2, ())
    assert waiting_uploads(received) == ()


def test_a_recording_is_set_aside_and_tried_again_in_the_same_way(accepted):
    (batch,) = uncut_recordings(accepted)

    report = segment_batch(faulty(accepted), batch)

    assert {each.name for each in report.failed} == set(GOOD)
    with accepted.catalog.reading() as session:
        assert {row.state for row in session.scalars(select(Recording))} == {RecordingState.FAILED}
    assert uncut_recordings(faulty(accepted)) == ()
    assert read_balance(accepted).missing == ()
    (batch,) = uncut_recordings(accepted)
    assert segment_batch(accepted, batch).recordings == len(GOOD)


def test_an_operator_has_it_tried_again_by_the_same_code(received):
    ingest_all(faulty(received))

    with received.catalog.writing() as session:
        project, now = received.project.name, received.now()
        assert failures.retry(session, project, GOOD[0], actor="asha", at=now) == 1

    (batch,) = waiting_uploads(faulty(received))
    assert len(batch.ids) == 1


def test_an_operator_turns_it_away_with_a_reason(received):
    ingest_all(faulty(received))
    project, now = received.project.name, received.now()

    with received.catalog.writing() as session:
        receipt = session.scalars(select(Upload.receipt).where(Upload.name == GOOD[0])).one()
        assert failures.reject(session, project, receipt, "refused_format", actor="asha", at=now) == 1

    with received.catalog.reading() as session:
        row = session.scalars(select(Upload).where(Upload.name == GOOD[0])).one()
        assert (row.state, row.reason) == (UploadState.REJECTED, "refused_format")
    assert read_balance(received).missing == ()
    with received.catalog.writing() as session:
        with pytest.raises(failures.NotFailed):
            failures.retry(session, project, GOOD[0], actor="asha", at=now)
        with pytest.raises(UnknownReason):
            failures.reject(session, project, GOOD[1], "no_such_reason", actor="asha", at=now)


def test_words_that_could_not_be_aligned_are_listed_and_tried_again_by_their_clip(received):
    ingest_all(received)
    for batch in uncut_recordings(received):
        segment_batch(received, batch)
    with received.catalog.writing() as session:
        clip = session.scalars(select(Clip).where(Clip.state == ClipState.CUT).order_by(Clip.id)).first()
        assert clip is not None
        clip.state = ClipState.ACCEPTED
        session.add(
            Transcript(
                id=f"transcript-{clip.id}",
                clip_id=clip.id,
                version=1,
                verbatim="నమస్కారం",
                normalised="నమస్కారం",
                origin="agreement",
                guideline="te@v1",
                accepted_at=received.now(),
            )
        )
        clip_id = clip.id
    broken = faulty(received)

    (report,) = [align_batch(broken, batch) for batch in unaligned_clips(broken)]
    assert [each.name for each in report.failed] == [clip_id]
    assert unaligned_clips(broken) == ()

    project, now = received.project.name, received.now()
    with received.catalog.writing() as session:
        (listed,) = failures.failed(session, project)
        assert (listed.kind, listed.id, listed.failed_by) == ("alignment", clip_id, "faulty")
        assert failures.retry(session, project, clip_id, actor="asha", at=now) == 1

    (batch,) = unaligned_clips(broken)
    assert align_batch(received, batch).failed == ()
    with received.catalog.reading() as session:
        assert failures.failed(session, project) == []
