"""What the demo's report shows, read from the catalogue, the store and the published dataset."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio.draw import draw_file
from audio.peaks import Waveform
from audio.sandbox import Sandbox
from boli.demo import report_page
from boli.demo.scripted_people import WorkDone
from catalog.reasons import reason
from catalog.reconciliation.balance import Line, reconcile
from catalog.states import ClipState, RecordingState, SubmissionKind, TaskState, UploadState
from catalog.tables import (
    Alignment,
    Clip,
    Person,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Review,
    Speaker,
    Submission,
    Task,
    Transcript,
    Upload,
)
from flows.steps.publish import PublishReport
from flows.workspace import Workspace
from releases.verify import VerifyReport

RATE = 16_000
POINTS_PER_SECOND = 50
LARGEST_SOUND = 8 * 2**20
MOST_PICTURES = 6
MOST_AGREEMENTS = 24
BEST_LENGTH = 6.0  # seconds: a clip to listen to that is neither a word nor a speech


def gather_report(
    workspace: Workspace,
    published: PublishReport,
    verified: VerifyReport,
    people: WorkDone,
    examples: Path,
    *,
    at: datetime,
) -> report_page.DemoReport:
    """Everything on the page. `examples` holds the recordings by their names."""
    with workspace.catalog.reading() as session:
        clips = _clips(session, workspace.project.name)
        chosen = _one_a_language(clips)
        return report_page.DemoReport(
            title="From a village recording to a dataset",
            summary=_summary(clips, published),
            generated_at=at,
            funnel=tuple(_funnel(session, workspace, published)),
            languages=tuple(_hours(session, workspace, clips)),
            clips=tuple(_listen(workspace, clip) for clip in chosen),
            cleaning=tuple(_cleaning(workspace, clip) for clip in chosen),
            recordings=tuple(_pictures(session, workspace, clips, examples)),
            agreement=tuple(_agreement(session, workspace, clips)),
            rejected=tuple(_rejected(session, workspace.project.name)),
            release=_release(session, published, verified),
            notes=_notes(people),
        )


@dataclass(frozen=True, slots=True)
class _Clip:
    """A clip with what surrounds it. words: seconds of the clip."""

    id: str
    recording_id: str
    file: str
    language: str
    speaker: str
    start: float
    end: float
    state: ClipState
    cut_key: str
    clean_key: str
    preview_key: str
    text: str
    words: tuple[report_page.Word, ...]
    released: bool

    @property
    def seconds(self) -> float:
        return self.end - self.start


def _clips(session: Session, project: str) -> tuple[_Clip, ...]:
    texts = {row.clip_id: row for row in session.scalars(select(Transcript).order_by(Transcript.version))}
    words = {
        row.transcript_id: row.words for row in session.scalars(select(Alignment).order_by(Alignment.at))
    }
    released = set(session.scalars(select(ReleaseItem.clip_id)))
    rows = session.execute(
        select(Clip, Recording.sample_rate, Upload.name, Speaker.pseudonym)
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(Clip.project_id == project)
        .order_by(Upload.name, Clip.number)
    )
    return tuple(
        _Clip(
            id=clip.id,
            recording_id=clip.recording_id,
            file=name,
            language=clip.language,
            speaker=speaker,
            start=clip.start / rate,
            end=clip.end / rate,
            state=clip.state,
            cut_key=clip.cut_key,
            clean_key=clip.clean_key,
            preview_key=clip.preview_key,
            text=texts[clip.id].normalised if clip.id in texts else "",
            words=_words(
                words.get(texts[clip.id].id, []) if clip.id in texts else [], (clip.end - clip.start) / rate
            ),
            released=clip.id in released,
        )
        for clip, rate, name, speaker in rows
    )


def _words(stored: Sequence[dict[str, Any]], limit: float) -> tuple[report_page.Word, ...]:
    return tuple(
        report_page.Word(each["word"], min(each["start"] / RATE, limit), min(each["end"] / RATE, limit))
        for each in stored
    )


def _language(workspace: Workspace, code: str) -> report_page.Language:
    language = workspace.languages[code]
    return report_page.Language(code, language.name, language.own_name, language.direction)


def _summary(clips: Sequence[_Clip], published: PublishReport) -> str:
    languages = len({clip.language for clip in clips})
    return (
        f"Phone files and long sessions in {languages} languages, cut into {len(clips)} clips, written down, "
        f"agreed on, aligned and published as {published.dataset} {published.version}: {published.clips} clips, "
        f"{published.seconds / 60:.1f} minutes."
    )


def _funnel(
    session: Session, workspace: Workspace, published: PublishReport
) -> Iterator[report_page.FunnelRow]:
    project = workspace.project.name
    balance = reconcile(session, workspace.store, project)
    yield report_page.FunnelRow(
        "Received", balance.received.count, "recordings", balance.received.seconds / 3600
    )
    yield from (_lost(line) for line in balance.ends("uploads") if line.end in ("rejected", "failed"))
    good = session.execute(
        select(Recording.samples, Recording.sample_rate).where(
            Recording.project_id == project, Recording.state == RecordingState.SEGMENTED
        )
    ).all()
    hours = sum(samples / rate for samples, rate in good) / 3600
    yield report_page.FunnelRow("Cut into clips", len(good), "recordings", hours)
    yield report_page.FunnelRow("Utterances found", balance.cut.count, "clips", balance.cut.seconds / 3600)
    yield from (_lost(line) for line in balance.ends("clips") if line.end in ("rejected", "failed"))
    tasks = session.scalar(select(func.count()).where(Task.project_id == project)) or 0
    yield report_page.FunnelRow("Given to transcribers", tasks, "tasks")
    texts = session.scalar(
        select(func.count())
        .select_from(Submission)
        .join(Task, Task.id == Submission.task_id)
        .where(Task.project_id == project, Submission.kind == SubmissionKind.FINAL)
    )
    yield report_page.FunnelRow("Written down", texts or 0, "transcripts")
    kept = [line for line in balance.ends("clips") if line.end in ("accepted", "published")]
    yield report_page.FunnelRow(
        "Accepted", sum(line.count for line in kept), "clips", sum(line.seconds for line in kept) / 3600
    )
    yield report_page.FunnelRow("Published", published.clips, "clips", published.seconds / 3600)


def _lost(line: Line) -> report_page.FunnelRow:
    label = reason(line.reason).sentence if line.reason else line.end
    unit = "recordings" if line.noun == "uploads" else "clips"
    return report_page.FunnelRow(
        f"Rejected: {label}",
        line.count,
        unit,
        line.seconds / 3600 if line.seconds else None,
        report_page.Fate.LOST,
    )


def _hours(
    session: Session, workspace: Workspace, clips: Sequence[_Clip]
) -> Iterator[report_page.LanguageHours]:
    received: defaultdict[str, float] = defaultdict(float)
    for language, samples, rate in session.execute(
        select(Recording.language, Recording.samples, Recording.sample_rate).where(
            Recording.project_id == workspace.project.name
        )
    ):
        received[language] += samples / rate / 3600
    for code in sorted(received):
        ours = [clip for clip in clips if clip.language == code]
        yield report_page.LanguageHours(
            _language(workspace, code),
            received[code],
            sum(clip.seconds for clip in ours if clip.state is ClipState.ACCEPTED) / 3600,
            sum(clip.seconds for clip in ours if clip.released) / 3600,
        )


def _one_a_language(clips: Sequence[_Clip]) -> tuple[_Clip, ...]:
    """From a session of each language, the published clip whose length is nearest to a good one to listen to."""
    chosen: dict[str, _Clip] = {}
    for clip in sorted(
        clips, key=lambda clip: ("session" not in clip.file, abs(clip.seconds - BEST_LENGTH), clip.id)
    ):
        if clip.released and clip.words:
            chosen.setdefault(clip.language, clip)
    return tuple(chosen[code] for code in sorted(chosen))


def _listen(workspace: Workspace, clip: _Clip) -> report_page.ListenClip:
    return report_page.ListenClip(
        clip=clip.id,
        language=_language(workspace, clip.language),
        speaker=clip.speaker,
        duration=clip.seconds,
        peaks=_drawn(workspace, clip.clean_key),
        text=clip.text,
        words=clip.words,
        sound=report_page.Sound(workspace.store.get_bytes(clip.preview_key, LARGEST_SOUND), "audio/ogg"),
    )


def _cleaning(workspace: Workspace, clip: _Clip) -> report_page.Cleaning:
    return report_page.Cleaning(
        clip=clip.id,
        language=_language(workspace, clip.language),
        duration=clip.seconds,
        before=report_page.Sound(workspace.store.get_bytes(clip.cut_key, LARGEST_SOUND), "audio/flac"),
        after=report_page.Sound(workspace.store.get_bytes(clip.clean_key, LARGEST_SOUND), "audio/flac"),
        before_peaks=_drawn(workspace, clip.cut_key),
        after_peaks=_drawn(workspace, clip.clean_key),
    )


def _drawn(workspace: Workspace, key: str) -> tuple[float, ...]:
    path = workspace.scratch / f"drawing-{key.rsplit('/', 1)[-1]}"
    try:
        workspace.store.fetch(key, path)
        return _heights(draw_file(path, POINTS_PER_SECOND, workspace.limits))
    finally:
        path.unlink(missing_ok=True)


def _heights(waveform: Waveform) -> tuple[float, ...]:
    pairs = waveform.pairs
    return tuple(
        min(1.0, max(-low, high, 0) / 128) for low, high in zip(pairs[::2], pairs[1::2], strict=True)
    )


def _pictures(
    session: Session, workspace: Workspace, clips: Sequence[_Clip], examples: Path
) -> Iterator[report_page.RecordingPicture]:
    """The longest recordings, each whole, with its utterances."""
    rows = session.execute(
        select(Recording, Upload.name)
        .join(Upload, Upload.id == Recording.upload_id)
        .where(Recording.project_id == workspace.project.name, Recording.state == RecordingState.SEGMENTED)
    ).all()
    longest = sorted(rows, key=lambda row: (-row[0].samples / row[0].sample_rate, row[1]))[:MOST_PICTURES]
    with Sandbox(1, workspace.limits) as sandbox:
        for recording, name in longest:
            ours = [clip for clip in clips if clip.recording_id == recording.id]
            seconds = recording.samples / recording.sample_rate
            drawn = sandbox.run(
                draw_file, examples / "recordings" / name, POINTS_PER_SECOND, workspace.limits
            )
            yield report_page.RecordingPicture(
                file=name,
                language=_language(workspace, recording.language),
                speaker=ours[0].speaker if ours else "",
                duration=seconds,
                peaks=_heights(drawn),
                segments=tuple(_segment(clip, seconds) for clip in ours),
                findings=tuple(reason(finding["code"]).sentence for finding in recording.findings),
            )


def _segment(clip: _Clip, limit: float) -> report_page.Segment:
    words = tuple(
        report_page.Word(word.text, clip.start + word.start, min(clip.start + word.end, clip.end))
        for word in clip.words
    )
    return report_page.Segment(clip.start, min(clip.end, limit), clip.text, words)


def _agreement(
    session: Session, workspace: Workspace, clips: Sequence[_Clip]
) -> Iterator[report_page.AgreementRow]:
    """Clips on which two people did not write the same, the most different first."""
    from flows.steps.project_context import open_project_context
    from transcription.decisions.agreement import agreement

    context = open_project_context(workspace)
    by_id = {clip.id: clip for clip in clips}
    handles = dict(session.execute(select(Person.id, Person.handle)).tuples().all())
    reviewed = set(session.scalars(select(Review.task_id)))
    rows: list[report_page.AgreementRow] = []
    finals: defaultdict[str, list[Submission]] = defaultdict(list)
    for sent in session.scalars(
        select(Submission)
        .where(Submission.kind == SubmissionKind.FINAL)
        .order_by(Submission.created_at, Submission.id)
    ):
        finals[sent.task_id].append(sent)
    for task in session.scalars(
        select(Task).where(Task.project_id == workspace.project.name).order_by(Task.id)
    ):
        texts = finals[task.id]
        if len(texts) < 2 or texts[0].verbatim == texts[1].verbatim:
            continue
        clip = by_id[task.clip_id]
        guideline = context.guideline_of(task.language)
        rows.append(
            report_page.AgreementRow(
                clip=clip.id,
                language=_language(workspace, clip.language),
                first_by=handles[texts[0].person_id],
                first=texts[0].verbatim,
                second_by=handles[texts[1].person_id],
                second=texts[1].verbatim,
                character_error_rate=agreement(texts[0].verbatim, texts[1].verbatim, guideline).cer,
                outcome=_outcome(task, len(texts), task.id in reviewed),
                note=f"Stands: {clip.text}" if clip.text else "",
            )
        )
    yield from sorted(rows, key=lambda row: (-row.character_error_rate, row.clip))[:MOST_AGREEMENTS]


def _outcome(task: Task, texts: int, reviewed: bool) -> report_page.Outcome:
    if task.state is not TaskState.ACCEPTED:
        return report_page.Outcome.OPEN
    if reviewed:
        return report_page.Outcome.REVIEWED
    return report_page.Outcome.THIRD_OPINION if texts > 2 else report_page.Outcome.AGREED


def _rejected(session: Session, project: str) -> Iterator[report_page.RejectedRow]:
    turned_away = session.execute(
        select(Upload.name, Upload.reason).where(
            Upload.project_id == project, Upload.state.in_([UploadState.REJECTED, UploadState.FAILED])
        )
    ).all()
    unusable = session.execute(
        select(Upload.name, Recording.reason)
        .join(Recording, Recording.upload_id == Upload.id)
        .where(Recording.project_id == project, Recording.state == RecordingState.REJECTED)
    ).all()
    for name, code in sorted([*turned_away, *unusable]):
        why = reason(str(code))
        yield report_page.RejectedRow(name, why.code, why.sentence, why.mend)


def _release(session: Session, published: PublishReport, verified: VerifyReport) -> report_page.ReleaseBox:
    rows = session.execute(
        select(
            ReleaseItem.split,
            func.count(func.distinct(ReleaseItem.speaker)),
            func.count(),
            func.sum(Clip.seconds),
        )
        .join(Release, Release.id == ReleaseItem.release_id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .where(Release.name == published.dataset, Release.version == published.version)
        .group_by(ReleaseItem.split)
        .order_by(ReleaseItem.split.desc())
    ).all()
    location = str(published.url).removeprefix("file://")
    return report_page.ReleaseBox(
        name=published.dataset,
        version=str(published.version),
        location=location,
        rows=published.clips,
        hours=published.seconds / 3600,
        splits=tuple(
            report_page.SplitRow(split, voices, count, seconds / 3600)
            for split, voices, count, seconds in rows
        ),
        files_verified=verified.files if verified.ok else 0,
        loading_code=(
            "from datasets import Audio, load_dataset\n\n"
            f"dataset = load_dataset({json.dumps(location)})\n"
            'dataset = dataset.cast_column("audio", Audio(decode=False))'
        ),
    )


def _notes(people: WorkDone) -> tuple[str, ...]:
    texts = sum(people.outcomes.values())
    done = (
        f"They handed in {texts} texts in this run."
        if texts
        else "In this run there was nothing left to do for them."
    )
    return (
        "The recordings are real, under public licences. The transcribers and reviewers are scripts that know what is "
        "said: one careful, one average, one careless, so that agreement, third opinions and reviews happen. "
        + done,
        "Each language has one speaker here, so all of it is for training: a voice stands in one split only. "
        "A real project asks for more speakers before it publishes.",
        "Consents are rows for the demonstration: the recordings' public licence is their evidence.",
    )
