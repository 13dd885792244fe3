"""More than one speaker? The pitch of each utterance, and whether the utterances fall into two groups."""

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft

from audio.blocks import windows
from audio.detect.interface import RATE
from audio.interval import Interval

THIN = 2  # neighbours become one sample: pitch lies far below 4 kHz
SLOW = RATE // THIN
WINDOW = 512
STEP = SLOW // 6
LOWEST, HIGHEST = 75, 400  # Hz
VOICED = 0.6  # of the autocorrelation
LEAST = 3  # voiced frames (half a second) that an utterance needs to have a pitch
KEPT = 2_000  # utterances; more would not change the answer
APART = (
    5.5  # semitones: one speaker's utterances lie closer together than this, a man's and a woman's farther
)
SOFT = 0.8
GROUP = 2  # utterances: one alone may be a laugh
SHARE = 0.1  # of the voiced time that the second group needs

_HANN = np.hanning(WINDOW).astype(np.float32)
_SHAPE = irfft(np.square(np.abs(rfft(_HANN, 2 * WINDOW))))[:WINDOW]
_SHAPE /= _SHAPE[0]


class Voices:
    """Push-style over stretches of sound with the speech in them."""

    def __init__(self) -> None:
        self._pitches: list[tuple[float, int]] = []  # semitones, voiced frames
        self._open: list[float] = []  # of the utterance that goes on
        self._end = -1

    def feed(self, samples: npt.NDArray[np.float32], start: int, speech: list[Interval]) -> None:
        """samples: from `start` on; speech: overlapping them"""
        for spoken in speech:
            first, last = max(spoken.start, start), min(spoken.end, start + len(samples))
            if last - first < THIN * WINDOW:
                continue
            if first > self._end + RATE // 4:
                self._close()
            self._open += pitches(samples[first - start : last - start]).tolist()
            self._end = last

    def finish(self) -> float | None:
        """Likelihood of two groups of voices; None where fewer than four utterances have a pitch."""
        self._close()
        if len(self._pitches) < 2 * GROUP:
            return None
        pitch, weight = np.asarray(self._pitches).T
        order = np.argsort(pitch)
        pitch, weight = pitch[order], weight[order]
        heavy, moment = np.cumsum(weight), np.cumsum(weight * pitch)
        low, high = moment[:-1] / heavy[:-1], (moment[-1] - moment[:-1]) / (heavy[-1] - heavy[:-1])
        share = np.minimum(heavy[:-1], heavy[-1] - heavy[:-1]) / heavy[-1]
        share[: GROUP - 1] = share[len(share) - GROUP + 1 :] = 0.0
        between = share * (1 - share) * (high - low) ** 2
        best = int(np.argmax(np.where(share >= SHARE, between, -1.0)))
        if share[best] < SHARE:
            return 0.0
        return float(1 / (1 + np.exp((APART - (high - low)[best]) / SOFT)))

    def _close(self) -> None:
        if len(self._open) >= LEAST and len(self._pitches) < KEPT:
            self._pitches.append((float(np.median(self._open)), len(self._open)))
        self._open = []


def pitches(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Pitch of the voiced frames in semitones over 1 Hz, six frames a second; unvoiced ones are left out."""
    slow = samples[: len(samples) - 1 : THIN] + samples[1::THIN]
    frames = windows(slow, WINDOW, STEP) * _HANN
    spectrum = rfft(frames, 2 * WINDOW, axis=1)
    spectrum[:, : LOWEST * 2 * WINDOW // SLOW] = 0  # hum and wind have a pitch too
    spectrum.real = np.square(spectrum.real) + np.square(spectrum.imag)
    spectrum.imag = 0
    correlation = irfft(spectrum, axis=1, overwrite_x=True)[:, :WINDOW]
    correlation /= correlation[:, :1] + 1e-12
    correlation /= _SHAPE
    shortest, longest = SLOW // HIGHEST, SLOW // LOWEST
    heard = correlation[:, shortest:longest]
    best = np.argmax(heard, axis=1)
    height = heard[np.arange(len(heard)), best]
    # of peaks nearly as high the shortest period: the others are its multiples
    near = heard >= 0.9 * height[:, None]
    peak = np.zeros_like(near)
    peak[:, 1:-1] = (heard[:, 1:-1] >= heard[:, :-2]) & (heard[:, 1:-1] >= heard[:, 2:])
    first = np.argmax(near & peak, axis=1)
    voiced = (height > VOICED) & (near & peak).any(axis=1)
    return np.asarray(12 * np.log2(SLOW / (first[voiced] + shortest)))
