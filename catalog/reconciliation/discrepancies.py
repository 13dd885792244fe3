"""Where two accounts of the same thing disagree: rows, receipts, objects, work and releases held against each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.reconciliation.accounts import IN_USE, Accounts, ClipAccount, RecordingAccount, UploadAccount
from catalog.states import ClipState, RecordingState, TaskState, UploadState
from catalog.store import ObjectStore
from catalog.tables import Clip, Release, ReleaseItem, Transcript


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that should be somewhere and isn't, or isn't what somebody else says it is."""

    kind: str
    id: str
    what: str


def upload_discrepancies(accounts: Accounts, store: ObjectStore) -> Iterator[Discrepancy]:
    """Each upload has its receipt, with the same size; each rejection its reason; what waits lies in the store."""
    for identifier in accounts.lost_uploads():
        yield Discrepancy("upload", identifier, "has a receipt in the audit log and no row")
    for upload in accounts.uploads():
        for what in _of_upload(upload, store):
            yield Discrepancy("upload", upload.id, what)


def _of_upload(upload: UploadAccount, store: ObjectStore) -> Iterator[str]:
    if not upload.has_receipt:
        yield "has a row and no receipt (upload.received) in the audit log"
    elif upload.received is not None and upload.received != upload.size:
        yield f"was received with {upload.received} bytes, and its row says {upload.size}"
    if upload.state in (UploadState.REJECTED, UploadState.FAILED) and not upload.reason:
        yield f"is {upload.state} without a reason"
    if upload.state is UploadState.INGESTED and upload.end is None:
        yield f"was ingested, and its recording {upload.recording_id} isn't there"
    if upload.state in (UploadState.RECEIVED, UploadState.FAILED) and upload.landing_key:
        landed = store.head(upload.landing_key)
        if landed is None:
            yield f"is {upload.state} with no object at {upload.landing_key}"
        elif landed.size != upload.size:
            yield f"is {landed.size} bytes long at {upload.landing_key} and was received with {upload.size}"


def recording_discrepancies(accounts: Accounts) -> Iterator[Discrepancy]:
    """Each recording was an ingested upload, lies in the store as received, and has a speaker and all its clips."""
    for recording in accounts.recordings():
        for what in (*_source_of(recording), *_original_of(recording)):
            yield Discrepancy("recording", recording.id, what)
        yield from _clips_of(recording, accounts)


def _source_of(recording: RecordingAccount) -> Iterator[str]:
    if recording.sent is None:
        yield f"came from upload {recording.upload_id}, which has no row"
    else:
        state, became, _ = recording.sent
        if state is not UploadState.INGESTED or became != recording.id:
            yield f"came from upload {recording.upload_id}, which is {state} as {became}"
    if recording.state in (RecordingState.REJECTED, RecordingState.FAILED) and not recording.reason:
        yield f"is {recording.state} without a reason"
    if not recording.has_speaker:
        yield "has no speaker"


def _original_of(recording: RecordingAccount) -> Iterator[str]:
    if recording.state is RecordingState.WITHDRAWN:
        return  # may have been erased
    if recording.stored is None:
        yield f"has no object in the store at {recording.key}"
    elif recording.sent and recording.stored != recording.sent[2]:
        yield (
            f"is {recording.stored} bytes long in the store ({recording.key}) and was received with "
            f"{recording.sent[2]}"
        )


def _clips_of(recording: RecordingAccount, accounts: Accounts) -> Iterator[Discrepancy]:
    if recording.clips_cut is None:
        if recording.state is RecordingState.SEGMENTED:
            what = "is segmented, and nobody wrote how many clips that made"
            yield Discrepancy("recording", recording.id, what)
    elif recording.inside != recording.clips_cut or recording.outside:
        wanted, there = frozenset(range(recording.clips_cut)), accounts.numbers(recording)
        for number in sorted(wanted - there):
            what = f"was cut ({recording.clips_cut} clips in all) and has no row"
            yield Discrepancy("clip", f"{number} of recording {recording.id}", what)
        for number in sorted(there - wanted):
            what = f"has a row, and cutting made only {recording.clips_cut}"
            yield Discrepancy("clip", f"{number} of recording {recording.id}", what)


def clip_discrepancies(accounts: Accounts) -> Iterator[Discrepancy]:
    """Each clip is of its recording, has its sound while it is in use, and is as its task and text say."""
    for clip in accounts.clips():
        for what in (*_origin_of(clip), *_work_on(clip)):
            yield Discrepancy("clip", clip.id, what)
    for orphan in accounts.tasks_without_clip():
        yield Discrepancy("clip", orphan, "has a task and no row")


def _origin_of(clip: ClipAccount) -> Iterator[str]:
    if clip.recording is None:
        yield f"was cut from recording {clip.recording_id}, which has no row"
    else:
        recipe, state = clip.recording
        if recipe != clip.recipe_id:
            yield f"was cut by recipe {clip.recipe_id}, and its recording says {recipe}"
        elif (state is RecordingState.WITHDRAWN) != (clip.state is ClipState.WITHDRAWN):
            yield f"is {clip.state}, and its recording {clip.recording_id} is {state}"
    if clip.state in IN_USE and not clip.has_sound:
        yield f"has no sound in the store at {clip.cut_key}"


_AT_WORK = frozenset({TaskState.OPEN, TaskState.DISPUTED, TaskState.IN_REVIEW, TaskState.RETURNED})


def _work_on(clip: ClipAccount) -> Iterator[str]:
    task = clip.task
    says = f"its task is {task}" if task else "it has no task"
    if clip.state is ClipState.WAITING and task not in _AT_WORK:
        yield f"waits for a transcript, and {says}"
    elif clip.state is ClipState.CUT and task is not None:
        yield f"is cut and not given out, and {says}"
    elif clip.state is ClipState.ACCEPTED:
        if task is not TaskState.ACCEPTED:
            yield f"is accepted, and {says}"
        if not clip.has_text:
            yield "is accepted and has no transcript"
    elif clip.state is ClipState.REJECTED:
        if not clip.reason:
            yield "is rejected without a reason"
        if task not in (None, TaskState.REJECTED):
            yield f"is rejected, and {says}"
    elif clip.state is ClipState.WITHDRAWN and task not in (None, TaskState.WITHDRAWN):
        yield f"is withdrawn, and {says}"


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
