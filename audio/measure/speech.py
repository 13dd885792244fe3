"""Speech against all that is not: levels, signal-to-noise ratio, loudness, wind, echo, voices."""

import numpy as np

from audio.blocks import Backlog
from audio.detect.interface import RATE, Samples
from audio.interval import Interval
from audio.loudness import LoudnessMeter
from audio.measure.hum import Hum
from audio.measure.values import SpeechMeasures
from audio.recipe import MeasurementRules

FRAME = RATE // 100


class SpeechMeter:
    """Push-style: 16 kHz sound and the speech found in it. Constant memory."""

    def __init__(self, rules: MeasurementRules) -> None:
        self._guard = rules.guard_ms * RATE // 1000
        self._loudness = LoudnessMeter(RATE)
        self._hum = Hum()
        self._heard = 0
        self._spoken = 0
        self._sound = Backlog()  # not yet decided, from `_start` on
        self._start = 0
        self._speech: list[Interval] = []
        self._speech_energy, self._speech_frames = 0.0, 0
        self._noise_energy, self._noise_frames = 0.0, 0

    def feed(self, samples: Samples, speech: list[Interval], settled: int) -> None:
        """samples: the next ones; speech: newly final intervals; settled: how far the detector has decided"""
        self._heard += len(samples)
        self._spoken += sum(interval.length for interval in speech)
        self._loudness.feed(samples)
        self._hum.feed(samples)
        self._sound.add(samples)
        self._speech += speech
        self._judge(settled - self._guard)

    def finish(self) -> SpeechMeasures:
        self._judge(self._heard)
        hum_hz, hum_db, hum_power = self._hum.finish()
        speech = self._speech_energy / self._speech_frames if self._speech_frames else None
        noise = self._noise_energy / self._noise_frames if self._noise_frames >= 20 else None
        snr = None
        if speech is not None and noise is not None:
            snr = 10 * np.log10(max(speech - noise, 1e-3 * noise, 1e-12) / max(noise, 1e-12))
        return SpeechMeasures(
            speech_seconds=self._spoken / RATE,
            speech_share=self._spoken / max(self._heard, 1),
            snr_db=float(snr) if snr is not None else None,
            snr_method="pauses" if snr is not None else None,
            loudness_lufs=self._loudness.finish(),
            speech_dbfs=_db(speech),
            noise_dbfs=_db(noise),
            hum_hz=hum_hz,
            hum_db=hum_db,
            hum_below_speech_db=float(10 * np.log10(speech / hum_power))
            if speech and hum_power > 0
            else None,
            wind_db=None,
            reverb_s=None,
            second_voice=None,
        )

    def _judge(self, decided: int) -> None:
        """Count the whole frames before `decided` as speech, as noise, or as neither (too near to speech)."""
        frames = (min(decided, self._start + len(self._sound)) - self._start) // FRAME
        if frames <= 0:
            return
        part = self._sound.take(frames * FRAME).reshape(frames, FRAME)
        energy = np.einsum("ij,ij->i", part, part, dtype=np.float64) / FRAME
        spoken, near = np.zeros(frames, bool), np.zeros(frames, bool)
        for interval in self._speech:
            first, last = (interval.start - self._start) / FRAME, (interval.end - self._start) / FRAME
            guard = self._guard / FRAME
            spoken[max(0, int(np.ceil(first))) : max(0, int(last))] = True
            near[max(0, int(first - guard)) : max(0, int(np.ceil(last + guard)))] = True
        self._speech_energy += float(energy[spoken].sum())
        self._speech_frames += int(spoken.sum())
        self._noise_energy += float(energy[~near].sum())
        self._noise_frames += int((~near).sum())
        self._start += frames * FRAME
        self._speech = [s for s in self._speech if s.end + self._guard > self._start]


def _db(mean_square: float | None) -> float | None:
    return float(10 * np.log10(max(mean_square, 1e-12))) if mean_square is not None else None
