"""Sound to the power in 80 mel bands, as Kaldi makes it: what FireRed's network was taught on.

25 ms windows; offset taken away; 0.97 of the sample before subtracted; Povey's window (Hann's to the power of 0.85);
bands from 20 Hz to 8 kHz. Samples count as 16-bit whole numbers.
"""

from functools import cache

import numpy as np
from scipy.fft import rfft

from audio.blocks import Blocks, windows
from audio.detect.interface import RATE, Samples
from audio.weights import Array

BANDS = 80
WINDOW = RATE * 25 // 1000
BATCH = 64  # rows given at once
_TRANSFORM = 512
_LOWEST_HZ = 20.0
_PREEMPHASIS = 0.97
_FULL_SCALE = 32768.0


class MelEar:
    """Push-style: samples to powers (rows, 80), a row every `hop` samples, in batches of 64 rows.

    Row i is of the window that ends at sample (i + 1) * hop; before the first sample, and after the last, is silence.
    """

    def __init__(self, hop: int) -> None:
        self._hop = hop
        self._blocks = Blocks(hop * BATCH)
        self._past = np.zeros(WINDOW - min(hop, WINDOW), np.float32)

    @property
    def centre(self) -> int:
        """The sample in the middle of the first row's window."""
        return self._hop - WINDOW // 2

    def feed(self, samples: Samples) -> list[Array]:
        return [self._powers(block) for block in self._blocks.feed(samples)]

    def finish(self) -> list[Array]:
        """The last batch, shorter than the others; none where nothing is left."""
        rest = self._blocks.rest()
        return [self._powers(np.pad(rest, (0, -rest.size % self._hop)))] if rest.size else []

    def _powers(self, block: Samples) -> Array:
        if self._hop > WINDOW:
            frames = block.reshape(-1, self._hop)[:, self._hop - WINDOW :].copy()
        else:
            heard = np.concatenate([self._past, block])
            self._past = heard[len(block) :].copy()
            frames = windows(heard, WINDOW, self._hop).copy()
        frames *= np.float32(_FULL_SCALE)
        frames -= frames.mean(axis=1, keepdims=True)
        sharp = frames * np.float32(1 - _PREEMPHASIS)  # the first sample has itself before it
        sharp[:, 1:] = frames[:, 1:] - np.float32(_PREEMPHASIS) * frames[:, :-1]
        sharp *= _window()
        spectra = rfft(sharp, _TRANSFORM, axis=1)
        power = np.square(spectra.real) + np.square(spectra.imag)
        return np.asarray(power @ _bands(), np.float32)


@cache
def _window() -> Array:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))
    return np.asarray(hann**0.85, np.float32)


@cache
def _bands() -> Array:
    """(257, 80): triangles whose corners are even steps apart in mel; the last bin belongs to none."""
    bins = _mel(np.arange(_TRANSFORM // 2 + 1) * RATE / _TRANSFORM)
    corners = np.linspace(_mel(np.asarray(_LOWEST_HZ)), _mel(np.asarray(RATE / 2)), BANDS + 2)
    rising = (bins[:, None] - corners[:-2]) / np.diff(corners)[:-1]
    falling = (corners[2:] - bins[:, None]) / np.diff(corners)[1:]
    triangles = np.maximum(np.minimum(rising, falling), 0)
    triangles[-1] = 0
    return np.asarray(triangles, np.float32)


def _mel(hertz: np.ndarray) -> np.ndarray:
    return np.asarray(1127.0 * np.log1p(hertz / 700.0))
