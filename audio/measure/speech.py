"""Speech against all that is not: levels, signal-to-noise ratio, loudness, hum, wind, echo, voices."""

import numpy as np

from audio.blocks import Backlog
from audio.detect.interface import RATE, Samples
from audio.interval import Interval
from audio.loudness import LoudnessMeter
from audio.measure.decay import Decay
from audio.measure.hum import LowEnd
from audio.measure.snr import SpeechAloneSnr
from audio.measure.values import SpeechMeasures
from audio.measure.voices import Voices
from audio.recipe import MeasurementRules

FRAME = RATE // 100
CELL = 5 * RATE  # decided in whole pieces, so that figures do not depend on how the sound arrived
LEAST_NOISE = 25  # frames: less silence than a quarter of a second tells nothing of the noise
MOST_SNR_DB = 100.0


class SpeechMeter:
    """Push-style: 16 kHz sound and the speech found in it. Constant memory."""

    def __init__(self, rules: MeasurementRules) -> None:
        self._guard = rules.guard_ms * RATE // 1000
        self._loudness, self._low, self._alone = LoudnessMeter(RATE), LowEnd(), SpeechAloneSnr()
        self._decay, self._voices = Decay(), Voices()
        self._heard = self._spoken = 0
        self._sum = 0.0
        self._sound = Backlog()  # not yet decided
        self._decided = 0
        self._speech: list[Interval] = []
        self._speech_energy, self._speech_frames = 0.0, 0
        self._noise_energy, self._noise_frames = 0.0, 0

    def feed(self, samples: Samples, speech: list[Interval], settled: int) -> None:
        """samples: the next ones; speech: newly final intervals; settled: how far the detector has decided"""
        self._heard += len(samples)
        self._spoken += sum(interval.length for interval in speech)
        self._loudness.feed(samples)
        self._sound.add(samples)
        self._speech += speech
        while self._decided + CELL <= settled - self._guard and len(self._sound) >= CELL:
            self._judge(self._sound.take(CELL))

    def loudness_of(self, span: Interval) -> float | None:
        """LUFS of a stretch of the last two minutes, None where it is silent."""
        return self._loudness.of(span)

    def finish(self) -> SpeechMeasures:
        while len(self._sound):
            self._judge(self._sound.take(CELL))
        hum_hz, hum_db, hum_power = self._low.hum()
        offset = (self._sum / max(self._heard, 1)) ** 2
        speech = (
            max(self._speech_energy / self._speech_frames - offset, 1e-12) if self._speech_frames else None
        )
        noise = self._noise(offset)
        snr, method = self._snr(speech, noise)
        gusts = self._low.gusts()
        return SpeechMeasures(
            speech_seconds=self._spoken / RATE,
            speech_share=self._spoken / max(self._heard, 1),
            snr_db=snr,
            snr_method=method,
            loudness_lufs=self._loudness.finish(),
            speech_dbfs=_db(speech),
            noise_dbfs=_db(noise),
            hum_hz=hum_hz,
            hum_db=hum_db,
            hum_below_speech_db=_ratio_db(speech, hum_power),
            wind_db=_ratio_db(gusts, speech),
            reverb_s=self._decay.finish(),
            second_voice=self._voices.finish(),
        )

    def _snr(self, speech: float | None, noise: float | None) -> tuple[float | None, str | None]:
        if speech is None:
            return None, None
        if noise is not None:
            ratio = 10 * np.log10(max(speech - noise, 1e-3 * noise) / noise)
            return float(min(ratio, MOST_SNR_DB)), "pauses"
        estimate = self._alone.finish()
        return estimate, "speech alone" if estimate is not None else None

    def _noise(self, offset: float = 0.0) -> float | None:
        """Mean square between the speech; None while there was too little of it."""
        if self._noise_frames < LEAST_NOISE:
            return None
        return max(self._noise_energy / self._noise_frames - offset, 1e-12)

    def _judge(self, cell: Samples) -> None:
        """Count the frames of the next piece as speech, as noise, or as neither (too near to speech)."""
        self._low.feed(cell)
        start = self._decided
        self._sum += float(cell.sum())
        count = -(-len(cell) // FRAME)
        whole = cell if len(cell) == count * FRAME else np.pad(cell, (0, count * FRAME - len(cell)))
        frames = whole.reshape(count, FRAME)
        sizes = np.full(count, FRAME)
        sizes[-1] = len(cell) - (count - 1) * FRAME
        energy = np.einsum("ij,ij->i", frames, frames) / sizes
        spoken, near = np.zeros(count, bool), np.zeros(count, bool)
        for interval in self._speech:
            first, last = interval.start - start, interval.end - start
            spoken[max(0, -(-first // FRAME)) : max(0, last // FRAME)] = True
            near[max(0, (first - self._guard) // FRAME) : max(0, -(-(last + self._guard) // FRAME))] = True
        self._speech_energy += float(energy[spoken].sum())
        self._speech_frames += int(spoken.sum())
        self._noise_energy += float(energy[~near].sum())
        self._noise_frames += int((~near).sum())
        noise = self._noise()
        if noise is not None and near.any():
            self._decay.feed(10 * np.log10(energy + 1e-12), 10 * np.log10(noise))
        if noise is None:  # as soon as pauses tell the noise, nobody asks what speech alone tells
            for first, last in _runs(spoken):
                self._alone.feed(cell[first * FRAME : last * FRAME])
        self._voices.feed(cell, start, self._speech)
        self._decided += len(cell)
        self._speech = [s for s in self._speech if s.end + self._guard > self._decided]


def _runs(mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _db(mean_square: float | None) -> float | None:
    return float(10 * np.log10(max(mean_square, 1e-12))) if mean_square is not None else None


def _ratio_db(part: float | None, whole: float | None) -> float | None:
    """dB that `part` lies over `whole`; None where either is missing or nothing."""
    return float(10 * np.log10(part / whole)) if part and whole else None
