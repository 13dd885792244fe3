"""What is known of one clip: how loud, how far over the noise, how often at full scale."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.detect.interface import RATE
from audio.interval import Interval
from audio.measure.verdict import Finding
from audio.mono import Samples
from audio.noise import WINDOW, Noise
from audio.reasons import AudioReason
from audio.recipe import Recipe

_FULL_SCALE = 0.999
_SILENCE = 1e-12  # -120 dB


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMeasures:
    """Of the untouched cut. None: can't be measured.

    seconds, speech_seconds
    snr_db:        speech in the clip over the noise around it
    loudness_lufs: ITU-R BS.1770-4
    peak:          highest sample, 1.0 for full scale
    clipped_share: share of the original's samples at full scale, in its worst channel
    """

    seconds: float
    speech_seconds: float
    snr_db: float | None
    loudness_lufs: float | None
    peak: float
    clipped_share: float


def measure_clip(
    cut: Samples,
    speech: tuple[Interval, ...],
    noise: Noise,
    *,
    clipped_share: float,
    loudness_lufs: float | None,
) -> ClipMeasures:
    """speech: what the detector heard in the clip, in samples of the clip."""
    spoken = [cut[interval.start : interval.end] for interval in speech]
    return ClipMeasures(
        seconds=len(cut) / RATE,
        speech_seconds=sum(map(len, spoken)) / RATE,
        snr_db=_snr_db(spoken, noise),
        loudness_lufs=loudness_lufs,
        peak=max(float(cut.max(initial=0.0)), -float(cut.min(initial=0.0))),
        clipped_share=clipped_share,
    )


def judge_clip(measures: ClipMeasures, recipe: Recipe) -> tuple[Finding, ...]:
    """Findings by the recipe's thresholds, rejections first."""
    return tuple(sorted(_findings(measures, recipe), key=lambda finding: finding.severity != "reject"))


def brought_down(cut: Samples) -> Samples:
    """A clip that passes full scale, made softer until it doesn't: a file of whole numbers would cut it off there."""
    peak = max(float(cut.max(initial=0.0)), -float(cut.min(initial=0.0)))
    return cut if peak <= 1 else cut * np.float32(1 / peak)


class FullScale:
    """How many samples of the original reach full scale, by the hundredth of a second, as far back as needed."""

    def __init__(self, rate: int, channels: int, *, floats: bool = False) -> None:
        """floats: samples may pass full scale without having been cut off there"""
        self._highest = 1.0 if floats else np.inf
        self._step = max(1, rate // 100)
        self._counts: NDArray[np.int64] = np.zeros((channels, 64), np.int64)
        self._first = 0  # the hundredth that column 0 counts
        self._heard = 0

    def feed(self, block: NDArray[np.float32]) -> None:
        """block: (channels, n) at the original's rate"""
        last = (self._heard + block.shape[1]) // self._step - self._first
        if last >= self._counts.shape[1]:
            grown = np.zeros((len(self._counts), 2 * (last + 1)), np.int64)
            grown[:, : self._counts.shape[1]] = self._counts
            self._counts = grown
        if max(block.max(initial=0.0), -block.min(initial=0.0)) >= _FULL_SCALE:
            size = np.abs(block)
            channels, samples = np.nonzero((size >= _FULL_SCALE) & (size <= self._highest))
            np.add.at(self._counts, (channels, (samples + self._heard) // self._step - self._first), 1)
        self._heard += block.shape[1]

    def share(self, span: Interval) -> float:
        """Of the samples of `span` (original time line), in the channel that has most; to a hundredth of a second."""
        first, last = span.start // self._step - self._first, -(-span.end // self._step) - self._first
        return float(self._counts[:, first:last].sum(axis=1).max()) / ((last - first) * self._step)

    def forget(self, before: int) -> None:
        """Nobody asks for anything earlier than this sample any more."""
        gone = before // self._step - self._first
        if gone > self._counts.shape[1] // 2:
            self._counts = self._counts[:, gone:].copy()
            self._first += gone


def _snr_db(spoken: list[Samples], noise: Noise) -> float | None:
    count = sum(map(len, spoken))
    if not count or not noise.frames:
        return None
    # not np.dot: its last digits depend on how many threads it has
    power = sum(float(np.einsum("i,i->", part, part, dtype=np.float64)) for part in spoken) / count
    two_sided = 2 * noise.power.sum() - noise.power[0] - noise.power[-1]
    level = max(
        float(two_sided) / (WINDOW * WINDOW * 0.375), _SILENCE
    )  # 3/8: the mean square of a Hann window
    return float(10 * np.log10(max(power - level, 1e-3 * level, _SILENCE) / level))


def _findings(measures: ClipMeasures, recipe: Recipe) -> Iterator[Finding]:
    rules = recipe.measurement
    least = recipe.segmentation.min_length_ms / 1000
    if measures.seconds < least:
        yield Finding(AudioReason.CLIP_TOO_SHORT, "warn", "seconds", measures.seconds, least)
    if measures.snr_db is not None:
        if measures.snr_db <= rules.low_snr_reject_db:
            yield Finding(
                AudioReason.CLIP_LOW_SNR, "reject", "snr_db", measures.snr_db, rules.low_snr_reject_db
            )
        elif measures.snr_db <= rules.low_snr_warn_db:
            yield Finding(AudioReason.CLIP_LOW_SNR, "warn", "snr_db", measures.snr_db, rules.low_snr_warn_db)
    share = measures.clipped_share
    if share >= rules.clipped_reject_share:
        yield Finding(AudioReason.CLIP_CLIPPED, "reject", "clipped_share", share, rules.clipped_reject_share)
    elif share >= rules.clipped_warn_share:
        yield Finding(AudioReason.CLIP_CLIPPED, "warn", "clipped_share", share, rules.clipped_warn_share)
