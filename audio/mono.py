"""One working form for every recording: mono, 16 kHz, float32, aligned with the original.

How channels become one: the mean of the channels that have sound, each turned the right way up.

- A channel 40 dB or more below the loudest is left out (a dead microphone would halve the level and add its noise).
- A channel that mirrors the loudest one (correlation below -0.5: wires swapped) is turned over before the mean,
  since the two would cancel.

Both are judged on everything heard so far, in steps of one second of the original counted from its start, so that
the result doesn't depend on how the samples were fed; when the judgement changes, the weights glide over that second.
"""

import numpy as np
import soxr
from numpy.typing import NDArray

RATE = 16_000

Samples = NDArray[np.float32]

_DEAD = 1e-4  # of the loudest channel's power: -40 dB
_MIRRORED = -0.5


class Mono16k:
    """Push blocks of the original in, get mono 16 kHz out, in constant memory.

    In all, `round(n * 16000 / rate)` samples come out for n samples in, give or take one, and sample k out lies at
    k / 16000 s of the original: the resampler's delay is taken off. The same bits however the input is chunked.
    """

    def __init__(self, rate: int, channels: int, *, out_rate: int = RATE) -> None:
        self._mix = _Downmix(rate, channels)
        # soxr's HQ: pass band to 0.91 of the Nyquist rate, 100 dB of rejection, linear phase
        self._resample = (
            None
            if rate == out_rate
            else soxr.ResampleStream(rate, out_rate, 1, dtype="float32", quality="HQ")
        )

    def feed(self, block: Samples) -> Samples:
        """block: (channels, n) at the original's rate; gives (m,), possibly none yet."""
        return self._resampled(self._mix.feed(block), last=False)

    def finish(self) -> Samples:
        """The samples still inside."""
        return self._resampled(self._mix.finish(), last=True)

    def _resampled(self, mono: Samples, *, last: bool) -> Samples:
        if self._resample is None or (mono.size == 0 and not last):
            return mono
        resampled: Samples = self._resample.resample_chunk(mono, last=last)
        return resampled


class _Downmix:
    """Channels to one, by the rule at the top of this file."""

    def __init__(self, rate: int, channels: int) -> None:
        self._channels = channels
        self._step = rate
        self._held = np.empty((channels, rate if channels > 1 else 0), dtype=np.float32)
        self._filled = 0
        self._power = np.zeros((channels, channels))
        self._weights: NDArray[np.float64] | None = None

    def feed(self, block: Samples) -> Samples:
        if block.shape[0] != self._channels:
            raise ValueError(
                f"blocks have {self._channels} channels from first to last, given {block.shape[0]}"
            )
        if self._channels == 1:
            only: Samples = block[0]
            return only
        mixed = []
        taken = 0
        while taken < block.shape[1]:
            count = min(block.shape[1] - taken, self._step - self._filled)
            self._held[:, self._filled : self._filled + count] = block[:, taken : taken + count]
            taken += count
            self._filled += count
            if self._filled == self._step:
                mixed.append(self._mix_held())
        return np.concatenate(mixed) if mixed else np.empty(0, dtype=np.float32)

    def finish(self) -> Samples:
        return self._mix_held() if self._filled else np.empty(0, dtype=np.float32)

    def _mix_held(self) -> Samples:
        held = self._held[:, : self._filled]
        self._filled = 0
        centred = held - held.mean(axis=1, keepdims=True)  # a constant offset is not sound
        self._power += np.einsum("ik,jk->ij", centred, centred, dtype=np.float64)
        before, after = self._weights, _weights(self._power)
        self._weights = after
        if before is None or np.array_equal(before, after):
            return _weighted(held, after)
        glide = np.linspace(0, 1, held.shape[1], dtype=np.float32)
        old, new = _weighted(held, before), _weighted(held, after)
        return old + glide * (new - old)


def _weighted(channels: Samples, weights: NDArray[np.float64]) -> Samples:
    """Summed in the channels' order: a matrix product's last bits would depend on the machine's threads."""
    mixed = np.zeros(channels.shape[1], dtype=np.float32)
    for channel, weight in zip(channels, weights, strict=True):
        if weight:
            mixed += np.float32(weight) * channel
    return mixed


def _weights(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of every channel, from the (channels, channels) matrix of their summed products; magnitudes sum to 1."""
    own: NDArray[np.float64] = np.diag(power)
    loudest = int(own.argmax())
    if own[loudest] == 0:
        return np.full(len(own), 1 / len(own))
    alive = own >= _DEAD * own[loudest]
    correlation = power[loudest] / np.sqrt(np.maximum(own * own[loudest], np.finfo(float).tiny))
    signs = np.where(correlation < _MIRRORED, -1.0, 1.0)
    first = int(np.flatnonzero(alive)[0])
    signs *= signs[first]  # the first channel with sound keeps its way up, whichever is the loudest
    weights: NDArray[np.float64] = np.where(alive, signs, 0.0) / alive.sum()
    return weights
