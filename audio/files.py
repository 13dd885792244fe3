"""One step on one file, without a catalogue: what `boli segment`, `measure` and `clean` do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from audio.clean import clean
from audio.decode import open_recording
from audio.detect.interface import RATE
from audio.file_results import CleanedFile, MeasuredFile, SegmentedFile, Span
from audio.interval import Interval, merge_close
from audio.limits import Limits
from audio.listen import Past, listen, seconds
from audio.loudness import LoudnessMeter, true_peak
from audio.measure.source import SourceMeter
from audio.measure.speech import SpeechMeter
from audio.measure.values import Measures
from audio.measure.verdict import verdict
from audio.mono import Samples
from audio.noise import NoiseTracker
from audio.process import file_measures, judge_decoding
from audio.recipe import CleaningRules, Recipe
from audio.render import sound_file
from audio.voices.heard import VoiceMeter

_PIECE = 15 * RATE  # a long file is cleaned in pieces of this length, each with the noise around it
_OVERLAP = RATE // 2  # over which one piece fades into the next


def segment_file(path: Path, recipe: Recipe, limits: Limits) -> SegmentedFile:
    """Where somebody speaks in `path`, and where it would be cut. Raises UnusableRecording."""
    speech: list[Interval] = []
    segments: list[Interval] = []
    with open_recording(path, limits) as recording:
        for heard in listen(recording, recipe):
            speech += heard.speech
            segments += heard.utterances
        duration = recording.summary.samples / recording.info.sample_rate
    return SegmentedFile(
        file=str(path),
        duration=duration,
        engine=recipe.detection.engine,
        speech=_spans(merge_close(speech, gap=0)),
        segments=_spans(iter(segments)),
    )


def measure_file(path: Path, recipe: Recipe, limits: Limits, voice: VoiceMeter | None = None) -> MeasuredFile:
    """What `path` is worth, by the recipe's thresholds. Raises UnusableRecording.

    voice: what listens along for whose voice it is
    """
    with open_recording(path, limits) as recording:
        info = recording.info
        source, speech = SourceMeter(info, recipe.measurement), SpeechMeter(recipe.measurement)
        for heard in listen(recording, recipe):
            source.feed(heard.block)
            speech.feed(heard.mono, list(heard.speech), heard.settled)
            if voice is not None:
                voice.feed(heard.mono, heard.speech, heard.settled)
        summary = recording.summary
    measures = Measures(file=file_measures(summary), source=source.finish(), speech=speech.finish())
    findings = (*judge_decoding(info, summary), *verdict(measures, recipe.measurement))
    return MeasuredFile(
        file=str(path),
        codec=info.codec,
        sample_rate=info.sample_rate,
        channels=info.channels,
        duration=summary.samples / info.sample_rate,
        snr_db=measures.speech.snr_db,
        clipped_share=measures.source.clipped_share,
        loudness_lufs=measures.speech.loudness_lufs,
        speech_share=measures.speech.speech_share,
        bandwidth_hz=measures.source.bandwidth_hz,
        reasons=tuple(dict.fromkeys(finding.code.value for finding in findings)),
        findings=findings,
        measures=measures,
    )


def clean_file(path: Path, out: Path, recipe: Recipe, limits: Limits) -> CleanedFile:
    """Write the cleaned form of the whole of `path` as FLAC or WAV, by the ending of `out`.

    Two passes, in constant memory: the first finds the one gain that brings the whole to the recipe's loudness.
    Raises UnusableRecording; ValueError for another ending of `out`; OSError when it can't be written.
    """
    rules = recipe.cleaning
    meter, peak = LoudnessMeter(RATE), 0.0
    for piece in _cleaned(path, recipe, limits):
        meter.feed(piece)
        peak = max(peak, true_peak(piece))
    now = meter.finish()
    wanted = min(rules.loudness_lufs - now, rules.max_gain_db) if now is not None else 0.0
    limit = 10 ** (rules.true_peak_dbtp / 20)
    gain = min(10 ** (wanted / 20), limit / max(peak, 1e-12))
    length = 0
    with sound_file(out, RATE) as target:
        for piece in _cleaned(path, recipe, limits):
            target.write(np.clip(piece * np.float32(gain), -limit, limit))
            length += len(piece)
    return CleanedFile(str(path), str(out), seconds(length), float(20 * np.log10(gain)))


def _cleaned(path: Path, recipe: Recipe, limits: Limits) -> Iterator[Samples]:
    """The recording in cleaned pieces, not yet levelled, which together are as long as its mono form."""
    rules = _unlevelled(recipe.cleaning)
    past, noise = Past(), NoiseTracker()
    tail: Samples | None = None  # the end of the piece before, cleaned, under the start of the next
    start = 0
    with open_recording(path, limits) as recording:
        for heard in listen(recording, recipe):
            past.add(heard.mono)
            noise.feed(heard.mono, list(heard.speech), heard.settled)
            at_end = heard.block.shape[1] == 0
            while past.heard > start:
                whole = start + _PIECE + _OVERLAP <= heard.settled
                if not whole and not at_end:
                    break
                end = start + _PIECE + _OVERLAP if whole else past.heard
                span = Interval(start, end)
                piece = clean(past.cut(span), noise.around(span), rules)
                if tail is not None:
                    piece = _faded(tail, piece)
                if end == past.heard and at_end:
                    yield piece
                    return
                yield piece[:_PIECE]
                tail = piece[_PIECE:]
                start += _PIECE
                past.forget(start)


def _faded(tail: Samples, piece: Samples) -> Samples:
    """`piece` with its start faded in over `tail`, which covers the same time."""
    count = min(len(tail), len(piece))
    rise = np.linspace(0, 1, count, dtype=np.float32)
    mixed = piece.copy()
    mixed[:count] = tail[:count] * (1 - rise) + piece[:count] * rise
    return mixed


def _unlevelled(rules: CleaningRules) -> CleaningRules:
    """The same cleaning without a change of level: one gain for the whole file is set later."""
    return replace(rules, loudness_lufs=float("inf"), true_peak_dbtp=60.0, max_gain_db=0.0)


def _spans(intervals: Iterator[Interval]) -> tuple[Span, ...]:
    return tuple(Span(seconds(interval.start), seconds(interval.end)) for interval in intervals)
