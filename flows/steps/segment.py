"""Recordings to clips: one pass in a limited child each, then the files to the store and the rows to the catalogue."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.process import ClipResult, ProcessedRecording, process_into
from audio.sandbox import Sandbox
from catalog import audit, consent
from catalog.audit_archive.still_asked import RECORDING_CUT, RECORDING_REJECTED
from catalog.consent import ConsentScope, consented
from catalog.failures import fail, recording_waits
from catalog.ids import content_id
from catalog.keys import clean_key, clip_key, clips_prefix, peaks_key, preview_key
from catalog.states import ClipState, RecordingState, moved
from catalog.tables import Clip, Recording, Upload
from flows.steps.batches import Batch, batches, refuse_unknown
from flows.steps.in_sandbox import Cause, FailedItem, ItemFailure, each_in_sandbox
from flows.steps.judging import as_rows, by_voices, clip_findings, deciding, in_words, recording_findings
from flows.steps.scratch import scratch_folder
from flows.steps.voices import compare_speakers, keep_voice, likeness_within, with_embedding
from flows.workspace import Workspace

ACTOR = "flow:segment"
_KEYS = {"cut": clip_key, "clean": clean_key, "preview": preview_key, "peaks": peaks_key}


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """What became of one batch of recordings.

    clip_seconds:      of the clips that can be transcribed
    rejected:          reason code of each recording turned away
    rejected_clips:    reason code of each clip turned away
    failed:            recordings that nobody could cut: set aside, or left for the next run
    """

    recordings: int
    seconds: float
    clips: int
    clip_seconds: float
    rejected: tuple[str, ...]
    rejected_clips: tuple[str, ...]
    failed: tuple[FailedItem, ...] = ()


def uncut_recordings(workspace: Workspace) -> tuple[Batch, ...]:
    """Accepted recordings that no recipe has cut, whose every voice consents."""
    with workspace.catalog.reading() as session:
        rows = session.execute(
            select(Recording.id, Recording.samples, Recording.sample_rate)
            .where(
                Recording.project_id == workspace.project.name,
                recording_waits(workspace.version),
                consented(Recording.id, ConsentScope.TRANSCRIPTION),
            )
            .order_by(Recording.id)
        ).all()
    return batches(((row.id, row.samples / row.sample_rate) for row in rows), workspace.batch_size)


def segment_batch(
    workspace: Workspace, batch: Batch, progress: Callable[[int, int, str], None] | None = None
) -> SegmentReport:
    """Cut, clean and measure each recording of a batch; those done before are passed over.

    Raises StoreUnavailable, StoreFull, CatalogUnavailable: what was finished stays, the rest waits for the next try;
    UnknownBatch.
    """
    recordings = _waiting(workspace, batch)
    kept: list[Clip] = []
    turned_away: list[Clip] = []
    rejected: list[str] = []
    failed: list[FailedItem] = []
    with (
        scratch_folder(workspace.scratch, f"segment-{content_id('batch', *batch.ids)}") as folder,
        Sandbox(workspace.workers, workspace.limits, temp=folder) as sandbox,
    ):
        items = {(folder / each.id, folder / f"{each.id}.clips"): each for each in recordings}
        processed = each_in_sandbox(
            sandbox,
            items,
            partial(
                process_into,
                recipe=workspace.recipe,
                limits=workspace.limits,
                hears_voice=_voices_to_hear(workspace, folder, recordings),
            ),
            fetch=lambda job: _fetch(workspace, items[job], *job),
            settle=lambda recording, found: _settle(workspace, recording, found),
            tidy=_tidy,
            writes=lambda job: job[1],
        )
        for done, (recording, end) in enumerate(processed, start=1):
            rejected += [end.rejected] if end.rejected else []
            failed += [end.failed] if end.failed else []
            for clip in end.clips:
                (turned_away if clip.state is ClipState.REJECTED else kept).append(clip)
            if progress:
                progress(done, len(recordings), recording.id)
    compare_speakers(workspace, batch.ids)
    return SegmentReport(
        recordings=len(recordings) - len(failed),
        seconds=sum(recording.samples / recording.sample_rate for recording in recordings),
        clips=len(kept),
        clip_seconds=sum(clip.seconds for clip in kept),
        rejected=tuple(rejected),
        rejected_clips=tuple(str(clip.reason) for clip in turned_away),
        failed=tuple(failed),
    )


def _waiting(workspace: Workspace, batch: Batch) -> Sequence[Recording]:
    """Those of a batch that wait to be cut, and may be heard."""
    with workspace.catalog.reading() as session:
        refuse_unknown(session, Recording.id, batch)
        return session.scalars(
            select(Recording)
            .where(
                Recording.id.in_(batch.ids),
                recording_waits(workspace.version),
                consented(Recording.id, ConsentScope.TRANSCRIPTION),
            )
            .order_by(Recording.id)
        ).all()


def _voices_to_hear(workspace: Workspace, folder: Path, recordings: Sequence[Recording]) -> tuple[Path, ...]:
    """The files of which no embedding is kept yet: the portal has made most, when they came."""
    heard = with_embedding(workspace, [each.upload_id for each in recordings])
    return tuple(folder / each.id for each in recordings if each.upload_id not in heard)


@dataclass(frozen=True, slots=True)
class _End:
    """What one recording came to; all empty where it was withdrawn or another worker was faster."""

    clips: tuple[Clip, ...] = ()
    rejected: str | None = None
    failed: FailedItem | None = None


def _fetch(workspace: Workspace, recording: Recording, path: Path, out: Path) -> None:
    workspace.store.fetch(recording.key, path, sha256=recording.sha256)
    out.mkdir()


def _tidy(job: tuple[Path, Path]) -> None:
    path, out = job
    path.unlink(missing_ok=True)
    shutil.rmtree(out, ignore_errors=True)


def _settle(workspace: Workspace, recording: Recording, found: ProcessedRecording | ItemFailure) -> _End:
    """Files to the store first, then all rows at once."""
    if isinstance(found, ItemFailure):
        return _settle_failure(workspace, recording, found)
    keep_voice(workspace, recording.upload_id, found.voice)
    heard = by_voices(found.findings, likeness_within(workspace, recording.upload_id))
    findings = recording_findings(found.measures, heard, workspace.project.clips)
    decides = deciding(findings)
    clips = () if decides else tuple(_clip(workspace, recording, result) for result in found.clips)
    for clip, result in zip(clips, found.clips, strict=not decides):
        for rendition in result.renditions:
            key = _KEYS[rendition.kind](recording.id, clip.id)
            workspace.store.put_file(key, rendition.path, sha256=rendition.sha256)
    with workspace.catalog.writing() as session:
        row = _still_to_cut(session, recording)
        if row is None:  # withdrawn, or finished by another worker, while this one was at it
            _drop_if_withdrawn(session, workspace, recording)
            return _End()
        row.recipe_id = found.recipe_id
        row.measures = asdict(found.measures)
        row.findings = as_rows(findings)
        row.clips_cut = len(clips)
        if decides:
            _reject(session, workspace, row, decides.code, in_words(decides))
            return _End(rejected=decides.code)
        row.state = moved(row.state, RecordingState.SEGMENTED)
        session.add_all(clips)
        audit.record(
            session,
            at=workspace.now(),
            actor=ACTOR,
            action=RECORDING_CUT,
            subject=("recording", recording.id),
            detail={"recipe": found.recipe_id, "clips": len(clips)},
        )
    return _End(clips)


def _settle_failure(workspace: Workspace, recording: Recording, failure: ItemFailure) -> _End:
    """What the file itself is guilty of rejects it; the rest is set aside, or waits for the next run."""
    with workspace.catalog.writing() as session:
        row = _still_to_cut(session, recording)
        if row is None:
            return _End()
        name = session.get_one(Upload, row.upload_id).name
        if failure.cause is Cause.THE_FILE:
            # the message speaks of the file in our scratch folder
            message = failure.message.replace(repr(recording.id), repr(name))
            _reject(session, workspace, row, failure.code, message)
            return _End(rejected=failure.code)
        if failure.cause is Cause.UNFORESEEN:
            fail(
                session,
                row,
                failure.code,
                failure.detail,
                version=workspace.version,
                actor=ACTOR,
                at=workspace.now(),
            )
    return _End(failed=FailedItem(name, failure.code, failure.detail))


def _clip(workspace: Workspace, recording: Recording, result: ClipResult) -> Clip:
    findings = clip_findings(result.measures, result.findings, workspace.project.clips)
    decides = deciding(findings)
    files = {rendition.kind: rendition for rendition in result.renditions}
    start, end = result.interval.start, result.interval.end
    clip_id = content_id("clip", recording.id, start, end, workspace.recipe.id)
    return Clip(
        id=clip_id,
        project_id=recording.project_id,
        recording_id=recording.id,
        recipe_id=workspace.recipe.id,
        language=recording.language,
        number=result.index,
        start=start,
        end=end,
        seconds=(end - start) / recording.sample_rate,
        state=ClipState.REJECTED if decides else ClipState.CUT,
        reason=decides.code if decides else None,
        measures=asdict(result.measures),
        findings=as_rows(findings),
        cut_key=clip_key(recording.id, clip_id),
        cut_sha256=files["cut"].sha256,
        clean_key=clean_key(recording.id, clip_id),
        clean_sha256=files["clean"].sha256,
        preview_key=preview_key(recording.id, clip_id),
        peaks_key=peaks_key(recording.id, clip_id),
        created_at=workspace.now(),
    )


def _still_to_cut(session: Session, recording: Recording) -> Recording | None:
    """The row, locked; None where there is nothing to do any more."""
    row = session.get_one(Recording, recording.id, with_for_update=True)
    usable = select(consented(Recording.id, ConsentScope.TRANSCRIPTION)).where(Recording.id == recording.id)
    if row.state not in (RecordingState.ACCEPTED, RecordingState.FAILED):
        return None
    return row if session.scalar(usable) else None


def _drop_if_withdrawn(session: Session, workspace: Workspace, recording: Recording) -> None:
    """Clips of a voice that was taken back while it was being cut: its erasure may have passed by already."""
    taken_back = select(consent.taken_back(Recording.id)).where(Recording.id == recording.id)
    if session.scalar(taken_back):
        workspace.store.erase(list(workspace.store.versions(clips_prefix(recording.id))))


def _reject(session: Session, workspace: Workspace, row: Recording, reason: str, detail: str) -> None:
    row.state = moved(row.state, RecordingState.REJECTED)
    row.reason = reason
    row.detail = detail
    row.clips_cut = row.clips_cut or 0
    row.recipe_id = row.recipe_id or workspace.recipe.id
    audit.record(
        session,
        at=workspace.now(),
        actor=ACTOR,
        action=RECORDING_REJECTED,
        subject=("recording", row.id),
        detail={"reason": reason},
    )
