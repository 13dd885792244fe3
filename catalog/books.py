"""The books of a project: what was received came to exactly one end each, held against evidence from elsewhere.

Every claim of the catalogue is compared with something that another act wrote: an upload's row with the receipt
in the audit log, a recording's row with its object in the store, the count that segmentation left with the clips
that are there. So a row that is lost or changed is seen, and named, before anything is published.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.states import ClipState, RecordingState, ReleaseState, TaskState, UploadState
from catalog.store import ObjectStore
from catalog.tables import (
    AuditEvent,
    Clip,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Task,
    Transcript,
    Upload,
)

Noun = Literal["uploads", "clips"]
SHOWN = 20


class BooksDontBalance(Exception):
    """What was received and what became of it don't agree; publishing must wait."""

    def __init__(self, project_id: str, missing: tuple["Missing", ...]) -> None:
        self.missing = missing
        lines = [f"  {each.kind} {each.id} {each.what}" for each in missing[:SHOWN]]
        if len(missing) > SHOWN:
            lines.append(f"  … and {len(missing) - SHOWN} more")
        super().__init__(
            f"the books of project {project_id} don't balance, so nothing is published; given {len(missing)} "
            "item(s) that don't agree:\n" + "\n".join(lines) + "\nRestore what is missing, or run the "
            "pipeline again if it was stopped half-way; `boli status` shows the books."
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that should be somewhere and isn't, or isn't what somebody else says it is."""

    kind: str
    id: str
    what: str


@dataclass(frozen=True, slots=True)
class Line:
    """How many of a noun came to one end.

    bytes:   of uploads, as they were received; None for clips
    seconds: of sound, as far as it is known: nobody knows the length of a file that could not be opened
    """

    noun: Noun
    end: str
    reason: str | None
    count: int
    bytes: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Books:
    """Received on one side, the ends on the other, and what stands in between."""

    project_id: str
    received: Line
    cut: Line
    lines: tuple[Line, ...]
    missing: tuple[Missing, ...]

    @property
    def balanced(self) -> bool:
        return not self.missing

    def ends(self, noun: Noun) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.noun == noun)

    def or_raise(self) -> "Books":
        """These books. Raises BooksDontBalance, which names every item, where they don't balance."""
        if self.missing:
            raise BooksDontBalance(self.project_id, self.missing)
        return self


def balance(session: Session, store: ObjectStore, project_id: str) -> Books:
    """Count what a project received and what became of it, and hold both against each other."""
    receipts = _receipts(session, project_id)
    uploads = _uploads(session, project_id)
    recordings = _recordings(session, project_id)
    clips = _clips(session, project_id)
    published = _published(session, project_id)

    missing: list[Missing] = []
    missing += _uploads_against_receipts(uploads, receipts)
    missing += _uploads_against_recordings(uploads, recordings)
    missing += _bytes_against_store(uploads, recordings, store)
    missing += _clips_against_recordings(session, clips, recordings)
    missing += _clips_against_store(clips, store)
    missing += _clips_against_work(session, clips, project_id)
    missing += _releases_against_clips(session, project_id)

    seconds = {each.upload_id: each.samples / each.sample_rate for each in recordings.values()}
    size = sum(event.size if event.size is not None else 0 for event in receipts.values())
    lines = (*_upload_lines(uploads, seconds), *_clip_lines(clips, published))
    received = Line("uploads", "received", None, len(receipts), size, sum(seconds.values()))
    cut = Line(
        "clips",
        "cut",
        None,
        sum(each.clips_cut or 0 for each in recordings.values()),
        None,
        sum(clip.seconds for clip in clips.values()),
    )
    for whole in (received, cut):
        counted = sum(line.count for line in lines if line.noun == whole.noun)
        if counted != whole.count and not missing:
            what = f"{whole.end} are {whole.count} and their ends add up to {counted}"
            missing.append(Missing("project", project_id, what))
    ordered = sorted(set(missing), key=lambda each: (each.kind, each.id, each.what))
    return Books(project_id, received, cut, lines, tuple(ordered))


@dataclass(frozen=True, slots=True)
class _Receipt:
    size: int | None


@dataclass(frozen=True, slots=True)
class _Upload:
    size: int
    landing_key: str | None
    state: UploadState
    reason: str | None
    recording_id: str | None


@dataclass(frozen=True, slots=True)
class _Recording:
    upload_id: str
    key: str
    state: RecordingState
    reason: str | None
    recipe_id: str | None
    clips_cut: int | None
    samples: int
    sample_rate: int


@dataclass(frozen=True, slots=True)
class _Clip:
    recording_id: str
    recipe_id: str
    number: int
    seconds: float
    state: ClipState
    reason: str | None
    cut_key: str


def _receipts(session: Session, project_id: str) -> Mapping[str, _Receipt]:
    """What the audit log says was received; an event of unknown project counts where its upload does."""
    others = set(session.scalars(select(Upload.id).where(Upload.project_id != project_id)))
    events = session.execute(
        select(AuditEvent.subject_id, AuditEvent.detail)
        .where(AuditEvent.subject_kind == "upload", AuditEvent.action == "upload.received")
        .order_by(AuditEvent.id)
    )
    return {
        identifier: _Receipt(detail.get("size"))
        for identifier, detail in events
        if detail.get("project", project_id) == project_id and identifier not in others
    }


def _uploads(session: Session, project_id: str) -> Mapping[str, _Upload]:
    columns = (Upload.id, Upload.size, Upload.landing_key, Upload.state, Upload.reason, Upload.recording_id)
    rows = session.execute(select(*columns).where(Upload.project_id == project_id).order_by(Upload.id))
    return {row[0]: _Upload(*row[1:]) for row in rows}


def _recordings(session: Session, project_id: str) -> Mapping[str, _Recording]:
    columns = (
        Recording.id,
        Recording.upload_id,
        Recording.key,
        Recording.state,
        Recording.reason,
        Recording.recipe_id,
        Recording.clips_cut,
        Recording.samples,
        Recording.sample_rate,
    )
    rows = session.execute(select(*columns).where(Recording.project_id == project_id).order_by(Recording.id))
    return {row[0]: _Recording(*row[1:]) for row in rows}


def _clips(session: Session, project_id: str) -> Mapping[str, _Clip]:
    columns = (
        Clip.id,
        Clip.recording_id,
        Clip.recipe_id,
        Clip.number,
        Clip.seconds,
        Clip.state,
        Clip.reason,
        Clip.cut_key,
    )
    rows = session.execute(select(*columns).where(Clip.project_id == project_id).order_by(Clip.id))
    return {row[0]: _Clip(*row[1:]) for row in rows}


def _published(session: Session, project_id: str) -> frozenset[str]:
    """Clips that some published version holds."""
    return frozenset(
        session.scalars(
            select(ReleaseItem.clip_id)
            .join(Release, Release.id == ReleaseItem.release_id)
            .where(
                Release.project_id == project_id,
                Release.state != ReleaseState.BUILDING,
                ReleaseItem.erased_at.is_(None),
            )
            .distinct()
        )
    )


def _uploads_against_receipts(
    uploads: Mapping[str, _Upload], receipts: Mapping[str, _Receipt]
) -> Iterator[Missing]:
    for identifier in receipts.keys() - uploads.keys():
        yield Missing("upload", identifier, "has a receipt in the audit log and no row")
    for identifier, upload in uploads.items():
        receipt = receipts.get(identifier)
        if receipt is None:
            yield Missing("upload", identifier, "has a row and no receipt (upload.received) in the audit log")
        elif receipt.size is not None and receipt.size != upload.size:
            what = f"was received with {receipt.size} bytes, and its row says {upload.size}"
            yield Missing("upload", identifier, what)
        if upload.state in (UploadState.REJECTED, UploadState.FAILED) and not upload.reason:
            yield Missing("upload", identifier, f"is {upload.state} without a reason")


def _uploads_against_recordings(
    uploads: Mapping[str, _Upload], recordings: Mapping[str, _Recording]
) -> Iterator[Missing]:
    for identifier, upload in uploads.items():
        if upload.state is UploadState.INGESTED and upload.recording_id not in recordings:
            yield Missing(
                "upload", identifier, f"was ingested, and its recording {upload.recording_id} isn't there"
            )
    for identifier, recording in recordings.items():
        source = uploads.get(recording.upload_id)
        if source is None:
            yield Missing(
                "recording", identifier, f"came from upload {recording.upload_id}, which has no row"
            )
        elif source.state is not UploadState.INGESTED or source.recording_id != identifier:
            what = f"came from upload {recording.upload_id}, which is {source.state} as {source.recording_id}"
            yield Missing("recording", identifier, what)
        if recording.state in (RecordingState.REJECTED, RecordingState.FAILED) and not recording.reason:
            yield Missing("recording", identifier, f"is {recording.state} without a reason")


def _bytes_against_store(
    uploads: Mapping[str, _Upload], recordings: Mapping[str, _Recording], store: ObjectStore
) -> Iterator[Missing]:
    originals = {each.key: each.size for each in store.list("recordings/")}
    for identifier, recording in recordings.items():
        if recording.state is RecordingState.WITHDRAWN:
            continue  # may have been erased
        found = originals.get(recording.key)
        upload = uploads.get(recording.upload_id)
        if found is None:
            yield Missing("recording", identifier, f"has no object in the store at {recording.key}")
        elif upload and found != upload.size:
            what = f"is {found} bytes long in the store ({recording.key}) and was received with {upload.size}"
            yield Missing("recording", identifier, what)
    for identifier, upload in uploads.items():
        if upload.state in (UploadState.RECEIVED, UploadState.FAILED) and upload.landing_key:
            landed = store.head(upload.landing_key)
            if landed is None:
                yield Missing(
                    "upload", identifier, f"is {upload.state} with no object at {upload.landing_key}"
                )
            elif landed.size != upload.size:
                what = (
                    f"is {landed.size} bytes long at {upload.landing_key} and was received with {upload.size}"
                )
                yield Missing("upload", identifier, what)


def _clips_against_recordings(
    session: Session, clips: Mapping[str, _Clip], recordings: Mapping[str, _Recording]
) -> Iterator[Missing]:
    voiced = set(session.scalars(select(RecordingSpeaker.recording_id).distinct()))
    numbers: dict[tuple[str, str | None], set[int]] = defaultdict(set)
    for identifier, clip in clips.items():
        numbers[clip.recording_id, clip.recipe_id].add(clip.number)
        source = recordings.get(clip.recording_id)
        if source is None:
            yield Missing("clip", identifier, f"was cut from recording {clip.recording_id}, which has no row")
        elif source.recipe_id != clip.recipe_id:
            what = f"was cut by recipe {clip.recipe_id}, and its recording says {source.recipe_id}"
            yield Missing("clip", identifier, what)
        elif (source.state is RecordingState.WITHDRAWN) != (clip.state is ClipState.WITHDRAWN):
            what = f"is {clip.state}, and its recording {clip.recording_id} is {source.state}"
            yield Missing("clip", identifier, what)
    for identifier, recording in recordings.items():
        if identifier not in voiced:
            yield Missing("recording", identifier, "has no speaker")
        if recording.clips_cut is None:
            if recording.state is RecordingState.SEGMENTED:
                yield Missing(
                    "recording", identifier, "is segmented, and nobody wrote how many clips that made"
                )
            continue
        there = numbers[identifier, recording.recipe_id]
        for number in sorted(set(range(recording.clips_cut)) - there):
            what = f"was cut ({recording.clips_cut} clips in all) and has no row"
            yield Missing("clip", f"{number} of recording {identifier}", what)
        for number in sorted(there - set(range(recording.clips_cut))):
            what = f"has a row, and cutting made only {recording.clips_cut}"
            yield Missing("clip", f"{number} of recording {identifier}", what)


def _clips_against_store(clips: Mapping[str, _Clip], store: ObjectStore) -> Iterator[Missing]:
    needed = {
        clip.cut_key: identifier
        for identifier, clip in clips.items()
        if clip.state in (ClipState.CUT, ClipState.WAITING, ClipState.ACCEPTED)
    }
    for stored in store.list("clips/") if needed else ():
        if stored.size:
            needed.pop(stored.key, None)
    for key, identifier in needed.items():
        yield Missing("clip", identifier, f"has no sound in the store at {key}")


_AT_WORK = frozenset({TaskState.OPEN, TaskState.DISPUTED, TaskState.IN_REVIEW, TaskState.RETURNED})


def _clips_against_work(session: Session, clips: Mapping[str, _Clip], project_id: str) -> Iterator[Missing]:
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
            yield Missing("clip", identifier, f"waits for a transcript, and {says}")
        elif clip.state is ClipState.CUT and task is not None:
            yield Missing("clip", identifier, f"is cut and not given out, and {says}")
        elif clip.state is ClipState.ACCEPTED:
            if task is not TaskState.ACCEPTED:
                yield Missing("clip", identifier, f"is accepted, and {says}")
            if identifier not in texts:
                yield Missing("clip", identifier, "is accepted and has no transcript")
        elif clip.state is ClipState.REJECTED:
            if not clip.reason:
                yield Missing("clip", identifier, "is rejected without a reason")
            if task not in (None, TaskState.REJECTED):
                yield Missing("clip", identifier, f"is rejected, and {says}")
        elif clip.state is ClipState.WITHDRAWN and task not in (None, TaskState.WITHDRAWN):
            yield Missing("clip", identifier, f"is withdrawn, and {says}")
    for orphan in tasks.keys() - clips.keys():
        yield Missing("clip", orphan, "has a task and no row")


def _releases_against_clips(session: Session, project_id: str) -> Iterator[Missing]:
    """A published row is of a clip that was once accepted, with a text of that clip."""
    held = (
        select(Release.name, Release.version, Release.clips, func.count(ReleaseItem.clip_id))
        .outerjoin(ReleaseItem, ReleaseItem.release_id == Release.id)
        .where(Release.project_id == project_id)
        .group_by(Release.name, Release.version, Release.clips)
    )
    for name, version, said, found in session.execute(held):
        if said != found:
            yield Missing("release", f"{name}@{version}", f"holds {said} clips, and {found} are listed")
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
            yield Missing("clip", clip_id, f"is in {name}@{version}, and {what}")
        if text_of != clip_id:
            yield Missing("clip", clip_id, f"is in {name}@{version} with a text that isn't there")


def _upload_lines(uploads: Mapping[str, _Upload], seconds: Mapping[str, float]) -> Iterable[Line]:
    names = {UploadState.RECEIVED: "pending"}
    count: Counter[tuple[str, str | None]] = Counter()
    size: Counter[tuple[str, str | None]] = Counter()
    length: defaultdict[tuple[str, str | None], float] = defaultdict(float)
    for identifier, upload in uploads.items():
        end = (names.get(upload.state, upload.state.value), upload.reason)
        count[end] += 1
        size[end] += upload.size
        length[end] += seconds.get(identifier, 0.0)
    return [Line("uploads", *end, count[end], size[end], length[end]) for end in sorted(count, key=_order)]


def _clip_lines(clips: Mapping[str, _Clip], published: frozenset[str]) -> Iterable[Line]:
    count: Counter[tuple[str, str | None]] = Counter()
    length: defaultdict[tuple[str, str | None], float] = defaultdict(float)
    for identifier, clip in clips.items():
        if clip.state is ClipState.ACCEPTED:
            end: tuple[str, str | None] = ("published" if identifier in published else "accepted", None)
        elif clip.state is ClipState.REJECTED:
            end = ("rejected", clip.reason)
        elif clip.state is ClipState.WITHDRAWN:
            end = ("withdrawn", None)
        else:
            end = ("pending", None)
        count[end] += 1
        length[end] += clip.seconds
    return [Line("clips", *end, count[end], None, length[end]) for end in sorted(count, key=_order)]


def _order(end: tuple[str, str | None]) -> tuple[str, str]:
    return end[0], end[1] or ""
