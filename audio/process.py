"""One recording to its clips, in one pass and in constant memory: decode, measure, detect, cut, clean, write.

Everything here follows from the recording's bytes and the recipe: the same two give the same files and figures.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from audio.blas import one_thread
from audio.clean import clean
from audio.clips import ClipMeasures, FullScale, brought_down, judge_clip, measure_clip
from audio.decode import DecodeSummary, StreamInfo, open_recording
from audio.detect.interface import RATE
from audio.handed import output_path
from audio.identity import clip_id, file_sha256
from audio.interval import Interval
from audio.limits import Limits
from audio.listen import HeardBlock, Past, listen
from audio.measure.source import SourceMeter
from audio.measure.speech import SpeechMeter
from audio.measure.values import FileMeasures, Measures
from audio.measure.verdict import Finding, verdict
from audio.mono import Mono16k, Samples
from audio.noise import NoiseTracker
from audio.peaks import PeakMeter
from audio.reasons import AudioReason
from audio.recipe import Recipe
from audio.render import flac_bytes, preview_bytes, write_whole
from audio.voices.heard import VoiceMeter
from audio.voices.values import HeardVoice

_ENOUGH_DECODED = (
    0.5  # of what the container declares: below this the recording is rejected, above it is warned about
)
_MANY_DAMAGED = 0.01  # of the packets: below this, and for a single one, a listener hears nothing of it
_UNREAD_SECONDS = 0.5  # less may be padding, or a head that we take for sound
_ROUNDING = 16  # samples that conversions between time lines may reach back


@dataclass(frozen=True, slots=True)
class Rendition:
    """One file made of a clip. kind: cut, clean, preview or peaks."""

    kind: str
    file: str  # six hours of speech have 16,000: as Path objects they would weigh more than all the sound in memory
    sha256: str

    @property
    def path(self) -> Path:
        return Path(self.file)


@dataclass(frozen=True, slots=True)
class ClipResult:
    """One utterance. interval: in samples of the original's time line."""

    index: int
    id: str
    interval: Interval
    renditions: tuple[Rendition, ...]
    measures: ClipMeasures
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ProcessedRecording:
    """All that one pass found.

    speech: what the detector heard, unpadded, in 16 kHz samples
    voice:  None where it was not asked for, or too little was said
    """

    sha256: str
    recipe_id: str
    info: StreamInfo
    summary: DecodeSummary
    measures: Measures
    findings: tuple[Finding, ...]
    speech: tuple[Interval, ...]
    clips: tuple[ClipResult, ...]
    voice: HeardVoice | None = None


def process_recording(
    path: Path, out_dir: Path, recipe: Recipe, limits: Limits, voice: VoiceMeter | None = None
) -> ProcessedRecording:
    """Write the clips of `path` into `out_dir`, an existing folder, and tell what was found.

    voice: what listens along for whose voice it is
    Run it in the sandbox. When it fails, the clips that it wrote are gone.
    Raises UnusableRecording; OSError when the folder or the disk gives out.
    """
    sha256 = file_sha256(path)
    clips: list[ClipResult] = []
    written: list[str] = []
    try:
        with one_thread(), open_recording(path, limits) as recording:
            info = recording.info
            source, speech_meter = SourceMeter(info, recipe.measurement), SpeechMeter(recipe.measurement)
            cutter = _Cutter(sha256, info, out_dir, recipe, speech_meter.loudness_of, written)
            speech: list[Interval] = []
            for heard in listen(recording, recipe):
                source.feed(heard.block)
                speech_meter.feed(heard.mono, list(heard.speech), heard.settled)
                speech += heard.speech
                clips += cutter.feed(heard)
                if voice is not None:
                    voice.feed(heard.mono, heard.speech, heard.settled)
            summary = recording.summary
        measures = Measures(file=file_measures(summary), source=source.finish(), speech=speech_meter.finish())
        findings = (*judge_decoding(info, summary), *verdict(measures, recipe.measurement))
    except BaseException:
        for file in written:
            output_path(Path(file)).unlink(missing_ok=True)
        raise
    whose = voice.finish() if voice is not None else None
    return ProcessedRecording(
        sha256, recipe.id, info, summary, measures, findings, tuple(speech), tuple(clips), whose
    )


def process_into(
    job: tuple[Path, Path], recipe: Recipe, limits: Limits, hears_voice: Collection[Path] = ()
) -> ProcessedRecording:
    """`process_recording` for a job of (recording, folder for its clips), as the sandbox hands jobs on.

    hears_voice: recordings of which it is wanted whose voice they are
    """
    path, out_dir = job
    return process_recording(path, out_dir, recipe, limits, VoiceMeter() if path in hears_voice else None)


def file_measures(summary: DecodeSummary) -> FileMeasures:
    """What decoding tells of the file's bytes, as it is stored."""
    return FileMeasures(
        packets=summary.packets,
        damaged_packets=summary.damaged_packets,
        unread_bytes=summary.unread_bytes,
        unread_seconds=summary.unread_seconds,
    )


def judge_decoding(info: StreamInfo, summary: DecodeSummary) -> tuple[Finding, ...]:
    """Findings about the file itself: cut off, or with damage inside."""
    return tuple(_of_the_file(info, summary))


def _of_the_file(info: StreamInfo, summary: DecodeSummary) -> Iterator[Finding]:
    if summary.truncated and summary.declared_seconds:
        share = summary.samples / info.sample_rate / summary.declared_seconds
        if share < _ENOUGH_DECODED:
            yield Finding(AudioReason.TRUNCATED, "reject", "decoded_share", share, _ENOUGH_DECODED)
        else:
            yield Finding(AudioReason.TRUNCATED, "warn", "decoded_share", share, 1.0)
    damaged = summary.damaged_packets / max(summary.packets, 1)
    if summary.damaged_packets > 1 and damaged > _MANY_DAMAGED:
        yield Finding(AudioReason.DAMAGED, "warn", "damaged_share", damaged, _MANY_DAMAGED)
    if summary.unread_seconds > _UNREAD_SECONDS:
        yield Finding(AudioReason.UNREAD, "warn", "unread_seconds", summary.unread_seconds, _UNREAD_SECONDS)


class _Cutter:
    """Cuts, cleans and writes each utterance as soon as it is final."""

    def __init__(
        self,
        recording_sha256: str,
        info: StreamInfo,
        out_dir: Path,
        recipe: Recipe,
        loudness_of: Callable[[Interval], float | None],
        written: list[str],
    ) -> None:
        """loudness_of: stretches just heard, 16 kHz; written: takes up the name of every file before it is written"""
        self._recording = recording_sha256
        self._rate = info.sample_rate
        self._out_dir = out_dir
        self._recipe = recipe
        self._past = Past()
        self._noise = NoiseTracker()
        self._full_scale = FullScale(info.sample_rate, info.channels, floats=info.codec.startswith("pcm_f"))
        self._speech: list[Interval] = []
        self._read = 0  # samples of the original
        self._loudness_of = loudness_of
        self._written = written
        self._count = 0
        # the cut may be kept at a higher rate than the one that everything else works at
        self._cut_rate = recipe.renditions.sample_rate_hz
        self._fine = (
            None if self._cut_rate == RATE else _Finer(info.sample_rate, info.channels, self._cut_rate)
        )

    def feed(self, heard: HeardBlock) -> Iterator[ClipResult]:
        """The clips that this block completed; must be iterated to the end."""
        self._past.add(heard.mono)
        self._noise.feed(heard.mono, list(heard.speech), heard.settled)
        self._full_scale.feed(heard.block)
        self._speech += heard.speech
        self._read += heard.block.shape[1]
        if self._fine is not None:
            self._fine.feed(heard.block)
        for utterance in heard.utterances:
            yield self._write(utterance)
        self._forget(heard.horizon)

    def _write(self, utterance: Interval) -> ClipResult:
        original = self._on_the_original(utterance)
        at_16k = _within(original.at_rate(self._rate, RATE), self._past.heard)
        name = clip_id(self._recording, original.start, original.end, self._recipe.id)
        noise = self._noise.around(utterance)
        heard = self._past.cut(at_16k)
        cleaned = clean(heard, noise, self._recipe.cleaning)
        cut = heard if self._fine is None else self._fine.cut(original, self._rate)
        speech = _inside(self._speech, at_16k)
        measures = measure_clip(
            heard,
            speech,
            noise,
            clipped_share=self._full_scale.share(original),
            loudness_lufs=self._loudness_of(at_16k),
        )
        renditions = self._render(name, brought_down(cut), cleaned)
        self._count += 1
        return ClipResult(
            index=self._count - 1,
            id=name,
            interval=original,
            renditions=renditions,
            measures=measures,
            findings=judge_clip(measures, self._recipe),
        )

    def _render(self, name: str, cut: Samples, cleaned: Samples) -> tuple[Rendition, ...]:
        """The untouched cut, and what a transcriber hears: cleaned, as preview and waveform too."""
        rules = self._recipe.renditions
        waveform = PeakMeter(RATE, rules.peaks_per_second)
        waveform.feed(cleaned)
        made = [
            self._keep("cut", f"{name}.flac", flac_bytes(cut, self._cut_rate)),
            self._keep("clean", f"{name}.clean.flac", flac_bytes(cleaned, RATE)),
            self._keep("peaks", f"{name}.peaks.json", waveform.finish().to_json().encode()),
        ]
        if rules.preview_bitrate:
            content = preview_bytes([cleaned], RATE, rules.preview_bitrate)
            made.append(self._keep("preview", f"{name}.preview.opus", content))
        return tuple(made)

    def _keep(self, kind: str, name: str, content: bytes) -> Rendition:
        path = self._out_dir / name
        file = str(path)
        self._written.append(file)
        write_whole(path, content)
        return Rendition(kind, file, hashlib.sha256(content).hexdigest())

    def _on_the_original(self, utterance: Interval) -> Interval:
        """The clip's truth: whole samples of the original, from which every rendition is cut."""
        return _within(utterance.at_rate(RATE, self._rate), self._read)

    def _forget(self, horizon: int) -> None:
        before = max(0, horizon - _ROUNDING)
        self._past.forget(before)
        self._full_scale.forget(before * self._rate // RATE)
        if self._fine is not None:
            self._fine.forget(before)
        self._speech = [interval for interval in self._speech if interval.end > before]


class _Finer:
    """The mono form once more, at the rate that the recipe keeps cuts in."""

    def __init__(self, rate: int, channels: int, out_rate: int) -> None:
        self._mixer = Mono16k(rate, channels, out_rate=out_rate)
        self._rate = out_rate
        self._past = Past()

    def feed(self, block: Samples) -> None:
        self._past.add(self._mixer.feed(block) if block.shape[1] else self._mixer.finish())

    def cut(self, original: Interval, rate: int) -> Samples:
        return self._past.cut(_within(original.at_rate(rate, self._rate), self._past.heard))

    def forget(self, before: int) -> None:
        """before: in 16 kHz samples"""
        self._past.forget(before * self._rate // RATE - _ROUNDING)


def _within(interval: Interval, length: int) -> Interval:
    """Rounding between time lines may reach a sample past the end."""
    return interval if interval.end <= length else Interval(min(interval.start, length - 1), length)


def _inside(speech: list[Interval], span: Interval) -> tuple[Interval, ...]:
    """The parts of `speech` in `span`, counted from its start."""
    return tuple(
        Interval(max(interval.start, span.start) - span.start, min(interval.end, span.end) - span.start)
        for interval in speech
        if interval.start < span.end and interval.end > span.start
    )
