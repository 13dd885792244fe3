"""The clips that the demo's report shows: heard, drawn, before and after cleaning, and in their recordings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.draw import draw_file
from audio.peaks import Waveform
from audio.sandbox import Sandbox
from catalog.alignments import holds_last
from catalog.reasons import reason
from catalog.states import ClipState, RecordingState
from catalog.tables import (
    Alignment,
    Clip,
    Recording,
    RecordingSpeaker,
    ReleaseItem,
    Speaker,
    Transcript,
    Upload,
)
from flows.workspace import Workspace
from portal.report import records as report

RATE = 16_000
POINTS_PER_SECOND = 50
LARGEST_SOUND = 8 * 2**20
MOST_PICTURES = 6
BEST_LENGTH = 6.0  # seconds: a clip to listen to that is neither a word nor a speech


@dataclass(frozen=True, slots=True)
class ReportClip:
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
    words: tuple[report.TimedWord, ...]
    released: bool

    @property
    def seconds(self) -> float:
        return self.end - self.start


def clips_of(session: Session, project: str) -> tuple[ReportClip, ...]:
    texts = {row.clip_id: row for row in session.scalars(select(Transcript).order_by(Transcript.version))}
    words = {
        row.transcript_id: row.words for row in session.scalars(select(Alignment).order_by(*holds_last()))
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
        ReportClip(
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


def _words(stored: Sequence[dict[str, Any]], limit: float) -> tuple[report.TimedWord, ...]:
    return tuple(
        report.TimedWord(each["word"], min(each["start"] / RATE, limit), min(each["end"] / RATE, limit))
        for each in stored
    )


def language_of(workspace: Workspace, code: str) -> report.ReportLanguage:
    language = workspace.languages[code]
    return report.ReportLanguage(code, language.name, language.own_name, language.direction)


def one_a_language(clips: Sequence[ReportClip]) -> tuple[ReportClip, ...]:
    """From a session of each language, the published clip whose length is nearest to a good one to listen to."""
    chosen: dict[str, ReportClip] = {}
    for clip in sorted(
        clips, key=lambda clip: ("session" not in clip.file, abs(clip.seconds - BEST_LENGTH), clip.id)
    ):
        if clip.released and clip.words:
            chosen.setdefault(clip.language, clip)
    return tuple(chosen[code] for code in sorted(chosen))


def listen(workspace: Workspace, clip: ReportClip) -> report.ListenClip:
    return report.ListenClip(
        clip=clip.id,
        language=language_of(workspace, clip.language),
        speaker=clip.speaker,
        duration=clip.seconds,
        peaks=_drawn(workspace, clip.clean_key),
        text=clip.text,
        words=clip.words,
        sound=report.EmbeddedSound(workspace.store.get_bytes(clip.preview_key, LARGEST_SOUND), "audio/ogg"),
    )


def cleaning(workspace: Workspace, clip: ReportClip) -> report.Cleaning:
    return report.Cleaning(
        clip=clip.id,
        language=language_of(workspace, clip.language),
        duration=clip.seconds,
        before=report.EmbeddedSound(workspace.store.get_bytes(clip.cut_key, LARGEST_SOUND), "audio/flac"),
        after=report.EmbeddedSound(workspace.store.get_bytes(clip.clean_key, LARGEST_SOUND), "audio/flac"),
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


def pictures(
    session: Session, workspace: Workspace, clips: Sequence[ReportClip], examples: Path
) -> Iterator[report.RecordingPicture]:
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
            yield report.RecordingPicture(
                file=name,
                language=language_of(workspace, recording.language),
                speaker=ours[0].speaker if ours else "",
                duration=seconds,
                peaks=_heights(drawn),
                segments=tuple(_segment(clip, seconds) for clip in ours),
                findings=tuple(reason(finding["code"]).sentence for finding in recording.findings),
            )


def _segment(clip: ReportClip, limit: float) -> report.Segment:
    words = tuple(
        report.TimedWord(word.text, clip.start + word.start, min(clip.start + word.end, clip.end))
        for word in clip.words
    )
    return report.Segment(clip.start, min(clip.end, limit), clip.text, words)
