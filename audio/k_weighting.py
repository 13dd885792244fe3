"""K-weighting: what ITU-R BS.1770 does to sound before its level is taken, so that the level is what people hear.

Two second-order filters: the head, which lifts what lies above 2 kHz, and the low end of hearing. They are applied in
the Fourier domain, four seconds side by side in single precision, which leaves an error 120 dB below the sound:
`scipy.signal.sosfilt` takes half as long again, and its package half an hour of speech to load.
"""

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft

from audio.blocks import windows

Samples = npt.NDArray[np.float32]

TOGETHER = 4  # pieces: as many single precision numbers as a processor at least works on at once
RINGS = 5  # a fifth of a second on, 1e-19 is left of what the filters answer to a click

# The analogue filters behind the standard's table of coefficients for 48 kHz (annex 1): Hz, Q, decibels of the shelf.
_HEAD_HZ, _HEAD_Q, _HEAD_DB = 1681.974450955533, 0.7071752369554196, 3.999843853973347
_HEAD_SLOPE = 0.4996667741545416  # how the lift at the corner compares with the whole of it
_LOW_HZ, _LOW_Q = 38.13547087602444, 0.5003270373238773
_STANDARD_RATE = 48_000

Biquad = tuple[tuple[float, float, float], tuple[float, float, float]]


def biquads(sample_rate: int) -> tuple[Biquad, Biquad]:
    """Numerator and denominator of the head and of the low end, in powers of z⁻¹.

    At 48 kHz those that the standard prints; at other rates those that respond alike, as it asks.

    >>> [round(value, 5) for value in biquads(48_000)[0][0]]
    [1.53512, -2.6917, 1.19839]
    """
    k, scale = _warped(_HEAD_HZ, _HEAD_Q, sample_rate)
    lift = 10 ** (_HEAD_DB / 20)
    bend = lift**_HEAD_SLOPE * k / _HEAD_Q
    head = ((lift + bend + k * k) / scale, 2 * (k * k - lift) / scale, (lift - bend + k * k) / scale)
    low_k, low_scale = _warped(_LOW_HZ, _LOW_Q, sample_rate)
    low = _warped(_LOW_HZ, _LOW_Q, _STANDARD_RATE)[1] / low_scale
    return (head, _poles(k, _HEAD_Q, scale)), ((low, -2 * low, low), _poles(low_k, _LOW_Q, low_scale))


def _warped(hertz: float, q: float, sample_rate: int) -> tuple[float, float]:
    """The corner as the bilinear transform sees it, and what the coefficients are divided by."""
    k = math.tan(math.pi * hertz / sample_rate)
    return k, 1 + k / q + k * k


def _poles(k: float, q: float, scale: float) -> tuple[float, float, float]:
    return 1.0, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale


def response(sample_rate: int, bins: int) -> npt.NDArray[np.complex128]:
    """(bins,) what both filters make of each frequency, from 0 to half the rate."""
    delay = np.exp(-1j * np.linspace(0, np.pi, bins))
    both = np.ones(bins, np.complex128)
    for over, under in biquads(sample_rate):
        both *= np.polyval(over[::-1], delay) / np.polyval(under[::-1], delay)
    return both


class KWeighting:
    """Push-style filter of mono sound: as many samples out as in, in constant memory."""

    def __init__(self, sample_rate: int) -> None:
        self._piece = sample_rate
        self._past = np.zeros(sample_rate // RINGS, np.float32)
        self._size = self._piece + len(self._past)
        self._response = _response_of(sample_rate, self._size // 2 + 1)

    def feed(self, samples: Samples) -> Samples:
        """samples: (n,), the next ones; returns (n,). Least is spent on four seconds, or a multiple of them."""
        most = TOGETHER * self._piece
        if len(samples) <= most:
            return self._filtered(samples)
        return np.concatenate(
            [self._filtered(samples[start : start + most]) for start in range(0, len(samples), most)]
        )

    def _filtered(self, part: Samples) -> Samples:
        """Four seconds or less, a row a second; each row begins with the time before it that still rings."""
        rings = len(self._past)
        joined = np.zeros(rings + TOGETHER * self._piece, np.float32)
        joined[:rings] = self._past
        joined[rings : rings + len(part)] = part
        self._past = joined[len(part) : len(part) + rings].copy()
        spectra = rfft(windows(joined, self._size, self._piece), axis=1)
        spectra *= self._response
        heard = irfft(spectra, self._size, axis=1, overwrite_x=True)[:, rings:]
        return np.asarray(heard.reshape(-1)[: len(part)], np.float32)


@cache
def _response_of(sample_rate: int, bins: int) -> npt.NDArray[np.complex64]:
    return response(sample_rate, bins).astype(np.complex64)
