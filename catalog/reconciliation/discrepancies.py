"""Where two accounts of the same thing disagree: rows, receipts, objects, work and releases held against each other."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.reconciliation.accounts import ClipAccount, ReceiptAccount, RecordingAccount, UploadAccount
from catalog.states import ClipState, RecordingState, TaskState, UploadState
from catalog.store import ObjectStore
from catalog.tables import Clip, RecordingSpeaker, Release, ReleaseItem, Task, Transcript


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that should be somewhere and isn't, or isn't what somebody else says it is."""

    kind: str
    id: str
    what: str


def uploads_against_receipts(
    uploads: Mapping[str, UploadAccount], receipts: Mapping[str, ReceiptAccount]
) -> Iterator[Discrepancy]:
    """Each upload has its receipt, with the same size; each rejection its reason."""
    for identifier in receipts.keys() - uploads.keys():
        yield Discrepancy("upload", identifier, "has a receipt in the audit log and no row")
    for identifier, upload in uploads.items():
        receipt = receipts.get(identifier)
        if receipt is None:
            yield Discrepancy(
                "upload", identifier, "has a row and no receipt (upload.received) in the audit log"
            )
        elif receipt.size is not None and receipt.size != upload.size:
            what = f"was received with {receipt.size} bytes, and its row says {upload.size}"
            yield Discrepancy("upload", identifier, what)
        if upload.state in (UploadState.REJECTED, UploadState.FAILED) and not upload.reason:
            yield Discrepancy("upload", identifier, f"is {upload.state} without a reason")


def uploads_against_recordings(
    uploads: Mapping[str, UploadAccount], recordings: Mapping[str, RecordingAccount]
) -> Iterator[Discrepancy]:
    """Each ingested upload became a recording, and each recording was an ingested upload."""
    for identifier, upload in uploads.items():
        if upload.state is UploadState.INGESTED and upload.recording_id not in recordings:
            yield Discrepancy(
                "upload", identifier, f"was ingested, and its recording {upload.recording_id} isn't there"
            )
    for identifier, recording in recordings.items():
        source = uploads.get(recording.upload_id)
        if source is None:
            yield Discrepancy(
                "recording", identifier, f"came from upload {recording.upload_id}, which has no row"
            )
        elif source.state is not UploadState.INGESTED or source.recording_id != identifier:
            what = f"came from upload {recording.upload_id}, which is {source.state} as {source.recording_id}"
            yield Discrepancy("recording", identifier, what)
        if recording.state in (RecordingState.REJECTED, RecordingState.FAILED) and not recording.reason:
            yield Discrepancy("recording", identifier, f"is {recording.state} without a reason")


def bytes_against_store(
    uploads: Mapping[str, UploadAccount], recordings: Mapping[str, RecordingAccount], store: ObjectStore
) -> Iterator[Discrepancy]:
    """Each original lies in the store, as long as it was received; so does what still waits."""
    originals = {each.key: each.size for each in store.list("recordings/")}
    for identifier, recording in recordings.items():
        if recording.state is RecordingState.WITHDRAWN:
            continue  # may have been erased
        found = originals.get(recording.key)
        upload = uploads.get(recording.upload_id)
        if found is None:
            yield Discrepancy("recording", identifier, f"has no object in the store at {recording.key}")
        elif upload and found != upload.size:
            what = f"is {found} bytes long in the store ({recording.key}) and was received with {upload.size}"
            yield Discrepancy("recording", identifier, what)
    for identifier, upload in uploads.items():
        if upload.state in (UploadState.RECEIVED, UploadState.FAILED) and upload.landing_key:
            landed = store.head(upload.landing_key)
            if landed is None:
                yield Discrepancy(
                    "upload", identifier, f"is {upload.state} with no object at {upload.landing_key}"
                )
            elif landed.size != upload.size:
                what = (
                    f"is {landed.size} bytes long at {upload.landing_key} and was received with {upload.size}"
                )
                yield Discrepancy("upload", identifier, what)


def clips_against_recordings(
    session: Session, clips: Mapping[str, ClipAccount], recordings: Mapping[str, RecordingAccount]
) -> Iterator[Discrepancy]:
    """Each recording has exactly the clips that were cut from it, and a speaker."""
    voiced = set(session.scalars(select(RecordingSpeaker.recording_id).distinct()))
    numbers: dict[tuple[str, str | None], set[int]] = defaultdict(set)
    for identifier, clip in clips.items():
        numbers[clip.recording_id, clip.recipe_id].add(clip.number)
        source = recordings.get(clip.recording_id)
        if source is None:
            yield Discrepancy(
                "clip", identifier, f"was cut from recording {clip.recording_id}, which has no row"
            )
        elif source.recipe_id != clip.recipe_id:
            what = f"was cut by recipe {clip.recipe_id}, and its recording says {source.recipe_id}"
            yield Discrepancy("clip", identifier, what)
        elif (source.state is RecordingState.WITHDRAWN) != (clip.state is ClipState.WITHDRAWN):
            what = f"is {clip.state}, and its recording {clip.recording_id} is {source.state}"
            yield Discrepancy("clip", identifier, what)
    for identifier, recording in recordings.items():
        if identifier not in voiced:
            yield Discrepancy("recording", identifier, "has no speaker")
        if recording.clips_cut is None:
            if recording.state is RecordingState.SEGMENTED:
                yield Discrepancy(
                    "recording", identifier, "is segmented, and nobody wrote how many clips that made"
                )
            continue
        there = numbers[identifier, recording.recipe_id]
        for number in sorted(set(range(recording.clips_cut)) - there):
            what = f"was cut ({recording.clips_cut} clips in all) and has no row"
            yield Discrepancy("clip", f"{number} of recording {identifier}", what)
        for number in sorted(there - set(range(recording.clips_cut))):
            what = f"has a row, and cutting made only {recording.clips_cut}"
            yield Discrepancy("clip", f"{number} of recording {identifier}", what)


def clips_against_store(clips: Mapping[str, ClipAccount], store: ObjectStore) -> Iterator[Discrepancy]:
    """Each clip in use has its sound."""
    needed = {
        clip.cut_key: identifier
        for identifier, clip in clips.items()
        if clip.state in (ClipState.CUT, ClipState.WAITING, ClipState.ACCEPTED)
    }
    for stored in store.list("clips/") if needed else ():
        if stored.size:
            needed.pop(stored.key, None)
    for key, identifier in needed.items():
        yield Discrepancy("clip", identifier, f"has no sound in the store at {key}")


_AT_WORK = frozenset({TaskState.OPEN, TaskState.DISPUTED, TaskState.IN_REVIEW, TaskState.RETURNED})


def clips_against_work(
    session: Session, clips: Mapping[str, ClipAccount], project_id: str
) -> Iterator[Discrepancy]:
    """Each clip's state is that of its task; an accepted one has a text, a rejected one a reason."""
    rows = session.execute(select(Task.clip_id, Task.state).where(Task.project_id == project_id))
    tasks: dict[str, TaskState] = {row[0]: row[1] for row in rows}
    texts = set(
        session.scalars(
            select(Transcript.clip_id)
            .join(Clip, Clip.id == Transcript.clip_id)
            .where(Clip.project_id == project_id)
            .distinct()
        )
    )
    for identifier, clip in clips.items():
        task = tasks.get(identifier)
        says = f"its task is {task}" if task else "it has no task"
        if clip.state is ClipState.WAITING and task not in _AT_WORK:
            yield Discrepancy("clip", identifier, f"waits for a transcript, and {says}")
        elif clip.state is ClipState.CUT and task is not None:
            yield Discrepancy("clip", identifier, f"is cut and not given out, and {says}")
        elif clip.state is ClipState.ACCEPTED:
            if task is not TaskState.ACCEPTED:
                yield Discrepancy("clip", identifier, f"is accepted, and {says}")
            if identifier not in texts:
                yield Discrepancy("clip", identifier, "is accepted and has no transcript")
        elif clip.state is ClipState.REJECTED:
            if not clip.reason:
                yield Discrepancy("clip", identifier, "is rejected without a reason")
            if task not in (None, TaskState.REJECTED):
                yield Discrepancy("clip", identifier, f"is rejected, and {says}")
        elif clip.state is ClipState.WITHDRAWN and task not in (None, TaskState.WITHDRAWN):
            yield Discrepancy("clip", identifier, f"is withdrawn, and {says}")
    for orphan in tasks.keys() - clips.keys():
        yield Discrepancy("clip", orphan, "has a task and no row")


def releases_against_clips(session: Session, project_id: str) -> Iterator[Discrepancy]:
    """A published row is of a clip that was once accepted, with a text of that clip."""
    held = (
        select(Release.name, Release.version, Release.clips, func.count(ReleaseItem.clip_id))
        .outerjoin(ReleaseItem, ReleaseItem.release_id == Release.id)
        .where(Release.project_id == project_id)
        .group_by(Release.name, Release.version, Release.clips)
    )
    for name, version, said, found in session.execute(held):
        if said != found:
            yield Discrepancy("release", f"{name}@{version}", f"holds {said} clips, and {found} are listed")
    items = (
        select(ReleaseItem.clip_id, Release.name, Release.version, Clip.state, Transcript.clip_id)
        .join(Release, Release.id == ReleaseItem.release_id)
        .outerjoin(Clip, Clip.id == ReleaseItem.clip_id)
        .outerjoin(Transcript, Transcript.id == ReleaseItem.transcript_id)
        .where(Release.project_id == project_id)
        .execution_options(yield_per=10_000)
    )
    for row in session.execute(items):
        clip_id, name, version = row[0], row[1], row[2]
        state: ClipState | None = row[3]
        text_of: str | None = row[4]
        if state is None or state is ClipState.CUT:
            what = "has no row" if state is None else "was never given to a transcriber"
            yield Discrepancy("clip", clip_id, f"is in {name}@{version}, and {what}")
        if text_of != clip_id:
            yield Discrepancy("clip", clip_id, f"is in {name}@{version} with a text that isn't there")
